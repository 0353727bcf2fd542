//! API keys.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rolewright_model::console;
use rolewright_model::directory::UserDocument;
use rolewright_wire::key::{EditKey, KeyEdited, KeyEnded, KeyMade, KeyView, NewKey, Rotation};
use rolewright_wire::page::Page;
use serde::Deserialize;

use super::paging::{Cut, Row};
use super::written;
use crate::auth::key::Found;
use crate::auth::key_change::{self, Grace, Managed};
use crate::auth::{Asker, key, key_use};
use crate::conditional::{IfMatch, Tagged};
use crate::extract::{Ask, At, Id, Json, MaybeJson, Write};
use crate::openapi::IfMatchHeader;
use crate::problem::{Failure, Result};

/// Which keys.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Words, each of which is in the name, in any case.
    #[serde(default)]
    search: String,
    /// How many rows, 200 at most; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// What seeing keys is needed for, where somebody may not.
const WHAT: &str = "see API keys";

/// The keys that are good, by name; never a secret.
///
/// Where the asker may see keys at some places alone, those that are good at these places and below.
#[utoipa::path(
    get, path = "/keys", tag = "API keys", operation_id = "listKeys",
    params(Which), responses((status = 200, body = Page<KeyView>))
)]
pub async fn list(asker: Asker, Ask(which): Ask<Which>) -> Result<axum::Json<Page<KeyView>>> {
    let keys = key::list(&asker.tenant, asker.now).await?.into_iter();
    let purview = asker.purview(console::API_KEYS_VIEW, WHAT)?;
    let words: Vec<String> = which.search.split_whitespace().map(str::to_lowercase).collect();
    let rows = keys.filter(|key| purview.has(&key.scope)).filter_map(|key| {
        let name = key.name.to_lowercase();
        let is_wanted = words.iter().all(|word| name.contains(word));
        is_wanted.then(|| Row { key: name.into(), id: key.id.clone().into(), of: named(&asker, key) })
    });
    let query = format!("{:?}", (asker.tenant.id(), "keys", &which.search));
    let cut = Cut { limit: which.limit, cursor: which.cursor.as_deref(), descending: false, query: &query };
    Ok(axum::Json(cut.page(rows)?))
}

/// Makes a key, and tells it this once.
///
/// Whoever makes it holds all that it may do, there and for as long. Sent again with its `Idempotency-Key` it makes
/// none, and is answered 409: the secret was told then.
#[utoipa::path(
    post, path = "/keys", tag = "API keys", operation_id = "createKey", params(Write), request_body = NewKey,
    responses((status = 201, body = KeyMade), (status = 200, body = KeyMade, description = "A dry run"),
        (status = 409, description = "The same request made one before"))
)]
pub async fn create(asker: Asker, Ask(write): Ask<Write>, Json(new): Json<NewKey>) -> Result<Response> {
    let (made, applied) =
        key_change::make(&asker.tenant, new, |change| Ok(write.on(asker.edit(change)?))).await?;
    let status = if applied.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    Ok(written(&applied, (status, told(made)).into_response()))
}

/// A key; never its secret.
#[utoipa::path(
    get, path = "/keys/{id}", tag = "API keys", operation_id = "getKey",
    responses((status = 200, body = KeyView))
)]
pub async fn read(asker: Asker, At(path): At<Id>) -> Result<Response> {
    let found = key::one(&asker.tenant, &path.id, asker.now).await?;
    // Of another place it is not told whether there is one.
    let Some(found) = found.filter(|found| sees(&asker, found)) else {
        asker.need(console::API_KEYS_VIEW, WHAT)?;
        return Err(Failure::not_found("such key"));
    };
    let used = key_use::of(&asker.tenant, &path.id, asker.now).await?;
    let body = named(&asker, found.view(used, &asker.loaded, asker.now));
    Ok(Tagged { body, etag: found.etag() }.into_response())
}

/// The key with the name of the person who made it, for whom may see people.
fn named(asker: &Asker, key: KeyView) -> KeyView {
    let maker = key.made_by.as_deref().and_then(key::person).filter(|_| asker.may(console::USERS_VIEW));
    let users = &asker.loaded.state.documents().directory.users;
    let made_by_name = maker.and_then(|maker| users.get(maker)).map(UserDocument::display_name);
    KeyView { made_by_name, ..key }
}

fn sees(asker: &Asker, found: &Found) -> bool {
    asker.purview(console::API_KEYS_VIEW, WHAT).is_ok_and(|purview| purview.has(&found.key.scope))
}

/// Edits a key: what it is called, what it may do, where and until when.
///
/// Its secret stays. What is taken from it takes no holding; what it comes to have whoever edits it holds, there and
/// for as long.
#[utoipa::path(
    put, path = "/keys/{id}", tag = "API keys", operation_id = "updateKey",
    params(Write, IfMatchHeader), request_body = EditKey,
    responses((status = 200, body = KeyEdited))
)]
pub async fn update(
    asker: Asker,
    At(path): At<Id>,
    version: IfMatch,
    Ask(write): Ask<Write>,
    Json(edited): Json<EditKey>,
) -> Result<Response> {
    let before = asker.made_before(&write).await?;
    let key = Managed::read(&asker.tenant, &asker.who, &path.id, asker.now).await?;
    let (body, applied) = match before {
        Some(applied) => (key.told(&asker.tenant, &applied).await?, applied),
        None => {
            let key = key.meet(&asker.tenant, &version, |found| sees(&asker, found))?;
            key.edit(&asker.tenant, edited, |change| Ok(write.on(asker.edit(change)?))).await?
        }
    };
    let etag = Some(body.of.etag.clone()).filter(|_| !applied.dry_run);
    let mut response = written(&applied, axum::Json(body).into_response());
    if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(&etag).ok()) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

/// Gives a key a new secret, and tells it this once.
///
/// The one before stays good for the grace period. 412 where somebody else did so meanwhile. Sent again with its
/// `Idempotency-Key` it is answered 409: the secret was told then.
#[utoipa::path(
    post, path = "/keys/{id}/rotate", tag = "API keys", operation_id = "rotateKey",
    params(Write), request_body = Rotation,
    responses((status = 200, body = KeyMade),
        (status = 409, description = "The same request gave it one before"),
        (status = 412, description = "Somebody else gave it a new secret meanwhile"))
)]
pub async fn rotate(
    asker: Asker,
    At(path): At<Id>,
    Ask(write): Ask<Write>,
    MaybeJson(rotation): MaybeJson<Rotation>,
) -> Result<Response> {
    let grace = Grace::of(rotation)?;
    if asker.made_before(&write).await?.is_some() {
        return Err(key_change::told_before(Some(&path.id)));
    }
    let key = Managed::read(&asker.tenant, &asker.who, &path.id, asker.now).await?;
    let made = key.rotate(&asker.tenant, grace, |change| Ok(write.on(asker.edit(change)?)));
    let (made, applied) = made.await?;
    Ok(written(&applied, told(made).into_response()))
}

/// Ends a key at once.
///
/// Whoever manages keys where it is good may, whatever the key may do; and whoever was told its newest secret may,
/// whatever else they may.
#[utoipa::path(
    delete, path = "/keys/{id}", tag = "API keys", operation_id = "deleteKey",
    params(Write), responses((status = 200, body = KeyEnded))
)]
pub async fn delete(asker: Asker, At(path): At<Id>, Ask(write): Ask<Write>) -> Result<Response> {
    let applied = match asker.made_before(&write).await? {
        Some(applied) => applied,
        None => {
            let key = Managed::read_to_end(&asker.tenant, &asker.who, &path.id, asker.now).await?;
            key.end(&asker.tenant, |change| Ok(write.on(asker.edit(change)?))).await?
        }
    };
    let ended = KeyEnded { id: path.id, dry_run: applied.dry_run };
    Ok(written(&applied, axum::Json(ended).into_response()))
}

fn told(made: KeyMade) -> impl axum::response::IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], axum::Json(made))
}
