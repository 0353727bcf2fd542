//! Where one begins: how access stands, what could be better, and what changed.

mod findings;
mod overlap;
mod overlapping;
mod page;
mod posture;

pub use page::OverviewPage;
