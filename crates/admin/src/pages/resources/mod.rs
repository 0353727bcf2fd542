//! Places: a tree of those where somebody holds something, who holds what there, and what somebody may do with them.

mod legs;
mod page;
mod place;
mod tree;
mod ways;

pub use page::ResourcesPage;
pub use place::address_of;
pub use ways::ways;
