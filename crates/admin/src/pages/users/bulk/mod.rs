//! The same edit of many people: what it would come to is said before it is made, and what came of each row after.

mod dialog;
mod invite;
mod package;
mod roles;
mod status;

pub use invite::InvitationsDialog;
pub use package::PackageDialog;
pub use roles::RolesDialog;
pub use status::StatusDialog;
