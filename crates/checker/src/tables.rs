//! Level tables, each kept once: subjects who hold the same share one.

use std::collections::HashMap;
use std::rc::Rc;

use rolewright_model::Level;

/// Every table that was asked for since the snapshot, by number.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    numbers: HashMap<Rc<[u8]>, u32>,
    tables: Vec<Rc<[u8]>>,
}

impl Tables {
    /// The number of a table: one level for each permission, in the order of handles.
    pub(crate) fn intern(&mut self, levels: &[Level]) -> Option<u32> {
        let table: Rc<[u8]> = levels.iter().map(|level| level.0).collect();
        if let Some(number) = self.numbers.get(&table) {
            return Some(*number);
        }
        let number = u32::try_from(self.tables.len()).ok()?;
        self.tables.push(Rc::clone(&table));
        self.numbers.insert(table, number);
        Some(number)
    }

    pub(crate) fn get(&self, number: u32) -> Option<&[u8]> {
        self.tables.get(number as usize).map(AsRef::as_ref)
    }
}
