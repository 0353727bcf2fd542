//! The access explorer: why somebody may or may not do something, who may, what somebody may, and two people side by side.

mod asked;
mod chain;
mod compare;
mod explained;
mod fixes;
mod page;
mod sentence;
mod what;
mod who;
mod why;
mod words;

pub use asked::{Asked, Tab};
pub use page::ExplorerPage;
pub use what::What;
