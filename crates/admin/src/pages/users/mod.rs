//! Everybody.

mod filters;
mod invite;
mod page;
mod role_picker;
mod table;

pub use page::UsersPage;
pub use role_picker::choices;
