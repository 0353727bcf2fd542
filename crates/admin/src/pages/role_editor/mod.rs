//! The role editor: what a role grants, what that brings, and whom it reaches.

mod conflict;
mod draft;
mod editor;
mod effects;
mod head;
mod inspector;
mod modules;
mod notes;
mod page;
mod permission;
mod permissions;
mod review;
mod save_bar;
mod sheet;

pub use effects::{Effects, Ground};
pub use head::{marks, tabs};
pub use notes::{Note, Sources};
pub use page::{NewRolePage, RolePage};
pub use save_bar::SaveBar;
