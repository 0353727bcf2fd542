//! The second factor of a person: an authenticator's codes, and recovery codes for when it is lost.
//!
//! What the authenticator and the server both keep is in the store as it is: hashed, no code could be
//! worked out from it. It is told once, when the person enrols, and never again. The file's
//! permissions keep it, as they keep the keys that sign.

use std::collections::HashSet;

use rolewright_model::{State, Timestamp};
use rolewright_store::{Record, RecordOp, sealed};
use rolewright_wire::problem::code;
use rolewright_wire::reach::MOST_NAMED;
use rolewright_wire::second_factor::{Lacking, Person};
use serde_json::{Value, json};

use super::{recovery, totp};
use crate::problem::{Failure, Result};
use crate::tenant::{self, Tenant};

/// The kind of the records: one a user, under the user's id.
const KIND: &str = sealed::SECOND_FACTOR;
/// The kind of those that wait to be confirmed, under the user's id.
pub(crate) const WAITING: &str = "second_factor_enrolment";
/// The kind of the steps whose code was used.
const USED: &str = "second_factor_step";
/// What such a record says where another is on until then.
const REPLACES: &str = "replaces";
/// How long one waits to be confirmed, in milliseconds: 10 minutes.
const PATIENCE: i64 = 10 * 60 * 1000;

/// Whether that person's second factor is on.
///
/// # Errors
/// Where the store fails.
pub async fn is_on(tenant: &Tenant, user: &str, now: Timestamp) -> Result<bool> {
    Ok(tenant.store().record(tenant.id(), KIND, user, now).await?.is_some())
}

/// The ids of all whose second factor is on.
///
/// # Errors
/// Where the store fails.
pub async fn all(tenant: &Tenant, now: Timestamp) -> rolewright_store::Result<HashSet<String>> {
    let records = tenant.store().records(tenant.id(), KIND, None, now).await?;
    Ok(records.into_iter().map(|(user, _)| user).collect())
}

/// Whether that person must have a second factor, as that state says, and has none.
///
/// # Errors
/// Where the store fails.
pub async fn must_enrol(tenant: &Tenant, state: &State, user: &str, now: Timestamp) -> Result<bool> {
    Ok(state.needs_second_factor(user, now) && !is_on(tenant, user, now).await?)
}

/// Whom a change of who must have a second factor keeps from everything else until they turn one on: who signs in, must
/// have one after it and not before, and has none. By name where `sees_people`. `O(users)`.
#[must_use]
pub fn lacking(
    before: &State,
    after: &State,
    has: &HashSet<String>,
    sees_people: bool,
    now: Timestamp,
) -> Lacking {
    let users = after.documents().directory.users.values().filter(|user| user.sign_in);
    let lacks = users.filter(|user| {
        let is_new = after.needs_second_factor(&user.id, now) && !before.needs_second_factor(&user.id, now);
        is_new && !has.contains(&user.id)
    });
    let mut lacking = Lacking::default();
    for user in lacks {
        lacking.count = lacking.count.saturating_add(1);
        if sees_people && lacking.people.len() < MOST_NAMED {
            lacking.people.push(Person { user: user.id.clone(), name: user.display_name() });
        }
    }
    lacking
}

/// What that person's authenticator keeps, where the second factor is on.
///
/// # Errors
/// Where the store fails.
pub async fn of(tenant: &Tenant, user: &str, now: Timestamp) -> Result<Option<totp::Shared>> {
    let record = tenant.store().record(tenant.id(), KIND, user, now).await?;
    record.as_ref().map(shared_in).transpose()
}

/// One that waits to be confirmed.
pub struct Waiting {
    /// What the authenticator keeps.
    pub shared: totp::Shared,
    /// Whether another is on until then, in whose place it comes.
    pub replaces: bool,
}

/// What waits to be confirmed.
///
/// # Errors
/// Where the store fails.
pub async fn waiting(tenant: &Tenant, user: &str, now: Timestamp) -> Result<Option<Waiting>> {
    let Some(record) = tenant.store().record(tenant.id(), WAITING, user, now).await? else { return Ok(None) };
    let replaces = record.body.get(REPLACES).and_then(Value::as_bool).unwrap_or_default();
    Ok(Some(Waiting { shared: shared_in(&record)?, replaces }))
}

fn shared_in(record: &Record) -> Result<totp::Shared> {
    totp::Shared::read(record.body.get("secret").and_then(Value::as_str).unwrap_or_default())
}

/// Lets a new one wait to be confirmed, in place of any that waits; says until when.
#[must_use]
pub fn begin(user: &str, waiting: &Waiting, now: Timestamp) -> (Timestamp, RecordOp) {
    let expires = now.plus(PATIENCE);
    let mut record = record(user, &waiting.shared, now).until(expires);
    if let Value::Object(body) = &mut record.body {
        body.insert(REPLACES.to_owned(), waiting.replaces.into());
    }
    (expires, RecordOp::Put { kind: WAITING.to_owned(), key: user.to_owned(), record })
}

/// Turns on what was waiting, in place of the one that it replaces, which must be on still; of any number of confirmations
/// one does.
#[must_use]
pub fn turn_on(user: &str, waiting: &Waiting, now: Timestamp) -> Vec<RecordOp> {
    let (kind, key, record) = (KIND.to_owned(), user.to_owned(), record(user, &waiting.shared, now));
    let taken = [Some(WAITING), waiting.replaces.then_some(KIND)];
    let taken = taken.into_iter().flatten();
    let taken = taken.map(|kind| RecordOp::Take { kind: kind.to_owned(), key: user.to_owned() });
    taken.chain([RecordOp::Insert { kind, key, record }]).collect()
}

fn record(user: &str, shared: &totp::Shared, now: Timestamp) -> Record {
    Record::new(json!({ "secret": shared.base32(), "since": now })).owned_by(user)
}

/// Makes recovery codes anew: the second factor must be on as it was, for a reset leaves none.
///
/// # Errors
/// Where the store or the randomness fails; 409 where it is off.
pub async fn renew_recovery(
    tenant: &Tenant,
    user: &str,
    now: Timestamp,
) -> Result<(Vec<String>, Vec<RecordOp>)> {
    let record = tenant.store().record(tenant.id(), KIND, user, now).await?.ok_or_else(is_off_already)?;
    let (kind, key) = (KIND.to_owned(), user.to_owned());
    let mut records =
        vec![RecordOp::Take { kind: kind.clone(), key: key.clone() }, RecordOp::Insert { kind, key, record }];
    let (codes, fresh) = recovery::fresh(user)?;
    records.extend(fresh);
    Ok((codes, records))
}

/// Turns it off: it must be on.
#[must_use]
pub fn turn_off(user: &str) -> Vec<RecordOp> {
    let mut records = vec![RecordOp::Take { kind: KIND.to_owned(), key: user.to_owned() }];
    records.extend(remove(user));
    records
}

/// Removes whatever there is of it.
#[must_use]
pub fn remove(user: &str) -> Vec<RecordOp> {
    let delete = |kind: &str| RecordOp::Delete { kind: kind.to_owned(), key: user.to_owned() };
    vec![delete(KIND), delete(WAITING), recovery::end_all(user)]
}

/// Uses up the code of a step, and with it those of the steps before, which somebody may have seen: of any number of sign-ins
/// with one code one gets it.
#[must_use]
pub fn spend(user: &str, step: i64) -> Vec<RecordOp> {
    let kind = || USED.to_owned();
    let of = |step: i64| {
        (format!("{user}:{step}"), Record::new(Value::Null).owned_by(user).until(totp::end_of(step)))
    };
    let (key, record) = of(step);
    let earlier = totp::before(step).map(|step| {
        let (key, record) = of(step);
        RecordOp::Put { kind: kind(), key, record }
    });
    [RecordOp::Insert { kind: kind(), key, record }].into_iter().chain(earlier).collect()
}

/// What it means that a record was used up, or is there already, before another request's.
#[must_use]
pub fn lost(error: tenant::Error) -> Failure {
    use rolewright_store::Error;
    let tenant::Error::Store(cause) = &error else { return error.into() };
    match cause {
        Error::RecordExists { kind, .. } if kind == USED => wrong_code(),
        Error::RecordExists { kind, .. } if kind == KIND => is_on_already(),
        Error::Spent { kind, .. } => match kind.as_str() {
            KIND => is_off_already(),
            WAITING => enrolment_gone(),
            recovery::KIND => wrong_code(),
            _ => error.into(),
        },
        _ => error.into(),
    }
}

/// 401: what else is shown is right, and a code is needed too.
#[must_use]
pub fn needed() -> Failure {
    let detail = "this account has a second factor: send the code of the authenticator too";
    Failure::new(axum::http::StatusCode::UNAUTHORIZED, code::SECOND_FACTOR_NEEDED, detail)
}

/// 401: the code is wrong, or was used.
#[must_use]
pub fn wrong_code() -> Failure {
    let detail = "this code is wrong, too old, or was used: wait for the next one, or use a recovery code";
    Failure::new(axum::http::StatusCode::UNAUTHORIZED, code::WRONG_CODE, detail)
}

/// 401: the code is not one of the authenticator that waits to be confirmed.
#[must_use]
pub fn wrong_new_code() -> Failure {
    let detail = "this code is not the one that the new authenticator shows now: wait for its next one; if that is wrong too, set its clock right";
    Failure::new(axum::http::StatusCode::UNAUTHORIZED, code::WRONG_CODE, detail)
}

/// 409: it is on.
#[must_use]
pub fn is_on_already() -> Failure {
    let detail = "the second factor is on already: replace it by `POST /session/second-factor/replace`, or turn it off";
    Failure::new(axum::http::StatusCode::CONFLICT, code::SECOND_FACTOR_ON, detail)
}

/// 409: it is off.
#[must_use]
pub fn is_off_already() -> Failure {
    let detail = "this account has no second factor: there is nothing to turn off or to replace";
    Failure::new(axum::http::StatusCode::CONFLICT, code::SECOND_FACTOR_OFF, detail)
}

/// 410: nothing waits to be confirmed.
#[must_use]
pub fn enrolment_gone() -> Failure {
    let detail = "no second factor waits to be confirmed, or it waited too long: begin again";
    Failure::new(axum::http::StatusCode::GONE, code::ENROLMENT_GONE, detail)
}
