//! The pages.

pub mod invitation;
mod outside;
pub mod overview;
pub mod password_reset;
mod passwords;
pub mod role_editor;
pub mod roles;
pub mod setup;
pub mod sign_in;
pub mod user;
pub mod users;
