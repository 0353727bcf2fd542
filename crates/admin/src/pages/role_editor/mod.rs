//! The role editor: what a role grants, what that brings, and whom it reaches.

mod conflict;
mod draft;
mod editor;
mod effects;
mod inspector;
mod modules;
mod page;
mod permission;
mod permissions;
mod review;
mod save_bar;

pub use page::{NewRolePage, RolePage};
pub use review::ByPerson;
pub use save_bar::{SaveBar, reach_words};
