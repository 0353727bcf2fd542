//! Tables that are read and written: people, and who holds what.

pub mod assignments;
pub mod people;
pub mod table;
