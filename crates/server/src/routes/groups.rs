//! Groups.

use std::collections::{BTreeSet, HashMap, HashSet};

use axum::response::Response;
use rolewright_model::change::{GroupEdit, Kind};
use rolewright_model::directory::{
    DirectoryDocuments, GroupDocument, GroupSource, Member, MembershipDocument, Principal,
};
use rolewright_model::{Change, State, console};
use rolewright_wire::Accepted;
use rolewright_wire::group::{GroupFields, GroupName, GroupRow, GroupView, MemberRow, NewGroup, OuterGroup};
use rolewright_wire::page::{MOST_ROWS, Page};
use serde::Deserialize;

use super::known::Known;
use super::paging::{self, Cut, Row};
use super::{accepted, edited};
use crate::as_of::AsOf;
use crate::auth::Asker;
use crate::conditional::IfMatch;
use crate::extract::{Ask, At, Id, Json, When, Write};
use crate::openapi::IfMatchHeader;
use crate::problem::{Failure, Result};
use crate::secret;
use crate::seen::Seen;
use crate::tenant::{Edit, Expected, beside};

/// Which groups, in which order.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Words, each of which is in the name or the description, in any case.
    #[serde(default)]
    search: String,
    /// Only those that the role is assigned to, by its id.
    role: Option<String>,
    /// `name` or `members`; a leading `-` turns it round.
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

/// Groups: searched, filtered and sorted here, one page at a time.
///
/// `O(groups + memberships)`.
#[utoipa::path(
    get, path = "/groups", tag = "Groups", operation_id = "listGroups", params(Which),
    responses((status = 200, body = Page<GroupRow>))
)]
pub async fn list(asker: Asker, Ask(which): Ask<Which>) -> Result<axum::Json<Page<GroupRow>>> {
    asker.need(console::GROUPS_VIEW, "see groups")?;
    let seen = asker.seen(which.as_of).await?;
    Ok(axum::Json(beside(move || found(&asker, &seen, &which)).await??))
}

/// The page of the list.
fn found(asker: &Asker, seen: &Seen, which: &Which) -> Result<Page<GroupRow>> {
    let (order, descending) = paging::order(&which.sort, &["name", "members"])?;
    let state = &seen.loaded.state;
    Known::to(asker, state.documents()).role("query.role", which.role.as_ref())?;
    let directory = &state.documents().directory;
    let mut members: HashMap<&str, u64> = HashMap::new();
    for membership in directory.memberships.values() {
        let count = members.entry(&membership.group).or_default();
        *count = count.saturating_add(1);
    }
    let mut inside: HashMap<&str, Vec<GroupName>> = HashMap::new();
    for (inner, outer) in directory.memberships.values().filter_map(nested) {
        let outer = directory.groups.get(outer).map(named);
        inside.entry(inner).or_default().extend(outer);
    }
    let members = |group: &GroupDocument| members.get(group.id.as_str()).copied().unwrap_or_default();
    let words: Vec<String> = which.search.split_whitespace().map(str::to_lowercase).collect();
    let is_wanted = |group: &&GroupDocument| {
        let text = format!("{} {}", group.name, group.description).to_lowercase();
        words.iter().all(|word| text.contains(word))
            && which.role.as_ref().is_none_or(|role| roles_of(state, group).contains(role.as_str()))
    };
    let rows = directory.groups.values().filter(is_wanted).map(|group| {
        let key = match order {
            "members" => format!("{:020}", members(group)),
            _ => group.name.to_lowercase(),
        };
        Row { key: key.into(), id: group.id.as_str().into(), of: group }
    });
    let asked = (&which.search, &which.role, &which.sort, which.as_of);
    let query = format!("{:?}", (asker.tenant.id(), "groups", asked));
    let cut = Cut { limit: which.limit, cursor: which.cursor.as_deref(), descending, query: &query };
    let page = cut.page(rows)?;
    let told = |group: &GroupDocument| GroupRow {
        group: group.clone(),
        members: members(group),
        roles: roles_of(state, group).into_iter().map(ToOwned::to_owned).collect(),
        inside: inside.get(group.id.as_str()).cloned().map(sorted).unwrap_or_default(),
    };
    let items = page.items.into_iter().map(told).collect();
    Ok(Page { items, total: page.total, before: page.before, next: page.next })
}

/// The ids of the group that is in another, and of that one; none where a membership is of a user.
fn nested(membership: &MembershipDocument) -> Option<(&str, &str)> {
    match &membership.member {
        Member::Group(inner) => Some((inner, &membership.group)),
        Member::User(_) => None,
    }
}

fn named(group: &GroupDocument) -> GroupName {
    GroupName { name: group.name.clone(), id: group.id.clone() }
}

fn sorted(mut names: Vec<GroupName>) -> Vec<GroupName> {
    names.sort();
    names
}

/// The groups that a group is in, the nearest first. `O(memberships)`.
fn outer(state: &State, id: &str) -> Vec<OuterGroup> {
    let directory = &state.documents().directory;
    let direct: BTreeSet<&str> = directory
        .memberships
        .values()
        .filter_map(nested)
        .filter(|(inner, _)| *inner == id)
        .map(|(_, outer)| outer)
        .collect();
    let above = state.groups_above(id).filter(|above| *above != id);
    let told = above.filter_map(|above| directory.groups.get(above)).map(|above| OuterGroup {
        group: named(above),
        direct: direct.contains(above.id.as_str()),
        assignments: state.assignments_of(&Principal::Group(above.id.clone())).cloned().collect(),
    });
    told.collect()
}

/// The ids of the roles assigned to a group. `O(that many)`.
fn roles_of<'s>(state: &'s State, group: &GroupDocument) -> BTreeSet<&'s str> {
    let held = state.assignments_of(&Principal::Group(group.id.clone()));
    held.map(|assignment| assignment.role.as_str()).collect()
}

/// A group.
#[utoipa::path(
    get, path = "/groups/{id}", tag = "Groups", operation_id = "getGroup",
    params(When), responses((status = 200, body = GroupView))
)]
pub async fn read(asker: Asker, At(path): At<Id>, Ask(when): Ask<When>) -> Result<Response> {
    asker.need(console::GROUPS_VIEW, "see groups")?;
    let seen = asker.seen(when.as_of).await?;
    let directory = &seen.loaded.state.documents().directory;
    let group = directory.groups.get(&path.id).ok_or_else(|| Failure::not_found("such group"))?;
    let first = Cut { limit: Some(MOST_ROWS), cursor: None, descending: false, query: "" };
    let members = first.page(inside(directory, group, ""))?;
    let held = seen.loaded.state.assignments_of(&Principal::Group(group.id.clone()));
    let at = seen.loaded.revision(Kind::Group, &path.id).unwrap_or_default();
    let body = GroupView {
        group: group.clone(),
        revision: at.revision,
        members: dated(&asker, members.items).await,
        members_total: members.total,
        people: people(directory, &group.id),
        assignments: held.cloned().collect(),
        outer: outer(&seen.loaded.state, &group.id),
    };
    Ok(seen.tagged(at, body))
}

/// Which members.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WhichMembers {
    /// Words, each of which is in the name, in any case.
    #[serde(default)]
    search: String,
    /// How many rows, 200 at most; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// As of a point of the past: a date, an instant, milliseconds, or a revision as `r42`; now where it is not said.
    as_of: Option<AsOf>,
}

/// Who is directly in a group, by name: people and groups, one page at a time.
///
/// `O(memberships)`.
#[utoipa::path(
    get, path = "/groups/{id}/members", tag = "Groups", operation_id = "listGroupMembers",
    params(WhichMembers), responses((status = 200, body = Page<MemberRow>))
)]
pub async fn members(
    asker: Asker,
    At(path): At<Id>,
    Ask(which): Ask<WhichMembers>,
) -> Result<axum::Json<Page<MemberRow>>> {
    asker.need(console::GROUPS_VIEW, "see groups")?;
    let seen = asker.seen(which.as_of).await?;
    let query = format!("{:?}", (asker.tenant.id(), "members", &path.id, &which.search, which.as_of));
    let page = beside(move || {
        let directory = &seen.loaded.state.documents().directory;
        let group = directory.groups.get(&path.id).ok_or_else(|| Failure::not_found("such group"))?;
        let cut =
            Cut { limit: which.limit, cursor: which.cursor.as_deref(), descending: false, query: &query };
        cut.page(inside(directory, group, &which.search))
    });
    let page = page.await??;
    Ok(axum::Json(Page { items: dated(&asker, page.items).await, ..page }))
}

/// The rows with when each was put in.
async fn dated(asker: &Asker, mut rows: Vec<MemberRow>) -> Vec<MemberRow> {
    for row in &mut rows {
        row.since = asker.tenant.time_of(row.membership.made).await;
    }
    rows
}

/// How many people are in a group, themselves or by groups that are in it. `O(memberships)`.
fn people(directory: &DirectoryDocuments, id: &str) -> u64 {
    let mut inside: HashMap<&str, Vec<&Member>> = HashMap::new();
    for membership in directory.memberships.values() {
        inside.entry(&membership.group).or_default().push(&membership.member);
    }
    let (mut people, mut groups) = (HashSet::new(), vec![id]);
    // Taken out of the table, so that each group is looked into once.
    while let Some(members) = groups.pop().map(|group| inside.remove(group).unwrap_or_default()) {
        for member in members {
            match member {
                Member::User(user) => drop(people.insert(user.as_str())),
                Member::Group(group) => groups.push(group),
            }
        }
    }
    people.len() as u64
}

/// Who is directly in a group and has each of the words in the name.
fn inside<'d>(
    directory: &'d DirectoryDocuments,
    group: &'d GroupDocument,
    search: &str,
) -> impl Iterator<Item = Row<'d, MemberRow>> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let name = |member: &Member| match member {
        Member::User(id) => directory.users.get(id).map(|user| user.display_name()),
        Member::Group(id) => directory.groups.get(id).map(|group| group.name.clone()),
    };
    let inside = directory.memberships.values().filter(|membership| membership.group == group.id);
    inside.filter_map(move |membership| {
        let name = name(&membership.member).unwrap_or_default();
        let key = name.to_lowercase();
        let is_wanted = words.iter().all(|word| key.contains(word));
        is_wanted.then(|| Row {
            key: key.into(),
            id: membership.id.as_str().into(),
            of: MemberRow { membership: membership.clone(), name, since: None },
        })
    })
}

/// Adds a group.
#[utoipa::path(
    post, path = "/groups", tag = "Groups", operation_id = "createGroup",
    params(Write), request_body = NewGroup,
    responses((status = 201, body = Accepted), (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn create(asker: Asker, Ask(write): Ask<Write>, Json(body): Json<NewGroup>) -> Result<Response> {
    let id = secret::fresh_id("g_")?;
    let edit = asker.edit(Change::CreateGroup { group: group_edit(&id, body) })?;
    let edit = Edit { created: Some(id), ..edit };
    let applied = asker.tenant.apply(write.on(edit)).await?;
    Ok(accepted(&applied))
}

/// Replaces a group's name and description.
#[utoipa::path(
    put, path = "/groups/{id}", tag = "Groups", operation_id = "updateGroup",
    params(Write, IfMatchHeader), request_body = GroupFields,
    responses((status = 200, body = Accepted))
)]
pub async fn update(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
    Json(body): Json<GroupFields>,
) -> Result<Response> {
    let edit = asker.edit(Change::UpdateGroup { group: group_edit(&path.id, body) })?;
    let expected = Some(Expected::Document(Kind::Group, path.id.clone(), expected));
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    Ok(edited(&applied, Kind::Group, &path.id))
}

/// Removes a group, with what it holds.
#[utoipa::path(
    delete, path = "/groups/{id}", tag = "Groups", operation_id = "deleteGroup", params(Write, IfMatchHeader),
    responses((status = 200, body = Accepted))
)]
pub async fn delete(
    asker: Asker,
    At(path): At<Id>,
    expected: IfMatch,
    Ask(write): Ask<Write>,
) -> Result<Response> {
    let edit = asker.edit(Change::DeleteGroup { id: path.id.clone() })?;
    let expected = Some(Expected::Document(Kind::Group, path.id, expected));
    let applied = asker.tenant.apply(write.on(Edit { expected, ..edit })).await?;
    Ok(accepted(&applied))
}

/// Puts a user or a group into the group.
#[utoipa::path(
    post, path = "/groups/{id}/members", tag = "Groups", operation_id = "addGroupMember",
    params(Write), request_body = Member,
    responses((status = 201, body = Accepted), (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn add_member(
    asker: Asker,
    At(path): At<Id>,
    Ask(write): Ask<Write>,
    Json(member): Json<Member>,
) -> Result<Response> {
    let edit = asker.edit(Change::AddMember { group: path.id, member })?;
    let created = Some(format!("{}.0", edit.context.id));
    let edit = Edit { created, ..edit };
    let applied = asker.tenant.apply(write.on(edit)).await?;
    Ok(accepted(&applied))
}

/// A group and a membership of it.
#[derive(Debug, Deserialize)]
pub struct Membership {
    id: String,
    membership: String,
}

/// Takes a user or a group out of the group.
#[utoipa::path(
    delete, path = "/groups/{id}/members/{membership}", tag = "Groups", operation_id = "removeGroupMember",
    params(Write),
    responses((status = 200, body = Accepted))
)]
pub async fn remove_member(
    asker: Asker,
    At(path): At<Membership>,
    Ask(write): Ask<Write>,
) -> Result<Response> {
    let known = asker.loaded.state.documents().directory.memberships.get(&path.membership);
    if known.is_some_and(|known| known.group != path.id) {
        return Err(Failure::not_found("such membership of this group"));
    }
    let edit = asker.edit(Change::RemoveMember { id: path.membership })?;
    let applied = asker.tenant.apply(write.on(edit)).await?;
    Ok(accepted(&applied))
}

fn group_edit(id: &str, fields: GroupFields) -> GroupEdit {
    GroupEdit {
        id: id.to_owned(),
        name: fields.name,
        description: fields.description,
        source: GroupSource::Local,
    }
}
