//! The policy as a whole: catalogue, roles, packages and settings.

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
