//! Who may make, edit, renew and end an API key. A key is a grant to whoever has it: nobody makes one with
//! more than they hold, gives one more than they hold, nor learns a new secret of one.

use super::at;
use super::giving::Giver;
use crate::actor::Actor;
use crate::change::KeyEdit;
use crate::console;
use crate::policy::check_name;
use crate::problem::{Path, Problem, Problems};
use crate::refusal::{Code, Refusal};
use crate::resource::ResourcePath;
use crate::scale::{Level, Scale};
use crate::stamp::Timestamp;
use crate::state::State;

/// What an API key carries.
#[derive(Clone, Copy, Debug)]
pub struct KeyGrant<'a> {
    /// Permission ids; the key has each at its top level.
    pub permissions: &'a [String],
    /// Where: there and below; `/` is the whole tenant.
    pub scope: &'a ResourcePath,
    /// The first moment at which it is no longer good; none where it stays.
    pub until: Option<Timestamp>,
    /// Whether it is believed what it says of a subject.
    pub trusts_subject: bool,
}

/// The place that `scope` says.
///
/// # Errors
/// At `$.scope`, what is not a path, or leads to no resource type of the catalogue.
pub fn place(state: &State, scope: &str) -> Result<ResourcePath, Refusal> {
    let wrong = |message: String| Refusal::invalid(vec![Problem { path: "$.scope".to_owned(), message }]);
    let path = ResourcePath::parse(scope)
        .map_err(|malformed| wrong(format!("`{}`: {malformed}", scope.escape_debug())))?;
    match state.catalogue().is_place(&path) {
        true => Ok(path),
        false => {
            Err(wrong(format!("`{path}` is not a place: it leads to no resource type of the catalogue")))
        }
    }
}

/// Whether the actor may make that key: with `api_keys.manage` where the key is good, holding there
/// all that it carries, for as long; of one that is believed of subjects, a key must be so itself. Its name and the ids in `permissions` are as somebody sent them.
/// `O(holdings x permissions)`.
///
/// # Errors
/// What the actor lacks; what is wrong with the name at `$.name`, with a permission at
/// `$.permissions[n]`, with an end that has passed at `$.expires`.
pub fn may_make_key(
    state: &State,
    actor: &Actor<'_>,
    name: &str,
    key: KeyGrant<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    manages(state, actor, key.scope, "make a key", now)?;
    is_sound(state, name, key, &[], now)?;
    gives(state, actor, key, key.permissions, now)
}

/// Whether the actor may edit a key that is there: with `api_keys.manage` where it was good and where it shall be.
/// What is taken from a key takes no holding. What it comes to have the actor holds, there and for as long: a
/// permission that is new to it; and all of its permissions where it reaches further, lasts longer or is believed
/// what it was not. `O(holdings x permissions)`.
///
/// # Errors
/// What the actor lacks; what is wrong with the key as it shall be, as [`may_make_key`] and [`place`] say.
pub fn may_edit_key(
    state: &State,
    actor: &Actor<'_>,
    before: &KeyEdit,
    after: &KeyEdit,
    now: Timestamp,
) -> Result<(), Refusal> {
    const WHAT: &str = "edit a key";
    let was = before.place();
    manages(state, actor, &was, WHAT, now)?;
    let is = if after.scope == before.scope { was.clone() } else { place(state, &after.scope)? };
    manages(state, actor, &is, WHAT, now)?;
    let key = after.grant(&is);
    is_sound(state, &after.name, key, &before.permissions, now)?;
    let lasts_longer = match (before.expires, after.expires) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(was), Some(is)) => is > was,
    };
    let is_widened = lasts_longer || !was.reaches(&is) || (after.trusts_subject && !before.trusts_subject);
    let comes = after.permissions.iter().filter(|id| is_widened || !before.permissions.contains(id));
    gives(state, actor, key, comes, now)
}

/// Whether the actor may have a new secret of a key that is there: as one who makes it now. A permission
/// that is no longer in the catalogue only who may give everything gives: it may come back.
/// `O(holdings x permissions)`.
///
/// # Errors
/// What the actor lacks.
pub fn may_renew_key(
    state: &State,
    actor: &Actor<'_>,
    key: KeyGrant<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    manages(state, actor, key.scope, "give a key a new secret", now)?;
    gives(state, actor, key, key.permissions, now)
}

/// Whether the actor may end a key that is good at `scope` and whose newest secret that user was told. To take a key away is
/// never harder than to give it: it demands no holding, and of one's own key nothing.
///
/// # Errors
/// `api_keys.manage` is missing.
pub fn may_end_key(
    state: &State,
    actor: &Actor<'_>,
    scope: &ResourcePath,
    keeper: Option<&str>,
    now: Timestamp,
) -> Result<(), Refusal> {
    match keeper {
        Some(keeper) if actor.is_user(keeper) => Ok(()),
        _ => manages(state, actor, scope, "end a key", now),
    }
}

/// Whether the actor may edit a key that is good at `scope`, or give it a new secret, as far as can be said before it is
/// known how.
///
/// # Errors
/// `api_keys.manage` is missing.
pub fn may_change_key(
    state: &State,
    actor: &Actor<'_>,
    scope: &ResourcePath,
    now: Timestamp,
) -> Result<(), Refusal> {
    manages(state, actor, scope, "change a key", now)
}

/// At a place that the catalogue no longer leads to nobody holds anything: then in the whole tenant.
fn manages(
    state: &State,
    actor: &Actor<'_>,
    scope: &ResourcePath,
    what: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    let tenant = ResourcePath::tenant();
    let place = if state.catalogue().is_place(scope) { scope } else { &tenant };
    match actor.may(state, console::API_KEYS_MANAGE, place, now) {
        true => Ok(()),
        false => Err(actor.lacks(state, console::API_KEYS_MANAGE, &format!("{what} {}", at(place)), now)),
    }
}

/// Whether name, permissions and end are such as a key has, but for permissions that it has already.
fn is_sound(
    state: &State,
    name: &str,
    key: KeyGrant<'_>,
    known: &[String],
    now: Timestamp,
) -> Result<(), Refusal> {
    let (root, mut problems) = (Path::ROOT, Problems::default());
    check_name(name, &root.key("name"), &mut problems);
    let permissions = root.key("permissions");
    if key.permissions.is_empty() {
        problems.add(&permissions, "a key may do something: name a permission at least");
    }
    for (n, id) in key.permissions.iter().enumerate() {
        if state.catalogue().handle(id).is_none() && !known.contains(id) {
            let message = format!("there is no permission `{}` in the catalogue", id.escape_debug());
            problems.add(&permissions.item(n), message);
        }
    }
    if key.until.is_some_and(|until| until <= now) {
        problems.add(&root.key("expires"), "this has passed: say a time to come, or leave it out");
    }
    problems.into_result(()).map_err(Refusal::invalid)
}

/// Whether the actor gives these of a key's permissions, where it is good, for as long, and believed of subjects where it is.
fn gives<'k>(
    state: &State,
    actor: &Actor<'_>,
    key: KeyGrant<'_>,
    permissions: impl IntoIterator<Item = &'k String>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let mut permissions = permissions.into_iter().peekable();
    if key.trusts_subject && permissions.peek().is_some() && !actor.gives_belief() {
        let message = "the key is believed what it says of a subject, and yours is not: ask a person who holds all that the key has";
        return Err(Refusal::new(Code::NotHeld, message));
    }
    let giver = Giver::new(state, actor, key.scope, key.until, now);
    let catalogue = state.catalogue();
    permissions.try_for_each(|id| {
        let top = catalogue.handle(id).and_then(|handle| catalogue.scale(handle)).map(Scale::top);
        let level = top.unwrap_or(Level(u8::MAX));
        match giver.gives(id, level) {
            true => Ok(()),
            false => Err(giver.refusal(id, level, "the key has")),
        }
    })
}
