//! Every role.

mod cards;
mod chosen;
mod compare;
mod delete;
mod entries;
mod grants;
mod order;
mod page;
mod row_menu;
mod search;
mod table;

pub use cards::badges;
pub use compare::ComparePage;
pub use delete::DeleteDialog;
pub use order::ordered;
pub use page::RolesPage;
pub use search::use_role_search;
