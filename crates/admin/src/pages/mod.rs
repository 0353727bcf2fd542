//! The pages.

pub mod account;
pub mod audit;
pub mod confirm;
pub mod differences;
pub mod explorer;
pub mod fix;
pub mod groups;
pub mod held;
pub mod history;
pub mod invitation;
pub mod matrix;
mod outside;
pub mod overview;
pub mod packages;
pub mod password_reset;
mod passwords;
pub mod permissions;
pub mod resources;
pub mod role_editor;
pub mod role_versions;
pub mod roles;
pub mod settings;
pub mod setup;
pub mod side_by_side;
pub mod sign_in;
pub mod user;
pub mod users;
