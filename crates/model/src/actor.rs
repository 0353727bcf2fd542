//! Who asks for a change, and what they hold.

use crate::catalogue::PermissionHandle;
use crate::index::State;
use crate::resource::ResourcePath;
use crate::scale::Level;
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
        /// The user, resolved in the state that is changed (or in one's own snapshot).
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
    /// Whether the actor holds `permission` at `level` or above at `scope`, as a question about
    /// what the actor may do: implications and module access count.
    #[must_use]
    pub fn may(&self, state: &State, permission: &str, scope: &ResourcePath, at: Timestamp) -> bool {
        let Some(handle) = state.catalogue().handle(permission) else { return false };
        let can = state.catalogue().scale(handle).map_or(Level(u8::MAX), crate::scale::Scale::can);
        match self {
            Self::Operator => true,
            Self::Subject { subject, session } => state.level_of(subject, handle, scope, at, *session) >= can,
            Self::Key { permissions } => {
                state.is_present(handle) && permissions.iter().any(|id| id == permission)
            }
        }
    }

    /// Whether the actor is a superuser at `scope`, for as long as until `until`.
    pub(crate) fn is_superuser(&self, state: &State, scope: &ResourcePath, window: Window) -> bool {
        match self {
            Self::Operator => true,
            Self::Key { .. } => false,
            Self::Subject { subject, session } => {
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
        state: &State,
        permission: PermissionHandle,
        scope: &ResourcePath,
        window: Window,
    ) -> Level {
        let top = || state.catalogue().scale(permission).map_or(Level::NONE, crate::scale::Scale::top);
        match self {
            Self::Operator => top(),
            Self::Key { permissions } => {
                let id = state.catalogue().id(permission);
                if permissions.iter().any(|held| held == id) { top() } else { Level::NONE }
            }
            Self::Subject { subject, .. } if !subject.is_active() => Level::NONE,
            Self::Subject { subject, session } => state
                .counting(subject, scope, window.now, *session)
                .filter(|holding| window.is_within(holding.until))
                .map(|holding| state.granted(holding.role, permission))
                .max()
                .unwrap_or_default(),
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
