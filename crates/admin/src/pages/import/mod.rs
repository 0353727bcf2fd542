//! People, and who holds what, put in from a table.

mod columns;
mod page;
mod pick;
mod running;

pub use page::{ImportPage, refused};
