//! The policy as a whole: catalogue, roles, packages and settings.

use rolewright_model::change::{Kind, Write};
use rolewright_model::policy::SettingsDocument;
use rolewright_model::{PolicyDocument, Stamp};
use serde::{Deserialize, Serialize};

/// The policy, as those who may view roles see it. Its `ETag` changes with the policy alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyView {
    /// Where the tenant is.
    pub at: Stamp,
    /// The whole policy; an export.
    pub policy: PolicyDocument,
}

/// A document of the policy that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyDifference {
    /// The document's kind: `role`.
    pub kind: Kind,
    /// The document's id.
    pub id: String,
    /// What became of it.
    pub became: Became,
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

impl PolicyDifference {
    /// What writes do to the policy, in their order.
    #[must_use]
    pub fn of(writes: &[Write]) -> Vec<Self> {
        let of_policy = writes.iter().filter(|write| write.kind.is_of_policy());
        let differences = of_policy.map(|write| Self {
            kind: write.kind,
            id: write.id.clone(),
            became: match (&write.before, &write.after) {
                (None, _) => Became::Added,
                (Some(_), Some(_)) => Became::Edited,
                (Some(_), None) => Became::Removed,
            },
        });
        differences.collect()
    }
}

/// The settings. Their `ETag` is their revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsView {
    /// The change that last wrote them.
    pub revision: u64,
    /// The settings.
    pub settings: SettingsDocument,
}

/// The templates that this server offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Templates {
    /// In the order in which they are shown.
    pub items: Vec<TemplateRow>,
}

/// One template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateRow {
    /// What `--template` takes.
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// What it is for.
    pub description: String,
}
