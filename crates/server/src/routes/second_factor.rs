//! The second factor: one turns on one's own, and an administrator resets that of who lost access.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use rolewright_model::Change;
use rolewright_wire::Accepted;
use rolewright_wire::secret::Secret;
use rolewright_wire::session::{Confirmation, Enrolment, Proof, RecoveryCodes};

use super::session::carried;
use super::{done, written};
use crate::app::Shared;
use crate::auth::client::Client;
use crate::auth::{Asker, Enrolling, qr, recovery, second_factor, throttle, totp};
use crate::extract::{Ask, At, Id, Json, Write};
use crate::mail::notice;
use crate::problem::{Failure, Result};
use crate::tenant::Edit;

/// What an authenticator calls a tenant that has no name.
const ISSUER: &str = "Rolewright";

/// Begins to turn the second factor on.
///
/// Answers what the authenticator keeps, this once. It is on when a code confirms it.
#[utoipa::path(
    post, path = "/session/second-factor", tag = "Sign-in", operation_id = "beginSecondFactor",
    request_body = Proof,
    responses((status = 200, body = Enrolment, headers(("Set-Cookie" = String))),
        (status = 409, description = "It is on already"),
        (status = 429, description = "Too many tries"))
)]
pub async fn begin(Enrolling(asker): Enrolling, client: Client, Json(body): Json<Proof>) -> Result<Response> {
    wait(&asker, &client, &body, false).await
}

/// Begins to replace one's own authenticator by another.
///
/// Answers what the new one keeps, this once. The code of the proof is of the old one, or a recovery code. The old one
/// is good until a code of the new one confirms it.
#[utoipa::path(
    post, path = "/session/second-factor/replace", tag = "Sign-in", operation_id = "replaceSecondFactor",
    request_body = Proof,
    responses((status = 200, body = Enrolment, headers(("Set-Cookie" = String))),
        (status = 409, description = "There is none to replace"),
        (status = 429, description = "Too many tries"))
)]
pub async fn replace(asker: Asker, client: Client, Json(body): Json<Proof>) -> Result<Response> {
    wait(&asker, &client, &body, true).await
}

/// Lets a new one wait to be confirmed.
async fn wait(asker: &Asker, client: &Client, shown: &Proof, replaces: bool) -> Result<Response> {
    let before = asker.session()?;
    let proof = asker.prove(client, &shown.password, shown.code.as_ref()).await?;
    match (second_factor::is_on(&asker.tenant, &before.user, asker.now).await?, replaces) {
        (true, false) => return Err(second_factor::is_on_already()),
        (false, true) => return Err(second_factor::is_off_already()),
        _ => {}
    }
    let documents = asker.loaded.state.documents();
    let user = documents.directory.users.get(&before.user).ok_or_else(Failure::unauthenticated)?;
    let issuer = Some(documents.settings.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(ISSUER);
    let shared = totp::Shared::fresh()?;
    let uri = shared.uri(issuer, &user.email)?;
    let waiting = second_factor::Waiting { shared, replaces };
    let (expires, waits) = second_factor::begin(&user.id, &waiting, asker.now);
    let new = before.renewed(asker.now)?;
    proof.settle(vec![before.end(), new.record(), waits]).await?;
    let qr = qr::svg(&uri)?;
    let told = Enrolment { secret: waiting.shared.base32().into(), uri: uri.into(), qr: qr.into(), expires };
    Ok(carried(&asker.tenant, &new, axum::Json(told).into_response()))
}

/// Turns the second factor on with a code of it.
///
/// Or puts it in place of the one that it replaces. Answers ten recovery codes, this once, and those before are void.
/// Every other session ends.
#[utoipa::path(
    post, path = "/session/second-factor/confirm", tag = "Sign-in", operation_id = "confirmSecondFactor",
    params(Write),
    request_body = Confirmation,
    responses((status = 200, body = RecoveryCodes, headers(("Set-Cookie" = String))),
        (status = 409, description = "It is on already, or the one to replace is off"),
        (status = 410, description = "Nothing waits to be confirmed"),
        (status = 429, description = "Too many tries"))
)]
pub async fn confirm(
    State(app): State<Shared>,
    Enrolling(asker): Enrolling,
    Ask(write): Ask<Write>,
    Json(body): Json<Confirmation>,
) -> Result<Response> {
    let (tenant, now, before) = (&asker.tenant, asker.now, asker.session()?);
    let user = before.user.as_str();
    let waiting = second_factor::waiting(tenant, user, now).await?;
    let waiting = waiting.ok_or_else(second_factor::enrolment_gone)?;
    let account = (tenant.id(), user);
    app.throttle.attempt_code(account, now).map_err(throttle::too_many)?;
    let code: String = body.code.expose().split_whitespace().collect();
    let step = waiting.shared.step_of(&code, now).ok_or_else(second_factor::wrong_new_code)?;
    let (codes, fresh) = recovery::fresh(user)?;
    let new = before.renewed(now)?;
    let mut records = second_factor::turn_on(user, &waiting, now);
    records.extend(fresh);
    records.push(new.record());
    let id = user.to_owned();
    let (change, kind): (_, notice::Kind) = match waiting.replaces {
        true => (Change::ReplaceSecondFactor { id }, notice::second_factor_replaced),
        false => (Change::TurnOnSecondFactor { id }, notice::second_factor_on),
    };
    let edit = asker.edit(change)?;
    let spent = second_factor::spend(user, step).into_iter().chain([before.end()]).collect();
    // As with a proof, the session goes on under a new token: this request cannot come again.
    let edit = Edit { spent, records, once: None, ..edit };
    let applied = tenant.apply(write.on(edit)).await.map_err(second_factor::lost)?;
    app.throttle.give_back_code(account);
    if applied.dry_run {
        return Ok(axum::Json(RecoveryCodes { codes: Vec::new() }).into_response());
    }
    notice::tell(&app, tenant, user, kind, now);
    Ok(carried(&asker.tenant, &new, written(&applied, axum::Json(told(codes)).into_response())))
}

fn told(codes: Vec<String>) -> RecoveryCodes {
    RecoveryCodes { codes: codes.into_iter().map(Secret::from).collect() }
}

/// Makes one's own recovery codes anew.
///
/// Answers ten, this once. Those before are void.
#[utoipa::path(
    post, path = "/session/second-factor/recovery-codes", tag = "Sign-in", operation_id = "renewRecoveryCodes",
    params(Write), request_body = Proof,
    responses((status = 200, body = RecoveryCodes, headers(("Set-Cookie" = String))),
        (status = 409, description = "The second factor is off"),
        (status = 429, description = "Too many tries"))
)]
pub async fn renew_recovery_codes(
    State(app): State<Shared>,
    asker: Asker,
    client: Client,
    Ask(write): Ask<Write>,
    Json(body): Json<Proof>,
) -> Result<Response> {
    let before = asker.session()?;
    let edit = asker.edit(Change::RenewRecoveryCodes { id: before.user.clone() })?;
    let proof = asker.prove(&client, &body.password, body.code.as_ref()).await?;
    let (codes, mut records) = second_factor::renew_recovery(&asker.tenant, &before.user, asker.now).await?;
    let new = before.renewed(asker.now)?;
    records.push(new.record());
    let applied = proof.apply(write.on(Edit { spent: vec![before.end()], records, ..edit })).await?;
    if applied.dry_run {
        return Ok(axum::Json(told(Vec::new())).into_response());
    }
    notice::tell(&app, &asker.tenant, &before.user, notice::recovery_codes_renewed, asker.now);
    Ok(carried(&asker.tenant, &new, written(&applied, axum::Json(told(codes)).into_response())))
}

/// Turns one's own second factor off.
#[utoipa::path(
    delete, path = "/session/second-factor", tag = "Sign-in", operation_id = "turnOffSecondFactor",
    params(Write), request_body = Proof,
    responses((status = 204, description = "It is off", headers(("Set-Cookie" = String))),
        (status = 200, body = Accepted, description = "A dry run"),
        (status = 409, description = "It is off already"),
        (status = 429, description = "Too many tries"))
)]
pub async fn turn_off(
    State(app): State<Shared>,
    asker: Asker,
    client: Client,
    Ask(write): Ask<Write>,
    Json(body): Json<Proof>,
) -> Result<Response> {
    let user = asker.session()?.user.clone();
    let edit = asker.edit(Change::TurnOffSecondFactor { id: user.clone() })?;
    proved(&app, &asker, &client, &body, write, edit, (&user, notice::second_factor_off)).await
}

/// Turns off the second factor of a person who lost access to it.
///
/// All of that person's sessions end. The body is of the one who asks, who must hold everything that the person holds.
#[utoipa::path(
    post, path = "/users/{id}/second-factor/reset", tag = "People", operation_id = "resetUserSecondFactor",
    params(Write), request_body = Proof,
    responses((status = 204, description = "It is off", headers(("Set-Cookie" = String))),
        (status = 200, body = Accepted, description = "A dry run"),
        (status = 409, description = "It is off already"),
        (status = 429, description = "Too many tries"))
)]
pub async fn reset(
    State(app): State<Shared>,
    asker: Asker,
    client: Client,
    At(path): At<Id>,
    Ask(write): Ask<Write>,
    Json(body): Json<Proof>,
) -> Result<Response> {
    asker.session()?;
    let edit = asker.edit(Change::ResetSecondFactor { id: path.id.clone() })?;
    proved(&app, &asker, &client, &body, write, edit, (&path.id, notice::second_factor_reset)).await
}

/// Makes a change for which whoever asks shows once more who they are, and tells the person about whom it is. The
/// session that asks goes on under a new token.
async fn proved(
    app: &Shared,
    asker: &Asker,
    client: &Client,
    shown: &Proof,
    write: Write,
    edit: Edit,
    (user, kind): (&str, notice::Kind),
) -> Result<Response> {
    let before = asker.session()?;
    asker.may_make(&edit)?;
    let proof = asker.prove(client, &shown.password, shown.code.as_ref()).await?;
    if write.dry_run && !second_factor::is_on(&asker.tenant, user, asker.now).await? {
        return Err(second_factor::is_off_already());
    }
    let new = before.renewed(asker.now)?;
    let edit = Edit { spent: vec![before.end()], records: vec![new.record()], ..edit };
    let applied = proof.apply(write.on(edit)).await?;
    if !applied.is_new() {
        return Ok(done(&applied));
    }
    notice::tell(app, &asker.tenant, user, kind, asker.now);
    Ok(carried(&asker.tenant, &new, done(&applied)))
}
