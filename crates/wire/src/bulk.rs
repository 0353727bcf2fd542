//! Work on many rows, with a result for each: bulk edits and imports.
//!
//! The answer is a stream of lines of JSON (`application/x-ndjson`), each a [`Line`]: first how many rows there are, then
//! a result for each in their order, as they come to be, and at the end what came of all. Rows are made in parts of
//! [`AT_ONCE`] at most, as alike as they can be, each part one change of the log. Where the answer ends early, what its lines say has happened, and the
//! same request again finds it unchanged.

use rolewright_model::{Stamp, Timestamp};
use serde::{Deserialize, Serialize};

use crate::problem::ProblemDetails;
use crate::reach::Reach;
use crate::user::{Invited, PackageChange, StatusChange, UserStatus};

/// The media type of the answer.
pub const MEDIA_TYPE: &str = "application/x-ndjson";

/// The most rows that one change makes.
pub const AT_ONCE: usize = 200;

/// The same edit of many people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkEdit {
    /// Which people.
    pub which: Which,
    /// What is done to each.
    pub edit: PersonEdit,
}

/// Which people are edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = EditedPeople))]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// These, by id.
    Ids(Vec<String>),
    /// All that `GET /users` would list, at the moment of the request, by name.
    Matching(Matching),
}

/// A filter of people, the same of `GET /users` and of bulk edits; what it does not say takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Matching {
    /// Words, each of which is in the email or a name, in any case.
    #[serde(default)]
    pub search: String,
    /// Only those of that status.
    #[serde(default)]
    pub status: Option<UserStatus>,
    /// Only those who hold that role now, through whatever.
    #[serde(default)]
    pub role: Option<String>,
    /// Only those on that package, by its id.
    #[serde(default)]
    pub package: Option<String>,
    /// Only those who were added before this time, in milliseconds since 1970, and did not sign in since.
    #[serde(default)]
    pub not_signed_in_since: Option<Timestamp>,
}

/// What is done to a person; what it does not say stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonEdit {
    /// Roles to give, by id: for the whole tenant and for good. Each takes the place of what an administrator gave of it for a
    /// time; where new links wait for the next sign-in, what counts now stays beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub give: Vec<String>,
    /// Roles to take away, by id, where they are given to the person for the whole tenant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub take: Vec<String>,
    /// The package to be on, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<PackageChange>,
    /// Active or disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusChange>,
    /// Whether to make those who are invited a new link and send it, where there is a mail server; the old one ends. Who
    /// has a link that was made within the last 10 minutes is left with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invite: bool,
    /// With `invite`: whether links that were made within the last 10 minutes are replaced too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

impl PersonEdit {
    /// Whether it does nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A line of the answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RowLine))]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The first: how many rows there are.
    Rows(usize),
    /// What came of a row.
    Row(Box<RowResult>),
    /// The last: what came of all.
    Done(Totals),
    /// The last where the rest was not tried, and why: of the rows that have no line nothing is done.
    Stopped(ProblemDetails),
}

/// What came of a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowResult {
    /// Which row: the line of the file, where the first below the header is 2; of a bulk edit, the first is 1.
    pub row: usize,
    /// Whom or what it is about, as the request says it.
    pub subject: String,
    /// What people read of it, where the request says it by ids: of a bulk edit, and of a table of assignments; as long as whom
    /// and what it names are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What came of it.
    pub result: RowOutcome,
    /// The revision of the change that made it; none of a dry run, and where nothing was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<u64>,
    /// Of a table: whether the person or the assignment was not there before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub added: bool,
    /// What it changed, or in a dry run would, in words, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// Why it was refused; of a row that was changed, why no invitation was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDetails>,
    /// Where an invitation was made: how its link gets to the person, or the link, this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited: Option<Invited>,
    /// What else whoever asked should know, a line each, as in [`Accepted`](crate::Accepted).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// What came of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// It changed something; in a dry run, it would.
    Changed,
    /// All is as it says already.
    Unchanged,
    /// It was not made.
    Refused,
}

/// What came of all rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Totals {
    /// How many rows changed something.
    pub changed: usize,
    /// How many of them added a person or an assignment.
    #[serde(default)]
    pub added: usize,
    /// Of how many rows all was so already.
    pub unchanged: usize,
    /// How many rows were refused.
    pub refused: usize,
    /// Where the tenant is after them.
    pub at: Stamp,
    /// Whether nothing was written: it was a dry run.
    pub dry_run: bool,
    /// Of a dry run: who would gain and lose what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
}
