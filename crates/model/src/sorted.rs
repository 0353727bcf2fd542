//! Short sorted lists where a tree would be: a checker is downloaded, and each kind of tree or sort is
//! a few kilobytes of it.

/// Enters a value where it belongs, unless it is there. `O(log)`, and what stands after it moves.
/// Whether it was not there.
#[cfg_attr(target_family = "wasm", inline(never))]
pub(crate) fn insert<T: Ord>(list: &mut Vec<T>, value: T) -> bool {
    match list.binary_search(&value) {
        Ok(_) => false,
        Err(place) => {
            list.insert(place, value);
            true
        }
    }
}

/// Everything of both lists, each once.
pub(crate) fn union<T: Ord + Clone>(left: &[T], right: &[T]) -> Vec<T> {
    let mut all = left.to_vec();
    for value in right {
        insert(&mut all, value.clone());
    }
    all
}

/// Whether everything of a list is in another.
pub(crate) fn is_subset<T: Ord>(list: &[T], of: &[T]) -> bool {
    list.iter().all(|value| of.binary_search(value).is_ok())
}
