//! `/Users`.

use axum::extract::Query as UrlQuery;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use rolewright_model::Change;
use rolewright_model::change::Kind;
use rolewright_model::directory::{Status, UserDocument};

use super::caller::{Body, Caller};
use super::error::{Result, ScimError, ScimType};
use super::list::{self, PEOPLE, Query};
use super::record::{Kept, UserRecord};
use super::schema::USERS;
use super::select::{person, version_of_user};
use super::table::Known;
use super::user::{Said, editable};
use super::write::{Plan, Written, write};
use super::{normal, patch};
use crate::extract::{At, Id};
use crate::secret;
use crate::tenant::Loaded;

type Asked = Result<UrlQuery<Query>, QueryRejection>;

/// People.
///
/// # Errors
/// 403; what is wrong with the query.
pub async fn list(caller: Caller, asked: Asked) -> Result<Response> {
    caller.sees_people()?;
    list::answer(&caller, &list::query(asked)?, PEOPLE).await
}

/// People, asked for by a body.
///
/// # Errors
/// As [`list`].
pub async fn search(caller: Caller, Body(body): Body) -> Result<Response> {
    caller.sees_people()?;
    list::answer(&caller, &Query::of_body(&body)?, PEOPLE).await
}

/// A person.
///
/// # Errors
/// 403, 404.
pub async fn read(caller: Caller, At(path): At<Id>, asked: Asked) -> Result<Response> {
    caller.sees_people()?;
    let projection = list::query(asked)?.projection()?;
    let (known, loaded) = (caller.known().await?, &caller.asker.loaded);
    let found = person(loaded, &known, user_of(loaded, &path.id)?, &caller.base);
    if caller.if_none_match.has(&found.version) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(list::one(&caller, StatusCode::OK, found, &projection).await)
}

/// Adds a person, who has no password here.
///
/// # Errors
/// What is wrong with the body; 409 where the `userName` or the address is taken; why the model refuses.
pub async fn create(caller: Caller, asked: Asked, Body(body): Body) -> Result<Response> {
    caller.sees_people()?;
    let query = list::query(asked)?;
    let said = Said::of(&normal::resource(&USERS, &body)?)?;
    let id = secret::fresh_id("u_")?;
    let written = write(&caller, |loaded, known| {
        free_name(loaded, known, &said.user_name, &id)?;
        let disabled = said.disables(Status::Active, false);
        let record = UserRecord { disabled, modified: caller.asker.now, ..said.record(None) };
        Ok(Plan {
            changes: vec![said.creation(&id)],
            kept: Some(Kept::User(id.clone(), record)),
            of_version: None,
        })
    });
    answer(&caller, written.await?, &id, &query, StatusCode::CREATED).await
}

/// Replaces what the provider says of a person. What it does not say is taken away; but whether they are active stays.
///
/// # Errors
/// As [`create`]; 404; 412.
pub async fn replace(caller: Caller, At(path): At<Id>, asked: Asked, Body(body): Body) -> Result<Response> {
    caller.sees_people()?;
    let query = list::query(asked)?;
    let said = Said::of(&normal::resource(&USERS, &body)?)?;
    let written = write(&caller, |loaded, known| {
        let user = user_of(loaded, &path.id)?;
        edited(&caller, loaded, known, user, &said, true)
    });
    answer(&caller, written.await?, &path.id, &query, StatusCode::OK).await
}

/// Edits what the provider says of a person.
///
/// # Errors
/// As [`replace`], and what is wrong with the operations.
pub async fn edit(caller: Caller, At(path): At<Id>, asked: Asked, Body(body): Body) -> Result<Response> {
    caller.sees_people()?;
    let query = list::query(asked)?;
    let written = write(&caller, |loaded, known| {
        let user = user_of(loaded, &path.id)?;
        let mut resource = editable(user, known.user(&user.id));
        patch::apply(&mut resource, &USERS, &body)?;
        edited(&caller, loaded, known, user, &Said::of(&resource)?, false)
    });
    answer(&caller, written.await?, &path.id, &query, StatusCode::OK).await
}

/// Deletes a person.
///
/// # Errors
/// 404; 412; why the model refuses.
pub async fn delete(caller: Caller, At(path): At<Id>) -> Result<Response> {
    caller.sees_people()?;
    let written = write(&caller, |loaded, known| {
        let user = user_of(loaded, &path.id)?;
        caller.if_match.meet(&version_of_user(loaded, known, &user.id))?;
        Ok(Plan {
            changes: vec![Change::DeleteUser { id: user.id.clone() }],
            kept: None,
            of_version: caller.if_match.is_said().then(|| (Kind::User, user.id.clone())),
        })
    });
    written.await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn user_of<'l>(loaded: &'l Loaded, id: &str) -> Result<&'l UserDocument> {
    let user = loaded.state.documents().directory.users.get(id);
    user.ok_or_else(|| ScimError::not_found("person", id))
}

/// What makes a person what is said of them.
fn edited(
    caller: &Caller,
    loaded: &Loaded,
    known: &Known,
    user: &UserDocument,
    said: &Said,
    is_whole: bool,
) -> Result<Plan> {
    caller.if_match.meet(&version_of_user(loaded, known, &user.id))?;
    free_name(loaded, known, &said.user_name, &user.id)?;
    let record = known.user(&user.id);
    let was = user.status == Status::Disabled && record.is_some_and(|record| record.disabled);
    if said.active == Some(true) && user.status == Status::Disabled && !was {
        let detail = "`active`: an administrator disabled this person, and enables them again in Rolewright";
        return Err(ScimError::invalid(detail));
    }
    let disabled = said.disables(user.status, was);
    let before = Said::known(user, record);
    let mut changes = said.changes(user, &before, is_whole);
    let texts = |said: &Said| (said.user_name.clone(), said.external_id.clone(), said.display_name.clone());
    let is_told_the_same = texts(said) == texts(&before) && said.emails == before.emails;
    let is_kept = is_told_the_same && disabled == record.is_some_and(|record| record.disabled);
    let kept = (!is_kept).then(|| {
        let record = said.record(record);
        let edits = record.edits.saturating_add(1);
        Kept::User(user.id.clone(), UserRecord { disabled, modified: caller.asker.now, edits, ..record })
    });
    if !is_told_the_same {
        // First, where the person still holds all that they held.
        let (before, after) = (before.told(), said.told());
        changes.insert(0, Change::SetProviderRecord { id: user.id.clone(), before, after });
    }
    let of_version = caller.if_match.is_said().then(|| (Kind::User, user.id.clone()));
    Ok(Plan { changes, kept, of_version })
}

/// No two people have one `userName`.
fn free_name(loaded: &Loaded, known: &Known, name: &str, id: &str) -> Result<()> {
    let users = &loaded.state.documents().directory.users;
    let named = known.user_of_name(name).filter(|owner| users.contains_key(*owner));
    // Who has no record is called by the email.
    let called = loaded.state.user_of_email(name).filter(|owner| known.user(owner).is_none());
    match [named, called].into_iter().flatten().any(|owner| owner != id) {
        true => {
            let detail = format!("`userName`: another person is called `{}`", name.escape_debug());
            Err(ScimError::of(ScimType::Uniqueness, detail))
        }
        false => Ok(()),
    }
}

async fn answer(
    caller: &Caller,
    written: Written,
    id: &str,
    query: &Query,
    status: StatusCode,
) -> Result<Response> {
    let Written { loaded, known } = written;
    let found = person(&loaded, &known, user_of(&loaded, id)?, &caller.base);
    Ok(list::one(caller, status, found, &query.projection()?).await)
}
