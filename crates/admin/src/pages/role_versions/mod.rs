//! The past of a role: each change of it, what it was then, and the way back.

mod as_it_was;
mod page;
mod restore;
mod told;
mod version;

pub use page::VersionsPage;
pub use version::VersionPage;
