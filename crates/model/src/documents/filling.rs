//! Tables that are filled in order, as stores read them.

use std::collections::VecDeque;

use super::Table;

/// How far every other document is entered ahead of those between: more than a node of a table holds, so that the node
/// which one between belongs to was split and has room for it.
const AHEAD: usize = 24;

/// A table that is being filled. What is entered in order splits each node of a tree in half, and leaves it half empty for
/// good; here every other document is entered ahead, and those between then fill what is empty. In any other order it
/// is a table all the same.
#[derive(Debug)]
pub(crate) struct Filling<T> {
    table: Table<T>,
    between: VecDeque<(String, T)>,
    is_ahead: bool,
}

impl<T> Default for Filling<T> {
    fn default() -> Self {
        Self::of(Table::new())
    }
}

impl<T> Filling<T> {
    pub(crate) fn of(table: Table<T>) -> Self {
        Self { table, between: VecDeque::new(), is_ahead: false }
    }
}

impl<T: Clone> Extend<(String, T)> for Filling<T> {
    fn extend<D: IntoIterator<Item = (String, T)>>(&mut self, documents: D) {
        documents.into_iter().for_each(|(id, document)| self.insert(id, document));
    }
}

impl<T: Clone> Filling<T> {
    /// Enters a document in place of one of that id.
    pub(crate) fn insert(&mut self, id: String, document: T) {
        if self.between.back().is_some_and(|(last, _)| *last >= id) {
            self.settle();
        }
        self.is_ahead = !self.is_ahead;
        if self.is_ahead {
            self.table.insert(id, document);
            return;
        }
        self.between.push_back((id, document));
        if self.between.len() > AHEAD {
            self.table.extend(self.between.pop_front());
        }
    }

    /// Takes a document out.
    pub(crate) fn remove(&mut self, id: &str) {
        self.settle();
        self.table.remove(id);
    }

    /// All that was entered.
    pub(crate) fn finish(mut self) -> Table<T> {
        self.settle();
        self.table
    }

    fn settle(&mut self) {
        self.table.extend(self.between.drain(..));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_entered_last_in_any_order() {
        let mut filling = Filling::default();
        let mut known = std::collections::BTreeMap::new();
        // In order, then across it, and each of some ids twice.
        for n in (0..400).chain((0..200).map(|n| n * 7 % 300)) {
            let (id, value) = (format!("{:04}", n), known.len() * 1000 + n);
            filling.insert(id.clone(), value);
            known.insert(id, value);
            if n % 31 == 5 {
                let id = format!("{:04}", n - 1);
                filling.remove(&id);
                known.remove(&id);
            }
        }
        assert!(filling.finish().into_iter().eq(known));
    }
}
