//! When roles were made.

use rolewright_model::Timestamp;
use rolewright_model::change::{Kind, Write};
use rolewright_model::documents::Table;

/// Of each role when it was made, where that is known.
#[derive(Clone, Debug, Default)]
pub struct Created(Table<Timestamp>);

impl Created {
    /// That document was made then.
    pub fn found(&mut self, kind: Kind, id: &str, time: Option<Timestamp>) {
        if let Some(time) = time.filter(|_| kind == Kind::Role) {
            self.0.insert(id.to_owned(), time);
        }
    }

    /// A change of that time wrote so. What is edited was made when it was.
    pub fn wrote(&mut self, write: &Write, time: Timestamp) {
        match (&write.before, &write.after) {
            (None, Some(_)) => self.found(write.kind, &write.id, Some(time)),
            (_, None) => self.forget(write.kind, &write.id),
            (Some(_), Some(_)) => {}
        }
    }

    /// When that document was made is not known.
    pub fn forget(&mut self, kind: Kind, id: &str) {
        if kind == Kind::Role {
            self.0.remove(id);
        }
    }

    /// When a role was made.
    #[must_use]
    pub fn of(&self, role: &str) -> Option<Timestamp> {
        self.0.get(role).copied()
    }
}
