//! `POST /access/v1/search/{subject,resource,action}`: who may do something, on what, and what somebody may do
//! (section 8). Complete lists of the model's, through groups and all, in order.
//!
//! What is searched for is open: a resource is told where some properties of it would permit it, unless the
//! request says its properties, and an action likewise. Everything else is as in an evaluation.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use axum::response::Response;
use rolewright_model::authzen::{self, Bound, Doing};
use rolewright_model::condition::{Attributes, RequestAttributes, Root};
use rolewright_model::operation::Operation;
use rolewright_model::{Request, ResourcePath, State, Subject, When, console};
use serde::{Deserialize, Serialize};

use super::entity::{Action, Entity, Properties, Text, object};
use super::error::Result;
use super::evaluation::{Evaluation, json, told, user};
use super::extract::{Sent, needed, read};
use super::page::{self, PageAnswer, PageRequest};
use crate::auth::Asker;

/// Asks for all that fit.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = authzen::Search)]
pub struct Search<'a> {
    /// Who; its id is passed over where subjects are searched.
    #[serde(borrow, default, deserialize_with = "object")]
    #[schema(value_type = Entity<'static>)]
    subject: Option<Entity<'a>>,
    /// What; passed over where actions are searched.
    #[serde(borrow, default, deserialize_with = "object")]
    #[schema(value_type = Option<Action<'static>>)]
    action: Option<Action<'a>>,
    /// On what; its id is passed over where resources are searched.
    #[serde(borrow, default, deserialize_with = "object")]
    #[schema(value_type = Entity<'static>)]
    resource: Option<Entity<'a>>,
    /// Everything around.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    context: Option<Properties>,
    /// Which page.
    #[serde(default, deserialize_with = "object")]
    #[schema(value_type = Option<PageRequest>)]
    page: Option<PageRequest>,
}

/// Subjects or resources that were found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = authzen::Entities)]
pub struct Entities {
    /// In order of their ids.
    results: Vec<Found>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<PageAnswer>,
}

/// A subject or a resource that was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = authzen::Found)]
pub struct Found {
    /// Its type.
    #[serde(rename = "type")]
    kind: String,
    /// Its id.
    id: String,
}

/// Actions that were found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = authzen::Actions)]
pub struct Actions {
    /// In order of their names.
    results: Vec<Named>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<PageAnswer>,
}

/// An action that was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = authzen::FoundAction)]
pub struct Named {
    /// Its name.
    name: String,
}

/// Everybody who may do something on a resource.
#[utoipa::path(
    post, path = "/access/v1/search/subject", tag = super::TAG, operation_id = "authzenSearchSubjects",
    request_body = Search<'static>,
    responses((status = 200, body = Entities))
)]
pub async fn subjects(Sent { asker, body }: Sent) -> Result<Response> {
    // Who may ask nowhere is told that first.
    asker.purview(console::ACCESS_EXPLAIN, "see who may do something")?;
    let (page, mut asked) = read_search(&body)?;
    let kind = kind_of(asked.subject.as_ref(), "subject")?.to_owned();
    let action = name_of(asked.action.as_ref())?.to_owned();
    let on = place_of(&asker, asked.resource.as_ref())?;
    let state = &asker.loaded.state;
    let mut places = vec![on.clone().unwrap_or_else(ResourcePath::tenant)];
    if let (Some(Doing::Operation(operation)), Some(on)) = (Doing::of(state.catalogue(), &action), &on) {
        let said = asked.action.as_ref().map(|action| &action.properties.0);
        places.extend(places_of(operation, on, said.unwrap_or(&Attributes::default())));
    }
    asker.need_at(console::ACCESS_EXPLAIN, &places, "see who may do something")?;
    asker.need_at(console::USERS_VIEW, &places, "see people")?;
    asked.subject = None;
    let query = format!("{:?}", (asker.tenant.id(), "subject", &kind, &asked));
    let said = asked.take_attributes();
    let (loaded, now) = (asker.loaded.clone(), asker.now);
    let is_user = kind == authzen::USER;
    let found = asker.tenant.work(move || match on.filter(|_| is_user) {
        Some(on) => who_may(&loaded.state, &action, &on, said, now),
        None => Vec::new(),
    });
    entities(kind, page::cut(page, &query, found.await?)?)
}

/// Every known resource of a type on which somebody may do something.
///
/// Known are those that assignments name.
#[utoipa::path(
    post, path = "/access/v1/search/resource", tag = super::TAG, operation_id = "authzenSearchResources",
    request_body = Search<'static>,
    responses((status = 200, body = Entities))
)]
pub async fn resources(Sent { asker, body }: Sent) -> Result<Response> {
    asker.need(console::ACCESS_EXPLAIN, "see where others may do something")?;
    let (page, mut asked) = read_search(&body)?;
    let (subject, _) = subject_of(&asker, asked.subject.as_ref())?;
    let action = name_of(asked.action.as_ref())?.to_owned();
    let kind = kind_of(asked.resource.as_ref(), "resource")?.to_owned();
    if let Some(resource) = &mut asked.resource {
        resource.id = None;
    }
    let query = format!("{:?}", (asker.tenant.id(), "resource", &asked));
    let said = asked.take_attributes();
    let (loaded, now) = (asker.loaded.clone(), asker.now);
    let of = kind.clone();
    let found = asker.tenant.work(move || match subject {
        Some(subject) => on_which(&loaded.state, &subject, &action, &of, said, now),
        None => Vec::new(),
    });
    entities(kind, page::cut(page, &query, found.await?)?)
}

/// Everything that somebody may do on a resource.
///
/// Permissions at the level that counts as yes, and operations.
#[utoipa::path(
    post, path = "/access/v1/search/action", tag = super::TAG, operation_id = "authzenSearchActions",
    request_body = Search<'static>,
    responses((status = 200, body = Actions))
)]
pub async fn actions(Sent { asker, body }: Sent) -> Result<Response> {
    let (page, mut asked) = read_search(&body)?;
    asked.action = None;
    let (subject, is_own) = subject_of(&asker, asked.subject.as_ref())?;
    let on = place_of(&asker, asked.resource.as_ref())?;
    let mut hidden = BTreeSet::new();
    if !is_own && !asker.may(console::ACCESS_EXPLAIN) {
        let on = on.clone().unwrap_or_else(ResourcePath::tenant);
        asker.need_at(console::ACCESS_EXPLAIN, std::slice::from_ref(&on), "see what others may do")?;
        // An operation says something of every place that it needs.
        let catalogue = asker.loaded.state.catalogue();
        let said = &Attributes::new();
        let is_hidden = |operation: &&Operation| {
            let mut places = places_of(operation, &on, said).into_iter();
            places.any(|place| !asker.may_at(console::ACCESS_EXPLAIN, &place))
        };
        hidden.extend(catalogue.operations().iter().filter(is_hidden).map(|operation| operation.id.clone()));
    }
    let query = format!("{:?}", (asker.tenant.id(), "action", &asked));
    let said = asked.take_attributes();
    let (loaded, now) = (asker.loaded.clone(), asker.now);
    let found = asker.tenant.work(move || match (subject, on) {
        (Some(subject), Some(on)) => what(&loaded.state, &subject, &on, &hidden, said, now),
        _ => Vec::new(),
    });
    let (names, page) = page::cut(page, &query, found.await?)?;
    json(&Actions { results: names.into_iter().map(|name| Named { name }).collect(), page })
}

fn read_search(body: &[u8]) -> Result<(Option<PageRequest>, Evaluation<'_>)> {
    let Search { subject, action, resource, context, page } = read(body)?;
    Ok((page, Evaluation { subject, action, resource, context }))
}

fn entities(kind: String, (ids, page): (Vec<String>, Option<PageAnswer>)) -> Result<Response> {
    json(&Entities { results: ids.into_iter().map(|id| Found { kind: kind.clone(), id }).collect(), page })
}

fn kind_of<'e>(entity: Option<&'e Entity<'_>>, what: &str) -> Result<&'e str> {
    needed(needed(entity, what)?.kind.as_ref(), &format!("{what}.type")).map(Text::as_str)
}

fn id_of<'e>(entity: Option<&'e Entity<'_>>, what: &str) -> Result<&'e str> {
    needed(needed(entity, what)?.id.as_ref(), &format!("{what}.id")).map(Text::as_str)
}

fn name_of<'e>(action: Option<&'e Action<'_>>) -> Result<&'e str> {
    needed(needed(action, "action")?.name.as_ref(), "action.name").map(Text::as_str)
}

fn place_of(asker: &Asker, resource: Option<&Entity<'_>>) -> Result<Option<ResourcePath>> {
    let (kind, id) = (kind_of(resource, "resource")?, id_of(resource, "resource")?);
    Ok(authzen::place(asker.loaded.state.catalogue(), asker.tenant.id(), kind, id))
}

/// The user, as far as there is one, and whether it is the one who asks.
fn subject_of(asker: &Asker, subject: Option<&Entity<'_>>) -> Result<(Option<Subject>, bool)> {
    let state = &asker.loaded.state;
    let user = user(state, kind_of(subject, "subject")?, id_of(subject, "subject")?);
    let is_own = user.is_some_and(|user| asker.who.user() == Some(state.user_id(user)));
    let says = needed(subject, "subject")?;
    Ok((user.and_then(|user| state.resolve(user)).map(|known| told(asker, known, says)), is_own))
}

fn who_may(
    state: &State,
    action: &str,
    on: &ResourcePath,
    mut said: RequestAttributes,
    now: rolewright_model::Timestamp,
) -> Vec<String> {
    let mut found: Vec<String> = match Doing::of(state.catalogue(), action) {
        None => return Vec::new(),
        Some(Doing::Permission(permission)) => {
            let Some(asked) = authzen::level(state.catalogue(), permission, &said.action) else {
                return Vec::new();
            };
            let request = Request::new(now).with(&said);
            let may = |(id, when): &(String, When)| match when {
                When::Yes => true,
                _ => state
                    .subject(id)
                    .is_some_and(|subject| state.level_of(&subject, permission, on, request) >= asked),
            };
            let all = state.who_can(permission, asked, on, Request::new(now)).into_iter();
            all.filter(may).map(|(id, _)| id).collect()
        }
        Some(Doing::Operation(operation)) => {
            let Some(resources) = bound(operation, on, &mut said) else { return Vec::new() };
            let request = Request::new(now).with(&said);
            let may = |subject: &Subject| state.check(subject, &operation.id, &resources, request).allowed;
            state.subjects().filter(may).map(|subject| subject.id().to_owned()).collect()
        }
    };
    found.sort_unstable();
    found
}

fn on_which(
    state: &State,
    subject: &Subject,
    action: &str,
    kind: &str,
    said: RequestAttributes,
    now: rolewright_model::Timestamp,
) -> Vec<String> {
    let catalogue = state.catalogue();
    let Some(doing) = Doing::of(catalogue, action) else { return Vec::new() };
    let places = match catalogue.resource_types().iter().find(|known| known.id() == kind) {
        Some(kind) => state.known_resources(kind).into_iter().collect(),
        None if kind == authzen::TENANT => vec![ResourcePath::tenant()],
        None => return Vec::new(),
    };
    let request = Request::new(now);
    let open = if said.resource.is_empty() { Root::Resource } else { Root::Subject };
    // What the request says of the resource it says of each.
    let may = |when: When, said: &RequestAttributes| match open {
        Root::Resource => when.may_hold(subject, said, open),
        _ => when.holds(subject, said).unwrap_or_else(|| when.is_possible()),
    };
    let may_there = |place: &ResourcePath| match doing {
        Doing::Permission(permission) => {
            let asked = authzen::level(catalogue, permission, &said.action);
            asked.is_some_and(|asked| may(state.when(subject, permission, asked, place, request), &said))
        }
        Doing::Operation(operation) => {
            let mut said = said.clone();
            let is_open = said.resource.is_empty();
            let Some(resources) = bound(operation, place, &mut said) else { return false };
            if is_open {
                said.resources = rolewright_model::Named::new();
            }
            may(state.when_operation(subject, &operation.id, &resources, request), &said)
        }
    };
    let id = |place: &ResourcePath| {
        let kind = catalogue.resource_types().iter().find(|known| known.id() == kind);
        let own = kind.and_then(|kind| kind.pattern().value_in(place));
        own.map_or_else(|| place.to_string(), str::to_owned)
    };
    let mut found: Vec<String> = places.iter().filter(|place| may_there(place)).map(id).collect();
    found.sort_unstable();
    found
}

fn what(
    state: &State,
    subject: &Subject,
    on: &ResourcePath,
    hidden: &BTreeSet<String>,
    said: RequestAttributes,
    now: rolewright_model::Timestamp,
) -> Vec<String> {
    let (catalogue, request) = (state.catalogue(), Request::new(now));
    let may_hold = |when: When, said: &RequestAttributes| when.may_hold(subject, said, Root::Action);
    let permissions = catalogue.handles().filter(|permission| {
        let asked = catalogue.scale(*permission).map(rolewright_model::scale::Scale::can);
        asked.is_some_and(|asked| may_hold(state.when(subject, *permission, asked, on, request), &said))
    });
    let told = catalogue.operations().iter().filter(|operation| !hidden.contains(&operation.id));
    let operations = told.filter(|operation| {
        let mut said = said.clone();
        let resources = bound(operation, on, &mut said);
        resources.is_some_and(|resources| {
            may_hold(state.when_operation(subject, &operation.id, &resources, request), &said)
        })
    });
    let mut found: Vec<String> = permissions.map(|permission| catalogue.id(permission).to_owned()).collect();
    found.extend(
        operations.map(|operation| authzen::name_of_operation(catalogue, operation)).map(Cow::into_owned),
    );
    found.sort_unstable();
    found
}

/// The places that an operation needs something at, asked of one on which it is done; the whole tenant where it needs something
/// there.
fn places_of(operation: &Operation, on: &ResourcePath, said: &Attributes) -> Vec<ResourcePath> {
    let tenant = ResourcePath::tenant();
    let Some(bound) = Bound::of(operation, on, said) else { return Vec::new() };
    let named = operation.resources().filter_map(|(name, _)| bound.path(name, on, said));
    let named = named.map(|path| ResourcePath::parse(path).unwrap_or_else(|_| tenant.clone()));
    named.chain(operation.asks_tenant().then(|| tenant.clone())).collect()
}

/// An operation's resources, of which what is said of the one stands by its name.
fn bound(
    operation: &Operation,
    on: &ResourcePath,
    said: &mut RequestAttributes,
) -> Option<BTreeMap<String, String>> {
    let bound = Bound::of(operation, on, &said.action)?;
    let path = |name| Some((str::to_owned(name), bound.path(name, on, &said.action)?.to_owned()));
    let resources = operation.resources().filter_map(|(name, _)| path(name)).collect();
    if let Some(own) = bound.own {
        let attributes = std::mem::take(&mut said.resource);
        said.resources.insert(own.to_owned(), attributes);
    }
    Some(resources)
}
