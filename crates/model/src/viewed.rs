//! As whom somebody looks at Rolewright who views it as another: a person, or whoever holds a role.

use serde::{Deserialize, Serialize};

use crate::condition::Attributes;
use crate::index::Index;
use crate::refusal::{Code, Refusal};
use crate::resource::ResourcePath;
use crate::subject::Subject;

/// As whom somebody looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Viewed {
    /// As that person, by id.
    User(String),
    /// As somebody who holds that role for the whole tenant, by id, and what everybody holds.
    Role(String),
}

impl Viewed {
    /// The id of the person or of the role.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::User(id) | Self::Role(id) => id,
        }
    }
}

impl Index {
    /// Whom somebody looks as; who holds a role alone is called as the role is. None where there is no such person who
    /// is active, and no such role. `O(holdings)`.
    #[must_use]
    pub fn viewed(&self, whom: &Viewed) -> Option<Subject> {
        match whom {
            Viewed::User(id) => self.subject(id).filter(Subject::is_active),
            Viewed::Role(id) => {
                let role = self.policy().role_position(id)?;
                let held = self.holding_of(role, ResourcePath::tenant(), (None, None), Vec::new())?;
                let holdings = [held].into_iter().chain(self.base_holding()).collect();
                Some(Subject { id: id.clone(), active: true, attributes: Attributes::new(), holdings })
            }
        }
    }
}

impl Refusal {
    /// Whoever asks views Rolewright as somebody else, and does nothing in their name.
    #[must_use]
    pub fn viewing() -> Self {
        let message = "you are viewing as somebody else: nothing can be changed, and nobody's own account is shown, until you exit";
        Self::new(Code::Viewing, message)
    }
}
