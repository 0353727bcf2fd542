//! Many rows at once: bulk edits, and tables that are read and written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use rolewright_model::{Timestamp, console};
use rolewright_wire::bulk::{BulkEdit, Line, Matching, Which};
use rolewright_wire::user::UserStatus;
use serde::Deserialize;

use super::known::Known;
use super::users;
use crate::app::Shared;
use crate::as_of::AsOf;
use crate::auth::key_makers::Makers;
use crate::auth::{Asker, last_sign_in};
use crate::bulk::edits::Edits;
use crate::bulk::inviting::Invites;
use crate::bulk::many::Many;
use crate::bulk::{self, Job, Rows};
use crate::extract::{Ask, Csv, Json, Reason, When, Write};
use crate::import::assignments::{self, Assignments};
use crate::import::people::{self, People};
use crate::import::table::MEDIA_TYPE;
use crate::people::{Beside, Filter};
use crate::problem::{Failure, Result};
use crate::sight::Sight;
use crate::tenant::beside;
use crate::{invitation, request};

/// Edits many people alike, each with a result.
///
/// Those that are named, or all that a filter takes. With `invite` those who are invited get a new link, which is sent
/// where there is a mail server, and else stands in the row's result, this once. It takes no `Idempotency-Key`: to send
/// it again is safe as it is. A link that was made within the last 10 minutes stays, and the row says so, unless
/// `again` is sent too; of several links of a person the newest is good. Where the mail server is away five times in a
/// row, no more mails are sent: the rest of the links stand in the rows' results.
#[utoipa::path(
    post, path = "/users/bulk", tag = "People", operation_id = "editUsers",
    params(Write), request_body = BulkEdit,
    responses((status = 200, body = Line, content_type = "application/x-ndjson"))
)]
pub async fn edit(
    State(app): State<Shared>,
    asker: Asker,
    Ask(write): Ask<Write>,
    Json(body): Json<BulkEdit>,
) -> Result<Response> {
    asker.need(console::USERS_VIEW, "see people")?;
    let both = body.edit.give.iter().position(|role| body.edit.take.contains(role));
    if let Some(n) = both {
        let message = "this role is given and taken: leave it out of one of them";
        return Err(Failure::invalid_at(&format!("$.edit.give[{n}]"), message));
    }
    if body.edit.is_empty() {
        return Err(Failure::invalid_at("$.edit", "nothing is edited: say what to give, take, or set"));
    }
    let users = people(&asker, body.which).await?;
    let inviting = Inviting::of(body.edit.invite, body.edit.again, "$.edit.again")?;
    if inviting.is_some() {
        asker.need(console::USERS_MANAGE, "invite people")?;
    }
    run(&app, asker, write, Edits { users, edit: body.edit }, inviting).await
}

/// The ids of those who are meant, each once: as they were said, or by name.
pub(super) async fn people(asker: &Asker, which: Which) -> Result<Vec<String>> {
    match which {
        Which::Ids(ids) => {
            let mut seen = HashSet::new();
            Ok(ids.into_iter().filter(|id| seen.insert(id.clone())).collect())
        }
        Which::Matching(matching) => {
            let known_ids = Known::to(asker, asker.loaded.state.documents());
            known_ids.role("$.which.matching.role", matching.role.as_ref())?;
            known_ids.package("$.which.matching.package", matching.package.as_ref())?;
            let filter = Filter::new(matching);
            let last_sign_in = match filter.asks_last_sign_in() {
                true => last_sign_in::all(&asker.tenant, asker.now).await?,
                false => HashMap::new(),
            };
            let invited = invitation::open(&asker.tenant, None, asker.now).await?;
            let known = Beside { invited, last_sign_in };
            let (loaded, now) = (asker.loaded.clone(), asker.now);
            let ids = move || {
                let people = filter.people(&loaded, &known, now);
                let mut people: Vec<_> = people.map(|(user, folded, _)| (folded.name(), &user.id)).collect();
                people.sort_unstable();
                people.into_iter().map(|(_, id)| id.clone()).collect()
            };
            Ok(beside(ids).await?)
        }
    }
}

/// The query of an import of people.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ImportPeople {
    /// Whether only to say what would happen, and to write nothing.
    #[serde(default)]
    dry_run: bool,
    /// Why, for the change log: 500 characters at most.
    #[param(value_type = Option<String>)]
    reason: Option<Reason>,
    /// Whether to make a link for each who is invited then, and to send it where there is a mail server; a row's
    /// result says what became of it. Who was invited before gets a new one, and the old one ends, unless it was made
    /// within the last 10 minutes. Where the mail server is away five times in a row, no more mails are sent: the rest of
    /// the links stand in the rows' results.
    #[serde(default)]
    invite: bool,
    /// With `invite`: whether links that were made within the last 10 minutes are replaced too.
    #[serde(default)]
    again: bool,
}

/// Whom links are made for, of those who are invited.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inviting {
    /// Those without a link of the last minutes.
    Once,
    /// All.
    Again,
}

impl Inviting {
    fn of(invite: bool, again: bool, path: &str) -> Result<Option<Self>> {
        match (invite, again) {
            (false, false) => Ok(None),
            (true, false) => Ok(Some(Self::Once)),
            (true, true) => Ok(Some(Self::Again)),
            (false, true) => Err(Failure::invalid_at(path, "`again` is for links: send `invite` too")),
        }
    }
}

/// Reads people from a table.
///
/// Who is there is edited, who is not is invited, or added where the row says `active` or `disabled`. An empty cell
/// leaves what there is, `-` empties it, and `roles`, with `;` between them, are all that the person has for the whole
/// tenant and for good: others are taken away. Without `invite` nobody gets a link, and may be sent one by `POST
/// /users/bulk` later. It takes no `Idempotency-Key`: to send it again is safe as it is.
#[utoipa::path(
    post, path = "/users/import", tag = "People", operation_id = "importUsers", params(ImportPeople),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Line, content_type = "application/x-ndjson"))
)]
pub async fn import_people(
    State(app): State<Shared>,
    asker: Asker,
    Ask(query): Ask<ImportPeople>,
    Csv(bytes): Csv,
) -> Result<Response> {
    asker.need(console::USERS_VIEW, "see people")?;
    asker.need(console::USERS_MANAGE, "import people")?;
    let inviting = Inviting::of(query.invite, query.again, "query.again")?;
    let read = asker.tenant.work(move || People::read(&bytes)).await?;
    let write = Write { dry_run: query.dry_run, reason: query.reason };
    run(&app, asker, write, read.map_err(Failure::no_table)?, inviting).await
}

/// Which people are written; all of them where nothing is said.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Written {
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
    /// As of a point of the past: a date, an instant, milliseconds, or a revision as `r42`; now where it is not said.
    as_of: Option<AsOf>,
}

/// Writes people as a table: all of them, or those whom `GET /users` would list.
#[utoipa::path(
    get, path = "/users/export", tag = "People", operation_id = "exportUsers", params(Written),
    responses((status = 200, body = String, content_type = "text/csv", headers(("Content-Disposition" = String))))
)]
pub async fn export_people(asker: Asker, Ask(written): Ask<Written>) -> Result<Response> {
    asker.need(console::USERS_VIEW, "see people")?;
    let Written { search, status, role, package, not_signed_in_since, as_of } = written;
    let matching = Matching { search, status, role, package, not_signed_in_since };
    let (seen, known) = users::known(&asker, &matching, false, as_of).await?;
    let filter = Filter::new(matching);
    let write = move || {
        let people = filter.people(&seen.loaded, &known, seen.now).map(|(user, ..)| user);
        people::write(&seen.loaded.state, people)
    };
    Ok(file("people.csv", asker.tenant.work(write).await?))
}

/// Reads from a table who holds what.
///
/// Roles are given, and none is taken away. It takes no `Idempotency-Key`: to send it again is safe as it is.
#[utoipa::path(
    post, path = "/assignments/import", tag = "Assignments", operation_id = "importAssignments",
    params(Write),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Line, content_type = "application/x-ndjson"))
)]
pub async fn import_assignments(
    State(app): State<Shared>,
    asker: Asker,
    Ask(write): Ask<Write>,
    Csv(bytes): Csv,
) -> Result<Response> {
    asker.need(console::USERS_VIEW, "see who holds which role")?;
    asker.need(console::USERS_ASSIGN_ROLES, "give roles")?;
    let read = asker.tenant.work(move || Assignments::read(&bytes)).await?;
    run(&app, asker, write, read.map_err(Failure::no_table)?, None).await
}

/// Writes who holds what as a table.
#[utoipa::path(
    get, path = "/assignments/export", tag = "Assignments", operation_id = "exportAssignments",
    params(When),
    responses((status = 200, body = String, content_type = "text/csv", headers(("Content-Disposition" = String))))
)]
pub async fn export_assignments(asker: Asker, Ask(when): Ask<When>) -> Result<Response> {
    asker.need(console::USERS_VIEW, "see who holds which role")?;
    let (state, _) = asker.asked_of(when.as_of).await?;
    Ok(file("assignments.csv", asker.tenant.work(move || assignments::write(&state)).await?))
}

async fn run(
    app: &Shared,
    asker: Asker,
    write: Write,
    rows: impl Rows + 'static,
    inviting: Option<Inviting>,
) -> Result<Response> {
    let sees_keys = asker.may(console::API_KEYS_VIEW);
    let keys = Makers::read(&asker.tenant, sees_keys, asker.now).await?;
    let reason = write.reason.map(Reason::into_text);
    let many = |inviting: Inviting| {
        let (tenant, who) = (Arc::clone(&asker.tenant), asker.who.clone());
        Many::new(Arc::clone(app), tenant, who, reason.clone(), inviting == Inviting::Again)
    };
    let invites = inviting.map(|inviting| Arc::new(many(inviting)) as Arc<dyn Invites>);
    Ok(bulk::answer(Job {
        tenant: Arc::clone(&asker.tenant),
        who: asker.who.clone(),
        clock: app.clock.clone(),
        id: app.context()?.id,
        rows: Arc::new(rows),
        dry_run: write.dry_run,
        reason,
        request: request::id(),
        invites,
        sight: Sight::of(&asker),
        keys,
    }))
}

/// A table as a file of that name.
fn file(name: &str, bytes: Vec<u8>) -> Response {
    let named = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let mut response = ([(header::CONTENT_TYPE, MEDIA_TYPE)], bytes).into_response();
    response.headers_mut().extend(named.ok().map(|named| (header::CONTENT_DISPOSITION, named)));
    response
}
