//! One person.

mod actions;
mod assign;
mod edit;
mod effective;
mod ending;
mod leave;
mod link;
mod page;
mod permissions;
mod reset;
mod roles;
mod sessions;

pub use assign::AssignDialog;
pub use link::{LinkDialog, Outcome};
pub use page::UserPage;
