//! Who asks for a change, and what they hold.

use crate::catalogue::Catalogue;
use crate::console;
use crate::decide::Request;
use crate::index::Index;
use crate::refusal::Refusal;
use crate::resource::ResourcePath;
use crate::scale::{Level, Scale};
use crate::stamp::{Stamp, Timestamp};
use crate::state::State;
use crate::subject::Subject;

/// Who asks for a change.
#[derive(Clone, Debug)]
pub enum Actor<'a> {
    /// The server's operator, on its command line or by the first-run link: may do everything
    /// that keeps the tenant whole.
    Operator,
    /// A user, in a session.
    Subject {
        /// Where the user's holdings are read: the tenant's state on the server, the user's own
        /// snapshot in a browser.
        state: &'a Index,
        /// The user, resolved in that state.
        subject: Subject,
        /// The revision at which the session began.
        session: Option<Stamp>,
    },
    /// An API key: the permissions it was made with, at their top level, at one place and below it.
    Key {
        /// Permission ids.
        permissions: &'a [String],
        /// Where: `/` is the whole tenant.
        scope: &'a ResourcePath,
        /// The first moment at which the key is no longer good, if there is one: what it holds ends then.
        until: Option<Timestamp>,
        /// Whether it acts for the identity provider, whose groups it then may edit.
        for_provider: bool,
        /// Whether it is believed what it says of a subject.
        trusts_subject: bool,
        /// The users whom its secret was told: what nobody does to themselves, they do not by it.
        told_to: &'a [String],
    },
    /// Somebody who looks as somebody else does: they see what both may see, and change nothing.
    Viewer {
        /// As whom.
        viewed: Box<Actor<'a>>,
        /// Who they are themselves; a browser is told nothing of that.
        viewer: Option<Box<Actor<'a>>>,
    },
}

impl Actor<'_> {
    /// Whether the actor may use `permission` at `scope`, as a question about what the actor may
    /// do: implications and module access count. `here` is the state that is to be changed.
    #[must_use]
    pub fn may(&self, here: &Index, permission: &str, scope: &ResourcePath, at: Timestamp) -> bool {
        match self {
            Self::Operator => true,
            Self::Subject { state, subject, session } => {
                let Some(handle) = state.catalogue().handle(permission) else { return false };
                let can = state.catalogue().scale(handle).map_or(Level(u8::MAX), Scale::can);
                state.level_of(subject, handle, scope, Request::new(at).in_session(*session)) >= can
            }
            Self::Key { permissions, scope: held, until, .. } => {
                let lasts = until.is_none_or(|until| at < until);
                let reaches = held.reaches(scope) && here.catalogue().is_place(scope);
                let present = here.catalogue().handle(permission).is_some_and(|known| here.is_present(known));
                lasts && reaches && present && permissions.iter().any(|id| id == permission)
            }
            Self::Viewer { viewed, viewer } => {
                let may = |actor: &Self| actor.may(here, permission, scope, at);
                may(viewed) && viewer.as_deref().is_none_or(may)
            }
        }
    }

    /// The first of Rolewright's own permissions that the actor may use now for the whole tenant, and no more once the state is `then` and the actor
    /// `after`: what a change takes from whoever makes it.
    #[must_use]
    pub fn loses(&self, here: &Index, after: &Self, then: &Index, at: Timestamp) -> Option<&'static str> {
        let tenant = ResourcePath::tenant();
        console::ids().find(|id| self.may(here, id, &tenant, at) && !after.may(then, id, &tenant, at))
    }

    /// Why the actor may not use `permission` where it may not: of whoever holds it elsewhere alone, that they do.
    /// `what` is what the permission is needed for, `here` the state that is to be changed. `O(scopes that the actor holds)`.
    #[must_use]
    pub fn lacks(&self, here: &Index, permission: &str, what: &str, at: Timestamp) -> Refusal {
        let missing = Refusal::missing(here.catalogue(), permission, what);
        let elsewhere = match self {
            Self::Operator => None,
            Self::Viewer { viewed, .. } => return viewed.lacks(here, permission, what, at),
            Self::Subject { subject, .. } => {
                let scopes = subject.scopes().into_iter();
                let held: Vec<_> = scopes.filter(|scope| self.may(here, permission, scope, at)).collect();
                named(&held).map(|held| {
                    format!("which you hold at {held} and below alone: ask an administrator who can give it where you need it")
                })
            }
            Self::Key { permissions, scope, .. } => {
                let is_elsewhere = !scope.is_tenant() && permissions.iter().any(|id| id == permission);
                is_elsewhere.then(|| {
                    format!(
                        "which this key holds at `{scope}` and below alone: send a key that is good where you ask, or for the \
                         whole tenant"
                    )
                })
            }
        };
        match elsewhere {
            Some(elsewhere) => {
                let name = here.catalogue().permission_name(permission);
                Refusal { message: format!("to {what} you need `{name}`, {elsewhere}"), ..missing }
            }
            None => missing,
        }
    }

    /// Whether the actor is a superuser at `scope`, for the whole window.
    pub(crate) fn is_superuser(&self, scope: &ResourcePath, window: Window) -> bool {
        match self {
            Self::Operator => true,
            Self::Key { .. } | Self::Viewer { .. } => false,
            Self::Subject { state, subject, session } => {
                subject.is_active()
                    && state
                        .counting(subject, scope, Request::new(window.now).in_session(*session))
                        .any(|holding| holding.row.superuser && window.is_within(holding.until))
            }
        }
    }

    /// At which levels the actor holds permissions to give them away: G of the design at that
    /// scope, not ending before the window does. Who looks as somebody else gives nothing away. `O(holdings x permissions)`.
    pub(crate) fn held<'s>(&'s self, here: &'s Index, scope: &ResourcePath, window: Window) -> Held<'s> {
        let tops = |is_held: &dyn Fn(&str) -> bool| {
            let catalogue = here.catalogue();
            let top = |handle| match is_held(catalogue.id(handle)) {
                true => catalogue.scale(handle).map_or(Level::NONE, Scale::top),
                false => Level::NONE,
            };
            Held { catalogue, levels: catalogue.handles().map(top).collect() }
        };
        match self {
            Self::Operator => tops(&|_| true),
            Self::Viewer { .. } => tops(&|_| false),
            Self::Key { permissions, scope: place, until, .. } => {
                let counts = place.reaches(scope) && window.is_within(*until);
                tops(&|id| counts && permissions.iter().any(|held| held == id))
            }
            Self::Subject { state, subject, session } => {
                let catalogue = state.catalogue();
                let mut levels = vec![Level::NONE; catalogue.permissions().len()];
                let counting = state.counting(subject, scope, Request::new(window.now).in_session(*session));
                let lasting = counting.filter(|holding| window.is_within(holding.until));
                for holding in lasting.filter(|_| subject.is_active()) {
                    for (handle, level) in catalogue.handles().zip(&mut levels) {
                        *level = state.granted_by(holding, handle).max(*level);
                    }
                }
                Held { catalogue, levels }
            }
        }
    }

    /// The actor as changes of `before` leave it. None where they cannot: of the operator and of a key;
    /// and where it is not known, as in a browser, whose documents name nobody.
    pub(crate) fn after<'s>(&self, before: &State, after: &'s State) -> Option<Actor<'s>> {
        let Self::Subject { subject, session, .. } = self else { return None };
        if !before.documents().directory.users.contains_key(subject.id()) {
            return None;
        }
        let nobody = || Subject { active: false, ..subject.clone() };
        let subject = after.subject(subject.id()).unwrap_or_else(nobody);
        Some(Actor::Subject { state: after, subject, session: *session })
    }

    /// The first moment at which it is no longer good, of a key that ends.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Key { until, .. } => *until,
            Self::Operator | Self::Subject { .. } | Self::Viewer { .. } => None,
        }
    }

    /// Whether a key that this actor gives may be believed what it says of a subject: a key that is not believed itself would be,
    /// by the other.
    pub(crate) fn gives_belief(&self) -> bool {
        match self {
            Self::Key { trusts_subject, .. } => *trusts_subject,
            Self::Operator | Self::Subject { .. } => true,
            Self::Viewer { .. } => false,
        }
    }

    /// Whether that user may be behind this: themselves, or by a key whose secret they were told.
    pub(crate) fn may_be(&self, id: &str) -> bool {
        match self {
            Self::Key { told_to, .. } => told_to.iter().any(|user| user == id),
            _ => self.is_user(id),
        }
    }

    /// Whether this is that user.
    pub(crate) fn is_user(&self, id: &str) -> bool {
        matches!(self, Self::Subject { subject, .. } if subject.id() == id)
    }
}

/// The outermost of those places, the first by name where there are several. None where there is none.
fn named(places: &[&ResourcePath]) -> Option<String> {
    let is_outermost =
        |place: &&&ResourcePath| !places.iter().any(|other| other != *place && other.reaches(place));
    let outermost: Vec<_> = places.iter().filter(is_outermost).collect();
    let first = outermost.first()?;
    Some(match outermost.len() {
        1 => format!("`{first}`"),
        2 => format!("`{first}`, one more place"),
        all => format!("`{first}`, {} more places", all.saturating_sub(1)),
    })
}

/// At which levels an actor holds permissions at one place.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    catalogue: &'a Catalogue,
    levels: Vec<Level>,
}

impl Held<'_> {
    /// The level of the permission of that id; level 0 for one that is not known. One hash.
    pub(crate) fn of(&self, permission: &str) -> Level {
        let handle = self.catalogue.handle(permission);
        handle.and_then(|handle| self.levels.get(handle.0 as usize)).copied().unwrap_or_default()
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
    pub(crate) fn is_within(self, held: Option<Timestamp>) -> bool {
        match (self.until, held) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(until), Some(held)) => until <= held,
        }
    }
}
