//! Sets and maps, filled.

/// A set or a map of items put into it one by one. For trees `collect` sorts first, and brings along
/// a sort for each kind of item: kilobytes each of what browsers and edge workers download.
pub(crate) fn filled<C: Default + Extend<T>, T>(items: impl IntoIterator<Item = T>) -> C {
    let mut all = C::default();
    all.extend(items);
    all
}
