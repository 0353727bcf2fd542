//! Who asks, as the server knows them, and as the model does.

use std::sync::Arc;

use rolewright_model::{Actor, ResourcePath, Stamp, State, Subject, Timestamp, Viewed};

use super::reader::Own;
use super::view::View;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The server's operator, at its command line.
    Operator,
    /// Who holds a single-use link, which the server has checked: it is used up with the change.
    Link {
        /// For whom the link is.
        user: String,
    },
    /// A user, in a session.
    Person {
        /// The user's id.
        user: String,
        /// The revision at which the session began.
        began: Stamp,
        /// The key of the session's record.
        session: Arc<str>,
    },
    /// A user, in a session that sees as somebody else does.
    Viewer {
        /// The user's id.
        user: String,
        /// The revision at which the session began.
        began: Stamp,
        /// The key of the session's record.
        session: Arc<str>,
        /// As whom.
        view: Arc<View>,
    },
    /// An API key.
    Key {
        /// The key.
        key: Arc<Bearer>,
        /// Whether it acts for the identity provider: at the paths of SCIM alone.
        for_provider: bool,
    },
}

/// An API key, as whoever carries it shows it. Of one piece, as every request with it has a share of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The key's id.
    pub id: String,
    /// SHA-256 of the secret that was shown.
    pub secret: String,
    /// What it was made with.
    pub permissions: Vec<String>,
    /// Where it is good: there and below.
    pub scope: ResourcePath,
    /// When it ends, if it does.
    pub until: Option<Timestamp>,
    /// Whether it is believed what it says of a subject.
    pub trusts_subject: bool,
    /// The ids of the users whom its secret was told.
    pub told_to: Vec<String>,
}

impl Who {
    /// Who it is to the model; none where the user is gone or not active.
    #[must_use]
    pub fn actor<'s>(&'s self, state: &'s State) -> Option<Actor<'s>> {
        match self {
            Self::Operator | Self::Link { .. } => Some(Actor::Operator),
            Self::Person { user, began, .. } => Some(in_session(state, active(state, user)?, *began)),
            Self::Viewer { user, began, view, .. } => {
                let viewer = in_session(state, active(state, user)?, *began);
                let viewed = in_session(state, state.viewed(&view.whom)?, view.began);
                Some(Actor::Viewer { viewed: Box::new(viewed), viewer: Some(Box::new(viewer)) })
            }
            Self::Key { key, for_provider } => Some(Actor::Key {
                permissions: &key.permissions,
                scope: &key.scope,
                until: key.until,
                for_provider: *for_provider,
                trusts_subject: key.trusts_subject,
                told_to: &key.told_to,
            }),
        }
    }

    /// The name in the change log, and in the server's own: `operator`, `user:ID` or `key:ID`. In the server's own alone,
    /// as who views changes nothing: `user:ID as user:ID` and `user:ID as role:ID`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Operator => "operator".to_owned(),
            Self::Link { user } | Self::Person { user, .. } => format!("user:{user}"),
            Self::Viewer { user, view, .. } => match &view.whom {
                Viewed::User(viewed) => format!("user:{user} as user:{viewed}"),
                Viewed::Role(viewed) => format!("user:{user} as role:{viewed}"),
            },
            Self::Key { key, .. } => format!("key:{}", key.id),
        }
    }

    /// The ids of the users who may be behind it, where they are known.
    #[must_use]
    pub fn people(&self) -> &[String] {
        match self {
            Self::Operator => &[],
            Self::Link { user } | Self::Person { user, .. } | Self::Viewer { user, .. } => {
                std::slice::from_ref(user)
            }
            Self::Key { key, .. } => &key.told_to,
        }
    }

    /// The id of the user who is signed in, in a session.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        match self {
            Self::Person { user, .. } | Self::Viewer { user, .. } => Some(user),
            Self::Operator | Self::Link { .. } | Self::Key { .. } => None,
        }
    }

    /// The id of the user whose own things are shown, in a session: of whoever views as somebody else, theirs.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::Person { user, .. } => Some(user),
            Self::Viewer { view, .. } => match &view.whom {
                Viewed::User(viewed) => Some(viewed),
                Viewed::Role(_) => None,
            },
            Self::Operator | Self::Link { .. } | Self::Key { .. } => None,
        }
    }

    /// Whose own snapshot it may read; a key has none.
    #[must_use]
    pub fn own(&self) -> Option<Own> {
        match self {
            Self::Person { user, began, .. } => Some(Own { whom: Viewed::User(user.clone()), began: *began }),
            Self::Viewer { view, .. } => Some(Own { whom: view.whom.clone(), began: view.began }),
            Self::Operator | Self::Link { .. } | Self::Key { .. } => None,
        }
    }
}

fn in_session(state: &State, subject: Subject, began: Stamp) -> Actor<'_> {
    Actor::Subject { state, subject, session: Some(began) }
}

/// The user of that id, where they are active.
fn active(state: &State, user: &str) -> Option<Subject> {
    state.subject(user).filter(Subject::is_active)
}
