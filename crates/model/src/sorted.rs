//! Short sorted lists where a tree would be: a checker is downloaded, and each kind of tree or sort is
//! a few kilobytes of it.

/// Enters a value where it belongs, unless it is there. `O(log)`, and what stands after it moves.
/// Whether it was not there.
pub(crate) fn insert<T: Ord>(list: &mut Vec<T>, value: T) -> bool {
    match list.binary_search(&value) {
        Ok(_) => false,
        Err(place) => {
            list.insert(place, value);
            true
        }
    }
}
