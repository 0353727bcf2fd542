//! How the tenant behaves: its settings, its entitlement switches, its API keys, and its policy as a whole.

mod checkers;
mod choice;
mod entitlements;
mod general;
mod import;
mod key_form;
mod key_secret;
mod keys;
mod page;
mod policy;
mod second_factor;

pub use keys::query_of as key_query;
pub use page::{SettingsPage, tabs};
