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
//!
//! ```
//! use rolewright_model::diff::diff;
//! use rolewright_model::{Actor, Change, Context, PolicyDocument, Question, Request, State, Timestamp};
//!
//! let policy = PolicyDocument::from_json(
//!     r#"{
//!         "format": 1,
//!         "name": "Reports",
//!         "catalogue": { "modules": [{ "id": "reports", "permissions": [{ "id": "reports.run" }] }] },
//!         "roles": [
//!             { "id": "superuser", "name": "Superuser", "audience": "admin", "superuser": true },
//!             { "id": "analyst", "name": "Analyst", "grants": { "reports.run": "allowed" } }
//!         ]
//!     }"#,
//! )
//! .expect("a policy");
//! let context = |id: &str| Context { now: Timestamp(1_000), id: id.to_owned() };
//! let begun = State::begin(&policy, &context("c1")).expect("a tenant").state;
//!
//! // Every edit is a change, from JSON or not, and leads to the next state.
//! let ana = r#"{ "change": "create_user", "user": { "id": "ana", "email": "ana@example.com" }, "sign_in": true }"#;
//! let ana: Change = serde_json::from_str(ana).expect("a change");
//! let before = begun.change(&ana, &Actor::Operator, &context("c2")).expect("an accepted change").state;
//!
//! // Ana may not run reports: why not, and what would allow it?
//! let question = Question {
//!     subject: "ana",
//!     permission: "reports.run",
//!     resource: "/",
//!     asked: None,
//!     request: Request::new(Timestamp(2_000)),
//! };
//! let explanation = before.explain(&question);
//! assert!(!explanation.decision.allowed);
//! let fix = explanation.fixes.first().expect("a fix");
//! assert_eq!(fix.label, "give ana@example.com `Analyst`");
//!
//! // A fix is a change too. Who gains and who loses by it is told exactly, before or after it is made.
//! let after = before.change(&fix.change, &Actor::Operator, &context("c3")).expect("an accepted change").state;
//! assert!(after.decide(&question).allowed);
//! let gained = diff(&before, &after, Timestamp(2_000));
//! assert_eq!(gained.summary.iter().map(|counted| (counted.permission.as_str(), counted.gain)).collect::<Vec<_>>(), [("reports.run", 1)]);
//! ```

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
pub use counted::{counted, grouped};
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
