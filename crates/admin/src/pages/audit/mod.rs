//! The change log: who changed what, when and why, and the way back.

mod about;
mod entry;
mod filters;
mod line;
mod page;
mod undo;
mod written;

pub use entry::EntryPage;
pub use line::{actor, line};
pub use page::AuditPage;
pub use undo::use_saying;
