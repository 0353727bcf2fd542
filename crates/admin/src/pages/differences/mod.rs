//! What differs between a document before and after, in words.

mod fields;
mod list;

pub use list::{Words, differences, kept_row, row};
