//! Roles beside permissions, or beside operations.

mod edits;
mod grid;
mod lines;
mod page;
mod panel;
mod review;
mod roles;
mod row;
mod sheets;

pub use page::MatrixPage;
