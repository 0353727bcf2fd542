//! People.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use rolewright_model::change::{Kind, UserEdit};
use rolewright_model::condition::Attributes;
use rolewright_model::directory::{Member, Status, UserDocument};
use rolewright_model::{Change, Request, ResourcePath, Timestamp, console};
use rolewright_wire::Accepted;
use rolewright_wire::bulk::Matching;
use rolewright_wire::page::Page;
use rolewright_wire::user::{
    PackageChange, StatusChange, UserFields, UserGroup, UserRow, UserStatus, UserView,
};
use serde::Deserialize;

use super::known::Known;
use super::paging::{self, Cut, Row};
use super::{accepted, edited};
use crate::app::Shared;
use crate::as_of::AsOf;
use crate::auth::key_makers::Makers;
use crate::auth::{Asker, last_sign_in, second_factor};
use crate::conditional::IfMatch;
use crate::extract::{Ask, At, Id, Json, When, Write};
use crate::invitation;
use crate::mail::notice;
use crate::openapi::IfMatchHeader;
use crate::people::{Beside, Filter, status_of};
use crate::problem::{Failure, Result};
use crate::seen::Seen;
use crate::tenant::{Applied, Edit, Expected, Loaded, beside};

/// Which people, in which order.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Words, each of which is in the email or a name, in any case.
    #[serde(default)]
    search: String,
    /// Only those of that status.
    status: Option<UserStatus>,
    /// Only those who hold that role now, through whatever.
    role: Option<String>,
    /// Only those on that package, by its id.
    package: Option<String>,
    /// Only those who were added before this time, in milliseconds since 1970, and did not sign in since.
    #[param(value_type = Option<i64>)]
    not_signed_in_since: Option<Timestamp>,
    /// `name`, `email`, `status`, `created` or `last_sign_in`, where those who never did come first; a leading `-` turns
    /// it round.
    #[serde(default)]
    sort: String,
    /// How many rows, 200 at most; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// The number of the page, from 1 on, where there is no `cursor`; one after the last has no rows.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// As of a point of the past: a date, an instant, milliseconds, or a revision as `r42`; now where it is not said.
    as_of: Option<AsOf>,
}

impl Which {
    /// Which people; the query cannot hold it as it is, since unknown names are refused in both.
    fn matching(&self) -> Matching {
        let Self { search, status, role, package, not_signed_in_since, .. } = self;
        Matching {
            search: search.clone(),
            status: *status,
            role: role.clone(),
            package: package.clone(),
            not_signed_in_since: *not_signed_in_since,
        }
    }
}

/// People: searched, filtered and sorted here, one page at a time.
#[utoipa::path(
    get, path = "/users", tag = "People", operation_id = "listUsers", params(Which),
    responses((status = 200, body = Page<UserRow>))
)]
pub async fn list(asker: Asker, Ask(which): Ask<Which>) -> Result<axum::Json<Page<UserRow>>> {
    asker.need(console::USERS_VIEW, "see people")?;
    let by_sign_in = which.sort.ends_with(LAST_SIGN_IN);
    let (seen, known) = known(&asker, &which.matching(), by_sign_in, which.as_of).await?;
    let (tenant, now, is_past) = (Arc::clone(&asker.tenant), asker.now, seen.is_past);
    let mut page = beside(move || found(&asker, &seen, &which, &known)).await??;
    if !is_past {
        let ids: Vec<&str> = page.items.iter().map(|row| row.id.as_str()).collect();
        let last = last_sign_in::of(&tenant, &ids, now).await?;
        page.items.iter_mut().for_each(|row| row.last_sign_in = last.get(&row.id).copied());
    }
    Ok(axum::Json(page))
}

/// The name of the order by when people last signed in.
const LAST_SIGN_IN: &str = "last_sign_in";

/// What a query's filter of people is tried on: the documents, and what is kept beside them as far as it asks for that.
/// `by_sign_in` says whether they are sorted by when they last signed in.
pub(super) async fn known(
    asker: &Asker,
    matching: &Matching,
    by_sign_in: bool,
    as_of: Option<AsOf>,
) -> Result<(Seen, Beside)> {
    let last_sign_in = sign_ins(asker, matching.not_signed_in_since, by_sign_in, as_of).await?;
    let seen = asker.seen(as_of).await?;
    let known_ids = Known::to(asker, seen.loaded.state.documents());
    known_ids.role("query.role", matching.role.as_ref())?;
    known_ids.package("query.package", matching.package.as_ref())?;
    let invited = open(asker, &seen, None).await?;
    Ok((seen, Beside { invited, last_sign_in }))
}

/// When everybody last signed in, where a query asks for that: who was away since some time, or an order by it.
pub(super) async fn sign_ins(
    asker: &Asker,
    since: Option<Timestamp>,
    by_sign_in: bool,
    as_of: Option<AsOf>,
) -> Result<HashMap<String, Timestamp>> {
    if since.is_some_and(|since| since > asker.now) {
        let message = "this time is yet to come: name one that is over";
        return Err(Failure::invalid_at("query.not_signed_in_since", message));
    }
    if !by_sign_in && since.is_none() {
        return Ok(HashMap::new());
    }
    if as_of.is_some() {
        let message =
            "when people signed in is known of now alone: leave `as_of` out, or ask for it otherwise";
        return Err(Failure::invalid_at("query.as_of", message));
    }
    Ok(last_sign_in::all(&asker.tenant, asker.now).await?)
}

/// The page of the list, but for when its people last signed in.
fn found(asker: &Asker, seen: &Seen, which: &Which, known: &Beside) -> Result<Page<UserRow>> {
    let orders = ["name", "email", "status", "created", LAST_SIGN_IN];
    let (order, descending) = paging::order(&which.sort, &orders)?;
    let filter = Filter::new(which.matching());
    let rows = filter.people(&seen.loaded, known, seen.now).map(|(user, folded, status)| {
        let key = match order {
            "email" => folded.email().into(),
            "status" => format!("{}{}", status as u8, folded.name()).into(),
            "created" => moment(Some(user.created)).into(),
            LAST_SIGN_IN => moment(known.last_sign_in.get(&user.id).copied()).into(),
            _ => folded.name().into(),
        };
        Row { key, id: user.id.as_str().into(), of: (user, status) }
    });
    let asked = (which.matching(), &which.sort, which.as_of);
    let query = format!("{:?}", (asker.tenant.id(), "users", asked));
    let cut = Cut { limit: which.limit, cursor: which.cursor.as_deref(), descending, query: &query };
    let page = match which.page {
        Some(number) => cut.numbered(number, rows)?,
        None => cut.page(rows)?,
    };
    let Page { items, total, before, next } = page;
    let told = |(user, status): (&UserDocument, UserStatus)| row(&seen.loaded, user, status, seen.now);
    Ok(Page { items: items.into_iter().map(told).collect(), total, before, next })
}

/// A time as it is sorted; none before all.
fn moment(time: Option<Timestamp>) -> String {
    time.map(|time| format!("{:020}", time.0.max(0))).unwrap_or_default()
}

/// The open invitations, of one person or of all. Links are no documents: in the past every invitation that was not
/// accepted was open.
async fn open(asker: &Asker, seen: &Seen, user: Option<&str>) -> Result<HashMap<String, Timestamp>> {
    if !seen.is_past {
        return Ok(invitation::open(&asker.tenant, user, asker.now).await?);
    }
    let users = seen.loaded.state.documents().directory.users.values();
    let invited = users.filter(|user| user.status == Status::Invited);
    Ok(invited.map(|user| (user.id.clone(), seen.now)).collect())
}

/// A person's page.
///
/// Everybody may see their own. Of the past it says nothing of second factors, sign-ins and links, which are no
/// documents.
#[utoipa::path(
    get, path = "/users/{id}", tag = "People", operation_id = "getUser",
    params(When), responses((status = 200, body = UserView))
)]
pub async fn read(asker: Asker, At(path): At<Id>, Ask(when): Ask<When>) -> Result<Response> {
    if asker.who.user() != Some(&path.id) {
        asker.need(console::USERS_VIEW, "see people")?;
    }
    let seen = asker.seen(when.as_of).await?;
    let state = &seen.loaded.state;
    let directory = &state.documents().directory;
    let user = directory.users.get(&path.id).ok_or_else(|| Failure::not_found("such person"))?;
    let subject = state.subject(&path.id).ok_or_else(|| Failure::not_found("such person"))?;
    let open = open(&asker, &seen, Some(&path.id)).await?;
    let tenant = ResourcePath::tenant();
    let member = Member::User(user.id.clone());
    let memberships = directory.memberships.values().filter(|membership| membership.member == member);
    let at = seen.loaded.revision(Kind::User, &path.id).unwrap_or_default();
    let last_sign_in = match seen.is_past {
        true => None,
        false => last_sign_in::of(&asker.tenant, &[&path.id], asker.now).await?.remove(&path.id),
    };
    let roles = state.held_roles(&subject, &tenant, Request::new(seen.now));
    let superuser_roles: BTreeSet<&String> =
        roles.iter().map(|held| &held.role).filter(|role| state.makes_superusers(role)).collect();
    let body = UserView {
        superuser_roles: superuser_roles.into_iter().cloned().collect(),
        user: user.clone(),
        revision: at.revision,
        status: status_of(user, open.contains_key(&user.id)),
        second_factor: !seen.is_past && second_factor::is_on(&asker.tenant, &user.id, asker.now).await?,
        last_sign_in,
        roles,
        permissions: state.effective(&subject, &tenant, Request::new(seen.now)),
        groups: memberships
            .filter_map(|membership| {
                let group = directory.groups.get(&membership.group)?;
                Some(UserGroup {
                    id: group.id.clone(),
                    name: group.name.clone(),
                    membership: membership.id.clone(),
                    source: group.source,
                })
            })
            .collect(),
        invitation_expires: open
            .get(&user.id)
            .copied()
            .filter(|_| user.status == Status::Invited && !seen.is_past),
    };
    Ok(seen.tagged(at, body))
}

/// Replaces a person's email and names.
///
/// A new email ends the links that went to the old one; notices go to both. One's own is changed by `PUT /session/email` alone, with
/// a proof: here it is refused (`own_email`).
#[utoipa::path(
    put, path = "/users/{id}", tag = "People", operation_id = "updateUser",
    params(Write, IfMatchHeader), request_body = UserFields,
    responses((status = 200, body = Accepted))
)]
pub async fn update(
    State(app): State<Shared>,
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(body): Json<UserFields>,
) -> Result<Response> {
    let email = body.email.trim().to_owned();
    let user =
        UserEdit { id: path.id.clone(), email, first_name: body.first_name, last_name: body.last_name };
    let edit = asker.edit(Change::UpdateUser { user })?;
    let due = notice::due(&edit.change, &asker.loaded.state);
    let applied = apply(&asker, &path.id, expected, write, edit).await?;
    if applied.is_new() {
        notice::tell_due(&app, &asker.tenant, &due, asker.now);
    }
    Ok(edited(&applied, Kind::User, &path.id))
}

/// Disables a person, which ends every session, or activates one again.
#[utoipa::path(
    put, path = "/users/{id}/status", tag = "People", operation_id = "setUserStatus",
    params(Write, IfMatchHeader),
    request_body = StatusChange, responses((status = 200, body = Accepted))
)]
pub async fn set_status(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(body): Json<StatusChange>,
) -> Result<Response> {
    let edit = asker.edit(Change::SetStatus { id: path.id.clone(), status: body.status })?;
    Ok(edited(&apply(&asker, &path.id, expected, write, edit).await?, Kind::User, &path.id))
}

/// Puts a person on a package, or on none.
#[utoipa::path(
    put, path = "/users/{id}/package", tag = "People", operation_id = "setUserPackage",
    params(Write, IfMatchHeader),
    request_body = PackageChange, responses((status = 200, body = Accepted))
)]
pub async fn set_package(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(body): Json<PackageChange>,
) -> Result<Response> {
    let edit = asker.edit(Change::SetPackage { id: path.id.clone(), package: body.package })?;
    Ok(edited(&apply(&asker, &path.id, expected, write, edit).await?, Kind::User, &path.id))
}

/// Replaces what conditions read of a person as `subject.…`.
#[utoipa::path(
    put, path = "/users/{id}/attributes", tag = "People", operation_id = "setUserAttributes",
    params(Write, IfMatchHeader),
    request_body = Attributes, responses((status = 200, body = Accepted))
)]
pub async fn set_attributes(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(attributes): Json<Attributes>,
) -> Result<Response> {
    let edit = asker.edit(Change::SetAttributes { id: path.id.clone(), attributes })?;
    Ok(edited(&apply(&asker, &path.id, expected, write, edit).await?, Kind::User, &path.id))
}

/// Removes a person, with everything they hold; ends every session.
///
/// A notice goes to who signed in here.
#[utoipa::path(
    delete, path = "/users/{id}", tag = "People", operation_id = "deleteUser", params(Write, IfMatchHeader),
    responses((status = 200, body = Accepted))
)]
pub async fn delete(
    State(app): State<Shared>,
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
) -> Result<Response> {
    let edit = asker.edit(Change::DeleteUser { id: path.id.clone() })?;
    let due = notice::due(&edit.change, &asker.loaded.state);
    let applied = apply(&asker, &path.id, expected, write, edit).await?;
    if applied.is_new() {
        notice::tell_due(&app, &asker.tenant, &due, asker.now);
    }
    Ok(accepted(&applied))
}

/// Makes an edit of a person's document.
async fn apply(asker: &Asker, id: &str, expected: IfMatch, write: Write, edit: Edit) -> Result<Applied> {
    let expected = Some(Expected::Document(Kind::User, id.to_owned(), expected));
    let remarks = Makers::of(asker, &edit.change).await?;
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    Ok(applied.with_remarks(remarks))
}

fn row(loaded: &Loaded, user: &UserDocument, status: UserStatus, now: Timestamp) -> UserRow {
    let state = &loaded.state;
    let mut roles: Vec<String> = Vec::new();
    let mut places: BTreeMap<&str, BTreeSet<&ResourcePath>> = BTreeMap::new();
    let subject = state.subject(&user.id);
    for (role, place) in subject.iter().flat_map(|subject| state.roles_now(subject, now)) {
        if !roles.iter().any(|known| known == role) {
            roles.push(role.to_owned());
        }
        places.entry(role).or_default().insert(place);
    }
    places.retain(|_, places| !places.iter().any(|place| place.is_tenant()));
    let only_at = places.into_iter().map(|(role, places)| {
        (role.to_owned(), places.into_iter().map(|place| place.as_str().to_owned()).collect())
    });
    UserRow {
        id: user.id.clone(),
        name: user.display_name(),
        email: user.email.clone(),
        superuser_roles: roles.iter().filter(|role| state.makes_superusers(role)).cloned().collect(),
        only_at: only_at.collect(),
        roles,
        package: user.package.as_ref().map(|link| link.package.clone()),
        status,
        created: user.created,
        last_sign_in: None,
    }
}
