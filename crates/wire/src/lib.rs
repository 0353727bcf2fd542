//! What travels between the server, the admin app and other clients: requests, answers, paging
//! and problems. No behaviour, and no rule: those are the model's.
//!
//! All paths are under `/api/v1/tenants/{tenant}`:
//!
//! | path | methods | bodies |
//! | --- | --- | --- |
//! | `/setup` | GET, POST | [`session::SetupState`]; [`session::Setup`] to [`session::Session`] |
//! | `/setup/inspect` | POST | [`session::SetupToken`] to [`session::FirstRun`] |
//! | `/session` | GET, POST, DELETE | [`session::WhoAsks`]; [`session::SignIn`] to [`session::Session`] |
//! | `/session/all` | GET, DELETE | [`session::Sessions`]; `DELETE` ends the others |
//! | `/session/all/{id}` | DELETE | ends one of one's own |
//! | `/session/name` | PUT | [`session::OwnName`] |
//! | `/session/password` | PUT | [`session::PasswordChange`] |
//! | `/session/second-factor` | POST, DELETE | [`session::Proof`] to [`session::Enrolment`]; [`session::Proof`] |
//! | `/session/second-factor/confirm` | POST | [`session::Confirmation`] to [`session::RecoveryCodes`] |
//! | `/session/second-factor/replace` | POST | [`session::Proof`] to [`session::Enrolment`]; then `/confirm` |
//! | `/session/second-factor/recovery-codes` | POST | [`session::Proof`] to [`session::RecoveryCodes`] |
//! | `/invitations/inspect` | POST | [`session::InvitationToken`] to [`session::Invitation`] |
//! | `/invitations/accept` | POST | [`session::Acceptance`] to [`session::Session`] |
//! | `/policy` | GET, PUT | [`policy::PolicyView`]; `PolicyDocument` |
//! | `/settings` | GET, PUT | [`policy::SettingsView`]; `SettingsDocument` |
//! | `/templates` | GET | [`policy::Templates`] |
//! | `/roles` | GET, POST | [`role::Roles`]; [`RoleDocument`](rolewright_model::RoleDocument) to [`role::RoleView`] |
//! | `/roles/{id}` | GET, PUT, DELETE | [`role::RoleView`]; `RoleDocument`; `DELETE` takes `?replace_with=ROLE`, see below |
//! | `/roles/{id}/replace` | POST | [`role::Replacement`] |
//! | `/roles/{id}/versions` | GET | [`history::Versions`]; also of packages, users and groups, and `/settings/versions` |
//! | `/roles/{id}/restore` | POST | [`history::RestoreTo`]; also of packages, people, groups and assignments, and `/settings/restore`, `/policy/restore` |
//! | `/packages` | GET, POST | [`package::Packages`]; `PackageEdit` |
//! | `/packages/{id}` | GET, PUT, DELETE | [`package::PackageView`]; `PackageEdit` |
//! | `/users` | GET, POST | [`page::Page`] of [`user::UserRow`]; [`user::Invite`] to [`user::Invited`] |
//! | `/users/bulk` | POST | [`bulk::BulkEdit`] to lines of [`bulk::Line`] |
//! | `/users/held` | POST | [`held::WhichPeople`] to [`held::HeldRoles`] |
//! | `/users/import`, `/users/export` | POST, GET | `text/csv`; to lines of [`bulk::Line`] |
//! | `/users/{id}` | GET, PUT, DELETE | [`user::UserView`]; [`user::UserFields`] |
//! | `/users/{id}/status` | PUT | [`user::StatusChange`] |
//! | `/users/{id}/package` | PUT | [`user::PackageChange`] |
//! | `/users/{id}/attributes` | PUT | `Attributes`: names, each with its value |
//! | `/users/{id}/invitation` | POST | to [`user::Invited`] |
//! | `/users/{id}/sessions` | GET, DELETE | [`session::Sessions`] |
//! | `/users/{id}/second-factor/reset` | POST | [`session::Proof`], of the one who asks |
//! | `/groups` | GET, POST | [`page::Page`] of [`group::GroupRow`]; [`group::NewGroup`] |
//! | `/groups/{id}` | GET, PUT, DELETE | [`group::GroupView`]; [`group::GroupFields`] |
//! | `/groups/{id}/members` | GET | [`page::Page`] of [`group::MemberRow`] |
//! | `/groups/{id}/members` | POST | `Member` |
//! | `/groups/{id}/members/{membership}` | DELETE | |
//! | `/assignments` | GET, POST | [`page::Page`] of [`assignment::AssignmentView`]; `AssignmentEdit` |
//! | `/assignments/import`, `/assignments/export` | POST, GET | `text/csv`; to lines of [`bulk::Line`] |
//! | `/assignments/{id}` | GET, PUT, DELETE | [`assignment::AssignmentView`]; `WindowEdit` |
//! | `/places` | GET | [`page::Page`] of [`place::PlaceRow`] |
//! | `/batch` | POST | [`batch::Batch`] |
//! | `/keys` | GET, POST | [`page::Page`] of [`key::KeyView`]; [`key::NewKey`] to [`key::KeyMade`] |
//! | `/keys/{id}` | GET, PUT, DELETE | [`key::KeyView`]; [`key::EditKey`] to [`key::KeyEdited`]; to [`key::KeyEnded`] |
//! | `/keys/{id}/rotate` | POST | [`key::Rotation`] to [`key::KeyMade`] |
//! | `/check` | POST | [`check::Check`] to [`check::CheckAnswer`] |
//! | `/explain` | POST | [`check::Check`] to [`question::ExplainAnswer`] |
//! | `/missing` | POST | [`check::Check`] to [`question::MissingAnswer`] |
//! | `/users/{id}/permissions` | GET | [`question::PermissionsOf`] |
//! | `/users/{id}/anywhere` | GET | [`question::AnywhereAnswer`] |
//! | `/users/{id}/places` | POST | [`question::Where`] to [`question::Places`] |
//! | `/permissions/{id}/holders` | GET | [`page::Page`] of [`question::Holder`] |
//! | `/permissions/{id}/roles` | GET | [`question::RolesGiving`] |
//! | `/compare` | GET | `Comparison` of roles or of users |
//! | `/matrix` | GET | `Matrix` of permissions or of operations |
//! | `/findings` | GET | [`question::Findings`] |
//! | `/posture` | GET | `Posture`: how many people count, are superusers, and have a second factor |
//! | `/audit` | GET | [`audit::AuditPage`] |
//! | `/audit/{revision}` | GET | [`audit::AuditEntry`] |
//! | `/audit/{revision}/reach` | GET | [`reach::Reach`] |
//! | `/audit/{revision}/undo` | POST | no body |
//! | `/audit/export` | GET | lines of [`audit::ExportedEntry`], after [`audit::ExportedAnchor`] where the log was cut, then [`audit::ExportedHead`], or with a filter [`audit::ExportedExcerpt`] |
//! | `/revisions/compare?from=R&to=R` | GET | [`history::Compared`] |
//! | `/revisions/{revision}/restore` | POST | no body |
//! | `/passes` | POST | [`check::PassRequest`] to [`check::Pass`] |
//! | `/snapshot?kind=full,policy,subject` | GET | a signed snapshot, see [`check`] |
//! | `/checkers` | GET | [`page::Page`] of [`checker::CheckerView`] |
//! | `/changes` | GET | server-sent events, each a [`check::Changed`] |
//!
//! Every write answers with [`Accepted`] unless another body is named, takes `?dry_run=true` and a `?reason=`,
//! and, where it edits or deletes an existing document, `If-Match` with the `ETag` of its GET
//! (404 where it is not there, 428 without, 412 on a mismatch). A membership has no version and is taken away
//! without; nor has what is no document, such as a session: of those a key alone has one, for its edit. A write with an `Idempotency-Key` is made once: the same
//! request again within a day is answered as it was, with `Idempotency-Replayed: true`, and the key with another request is
//! refused (422); where the answer told a secret, which is told once, it is `told_once` (409). A write that finds all as it
//! says already makes no revision: its answer says `unchanged`. So it is too of keys, invitations, sessions, passwords and second
//! factors, which are no documents: they answer 204 unless a body is named (with [`Accepted`] in a dry run); those that show
//! who asks renew the session, and take no `Idempotency-Key`: where a write takes none, one is refused (400). What stands in no change log takes none of this: to sign in and
//! out, to end one of one's own sessions, to begin to turn a second factor on, and to ask for the link of a forgotten password. `DELETE /roles/{id}` with
//! `?replace_with=ROLE` makes the packages that carry
//! the role carry `ROLE` instead in the same change, and with an empty one takes it out of them;
//! without, it refuses. Every GET of documents, `/check`, `/explain`, `/users/{id}/permissions` and
//! `/permissions/{id}/holders` take `?as_of=TIME` for what was so then (422 where that is yet to come); such an answer has no `ETag`. Wherever a time
//! is read it is milliseconds since 1970, an instant of RFC 3339, or a date, which is its start in UTC; milliseconds are told. Errors are [`problem::ProblemDetails`].

pub mod address;
pub mod assignment;
pub mod audit;
pub mod batch;
pub mod bulk;
pub mod check;
pub mod checker;
pub mod difference;
pub mod group;
pub mod held;
pub mod history;
pub mod key;
pub mod package;
pub mod page;
pub mod place;
pub mod policy;
pub mod problem;
pub mod question;
pub mod reach;
pub mod role;
pub mod second_factor;
pub mod secret;
pub mod session;
pub mod user;

use rolewright_model::Stamp;
use serde::{Deserialize, Serialize};

use difference::DocumentDifference;
use reach::Reach;
use second_factor::Lacking;

/// The header of every answer to a write: `EPOCH.REVISION`, where the tenant is after it.
pub const REVISION_HEADER: &str = "rolewright-revision";

/// The `ETag` of a document that was last written at `at`, or of a tenant that is there: its revision, and after a restore
/// from backup the epoch before it, since the same revision is then made again.
#[must_use]
pub fn etag(at: Stamp) -> String {
    match at.epoch {
        0 => format!("\"{}\"", at.revision),
        epoch => format!("\"{epoch}.{}\"", at.revision),
    }
}

/// A document that a change of a batch created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Created {
    /// Which of the batch's changes, from 0.
    pub change: usize,
    /// The document's id.
    pub id: String,
}

/// An accepted write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Accepted {
    /// The revision that the change made, or would make.
    pub at: Stamp,
    /// The id of what was created, where something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Of a batch: what its changes created, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub created: Vec<Created>,
    /// Whether all is as the write says already: no revision is made, and `at` is where the tenant is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchanged: bool,
    /// Whether nothing was written: it was a dry run.
    #[serde(default)]
    pub dry_run: bool,
    /// Of a dry run: who would gain and lose what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    /// Of a dry run that has more people need a second factor: those of them who have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacking_second_factor: Option<Lacking>,
    /// Of a dry run that turns an entitlement switch on: to how many full users it assigns the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entitled: Option<usize>,
    /// Of a dry run that replaces the policy, and of every undo and restore: which documents come, go and are edited,
    /// the first 1,000 of those that whoever asks may see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentDifference>,
    /// How many documents more there are than `documents` tells, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents_untold: Option<usize>,
    /// What else whoever asked should know, a line each: that keys go on whose maker is disabled or deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}
