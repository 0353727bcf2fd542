//! Every role.

mod cards;
mod delete;
mod entries;
mod grants;
mod page;
mod row_menu;
mod table;

pub use cards::badges;
pub use delete::DeleteDialog;
pub use page::RolesPage;
