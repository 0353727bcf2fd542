//! Every role.

mod cards;
mod delete;
mod grants;
mod page;
mod row_menu;
mod table;

pub use delete::DeleteDialog;
pub use page::RolesPage;
