//! Assignments.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use axum::response::Response;
use rolewright_model::change::{AssignmentEdit, Kind, WindowEdit};
use rolewright_model::directory::{AssignmentDocument, DirectoryDocuments, Member, Principal};
use rolewright_model::subject::Via;
use rolewright_model::{Change, Purview, Request, ResourcePath, State, Timestamp, console};
use rolewright_wire::Accepted;
use rolewright_wire::assignment::{AssignmentView, Origin, OtherWay, PrincipalKind};
use rolewright_wire::page::Page;
use serde::Deserialize;

use super::known::Known;
use super::paging::{self, Cut, Row};
use super::{accepted, tagged, users};
use crate::as_of::AsOf;
use crate::audit::actor;
use crate::auth::{Asker, last_sign_in};
use crate::conditional::{IfMatch, etag};
use crate::extract::{Ask, At, Id, Json, When, Write};
use crate::openapi::IfMatchHeader;
use crate::past;
use crate::people;
use crate::problem::{Failure, Result};
use crate::seen::Seen;
use crate::sight::Sight;
use crate::tenant::{Edit, Expected, beside};

/// Which assignments, in which order.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Words, each of which is in the principal's name or email, the role's name or the scope, in any case.
    #[serde(default)]
    search: String,
    /// Only those of that role.
    role: Option<String>,
    /// Only those of users, of groups, or of everyone.
    #[param(inline)]
    of: Option<PrincipalKind>,
    /// Only that user's own.
    user: Option<String>,
    /// Only that group's.
    group: Option<String>,
    /// Only those at that scope.
    scope: Option<String>,
    /// Only those that reach that place: at it, and at what is above it.
    reaching: Option<String>,
    /// Only those that count now; `false`: only those that do not, for their time is over or yet to come, or the user is not active.
    counting: Option<bool>,
    /// Only those that make superusers, or give one of Rolewright's own permissions.
    #[serde(default)]
    privileged: bool,
    /// Only those of users who were added before this time, in milliseconds since 1970, and did not sign in since.
    #[param(value_type = Option<i64>)]
    not_signed_in_since: Option<Timestamp>,
    /// Whether to say who made each and why, to who may see the change log.
    #[serde(default)]
    origin: bool,
    /// `principal`, `role`, `scope`, `since`, `until`, where those for good come last, or `nearest`: what is held deepest
    /// comes first, and at each place they are by name. A leading `-` turns it round.
    #[serde(default)]
    sort: String,
    /// How many rows, 200 at most; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// As of a point of the past: a date, an instant, milliseconds, or a revision as `r42`; now where it is not said.
    as_of: Option<AsOf>,
}

impl Which {
    fn takes(&self, assignment: &AssignmentDocument) -> bool {
        let principal = &assignment.principal;
        let (user, group) = match principal {
            Principal::User(id) => (Some(id), None),
            Principal::Group(id) => (None, Some(id)),
            Principal::Everyone => (None, None),
        };
        self.of.is_none_or(|wanted| wanted == PrincipalKind::of(principal))
            && self.role.as_ref().is_none_or(|role| *role == assignment.role)
            && self.scope.as_ref().is_none_or(|scope| *scope == assignment.scope)
            && self.reaching.as_ref().is_none_or(|place| reaches(&assignment.scope, place))
            && self.user.as_ref().is_none_or(|wanted| user == Some(wanted))
            && self.group.as_ref().is_none_or(|wanted| group == Some(wanted))
    }
}

/// Whether what is held at a scope counts at a place, by whole segments.
fn reaches(scope: &str, place: &str) -> bool {
    let paths = (ResourcePath::parse(scope), ResourcePath::parse(place));
    matches!(paths, (Ok(scope), Ok(place)) if scope.reaches(&place))
}

/// What seeing assignments is needed for, where somebody may not.
pub(super) const WHAT: &str = "see who holds which role";

/// Assignments: searched, filtered and sorted here, one page at a time.
///
/// Where the asker may see people at some places alone, those at these places and below. `O(assignments)`, and of one
/// principal `O(its own)`.
#[utoipa::path(
    get, path = "/assignments", tag = "Assignments", operation_id = "listAssignments", params(Which),
    responses((status = 200, body = Page<AssignmentView>))
)]
pub async fn list(asker: Asker, Ask(which): Ask<Which>) -> Result<axum::Json<Page<AssignmentView>>> {
    sees(&asker, &which)?;
    if which.not_signed_in_since.is_some() {
        asker.need(console::USERS_VIEW, "see when people signed in")?;
    }
    if which.origin {
        asker.need(console::AUDIT_VIEW, "see who gave roles and why")?;
    }
    let sign_ins = users::sign_ins(&asker, which.not_signed_in_since, false, which.as_of).await?;
    let seen = asker.seen(which.as_of).await?;
    let asker = Arc::new(asker);
    let (mut page, seen, which) = {
        let asker = Arc::clone(&asker);
        beside(move || found(&asker, &seen, &which, &sign_ins).map(|page| (page, seen, which))).await??
    };
    for view in &mut page.items {
        view.since = asker.tenant.time_of(view.assignment.made).await;
    }
    if !seen.is_past && asker.may(console::USERS_VIEW) {
        tell_sign_ins(&asker, &mut page.items).await?;
    }
    if which.origin {
        tell_origins(&asker, &mut page.items).await?;
    }
    Ok(axum::Json(page))
}

async fn tell_sign_ins(asker: &Asker, views: &mut [AssignmentView]) -> Result<()> {
    let users: Vec<String> = views.iter().filter_map(|view| user_of(view).map(str::to_owned)).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let last = last_sign_in::of(&asker.tenant, &users, asker.now).await?;
    for view in views {
        view.last_sign_in = user_of(view).and_then(|user| last.get(user)).copied();
    }
    Ok(())
}

fn user_of(view: &AssignmentView) -> Option<&str> {
    match &view.assignment.principal {
        Principal::User(id) => Some(id),
        Principal::Group(_) | Principal::Everyone => None,
    }
}

/// Says who made assignments and why. An entry of the log is read once, however many it made.
async fn tell_origins(asker: &Asker, views: &mut [AssignmentView]) -> Result<()> {
    let sight = Sight::of(asker);
    let mut known: HashMap<u64, Option<Origin>> = HashMap::new();
    for view in &mut *views {
        let made = view.assignment.made;
        if let Entry::Vacant(unknown) = known.entry(made.revision) {
            // Of what was made before the log begins nothing is known.
            let entry = past::made(&asker.tenant, made.revision).await?;
            let entry = entry.map(|sealed| sealed.entry).filter(|entry| entry.at == made);
            unknown.insert(entry.map(|entry| Origin {
                actor_name: actor::name_of(&entry.actor, &asker.loaded, &sight),
                actor: entry.actor,
                reason: entry.reason,
            }));
        }
        view.origin = known.get(&made.revision).cloned().flatten();
    }
    let origins = views.iter_mut().filter_map(|view| view.origin.as_mut());
    let made = origins.map(|origin| (origin.actor.as_str(), &mut origin.actor_name));
    Ok(actor::name_keys(&asker.tenant, &sight, asker.now, made).await?)
}

/// Where the asker sees what is asked for; none where that is everywhere, wherever else they see people: of
/// one's own, and of a group to who sees groups.
fn sees<'a>(asker: &'a Asker, which: &Which) -> Result<Option<Purview<'a>>> {
    let own = which.user.is_some() && asker.who.user() == which.user.as_deref();
    let of_group = which.group.is_some() && asker.may(console::GROUPS_VIEW);
    if own || of_group { Ok(None) } else { asker.purview(console::USERS_VIEW, WHAT).map(Some) }
}

/// The page of the list.
fn found(
    asker: &Asker,
    seen: &Seen,
    which: &Which,
    sign_ins: &HashMap<String, Timestamp>,
) -> Result<Page<AssignmentView>> {
    let purview = sees(asker, which)?;
    let is_seen = |scope: &str| purview.as_ref().is_none_or(|purview| purview.has(scope));
    let (order, descending) =
        paging::order(&which.sort, &["principal", "role", "scope", "until", "nearest", "since"])?;
    let state = &seen.loaded.state;
    let directory = &state.documents().directory;
    let known = Known::to(asker, state.documents());
    known.role("query.role", which.role.as_ref())?;
    known.group("query.group", which.group.as_ref())?;
    let principal = match (&which.user, &which.group, which.of) {
        (Some(user), None, _) => Some(Principal::User(user.clone())),
        (None, Some(group), _) => Some(Principal::Group(group.clone())),
        (None, None, Some(PrincipalKind::Everyone)) => Some(Principal::Everyone),
        _ => None,
    };
    let found: Vec<&AssignmentDocument> = match &principal {
        Some(principal) => state.assignments_of(principal).collect(),
        None => directory.assignments.values().collect(),
    };
    let role = |id: &str| state.role(id).map(|role| role.name.to_lowercase()).unwrap_or_default();
    let words: Vec<String> = which.search.split_whitespace().map(str::to_lowercase).collect();
    let says_all = |assignment: &AssignmentDocument| {
        let (name, email) = called(directory, &assignment.principal);
        let text = format!("{name} {email} {}", assignment.scope).to_lowercase();
        let text = format!("{text} {}", role(&assignment.role));
        words.iter().all(|word| text.contains(word))
    };
    let was_away = |assignment: &AssignmentDocument, since: Timestamp| match &assignment.principal {
        Principal::User(id) => {
            directory.users.get(id).is_some_and(|user| people::was_away(user, sign_ins, since))
        }
        Principal::Group(_) | Principal::Everyone => false,
    };
    let is_wanted = |assignment: &&AssignmentDocument| {
        which.takes(assignment)
            && is_seen(&assignment.scope)
            && which.counting.is_none_or(|counts| state.idle(assignment, seen.now).is_none() == counts)
            && (words.is_empty() || says_all(assignment))
            && which.not_signed_in_since.is_none_or(|since| was_away(assignment, since))
            && (!which.privileged || state.is_privileged(&assignment.role, &assignment.scope))
    };
    let rows = found.into_iter().filter(is_wanted).map(|assignment| {
        let key = match order {
            "role" => role(&assignment.role),
            "scope" => assignment.scope.clone(),
            "nearest" => {
                let depth = assignment.scope.split('/').filter(|part| !part.is_empty()).count();
                let name = called(directory, &assignment.principal).0.to_lowercase();
                format!("{:020} {} {name}", usize::MAX.saturating_sub(depth), assignment.scope)
            }
            "since" => format!("{:010}.{:020}", assignment.made.epoch, assignment.made.revision),
            "until" => format!("{:020}", assignment.until.map_or(i64::MAX, |until| until.0.max(0))),
            _ => called(directory, &assignment.principal).0.to_lowercase(),
        };
        Row { key: key.into(), id: assignment.id.as_str().into(), of: assignment }
    });
    let whose = (which.of, &which.user, &which.group);
    let who = (which.counting, which.privileged, which.not_signed_in_since);
    let asked = (&which.search, &which.role, whose, &which.scope, &which.reaching, who, &which.sort);
    let query = format!("{:?}", (asker.tenant.id(), "assignments", asked, which.as_of));
    let cut = Cut { limit: which.limit, cursor: which.cursor.as_deref(), descending, query: &query };
    let page = cut.page(rows)?;
    let items = page.items.into_iter().map(|assignment| told(asker, seen, assignment, &is_seen)).collect();
    Ok(Page { items, total: page.total, before: page.before, next: page.next })
}

/// An assignment.
///
/// One's own takes no permission, a group's that of seeing groups, and any that of seeing people where it is.
#[utoipa::path(
    get, path = "/assignments/{id}", tag = "Assignments", operation_id = "getAssignment", params(When),
    responses((status = 200, body = AssignmentView))
)]
pub async fn read(asker: Asker, At(path): At<Id>, Ask(when): Ask<When>) -> Result<Response> {
    let seen = asker.seen(when.as_of).await?;
    let known = seen.loaded.state.documents().directory.assignments.get(&path.id);
    let body = known.and_then(|known| seen_by(&asker, &seen, known));
    // Of another place it is not told whether there is one.
    let Some(body) = body else {
        asker.need(console::USERS_VIEW, WHAT)?;
        return Err(Failure::not_found("such assignment"));
    };
    let since = asker.tenant.time_of(body.assignment.made).await;
    Ok(seen.answer(Kind::Assignment, &path.id, AssignmentView { since, ..body }))
}

/// An assignment as the asker sees it, but for when it was made; none where they do not.
fn seen_by(asker: &Asker, seen: &Seen, known: &AssignmentDocument) -> Option<AssignmentView> {
    let is_open = match &known.principal {
        Principal::User(id) => asker.who.user() == Some(id.as_str()),
        Principal::Group(_) => asker.may(console::GROUPS_VIEW),
        Principal::Everyone => false,
    };
    let purview = asker.purview(console::USERS_VIEW, WHAT).ok();
    let is_seen = |scope: &str| is_open || purview.as_ref().is_some_and(|purview| purview.has(scope));
    is_seen(&known.scope).then(|| told(asker, seen, known, &is_seen))
}

/// Gives a role.
#[utoipa::path(
    post, path = "/assignments", tag = "Assignments", operation_id = "createAssignment",
    params(Write), request_body = AssignmentEdit,
    responses((status = 201, body = Accepted), (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn create(
    asker: Asker,
    Ask(write): Ask<Write>,
    Json(assignment): Json<AssignmentEdit>,
) -> Result<Response> {
    let edit = asker.edit(Change::Assign { assignment })?;
    let created = Some(format!("{}.0", edit.context.id));
    let edit = Edit { created, ..edit };
    let applied = asker.tenant.apply(write.on(edit)).await?;
    Ok(accepted(&applied))
}

/// Says when a role that is given counts.
///
/// Within the window that it had, the link stays; elsewhere it is a new one, whose id the answer says. The `ETag` is
/// that of the link as it then is.
#[utoipa::path(
    put, path = "/assignments/{id}", tag = "Assignments", operation_id = "setAssignmentWindow",
    params(Write, IfMatchHeader),
    request_body = WindowEdit,
    responses((status = 200, body = Accepted), (status = 201, body = Accepted, description = "A new link"))
)]
pub async fn set_window(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(window): Json<WindowEdit>,
) -> Result<Response> {
    let edit = asker.edit(Change::SetWindow { id: path.id.clone(), window })?;
    let created = Some(format!("{}.0", edit.context.id));
    let expected = Some(Expected::Document(Kind::Assignment, path.id.clone(), expected));
    let applied = asker.tenant.apply(write.on(Edit { expected, created, ..edit })).await?;
    let id = applied.created.as_ref().unwrap_or(&path.id);
    Ok(tagged(&applied, Kind::Assignment, id, accepted(&applied)))
}

/// Takes a role away.
#[utoipa::path(
    delete, path = "/assignments/{id}", tag = "Assignments", operation_id = "deleteAssignment",
    params(Write, IfMatchHeader),
    responses((status = 200, body = Accepted))
)]
pub async fn delete(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
) -> Result<Response> {
    let edit = asker.edit(Change::Unassign { id: path.id.clone() })?;
    let expected = Some(Expected::Document(Kind::Assignment, path.id, expected));
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    Ok(accepted(&applied))
}

/// An assignment, but for when it was made, with what else is held where it is seen. `O(what the user holds)`.
fn told(
    asker: &Asker,
    seen: &Seen,
    assignment: &AssignmentDocument,
    is_seen: &dyn Fn(&str) -> bool,
) -> AssignmentView {
    let state = &seen.loaded.state;
    let at = seen.loaded.revision(Kind::Assignment, &assignment.id).unwrap_or_default();
    let (principal_name, email) = called(&state.documents().directory, &assignment.principal);
    AssignmentView {
        assignment: assignment.clone(),
        revision: at.revision,
        etag: etag(at),
        principal_name,
        email,
        not_counting: state.idle(assignment, seen.now),
        since: None,
        privileged: state.is_privileged(&assignment.role, &assignment.scope),
        yours: asker.who.user().is_some_and(|user| is_of(state, &assignment.principal, user)),
        last_sign_in: None,
        origin: None,
        also: also(state, assignment, seen.now, asker.may(console::GROUPS_VIEW), is_seen),
    }
}

/// Whether a principal is the user, a group that they are in, or everyone. `O(groups of the user)`.
fn is_of(state: &State, principal: &Principal, user: &str) -> bool {
    match principal {
        Principal::User(id) => id == user,
        Principal::Group(id) => {
            let user = Member::User(user.to_owned());
            let mut joined = state.memberships_of(&user);
            joined.any(|joined| state.groups_above(&joined.group).any(|group| group == id))
        }
        Principal::Everyone => true,
    }
}

/// In what other ways a user holds the role that is assigned to them.
fn also(
    state: &State,
    assignment: &AssignmentDocument,
    now: Timestamp,
    names_groups: bool,
    is_seen: &dyn Fn(&str) -> bool,
) -> Vec<OtherWay> {
    let Principal::User(user) = &assignment.principal else { return Vec::new() };
    let Some(subject) = state.subject(user) else { return Vec::new() };
    let name = |id: &String| state.documents().directory.groups.get(id).map(|group| group.name.clone());
    let groups = |via: &Via| match via {
        Via::Group { groups, .. } if names_groups => groups.iter().filter_map(name).collect(),
        _ => Vec::new(),
    };
    let ways = state.ways_of_holding(&subject, &assignment.role, Request::new(now)).into_iter();
    let others = ways.filter(|way| way.via.own() != Some(assignment.id.as_str()) && is_seen(&way.scope));
    others.map(|held| OtherWay { groups: groups(&held.via), held }).collect()
}

/// What a person calls a principal, and a user's email.
fn called(directory: &DirectoryDocuments, principal: &Principal) -> (String, String) {
    match principal {
        Principal::User(id) => {
            let user = directory.users.get(id);
            user.map(|user| (user.display_name(), user.email.clone())).unwrap_or_default()
        }
        Principal::Group(id) => {
            (directory.groups.get(id).map(|group| group.name.clone()).unwrap_or_default(), String::new())
        }
        Principal::Everyone => ("Everyone".to_owned(), String::new()),
    }
}
