//! Questions about access: why, who, what, where, side by side, and what could be better. The model
//! answers; whoever may not ask about others asks about themselves.

use axum::response::Response;
use rolewright_model::catalogue::PermissionHandle;
use rolewright_model::change::{Kind, Topic};
use rolewright_model::compare::Comparison;
use rolewright_model::lint::{About, Finding, Lint};
use rolewright_model::matrix::Matrix;
use rolewright_model::posture::Posture;
use rolewright_model::{Level, Question, Request, ResourcePath, State, Subject, Timestamp, console};
use rolewright_wire::check::Check;
use rolewright_wire::page::Page;
use rolewright_wire::question::{
    AllowedAt, AnywhereAnswer, ExplainAnswer, Findings, Found, Holder, MissingAnswer, PermissionHeld,
    PermissionsOf, Places, RefusedFix, RoleGiving, RolesGiving, Where,
};
use serde::Deserialize;

use super::check::{self, Asked};
use super::paging::{Cut, Row};
use super::private;
use crate::as_of::AsOf;
use crate::audit::names::name_now;
use crate::auth::{Asker, kept_keys, second_factor};
use crate::extract::{Ask, At, Id, Json, When};
use crate::problem::{Failure, Result};
use crate::sight::Sight;

/// The most places that one question names.
const MOST_PLACES: usize = 10_000;

/// Why somebody may or may not do something.
///
/// Sources, what does not count, and what would allow it; of the past without that, which would be done today. Who may
/// ask at the place alone is told what is held there, above and below it, and not what would allow it; and of somebody
/// unknown or not active as of somebody who holds nothing, who may not see people (`users.view` or `access.explain`) for
/// the whole tenant.
#[utoipa::path(
    post, path = "/explain", tag = "Questions", operation_id = "explainAccess",
    params(When), request_body = Check,
    responses((status = 200, body = ExplainAnswer))
)]
pub async fn explain(asker: Asker, Ask(when): Ask<When>, Json(mut check): Json<Check>) -> Result<Response> {
    let places = check::places(&check, &asker.loaded.state);
    asker.need_at(console::ACCESS_EXPLAIN, &places, "see why somebody may do something")?;
    check::is_of_one_time(when.as_of, &check)?;
    let (state, now) = asker.asked_of(when.as_of).await?;
    check::name_by_id(&state, &mut check);
    if !asker.may(console::ACCESS_EXPLAIN) {
        let purview = asker.purview(console::ACCESS_EXPLAIN, "see why somebody may do something")?;
        let is_seen = |scope: &ResourcePath| {
            places.iter().any(|place| scope.reaches(place)) || purview.has(scope.as_str())
        };
        let subject = seen_by(&asker, &state, &check.subject);
        let subject = subject.unwrap_or_else(Subject::nobody).seen(is_seen);
        return private(asker.tenant.work(move || explained_of(&state, &subject, &check, now)).await??);
    }
    let answer = asker.tenant.work(move || explained(&state, &check, now)).await??;
    private(if when.as_of.is_some() { answer.without_fixes() } else { answer })
}

/// The model's explanation.
///
/// # Errors
/// Which field of the question does not fit the others.
pub fn explained(state: &State, check: &Check, now: Timestamp) -> Result<ExplainAnswer> {
    Ok(match asked(check, now)? {
        Asked::Permission(question) => ExplainAnswer::Permission(state.explain(&question)),
        Asked::Operation { operation, request } => {
            let question = of_operation(check, request);
            ExplainAnswer::Operation(state.explain_operation(&question, operation, &check.resources))
        }
    })
}

/// The same of a subject that the directory need not know, and without what would allow it.
fn explained_of(state: &State, subject: &Subject, check: &Check, now: Timestamp) -> Result<ExplainAnswer> {
    Ok(match asked(check, now)? {
        Asked::Permission(question) => ExplainAnswer::Permission(state.explain_for(subject, &question)),
        Asked::Operation { operation, request } => {
            let question = of_operation(check, request);
            let explained = state.explain_operation_for(subject, &question, operation, &check.resources);
            ExplainAnswer::Operation(explained)
        }
    })
}

/// A question about an operation, whose legs name the permissions.
fn of_operation<'c>(check: &'c Check, request: Request<'c>) -> Question<'c> {
    Question { subject: &check.subject, permission: "", resource: "/", asked: None, request }
}

/// What whoever is refused may know: the missing permission, and whom to ask.
#[utoipa::path(
    post, path = "/missing", tag = "Questions", operation_id = "explainMissing", request_body = Check,
    responses((status = 200, body = MissingAnswer))
)]
pub async fn missing(asker: Asker, Json(mut check): Json<Check>) -> Result<Response> {
    if !check::is_own(&asker, &mut check) {
        let places = check::places(&check, &asker.loaded.state);
        asker.need_at(console::ACCESS_CHECK, &places, "ask what others may do")?;
        check::name_by_id(&asker.loaded.state, &mut check);
    }
    let (loaded, now) = (asker.loaded.clone(), asker.now);
    let answer = asker.tenant.work(move || {
        let Asked::Permission(question) = asked(&check, now)? else {
            return Err(Failure::invalid_at("$.operation", "ask what is missing of one permission"));
        };
        Ok(MissingAnswer { missing: loaded.state.missing(&question) })
    });
    private(answer.await??)
}

/// Where a question is asked.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The resource, `/` where it is not said.
    resource: Option<String>,
    /// As of a point of the past: a date, an instant, milliseconds, or a revision as `r42`; now where it is not said.
    as_of: Option<AsOf>,
}

/// Every permission that somebody holds at a place.
///
/// With the conditions that are left over. Who may see what others may do at the place alone, and not people, is told of
/// somebody unknown or not active what somebody holds who holds nothing.
#[utoipa::path(
    get, path = "/users/{id}/permissions", tag = "Questions", operation_id = "listUserPermissions",
    params(Place),
    responses((status = 200, body = PermissionsOf))
)]
pub async fn permissions_of(asker: Asker, At(path): At<Id>, Ask(place): Ask<Place>) -> Result<Response> {
    may_ask_about(&asker, &path.id, &check::place(place.resource.as_deref().unwrap_or("/")))?;
    let (state, now) = asker.asked_of(place.as_of).await?;
    let subject = seen_by(&asker, &state, &path.id).ok_or_else(|| Failure::not_found("such person"))?;
    let resource = place_of(&state, place.resource.as_deref())?;
    let held = state.permissions_of(&subject, &resource, Request::new(now));
    let items = held.into_iter().map(|held| PermissionHeld {
        permission: state.catalogue().id(held.permission).to_owned(),
        held: held.told(state.index()),
    });
    private(PermissionsOf { items: items.collect() })
}

/// What is asked for anywhere: a permission at a level, or an operation.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct What {
    /// The permission's id; or none, and an operation.
    permission: Option<String>,
    /// With a permission: the level; the scale's `can` level where it is not said.
    asked: Option<String>,
    /// The operation's id.
    operation: Option<String>,
    /// As of a point of the past: a date, an instant, milliseconds, or a revision as `r42`; now where it is not said.
    as_of: Option<AsOf>,
}

/// Whether somebody may do something anywhere: what a menu asks.
#[utoipa::path(
    get, path = "/users/{id}/anywhere", tag = "Questions", operation_id = "checkAnywhere", params(What),
    responses((status = 200, body = AnywhereAnswer))
)]
pub async fn anywhere(asker: Asker, At(path): At<Id>, Ask(what): Ask<What>) -> Result<Response> {
    let (state, now, subject) = about(&asker, &path.id, what.as_of).await?;
    let (state, request) = (&state, Request::new(now));
    let anywhere = match (&what.permission, &what.operation) {
        (Some(permission), None) => {
            let (permission, asked) = level_of(state, "query.permission", permission, what.asked.as_deref())?;
            state.can_anywhere(&subject, permission, asked, request)
        }
        (None, Some(operation)) if what.asked.is_none() => {
            if state.catalogue().operation(operation).is_none() {
                let message = format!("there is no operation `{operation}`");
                return Err(Failure::invalid_at("query.operation", message));
            }
            state.can_do_anywhere(&subject, operation, request)
        }
        (None, Some(_)) => {
            return Err(Failure::invalid_at("query.asked", "an operation has no levels: leave `asked` out"));
        }
        _ => return Err(Failure::invalid_at("query.permission", "name a permission or an operation")),
    };
    private(AnywhereAnswer { anywhere })
}

/// At which of some places somebody may do something.
#[utoipa::path(
    post, path = "/users/{id}/places", tag = "Questions", operation_id = "checkPlaces", params(When),
    request_body = Where,
    responses((status = 200, body = Places))
)]
pub async fn places(
    asker: Asker,
    At(path): At<Id>,
    Ask(when): Ask<When>,
    Json(body): Json<Where>,
) -> Result<Response> {
    let (state, now, subject) = about(&asker, &path.id, when.as_of).await?;
    let (permission, asked) = level_of(&state, "$.permission", &body.permission, body.asked.as_deref())?;
    if body.candidates.len() > MOST_PLACES {
        let message = format!("{MOST_PLACES} places at most are asked about at once: ask in parts");
        return Err(Failure::invalid_at("$.candidates", message));
    }
    let mut candidates = Vec::with_capacity(body.candidates.len());
    for (n, text) in body.candidates.iter().enumerate() {
        let path = ResourcePath::parse(text);
        let wrong = |why| Failure::invalid_at(&format!("$.candidates[{n}]"), format!("`{text}`: {why}"));
        candidates.push(path.map_err(wrong)?);
    }
    let found = state.resources_where(&subject, permission, asked, &candidates, Request::new(now));
    let items = found
        .into_iter()
        .map(|(place, when)| AllowedAt { resource: place.to_string(), when: when.document() });
    private(Places { items: items.collect() })
}

/// Which page of whom.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Whom {
    /// The level; the scale's `can` level where it is not said.
    asked: Option<String>,
    /// The resource, `/` where it is not said.
    resource: Option<String>,
    /// As of a point of the past: a date, an instant, milliseconds, or a revision as `r42`; now where it is not said.
    as_of: Option<AsOf>,
    /// How many rows, 200 at most; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Everybody who may do something at a place, by name; none is left out.
#[utoipa::path(
    get, path = "/permissions/{id}/holders", tag = "Questions", operation_id = "listPermissionHolders",
    params(Whom),
    responses((status = 200, body = Page<Holder>))
)]
pub async fn holders(asker: Asker, At(path): At<Id>, Ask(whom): Ask<Whom>) -> Result<Response> {
    let place = [check::place(whom.resource.as_deref().unwrap_or("/"))];
    asker.need_at(console::ACCESS_EXPLAIN, &place, "see who may do something")?;
    asker.need_at(console::USERS_VIEW, &place, "see people")?;
    let (state, now) = asker.asked_of(whom.as_of).await?;
    let (permission, asked) = level_of_path(&state, &path.id, whom.asked.as_deref())?;
    let resource = place_of(&state, whom.resource.as_deref())?;
    let found = asker.tenant.work(move || {
        let users = &state.documents().directory.users;
        let all = state.who_can(permission, asked, &resource, Request::new(now)).into_iter();
        let rows = all.map(|(id, when)| {
            let name = users.get(&id).map(|user| user.display_name()).unwrap_or_default();
            Row { key: name.to_lowercase().into(), id: id.clone().into(), of: (id, name, when) }
        });
        rows.collect::<Vec<_>>()
    });
    let found = found.await?;
    let query =
        format!("{:?}", (asker.tenant.id(), "holders", &path.id, &whom.asked, &whom.resource, whom.as_of));
    let cut = Cut { limit: whom.limit, cursor: whom.cursor.as_deref(), descending: false, query: &query };
    let Page { items, total, before, next } = cut.page(found)?;
    let items = items.into_iter().map(|(user, name, when)| Holder { user, name, when: when.document() });
    private(Page { items: items.collect(), total, before, next })
}

/// At which level.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AtLevel {
    /// The level; the scale's `can` level where it is not said.
    asked: Option<String>,
    /// As of a point of the past: a date, an instant, milliseconds, or a revision as `r42`; now where it is not said.
    as_of: Option<AsOf>,
}

/// Every role that gives a permission, and how.
#[utoipa::path(
    get, path = "/permissions/{id}/roles", tag = "Questions", operation_id = "listPermissionRoles",
    params(AtLevel),
    responses((status = 200, body = RolesGiving))
)]
pub async fn roles_giving(asker: Asker, At(path): At<Id>, Ask(at): Ask<AtLevel>) -> Result<Response> {
    asker.need(console::ROLES_VIEW, "see roles")?;
    let (state, _) = asker.asked_of(at.as_of).await?;
    let (permission, asked) = level_of_path(&state, &path.id, at.asked.as_deref())?;
    let items = state.roles_giving(permission, asked).into_iter().map(|giving| RoleGiving {
        role: giving.role,
        how: giving.how,
        at: giving.at,
        when: giving.when.document(),
    });
    private(RolesGiving { items: items.collect() })
}

/// What is set side by side.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SideBySide {
    /// Two to four roles' ids, with commas between; or none, and users.
    roles: Option<String>,
    /// Two to four users' ids, with commas between.
    users: Option<String>,
    /// With users: the resource, `/` where it is not said.
    resource: Option<String>,
}

/// Two to four roles, or people, side by side.
#[utoipa::path(
    get, path = "/compare", tag = "Questions", operation_id = "compareAccess", params(SideBySide),
    responses((status = 200, body = Comparison))
)]
pub async fn compare(asker: Asker, Ask(what): Ask<SideBySide>) -> Result<Response> {
    let state = &asker.loaded.state;
    let count = |name: &str| Failure::invalid_at(name, "two to four are set side by side");
    match (&what.roles, &what.users) {
        (Some(roles), None) if what.resource.is_none() => {
            asker.need(console::ROLES_VIEW, "see roles")?;
            let ids: Vec<&str> = roles.split(',').collect();
            if let Some(unknown) = ids.iter().find(|id| state.role(id).is_none()) {
                return Err(Failure::invalid_at("query.roles", format!("there is no role `{unknown}`")));
            }
            private(state.compare_roles(&ids).ok_or_else(|| count("query.roles"))?)
        }
        (Some(_), None) => {
            Err(Failure::invalid_at("query.resource", "roles are compared for the whole tenant"))
        }
        (None, Some(users)) => {
            asker.need(console::ACCESS_EXPLAIN, "see what others may do")?;
            let resource = place_of(state, what.resource.as_deref())?;
            let mut subjects = Vec::new();
            for id in users.split(',') {
                let unknown = || Failure::invalid_at("query.users", format!("there is no user `{id}`"));
                subjects.push(state.subject(id).ok_or_else(unknown)?);
            }
            let subjects: Vec<&Subject> = subjects.iter().collect();
            let found = state.compare_users(&subjects, &resource, Request::new(asker.now));
            private(found.ok_or_else(|| count("query.users"))?)
        }
        _ => Err(Failure::invalid_at(
            "query.roles",
            "name `roles` or `users`, two to four with commas between",
        )),
    }
}

/// Of what there is a matrix.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatrixRows {
    /// Of permissions.
    #[default]
    Permissions,
    /// Of operations.
    Operations,
}

/// Which matrix.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// `permissions` or `operations`; `permissions` where it is not said.
    #[serde(default)]
    rows: MatrixRows,
    /// As of a point of the past: a date, an instant, milliseconds, or a revision as `r42`; now where it is not said.
    as_of: Option<AsOf>,
}

/// Every role beside every permission or operation.
#[utoipa::path(
    get, path = "/matrix", tag = "Questions", operation_id = "getMatrix",
    params(Which), responses((status = 200, body = Matrix))
)]
pub async fn matrix(asker: Asker, Ask(which): Ask<Which>) -> Result<Response> {
    asker.need(console::ROLES_VIEW, "see roles")?;
    let (state, _) = asker.asked_of(which.as_of).await?;
    let matrix = asker.tenant.work(move || match which.rows {
        MatrixRows::Permissions => state.permission_matrix(),
        MatrixRows::Operations => state.operation_matrix(),
    });
    private(matrix.await?)
}

/// Which findings.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OfEach {
    /// How many of each kind are told at most; all where it is not said.
    each: Option<usize>,
    /// Of which kind alone; of every kind where it is not said. All kinds are counted either way.
    code: Option<Lint>,
}

/// What could be better, each with what mends it.
#[utoipa::path(
    get, path = "/findings", tag = "Questions", operation_id = "listFindings",
    params(OfEach), responses((status = 200, body = Findings))
)]
pub async fn findings(asker: Asker, Ask(of): Ask<OfEach>) -> Result<Response> {
    asker.need(console::ROLES_VIEW, "see roles")?;
    asker.need(console::USERS_VIEW, "see people")?;
    let (loaded, now, sight) = (asker.loaded.clone(), asker.now, Sight::of(&asker));
    let who = asker.who.clone();
    let have = second_factor::all(&asker.tenant, now).await?;
    let keys = match sight.sees(Topic::Keys) {
        true => kept_keys::all(&asker.tenant, now).await?,
        false => Vec::new(),
    };
    let found = asker.tenant.work(move || {
        let mut counts: Vec<Found> = Vec::new();
        let mut items = loaded.state.lint(&|user| have.contains(user), now);
        items.extend(loaded.state.lint_keys(&keys, now));
        items.sort_by_key(|finding| finding.code);
        items.retain(|finding| {
            match counts.last_mut().filter(|found| found.code == finding.code) {
                Some(found) => found.count += 1,
                None => counts.push(Found { code: finding.code, count: 1 }),
            }
            of.code.is_none_or(|code| finding.code == code)
                && counts.last().zip(of.each).is_none_or(|(found, each)| found.count <= each)
        });
        let key_name = |id: &String| {
            let known = keys.iter().find(|known| known.key.id == *id)?;
            Some((id.clone(), known.key.name.clone()))
        };
        let names = items.iter().flat_map(|finding| &finding.about).filter_map(|about| {
            let (kind, id) = match about {
                About::Key(id) => return key_name(id),
                About::Role(id) => (Kind::Role, id),
                About::Package(id) => (Kind::Package, id),
                About::Group(id) => (Kind::Group, id),
                About::User(id) => (Kind::User, id),
                About::Permission(_) | About::Assignment(_) => return None,
            };
            Some((id.clone(), name_now(&loaded.state, kind, id).filter(|_| sight.sees(kind))?))
        });
        let names = names.collect();
        let actor = who.actor(&loaded.state);
        let may_not = |(item, finding): (usize, &Finding)| {
            let change = finding.fix.as_ref()?.change.as_ref()?;
            let refusal = change.permit(&loaded.state, actor.as_ref()?, now).err()?;
            Some(RefusedFix { item, message: refusal.message })
        };
        let refused = items.iter().enumerate().filter_map(may_not).collect();
        Findings { items, counts, names, refused }
    });
    private(found.await?)
}

/// How many people count, are superusers, and sign in with a second factor.
#[utoipa::path(
    get, path = "/posture", tag = "Questions", operation_id = "getPosture",
    responses((status = 200, body = Posture))
)]
pub async fn posture(asker: Asker) -> Result<Response> {
    asker.need(console::USERS_VIEW, "see people")?;
    let (loaded, now) = (asker.loaded.clone(), asker.now);
    let have = second_factor::all(&asker.tenant, now).await?;
    private(asker.tenant.work(move || loaded.state.posture(&|user| have.contains(user), now)).await?)
}

fn asked(check: &Check, now: Timestamp) -> Result<Asked<'_>> {
    Asked::of(check, now).map_err(|(path, why)| Failure::invalid_at(path, why))
}

/// Everybody may ask about themselves.
fn may_ask_about(asker: &Asker, id: &str, place: &ResourcePath) -> Result<()> {
    if asker.who.user() == Some(id) {
        return Ok(());
    }
    asker.need_at(console::ACCESS_EXPLAIN, std::slice::from_ref(place), "see what others may do")
}

/// Whom a question is about, as the asker may know them.
fn seen_by(asker: &Asker, state: &State, id: &str) -> Option<Subject> {
    match asker.who.user() == Some(id) || asker.sees_people() {
        true => state.subject(id),
        false => Some(state.discreet_subject(id)),
    }
}

/// The tenant as it is asked of, when that is, and the person that the question is about, for whoever may ask.
async fn about(asker: &Asker, id: &str, as_of: Option<AsOf>) -> Result<(State, Timestamp, Subject)> {
    may_ask_about(asker, id, &ResourcePath::tenant())?;
    let (state, now) = asker.asked_of(as_of).await?;
    let subject = state.subject(id).ok_or_else(|| Failure::not_found("such person"))?;
    Ok((state, now, subject))
}

fn place_of(state: &State, text: Option<&str>) -> Result<ResourcePath> {
    let text = text.unwrap_or("/");
    let wrong =
        |why: String| Failure::invalid_at("query.resource", format!("`{}`: {why}", text.escape_debug()));
    let place = ResourcePath::parse(text).map_err(|malformed| wrong(malformed.to_string()))?;
    if !state.catalogue().is_place(&place) {
        return Err(wrong("it leads to no resource type of the catalogue".to_owned()));
    }
    Ok(place)
}

/// A permission and a level of its scale.
fn level_of(state: &State, at: &str, id: &str, asked: Option<&str>) -> Result<(PermissionHandle, Level)> {
    let unknown = || Failure::invalid_at(at, format!("there is no permission `{id}`"));
    let permission = state.catalogue().handle(id).ok_or_else(unknown)?;
    let scale = state.catalogue().scale(permission).ok_or_else(unknown)?;
    let Some(asked) = asked else { return Ok((permission, scale.can())) };
    let level = scale.level(asked).filter(|level| *level > Level::NONE);
    let wrong = || {
        let at = at.replace("permission", "asked");
        Failure::invalid_at(&at, format!("`{asked}` is not a level of `{id}` above nothing"))
    };
    Ok((permission, level.ok_or_else(wrong)?))
}

/// The same of the permission that a path names.
fn level_of_path(state: &State, id: &str, asked: Option<&str>) -> Result<(PermissionHandle, Level)> {
    if state.catalogue().handle(id).is_none() {
        return Err(Failure::not_found("such permission"));
    }
    level_of(state, "query.permission", id, asked)
}
