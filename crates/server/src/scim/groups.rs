//! `/Groups`: those of the identity provider. Local ones are not there.

use axum::extract::Query as UrlQuery;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use rolewright_model::Change;
use rolewright_model::change::{GroupEdit, Kind};
use rolewright_model::directory::GroupDocument;

use super::caller::{Body, Caller};
use super::error::{Result, ScimError};
use super::group::{self, Said, editable, links};
use super::list::{self, OF_GROUPS, Query};
use super::projection::Projection;
use super::record::{GroupRecord, Kept};
use super::schema::GROUPS;
use super::select::{Found, group_of, version_of_group};
use super::table::Known;
use super::write::{Plan, write};
use super::{normal, patch};
use crate::extract::{At, Id};
use crate::secret;
use crate::tenant::Loaded;

type Asked = Result<UrlQuery<Query>, QueryRejection>;

/// Groups.
///
/// # Errors
/// 403; what is wrong with the query.
pub async fn list(caller: Caller, asked: Asked) -> Result<Response> {
    caller.sees_groups()?;
    list::answer(&caller, &list::query(asked)?, OF_GROUPS).await
}

/// Groups, asked for by a body.
///
/// # Errors
/// As [`list`].
pub async fn search(caller: Caller, Body(body): Body) -> Result<Response> {
    caller.sees_groups()?;
    list::answer(&caller, &Query::of_body(&body)?, OF_GROUPS).await
}

/// A group.
///
/// # Errors
/// 403, 404.
pub async fn read(caller: Caller, At(path): At<Id>, asked: Asked) -> Result<Response> {
    caller.sees_groups()?;
    let projection = list::query(asked)?.projection()?;
    let known = caller.known().await?;
    let found = told(&caller, &caller.asker.loaded, &known, &path.id, &projection)?;
    if caller.if_none_match.has(&found.version) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(list::one(&caller, StatusCode::OK, found, &projection).await)
}

/// Adds a group, with its members.
///
/// # Errors
/// What is wrong with the body; 409 where the name is taken; why the model refuses.
pub async fn create(caller: Caller, asked: Asked, Body(body): Body) -> Result<Response> {
    caller.sees_groups()?;
    let projection = list::query(asked)?.projection()?;
    let said = Said::of(&normal::resource(&GROUPS, &body)?)?;
    let (id, now) = (secret::fresh_id("g_")?, caller.asker.now);
    let written = write(&caller, |loaded, _| {
        let external_id = said.external_id.clone();
        let record = GroupRecord { external_id, created: Some(now), modified: now, edits: 0 };
        Ok(Plan {
            changes: said.creation(&loaded.state, &id)?,
            kept: Some(Kept::Group(id.clone(), record)),
            of_version: None,
        })
    });
    let written = written.await?;
    let found = told(&caller, &written.loaded, &written.known, &id, &projection)?;
    Ok(list::one(&caller, StatusCode::CREATED, found, &projection).await)
}

/// Replaces a group's name and members.
///
/// # Errors
/// As [`create`]; 404; 412.
pub async fn replace(caller: Caller, At(path): At<Id>, asked: Asked, Body(body): Body) -> Result<Response> {
    caller.sees_groups()?;
    let projection = list::query(asked)?.projection()?;
    let said = Said::of(&normal::resource(&GROUPS, &body)?)?;
    let written =
        write(&caller, |loaded, known| edited(&caller, loaded, known, &path.id, |_, _| Ok(said.clone())));
    let written = written.await?;
    let found = told(&caller, &written.loaded, &written.known, &path.id, &projection)?;
    Ok(list::one(&caller, StatusCode::OK, found, &projection).await)
}

/// Edits a group's name and members: all operations are one change. Answered with nothing, as Entra asks, unless the
/// request says which attributes it wants, or prefers the resource.
///
/// # Errors
/// As [`replace`], and what is wrong with the operations.
pub async fn edit(caller: Caller, At(path): At<Id>, asked: Asked, Body(body): Body) -> Result<Response> {
    caller.sees_groups()?;
    let projection = list::query(asked)?.projection()?;
    let written = write(&caller, |loaded, known| {
        edited(&caller, loaded, known, &path.id, |group, members| {
            let mut resource = editable(group, known.group(&group.id), members);
            patch::apply(&mut resource, &GROUPS, &body)?;
            Said::of(&resource)
        })
    });
    let written = written.await?;
    if projection == Projection::All && !caller.prefers_resource {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let found = told(&caller, &written.loaded, &written.known, &path.id, &projection)?;
    Ok(list::one(&caller, StatusCode::OK, found, &projection).await)
}

/// Deletes a group, with what it gives.
///
/// # Errors
/// 404; 412; why the model refuses.
pub async fn delete(caller: Caller, At(path): At<Id>) -> Result<Response> {
    caller.sees_groups()?;
    let written = write(&caller, |loaded, known| {
        let group = group_in(loaded, &path.id)?;
        caller.if_match.meet(&version_of_group(loaded, known, &group.id))?;
        Ok(Plan {
            changes: vec![Change::DeleteGroup { id: group.id.clone() }],
            kept: None,
            of_version: caller.if_match.is_said().then(|| (Kind::Group, group.id.clone())),
        })
    });
    written.await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn group_in<'l>(loaded: &'l Loaded, id: &str) -> Result<&'l GroupDocument> {
    group::find(&loaded.state, id).ok_or_else(|| ScimError::not_found("group", id))
}

/// What makes a group what is said of it.
fn edited(
    caller: &Caller,
    loaded: &Loaded,
    known: &Known,
    id: &str,
    said: impl Fn(&GroupDocument, &std::collections::BTreeMap<String, String>) -> Result<Said>,
) -> Result<Plan> {
    let group = group_in(loaded, id)?;
    caller.if_match.meet(&version_of_group(loaded, known, id))?;
    let members = links(&loaded.state, id);
    let said = said(group, &members)?;
    let mut changes = said.changes(&loaded.state, group, &members)?;
    let record = known.group(id);
    let is_kept = record.map(|record| &record.external_id) == Some(&said.external_id)
        || record.is_none() && said.external_id.is_none();
    // Who is in the group is no document of the group's: its record says that it is another version.
    let kept = (!changes.is_empty() || !is_kept).then(|| {
        let record = record.cloned().unwrap_or_default();
        let edits = record.edits.saturating_add(1);
        let external_id = said.external_id.clone();
        Kept::Group(id.to_owned(), GroupRecord { external_id, modified: caller.asker.now, edits, ..record })
    });
    if kept.is_some() && changes.is_empty() {
        let GroupDocument { id, name, description, source } = group.clone();
        changes.push(Change::UpdateGroup { group: GroupEdit { id, name, description, source } });
    }
    let of_version = caller.if_match.is_said().then(|| (Kind::Group, id.to_owned()));
    Ok(Plan { changes, kept, of_version })
}

fn told(caller: &Caller, loaded: &Loaded, known: &Known, id: &str, projection: &Projection) -> Result<Found> {
    let group = group_in(loaded, id)?;
    let mut members = match projection.wants("members") {
        true => group::members(&loaded.state, &[id]),
        false => std::collections::HashMap::new(),
    };
    let members = members.remove(id).unwrap_or_default();
    Ok(group_of(loaded, known, group, &members, &caller.base))
}
