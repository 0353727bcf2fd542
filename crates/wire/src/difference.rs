//! What a change does to documents, in short.

use rolewright_model::change::{Kind, Write};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many documents an answer tells of at most.
const MOST_TOLD: usize = 1_000;

/// A document that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentDifference {
    /// The document's kind: `role`.
    pub kind: Kind,
    /// The document's id.
    pub id: String,
    /// What a person reads: the name of a role, a package or a group, the email of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What became of it.
    pub became: Became,
    /// Of a dry run that replaces the policy: what it was; none where it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub before: Option<Value>,
    /// Of a dry run that replaces the policy: what it would be; none where it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub after: Option<Value>,
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It is new.
    Added,
    /// It is there, and not as it was.
    Edited,
    /// It is there no more.
    Removed,
}

/// The documents that a change writes and removes, as far as they are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Those told, in their order.
    pub told: Vec<DocumentDifference>,
    /// How many more there are: past the first 1,000, or of kinds that whoever asks may not see.
    pub untold: usize,
}

impl Differences {
    /// What writes do, as far as documents of their kinds are seen; with what these were and are, where that is told `in_full`.
    #[must_use]
    pub fn of(writes: &[Write], in_full: bool, sees: impl Fn(Kind) -> bool) -> Self {
        let seen = writes.iter().filter(|write| sees(write.kind));
        let told: Vec<_> = seen.take(MOST_TOLD).map(|write| DocumentDifference::of(write, in_full)).collect();
        let untold = writes.len().saturating_sub(told.len());
        Self { told, untold }
    }
}

impl DocumentDifference {
    fn of(write: &Write, in_full: bool) -> Self {
        let became = match (&write.before, &write.after) {
            (None, _) => Became::Added,
            (Some(_), Some(_)) => Became::Edited,
            (Some(_), None) => Became::Removed,
        };
        let field = match write.kind {
            Kind::Role | Kind::Package | Kind::Group => Some("name"),
            Kind::User => Some("email"),
            Kind::Settings | Kind::Catalogue | Kind::Tests | Kind::Membership | Kind::Assignment => None,
        };
        let document = write.after.as_ref().or(write.before.as_ref());
        let name = document.zip(field).and_then(|(document, field)| document.get(field)?.as_str());
        let [before, after] = [&write.before, &write.after].map(|it| it.clone().filter(|_| in_full));
        Self { kind: write.kind, id: write.id.clone(), name: name.map(str::to_owned), became, before, after }
    }
}
