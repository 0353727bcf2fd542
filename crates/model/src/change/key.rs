//! What a change says of an API key: what everybody may know of it, never its secret.

use serde::{Deserialize, Serialize};

use crate::resource::ResourcePath;
use crate::rules::KeyGrant;
use crate::stamp::Timestamp;

/// What a change says of an API key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyEdit {
    /// Its id, which is no secret.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// The ids of what it may do, at the top level of each.
    pub permissions: Vec<String>,
    /// Where: there and below; `/` is the whole tenant.
    pub scope: String,
    /// The first moment at which it is no longer good; none where it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Whether it is believed what it says of a subject.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trusts_subject: bool,
}

impl KeyEdit {
    /// What whoever has it may do, at that place.
    pub(crate) fn grant<'a>(&'a self, scope: &'a ResourcePath) -> KeyGrant<'a> {
        KeyGrant {
            permissions: &self.permissions,
            scope,
            until: self.expires,
            trusts_subject: self.trusts_subject,
        }
    }

    /// Where a key that was made is good; the whole tenant where that cannot be read.
    pub(crate) fn place(&self) -> ResourcePath {
        ResourcePath::parse(&self.scope).unwrap_or_else(|_| ResourcePath::tenant())
    }
}
