//! Changes of keys, and of how people sign in. What they change is kept beside the documents, and the state they lead
//! to says what the one before it says; but for a first password, with which a person has a way to sign in.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Change, Context, Kind, Outcome, apply};
use crate::console;
use crate::directory::{Status, UserDocument};
use crate::documents::Documents;
use crate::problem::Problem;
use crate::refusal::{Code, Refusal};
use crate::stamp::Stamp;
use crate::state::State;
use crate::viewed::Viewed;

/// Whom or what a change is about whose work is kept beside the documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum About {
    /// A person, by id: how they sign in, and who views as them.
    User(String),
    /// A role, by id: who views as somebody with it.
    Role(String),
    /// An API key, by id.
    Key(String),
}

impl About {
    /// What it is one of.
    #[must_use]
    pub fn topic(&self) -> Topic {
        match self {
            Self::User(_) => Topic::Documents(Kind::User),
            Self::Role(_) => Topic::Documents(Kind::Role),
            Self::Key(_) => Topic::Keys,
        }
    }

    /// Which of them.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::User(id) | Self::Role(id) | Self::Key(id) => id,
        }
    }
}

/// What an entry of the log can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Documents of a kind; of users, how they sign in too.
    Documents(Kind),
    /// API keys.
    Keys,
}

impl Topic {
    const KEY: &'static str = "key";

    /// Every one.
    pub fn all() -> impl Iterator<Item = Self> {
        Kind::ALL.into_iter().map(Self::Documents).chain([Self::Keys])
    }

    /// The one of Rolewright's own permissions that it takes to see what is about it.
    #[must_use]
    pub fn permission_to_see(self) -> &'static str {
        match self {
            Self::Keys => console::API_KEYS_VIEW,
            Self::Documents(kind) => match kind {
                Kind::Settings => console::SETTINGS_VIEW,
                Kind::Catalogue | Kind::Tests | Kind::Role => console::ROLES_VIEW,
                Kind::Package => console::PACKAGES_VIEW,
                Kind::User | Kind::Assignment => console::USERS_VIEW,
                Kind::Group | Kind::Membership => console::GROUPS_VIEW,
            },
        }
    }

    /// The name in the change log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documents(kind) => kind.as_str(),
            Self::Keys => Self::KEY,
        }
    }
}

impl From<Kind> for Topic {
    fn from(kind: Kind) -> Self {
        Self::Documents(kind)
    }
}

impl Serialize for Topic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Topic;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Topic, E> {
                const NAMES: &[&str] = &[
                    Kind::Settings.as_str(),
                    Kind::Catalogue.as_str(),
                    Kind::Tests.as_str(),
                    Kind::Role.as_str(),
                    Kind::Package.as_str(),
                    Kind::User.as_str(),
                    Kind::Group.as_str(),
                    Kind::Membership.as_str(),
                    Kind::Assignment.as_str(),
                    Topic::KEY,
                ];
                Topic::all()
                    .find(|topic| topic.as_str() == name)
                    .ok_or_else(|| E::unknown_variant(name, NAMES))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

impl Change {
    /// Whom or what it is about, where what it changes is kept beside the documents.
    #[must_use]
    pub fn about(&self) -> Option<About> {
        match self {
            Self::MakeKey { key }
            | Self::UpdateKey { key, .. }
            | Self::RenewKey { key, .. }
            | Self::EndKey { key, .. } => Some(About::Key(key.id.clone())),
            Self::SendInvitation { id }
            | Self::RevokeInvitation { id }
            | Self::StartPasswordReset { id }
            | Self::SetPassword { id }
            | Self::TurnOnSecondFactor { id }
            | Self::TurnOffSecondFactor { id }
            | Self::ReplaceSecondFactor { id }
            | Self::RenewRecoveryCodes { id }
            | Self::ResetSecondFactor { id }
            | Self::EndSessions { id, .. }
            | Self::EndOtherSessions { id, .. }
            | Self::SetProviderRecord { id, .. } => Some(About::User(id.clone())),
            Self::ViewAs { whom, .. } | Self::EndViewAs { whom } => Some(match whom {
                Viewed::User(id) => About::User(id.clone()),
                Viewed::Role(id) => About::Role(id.clone()),
            }),
            _ => None,
        }
    }

    /// Whether it may be a part of others. What is about a key or about how somebody signs in is made by itself,
    /// for it takes a proof of who asks, or makes a secret; what an identity provider says does neither.
    pub(super) fn may_be_a_part(&self, path: &str) -> Result<(), Refusal> {
        let is_by_itself = match self {
            Self::SetProviderRecord { .. } => false,
            Self::SetEmail { .. } => true,
            _ => self.about().is_some(),
        };
        if path == "$" || !is_by_itself {
            return Ok(());
        }
        let message = "this change is made by itself and is no part of others: it takes a proof of who asks, or makes a secret";
        let problem = Problem { path: "$.change".to_owned(), message: message.to_owned() };
        Err(Refusal::invalid(vec![problem]).of_part(path))
    }

    /// Whether the one whom it is about is as it needs.
    fn fits(&self, documents: &Documents) -> Result<(), Refusal> {
        // Whoever it was may be gone by now.
        let ends = matches!(self, Self::EndViewAs { .. });
        let Some(About::User(id)) = self.about().filter(|_| !ends) else { return Ok(()) };
        let unknown = || Refusal::new(Code::Unknown, format!("there is no user `{id}`"));
        let user: &UserDocument = documents.directory.users.get(&id).ok_or_else(unknown)?;
        let why = match (self, user.status) {
            (
                Self::SendInvitation { .. } | Self::RevokeInvitation { .. },
                Status::Active | Status::Disabled,
            ) => "this person has accepted, or is disabled: there is no invitation",
            (Self::StartPasswordReset { .. } | Self::SetPassword { .. }, Status::Invited) => {
                "this person is invited and sets a password with the invitation: send that again"
            }
            (Self::StartPasswordReset { .. } | Self::SetPassword { .. }, Status::Disabled) => {
                "this person is disabled and signs in with no password: activate them first"
            }
            (Self::ViewAs { .. }, Status::Invited | Status::Disabled) => {
                "this person is not active and sees nothing here: view as somebody who is"
            }
            _ => return Ok(()),
        };
        Err(Refusal::new(Code::Invalid, why))
    }
}

impl State {
    /// What a permitted change of an account or a key leads to. `O(documents that it touches)`: one at most.
    pub(super) fn about_an_account_or_key(
        &self,
        change: &Change,
        context: &Context,
        made: Stamp,
    ) -> Result<Outcome, Refusal> {
        change.fits(self.documents())?;
        let mut documents = self.documents().clone();
        apply::apply(&mut documents, change, Some(self), context, made)?;
        let writes = apply::writes(self.documents(), &documents);
        let state = match writes.is_empty() {
            true => self.at_stamp(made),
            false => self.after(documents, made).map_err(Refusal::invalid)?,
        };
        Ok(Outcome { state, writes, revoked: Vec::new() })
    }
}
