//! The permission model of Rolewright.
//!
//! Pure: no I/O, no clock, no randomness, no threads. Times and fresh ids come in as arguments.
//! Raw documents (what JSON says) become a validated [`State`] in one conversion, and every
//! question and every change is answered from that state.
//!
//! Read the modules in this order: [`catalogue`], [`role`], [`package`], [`directory`],
//! [`documents`], [`condition`], [`policy`], [`index`], [`state`], [`decide`], [`operation`],
//! [`when`], [`explain`], [`fix`], [`query`], [`authzen`], [`matrix`], [`held`], [`compare`], [`policy_test`],
//! [`change`], [`viewed`], [`purview`], [`diff`], [`equivalence`], [`lint`], [`posture`], [`second_factor`], [`snapshot`], [`pass`].

pub mod actor;
pub mod authzen;
pub mod catalogue;
pub mod change;
pub mod compare;
pub mod condition;
pub mod console;
mod counted;
#[cfg(feature = "dates")]
mod date;
pub mod decide;
mod derive;
pub mod diff;
pub mod directory;
pub mod documents;
pub mod equivalence;
pub mod explain;
pub mod fix;
mod grounds;
pub mod held;
pub mod index;
pub mod json;
mod keyed;
pub mod lint;
pub mod matrix;
mod named;
pub mod operation;
pub mod package;
pub mod pass;
mod people;
mod places;
pub mod policy;
pub mod policy_test;
pub mod posture;
mod privilege;
pub mod problem;
pub mod purview;
pub mod query;
pub mod refusal;
pub mod resource;
pub mod restore;
pub mod role;
mod rows;
pub mod rules;
pub mod scale;
pub mod second_factor;
mod shared;
pub mod snapshot;
mod sorted;
pub mod stamp;
mod standing;
pub mod state;
pub mod subject;
pub mod viewed;
pub mod when;

pub use actor::Actor;
pub use catalogue::Catalogue;
pub use change::{Change, Context, Outcome};
pub use counted::counted;
pub use decide::{Decision, Question, Reason, Request};
pub use index::Index;
pub use named::{NameSet, Named};
pub use people::UserHandle;
pub use policy::PolicyDocument;
pub use problem::Problem;
pub use purview::Purview;
pub use refusal::{Code, Refusal};
pub use resource::ResourcePath;
pub use scale::{Level, UiState};
pub use stamp::{Stamp, Timestamp};
pub use state::State;
pub use subject::Subject;
pub use viewed::Viewed;
pub use when::When;

/// The version of every document's shape. A document that names another is refused.
pub const FORMAT: u32 = 1;
