//! What an identity provider says of a person or a group and the model has no place for, as it is kept.

use rolewright_model::Timestamp;
use rolewright_store::{Record, RecordOp, sealed};
use serde::{Deserialize, Serialize};

/// The kind of the records about people; their key is the person's id, and so is their owner.
pub const USER: &str = sealed::SCIM_USER;
/// The kind of the records about groups; their key is the group's id.
pub const GROUP: &str = sealed::SCIM_GROUP;

/// What is kept of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserRecord {
    /// What the provider calls the person.
    pub user_name: String,
    /// The provider's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What the provider shows of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The addresses as they were sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// Whether it was the provider that disabled the person: then it may enable them again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// When this was last written.
    pub modified: Timestamp,
    /// How often this was written.
    pub edits: u64,
}

/// An email address as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Email {
    /// The address.
    pub value: String,
    /// What it is for.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is the one to use, if that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
}

/// What is kept of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupRecord {
    /// The provider's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// When the group was made, if the provider did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// When this was last written, or who is in the group.
    pub modified: Timestamp,
    /// How often that was.
    pub edits: u64,
}

/// A record that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Of the person of that id.
    User(String, UserRecord),
    /// Of the group of that id.
    Group(String, GroupRecord),
}

impl Kept {
    /// Writes it.
    #[must_use]
    pub fn put(&self) -> RecordOp {
        let (kind, key, record) = match self {
            Self::User(id, said) => {
                (USER, id, Record::new(serde_json::to_value(said).unwrap_or_default()).owned_by(id))
            }
            Self::Group(id, said) => (GROUP, id, Record::new(serde_json::to_value(said).unwrap_or_default())),
        };
        RecordOp::Put { kind: kind.to_owned(), key: key.clone(), record }
    }
}

/// Removes what is kept of a person.
#[must_use]
pub fn forget_user(id: &str) -> RecordOp {
    RecordOp::Delete { kind: USER.to_owned(), key: id.to_owned() }
}

/// Removes what is kept of a group.
#[must_use]
pub fn forget_group(id: &str) -> RecordOp {
    RecordOp::Delete { kind: GROUP.to_owned(), key: id.to_owned() }
}
