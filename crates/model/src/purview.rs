//! Where an actor may use one permission: what of that which is held or kept at places a list shows them.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::actor::Actor;
use crate::index::Index;
use crate::resource::ResourcePath;
use crate::stamp::Timestamp;

/// Where an actor may use a permission. Each place is asked about once.
#[derive(Debug)]
pub struct Purview<'a> {
    actor: Actor<'a>,
    here: &'a Index,
    permission: &'a str,
    at: Timestamp,
    /// Whether it is the whole tenant.
    is_whole: bool,
    asked: RefCell<HashMap<String, bool>>,
}

impl<'a> Purview<'a> {
    /// That of the actor. None where the actor may use the permission nowhere. `O(scopes that the actor holds)`.
    #[must_use]
    pub fn of(actor: Actor<'a>, here: &'a Index, permission: &'a str, at: Timestamp) -> Option<Self> {
        let is_whole = actor.may(here, permission, &ResourcePath::tenant(), at);
        let may = |scope: &ResourcePath| actor.may(here, permission, scope, at);
        let is_somewhere = match &actor {
            Actor::Viewer { viewed, .. } => is_somewhere(viewed, may),
            actor => is_somewhere(actor, may),
        };
        let asked = RefCell::default();
        (is_whole || is_somewhere).then_some(Self { actor, here, permission, at, is_whole, asked })
    }

    /// Whether what is held or kept at that scope lies within. Of the whole tenant everything does; else what is at no
    /// place of the catalogue does not.
    #[must_use]
    pub fn has(&self, scope: &str) -> bool {
        if self.is_whole {
            return true;
        }
        if let Some(known) = self.asked.borrow().get(scope) {
            return *known;
        }
        let path = ResourcePath::parse(scope);
        let has = path.is_ok_and(|path| self.actor.may(self.here, self.permission, &path, self.at));
        self.asked.borrow_mut().insert(scope.to_owned(), has);
        has
    }
}

/// Whether one of the places at which the actor holds something is one.
fn is_somewhere(actor: &Actor<'_>, mut is_one: impl FnMut(&ResourcePath) -> bool) -> bool {
    match actor {
        Actor::Operator => true,
        Actor::Subject { subject, .. } => subject.scopes().into_iter().any(is_one),
        Actor::Key { scope, .. } => is_one(scope),
        // Nobody looks as somebody who looks as somebody else.
        Actor::Viewer { .. } => false,
    }
}
