//! Who asks for a change, and what they hold.

use crate::index::State;
use crate::resource::ResourcePath;
use crate::scale::{Level, Scale};
use crate::stamp::{Stamp, Timestamp};
use crate::subject::Subject;

/// Who asks for a change.
#[derive(Clone, Copy, Debug)]
pub enum Actor<'a> {
    /// The server's operator, on its command line or by the first-run link: may do everything
    /// that keeps the tenant whole.
    Operator,
    /// A user, in a session.
    Subject {
        /// Where the user's holdings are read: the tenant's state on the server, the user's own
        /// snapshot in a browser.
        state: &'a State,
        /// The user, resolved in that state.
        subject: &'a Subject,
        /// The revision at which the session began.
        session: Option<Stamp>,
    },
    /// An API key: the permissions it was made with, at their top level, for the whole tenant.
    Key {
        /// Permission ids.
        permissions: &'a [String],
    },
}

impl Actor<'_> {
    /// Whether the actor may use `permission` at `scope`, as a question about what the actor may
    /// do: implications and module access count. `here` is the state that is to be changed.
    #[must_use]
    pub fn may(&self, here: &State, permission: &str, scope: &ResourcePath, at: Timestamp) -> bool {
        match self {
            Self::Operator => true,
            Self::Subject { state, subject, session } => {
                let Some(handle) = state.catalogue().handle(permission) else { return false };
                let can = state.catalogue().scale(handle).map_or(Level(u8::MAX), Scale::can);
                state.level_of(subject, handle, scope, at, *session) >= can
            }
            Self::Key { permissions } => {
                let present = here.catalogue().handle(permission).is_some_and(|known| here.is_present(known));
                present && permissions.iter().any(|id| id == permission)
            }
        }
    }

    /// Whether the actor is a superuser at `scope`, for the whole window.
    pub(crate) fn is_superuser(&self, scope: &ResourcePath, window: Window) -> bool {
        match self {
            Self::Operator => true,
            Self::Key { .. } => false,
            Self::Subject { state, subject, session } => {
                subject.is_active()
                    && state
                        .counting(subject, scope, window.now, *session)
                        .any(|holding| state.is_superuser(holding.role) && window.is_within(holding.until))
            }
        }
    }

    /// The level at which the actor holds `permission` to give it away: G of the design at that
    /// scope, not ending before the grant ends.
    pub(crate) fn holds(
        &self,
        here: &State,
        permission: &str,
        scope: &ResourcePath,
        window: Window,
    ) -> Level {
        let top = |state: &State| {
            let scale = state.catalogue().handle(permission).and_then(|known| state.catalogue().scale(known));
            scale.map_or(Level::NONE, Scale::top)
        };
        match self {
            Self::Operator => top(here),
            Self::Key { permissions } if permissions.iter().any(|held| held == permission) => top(here),
            Self::Key { .. } => Level::NONE,
            Self::Subject { subject, .. } if !subject.is_active() => Level::NONE,
            Self::Subject { state, subject, session } => {
                let Some(handle) = state.catalogue().handle(permission) else { return Level::NONE };
                state
                    .counting(subject, scope, window.now, *session)
                    .filter(|holding| window.is_within(holding.until))
                    .map(|holding| state.granted(holding.role, handle))
                    .max()
                    .unwrap_or_default()
            }
        }
    }

    /// Whether this is that user.
    pub(crate) fn is_user(&self, id: &str) -> bool {
        matches!(self, Self::Subject { subject, .. } if subject.id() == id)
    }
}

/// The time for which something is given: from now until `until`, or for good.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) now: Timestamp,
    pub(crate) until: Option<Timestamp>,
}

impl Window {
    /// Whether something held until `held` lasts as long as this.
    fn is_within(self, held: Option<Timestamp>) -> bool {
        match (self.until, held) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(until), Some(held)) => until <= held,
        }
    }
}
