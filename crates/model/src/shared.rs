//! A list that its copies share, in blocks of which an edit replaces one.

use std::sync::Arc;

/// How many entries a block has: a copy of the list costs a pointer for each block, and an edit one
/// for each entry of a block.
const BLOCK: usize = 128;

/// A list of which a copy is cheap. To read an entry is `O(1)`.
#[derive(Clone, Debug)]
pub(crate) struct Shared<T> {
    blocks: Vec<Arc<[Arc<T>]>>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T> Shared<T> {
    pub(crate) fn len(&self) -> usize {
        self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + last.len())
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.entry(at).map(|entry| &**entry)
    }

    #[inline]
    pub(crate) fn entry(&self, at: usize) -> Option<&Arc<T>> {
        self.blocks.get(at / BLOCK)?.get(at % BLOCK)
    }

    pub(crate) fn iter(&self) -> Iter<'_, T> {
        Iter { blocks: self.blocks.iter(), block: [].iter() }
    }

    /// Adds an entry. `O(BLOCK)`; a whole list is better collected.
    pub(crate) fn push(&mut self, value: T) {
        match self.blocks.last_mut().filter(|last| last.len() < BLOCK) {
            Some(last) => *last = last.iter().cloned().chain([Arc::new(value)]).collect(),
            None => self.blocks.push(Arc::from([Arc::new(value)])),
        }
    }

    /// Takes the last entry away.
    pub(crate) fn pop(&mut self) -> Option<Arc<T>> {
        let mut last = self.blocks.pop()?.to_vec();
        let entry = last.pop();
        if !last.is_empty() {
            self.blocks.push(last.into());
        }
        entry
    }

    /// Puts another value at a place that there is. `O(BLOCK)`.
    pub(crate) fn set(&mut self, at: usize, value: T) {
        if let Some(entry) = self.place(at) {
            *entry = Arc::new(value);
        }
    }

    #[cfg_attr(target_family = "wasm", inline(never))]
    fn place(&mut self, at: usize) -> Option<&mut Arc<T>> {
        Arc::make_mut(self.blocks.get_mut(at / BLOCK)?).get_mut(at % BLOCK)
    }

    /// The entries here that are not one with the entry of `other` at that place, each with its
    /// place. `O(blocks + entries of blocks that differ)`.
    pub(crate) fn beside<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = (usize, &'s T)> {
        let blocks = self.blocks.iter().enumerate();
        let differ = blocks
            .filter(|(at, block)| !other.blocks.get(*at).is_some_and(|other| Arc::ptr_eq(block, other)));
        differ.flat_map(|(at, block)| (at * BLOCK..).zip(block.iter())).filter_map(|(at, entry)| {
            let same = other.entry(at).is_some_and(|other| Arc::ptr_eq(entry, other));
            (!same).then_some((at, &**entry))
        })
    }
}

impl<T: Clone> Shared<T> {
    /// The entry at a place, to be edited. `O(BLOCK)`.
    pub(crate) fn edit(&mut self, at: usize) -> Option<&mut T> {
        self.place(at).map(Arc::make_mut)
    }
}

/// What [`Shared::iter`] goes through: less code than a flattening for each use.
#[derive(Clone)]
pub(crate) struct Iter<'s, T> {
    blocks: std::slice::Iter<'s, Arc<[Arc<T>]>>,
    block: std::slice::Iter<'s, Arc<T>>,
}

impl<'s, T> Iterator for Iter<'s, T> {
    type Item = &'s T;

    #[inline]
    fn next(&mut self) -> Option<&'s T> {
        loop {
            if let Some(entry) = self.block.next() {
                return Some(entry);
            }
            self.block = self.blocks.next()?.iter();
        }
    }
}

impl<T> Extend<T> for Shared<T> {
    #[cfg_attr(target_family = "wasm", inline(never))]
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        let mut open = match self.blocks.pop() {
            Some(last) => last.to_vec(),
            None => Vec::new(),
        };
        for value in values {
            if open.len() == BLOCK {
                self.blocks.push(std::mem::take(&mut open).into());
            }
            open.push(Arc::new(value));
        }
        if !open.is_empty() {
            self.blocks.push(open.into());
        }
    }
}

impl<T> FromIterator<T> for Shared<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut list = Self::default();
        list.extend(values);
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_of_a_copy_leaves_the_rest_shared_and_the_list_as_it_was() {
        let list: Shared<usize> = (0..300).collect();
        let mut copy = list.clone();
        copy.set(150, 7);
        copy.push(300);
        assert_eq!((list.len(), list.get(150), list.get(300)), (300, Some(&150), None));
        assert_eq!((copy.len(), copy.get(150), copy.get(300)), (301, Some(&7), Some(&300)));
        assert!(copy.iter().copied().eq((0..301).map(|at| if at == 150 { 7 } else { at })));
        let beside: Vec<(usize, usize)> = copy.beside(&list).map(|(at, value)| (at, *value)).collect();
        assert_eq!(beside, [(150, 7), (300, 300)]);
        assert_eq!(list.beside(&copy).map(|(at, _)| at).collect::<Vec<_>>(), [150]);
    }

    #[test]
    fn what_is_pushed_last_is_taken_away_first() {
        let mut list: Shared<usize> = (0..128).collect();
        list.push(128);
        assert_eq!(list.pop().as_deref(), Some(&128));
        assert_eq!(list.pop().as_deref(), Some(&127));
        list.extend([1, 2]);
        assert_eq!(
            (list.len(), list.get(127), list.get(128), list.get(129)),
            (129, Some(&1), Some(&2), None)
        );
    }
}
