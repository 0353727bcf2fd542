//! What the names of the AuthZEN Authorization API mean here: an action is a permission or an operation, a
//! resource is a place. What means nothing here is none, and so a no.
//!
//! The server and the checker answer AuthZEN's questions by this, so that they cannot differ.

use std::borrow::Cow;

use crate::catalogue::{Catalogue, PermissionHandle};
use crate::condition::{Attributes, RequestAttributes, Value};
use crate::decide::{Question, Reason, Request};
use crate::index::Index;
use crate::operation::Operation;
use crate::resource::{ResourcePath, ResourceType};
use crate::scale::Level;
use crate::subject::Subject;

/// The type of a subject that is a person of the directory.
pub const USER: &str = "user";
/// The type of the whole tenant, whose id is `/` or the tenant's own.
pub const TENANT: &str = "tenant";
/// The type of a place that is no resource: `servers/prod/tasks`, all tasks of that server.
pub const COLLECTION: &str = "collection";
/// What begins an action's name that is an operation's, where a permission has the same id.
pub const OPERATION: &str = "operation:";
/// The property of an action that names the level of a permission.
const LEVEL: &str = "level";
/// What begins the properties of an action that name an operation's other resources.
const RESOURCES: &str = "resources.";

/// What would be done.
#[derive(Clone, Copy, Debug)]
pub enum Doing<'c> {
    /// What a permission permits.
    Permission(PermissionHandle),
    /// An operation of the product.
    Operation(&'c Operation),
}

impl<'c> Doing<'c> {
    /// What an action's name means. A permission goes before an operation of the same id.
    #[must_use]
    pub fn of(catalogue: &'c Catalogue, name: &str) -> Option<Self> {
        if let Some(id) = name.strip_prefix(OPERATION) {
            return catalogue.operation(id).map(Self::Operation);
        }
        let permission = catalogue.handle(name).map(Self::Permission);
        permission.or_else(|| catalogue.operation(name).map(Self::Operation))
    }
}

/// The name of an action that is that operation.
#[must_use]
pub fn name_of_operation<'o>(catalogue: &Catalogue, operation: &'o Operation) -> Cow<'o, str> {
    match catalogue.handle(&operation.id) {
        Some(_) => Cow::Owned([OPERATION, &operation.id].concat()),
        None => Cow::Borrowed(&operation.id),
    }
}

/// The place that a resource is: its whole path, or the one id in the path where its type has one variable.
#[must_use]
pub fn place(catalogue: &Catalogue, tenant: &str, kind: &str, id: &str) -> Option<ResourcePath> {
    let known = catalogue.resource_types().iter().find(|known| known.id() == kind);
    let path = match known {
        Some(known) if !id.contains('/') => known.pattern().with_value(id)?,
        None if kind == TENANT && id == tenant => ResourcePath::tenant(),
        _ => ResourcePath::parse(id).ok()?,
    };
    let is_of = |known: &ResourceType| known.pattern().matches(&path);
    let fits = match known {
        Some(known) => is_of(known),
        None if path.is_tenant() => kind == TENANT,
        None => {
            kind == COLLECTION && catalogue.is_place(&path) && !catalogue.resource_types().iter().any(is_of)
        }
    };
    fits.then_some(path)
}

/// The level that an action asks of a permission, where it says one; a text that no level has where it
/// says it wrongly.
fn level_said(action: &Attributes) -> Option<&str> {
    action.get(LEVEL).map(|level| match level {
        Value::Text(level) => level.as_str(),
        _ => "",
    })
}

/// The level that an action asks of a permission; none where it is not one.
#[must_use]
pub fn level(catalogue: &Catalogue, permission: PermissionHandle, action: &Attributes) -> Option<Level> {
    let scale = catalogue.scale(permission)?;
    let said = level_said(action).map_or(Some(scale.can()), |level| scale.level(level));
    said.filter(|level| *level > Level::NONE)
}

/// The path that an action's properties name for an operation's resource.
fn named<'a>(action: &'a Attributes, name: &str) -> Option<&'a str> {
    match action.get(&[RESOURCES, name].concat()) {
        Some(Value::Text(path)) => Some(path),
        _ => None,
    }
}

/// Which of an operation's resources is the request's own, and that there is a place for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound<'c> {
    /// Its name; none where it is the tenant.
    pub own: Option<&'c str>,
}

impl<'c> Bound<'c> {
    /// The first resource that the action does not name and that `place` fits. None where it fits nowhere; the tenant
    /// fits an operation all of whose resources are named.
    #[must_use]
    pub fn of(operation: &'c Operation, place: &ResourcePath, action: &Attributes) -> Option<Self> {
        let mut unnamed = operation.resources().filter(|(name, _)| named(action, name).is_none());
        if place.is_tenant() {
            return unnamed.next().is_none().then_some(Self { own: None });
        }
        unnamed.find(|(_, pattern)| pattern.matches(place)).map(|(name, _)| Self { own: Some(name) })
    }

    /// The path of the resource of that name.
    #[must_use]
    pub fn path<'p>(self, name: &str, place: &'p ResourcePath, action: &'p Attributes) -> Option<&'p str> {
        if self.own == Some(name) { Some(place.as_str()) } else { named(action, name) }
    }
}

/// What a question's action and resource mean.
#[derive(Clone, Debug)]
pub struct Meaning<'c> {
    /// What would be done.
    pub doing: Option<Doing<'c>>,
    /// Where.
    pub place: Option<ResourcePath>,
    /// Of an operation: on what.
    pub bound: Option<Bound<'c>>,
}

impl<'c> Meaning<'c> {
    /// What an action's name, a resource's type and its id mean in that tenant; `action` is what else is said
    /// of the action.
    #[must_use]
    pub fn of(
        catalogue: &'c Catalogue,
        tenant: &str,
        name: &str,
        (kind, id): (&str, &str),
        action: &Attributes,
    ) -> Self {
        let (doing, place) = (Doing::of(catalogue, name), place(catalogue, tenant, kind, id));
        let bound = match (doing, &place) {
            (Some(Doing::Operation(operation)), Some(place)) => Bound::of(operation, place, action),
            _ => None,
        };
        Self { doing, place, bound }
    }
}

impl Index {
    /// Whether somebody may do what a question means; no subject is somebody who is not known. To whoever may not
    /// see people nobody is told apart from somebody who holds nothing, and the reason is
    /// [discreet](Reason::discreet). What `said` says of the resource is afterwards under its name in the operation.
    ///
    /// # Errors
    /// Why not.
    #[cfg_attr(target_family = "wasm", inline(never))]
    pub fn evaluate(
        &self,
        subject: Option<&Subject>,
        meaning: &Meaning<'_>,
        said: &mut RequestAttributes,
        request: Request<'_>,
        is_discreet: bool,
    ) -> Result<(), Reason> {
        let nobody = Subject::nobody();
        let known = subject.filter(|subject| subject.is_active() || !is_discreet);
        let reason = match known.or(is_discreet.then_some(&nobody)) {
            None => Some(Reason::UnknownSubject),
            Some(subject) => self.refused(subject, meaning, said, request),
        };
        reason.map_or(Ok(()), |reason| Err(if is_discreet { reason.discreet() } else { reason }))
    }

    /// Why a subject may not.
    fn refused(
        &self,
        subject: &Subject,
        meaning: &Meaning<'_>,
        said: &mut RequestAttributes,
        request: Request<'_>,
    ) -> Option<Reason> {
        let Some(doing) = meaning.doing else { return Some(Reason::UnknownPermission) };
        let Some(place) = &meaning.place else { return Some(Reason::NotAPlace) };
        match doing {
            Doing::Permission(permission) => {
                let question = Question {
                    subject: subject.id(),
                    permission: self.catalogue().id(permission),
                    resource: place.as_str(),
                    asked: level_said(&said.action),
                    request: request.with(said),
                };
                self.decide_for(subject, &question).reason
            }
            Doing::Operation(operation) => {
                let Some(bound) = meaning.bound else { return Some(Reason::NotAPlace) };
                if let Some(own) = bound.own {
                    said.resources.insert(own.to_owned(), std::mem::take(&mut said.resource));
                }
                let path = |name: &str| bound.path(name, place, &said.action);
                let decision = self.check_on(subject, &operation.id, &path, request.with(said));
                let inactive = (!subject.is_active()).then_some(Reason::InactiveSubject);
                // A refusal is in the legs; what they have in common is that nothing gives it.
                let why = decision.reason.or(inactive).unwrap_or(Reason::NotGranted);
                (!decision.allowed).then_some(why)
            }
        }
    }
}
