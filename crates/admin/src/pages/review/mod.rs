//! The access review: who holds what and since when, kept or revoked row by row, and applied as one change.

mod apply;
mod decisions;
mod filters;
mod page;
mod row;
mod table;

pub use page::ReviewPage;
