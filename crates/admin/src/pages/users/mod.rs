//! Everybody.

mod act;
mod bulk;
mod chosen;
mod filters;
mod invite;
mod page;
mod role_picker;
mod roles_held;
mod row_menu;
mod table;
mod tabs;

pub use bulk::PackageDialog;
pub use chosen::Chosen;
pub use page::UsersPage;
pub use role_picker::choices;
pub use tabs::tabs;
