//! Level tables, each kept once: subjects who hold the same share one.

use rolewright_model::Level;

/// Every table that was asked for since the snapshot, by number.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    tables: Vec<Box<[u8]>>,
    /// The numbers in the order of the tables.
    order: Vec<u32>,
}

impl Tables {
    /// The number of a table: one level for each permission, in the order of handles.
    #[inline(never)]
    pub(crate) fn intern(&mut self, levels: &[Level]) -> Option<u32> {
        let table: Box<[u8]> = levels.iter().map(|level| level.0).collect();
        match self.order.binary_search_by(|number| self.get(*number).cmp(&Some(&*table))) {
            Ok(place) => self.order.get(place).copied(),
            Err(place) => {
                let number = u32::try_from(self.tables.len()).ok()?;
                self.tables.push(table);
                self.order.insert(place, number);
                Some(number)
            }
        }
    }

    pub(crate) fn get(&self, number: u32) -> Option<&[u8]> {
        self.tables.get(number as usize).map(AsRef::as_ref)
    }
}
