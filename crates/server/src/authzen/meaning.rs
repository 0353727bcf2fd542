//! What names mean here: a subject is a user, an action a permission or an operation, a resource a place.
//! What means nothing here is none, and so a no.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rolewright_model::catalogue::PermissionHandle;
use rolewright_model::condition::{Attributes, RequestAttributes, Value};
use rolewright_model::operation::Operation;
use rolewright_model::{Catalogue, Level, ResourcePath, State, UserHandle};

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
pub enum Doing<'s> {
    /// What a permission permits.
    Permission(PermissionHandle),
    /// An operation of the product.
    Operation(&'s Operation),
}

impl<'s> Doing<'s> {
    /// What an action's name means. A permission goes before an operation of the same id.
    #[must_use]
    pub fn of(catalogue: &'s Catalogue, name: &str) -> Option<Self> {
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
        Some(_) => Cow::Owned(format!("{OPERATION}{}", operation.id)),
        None => Cow::Borrowed(&operation.id),
    }
}

/// The user that a subject is: named by id, or by e-mail in any case.
#[must_use]
pub fn user(state: &State, kind: &str, id: &str) -> Option<UserHandle> {
    if kind != USER {
        return None;
    }
    state.user_named(id)
}

/// The place that a resource is: its whole path, or the one id in the path where its type has one variable.
#[must_use]
pub fn place(catalogue: &Catalogue, tenant: &str, kind: &str, id: &str) -> Option<ResourcePath> {
    if let Some(kind) = catalogue.resource_types().iter().find(|known| known.id() == kind) {
        let pattern = kind.pattern();
        return match id.contains('/') {
            true => ResourcePath::parse(id).ok().filter(|path| pattern.matches(path)),
            false => pattern.with_value(id),
        };
    }
    match kind {
        TENANT if id == "/" || id == tenant => Some(ResourcePath::tenant()),
        COLLECTION => ResourcePath::parse(id).ok().filter(|path| {
            let is_resource = catalogue.resource_types().iter().any(|kind| kind.pattern().matches(path));
            !path.is_tenant() && !is_resource && catalogue.is_place(path)
        }),
        _ => None,
    }
}

/// The level that an action asks of a permission, where it says one; a text that no level has where it
/// says it wrongly.
#[must_use]
pub fn level_said(action: &Attributes) -> Option<&str> {
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

/// An operation's resources by name: those that the action's properties name, and `place` in the first other
/// that it fits. None where it fits nowhere; the tenant fits an operation all of whose resources are named.
#[must_use]
pub fn resources(
    operation: &Operation,
    place: &ResourcePath,
    said: &RequestAttributes,
) -> Option<(Option<String>, BTreeMap<String, String>)> {
    let named = |(name, _)| match said.action.get(&format!("{RESOURCES}{name}")) {
        Some(Value::Text(path)) => Some((str::to_owned(name), path.clone())),
        _ => None,
    };
    let mut all: BTreeMap<String, String> = operation.resources().filter_map(named).collect();
    if place.is_tenant() {
        return (all.len() == operation.resources().count()).then_some((None, all));
    }
    let fits = |(name, pattern): &(&str, &rolewright_model::resource::Pattern)| {
        !all.contains_key(*name) && pattern.matches(place)
    };
    let name = operation.resources().find(fits).map(|(name, _)| name.to_owned())?;
    all.insert(name.clone(), place.to_string());
    Some((Some(name), all))
}
