//! The first-run link: a token, stored hashed, good for one hour and for one superuser, and only
//! while no superuser has ever existed. The server makes the default tenant's as it starts, `rolewright tenant create` another's.

use rolewright_model::change::{AssignmentEdit, UserEdit};
use rolewright_model::directory::Principal;
use rolewright_model::{Change, State, Timestamp};
use rolewright_store::{Record, RecordOp, Result};
use serde_json::Value;

use crate::secret;
use crate::tenant::{Error, Tenant};

pub(crate) const TOKEN: &str = "setup";
const EXISTED: &str = "superuser_existed";
const ONLY: &str = "default";
/// How long the link is good, in milliseconds: one hour.
pub const LIFETIME: i64 = 60 * 60 * 1000;

/// Whether no superuser has ever existed.
///
/// # Errors
/// Where the store fails.
pub async fn is_open(tenant: &Tenant, now: Timestamp) -> Result<bool> {
    Ok(tenant.store().record(tenant.id(), EXISTED, ONLY, now).await?.is_none())
}

/// Makes a new token while setup is open; older ones end.
///
/// # Errors
/// Where the store or the randomness fails.
pub async fn new_token(tenant: &Tenant, now: Timestamp) -> Result<Option<String>, Error> {
    if !is_open(tenant, now).await? {
        return Ok(None);
    }
    let token = secret::token().map_err(|_| Error::Stopped)?;
    let mut ops = end_tokens(tenant, now).await?;
    let record = Record::new(Value::Null).until(now.plus(LIFETIME));
    ops.push(RecordOp::Insert { kind: TOKEN.to_owned(), key: secret::stored(&token), record });
    tenant.store().edit_records(tenant.id(), ops, now).await?;
    Ok(Some(token))
}

async fn end_tokens(tenant: &Tenant, now: Timestamp) -> Result<Vec<RecordOp>> {
    let known = tenant.store().records(tenant.id(), TOKEN, None, now).await?;
    Ok(known.into_iter().map(|(key, _)| RecordOp::Delete { kind: TOKEN.to_owned(), key }).collect())
}

/// Whether the token is good. Asking does not use it up.
///
/// # Errors
/// Where the store fails.
pub async fn is_good(tenant: &Tenant, token: &str, now: Timestamp) -> Result<bool> {
    let record = tenant.store().record(tenant.id(), TOKEN, &secret::stored(token), now).await?;
    Ok(record.is_some() && is_open(tenant, now).await?)
}

/// What must happen with the first superuser or not at all: the token is used up, and from then on
/// one has existed.
#[must_use]
pub fn use_up(token: &str) -> Vec<RecordOp> {
    vec![
        RecordOp::Take { kind: TOKEN.to_owned(), key: secret::stored(token) },
        RecordOp::Insert { kind: EXISTED.to_owned(), key: ONLY.to_owned(), record: Record::new(Value::Null) },
    ]
}

/// What must happen with a superuser that the operator makes: a link is no longer needed.
///
/// # Errors
/// Where the store fails.
pub async fn close(tenant: &Tenant, now: Timestamp) -> Result<Vec<RecordOp>> {
    let mut ops = end_tokens(tenant, now).await?;
    let record = Record::new(Value::Null);
    ops.push(RecordOp::Put { kind: EXISTED.to_owned(), key: ONLY.to_owned(), record });
    Ok(ops)
}

/// The id of the policy's first superuser role; every valid policy has one.
#[must_use]
pub fn superuser_role(state: &State) -> Option<String> {
    let roles = state.documents().roles_in_order();
    roles.into_iter().find(|role| role.superuser).map(|role| role.id.clone())
}

/// A new user who can sign in, with a role for the whole tenant.
#[must_use]
pub fn user_with_role(user: UserEdit, role: Option<String>) -> Change {
    let principal = Principal::User(user.id.clone());
    let mut changes = vec![Change::CreateUser { user, sign_in: true }];
    changes.extend(role.map(|role| Change::Assign { assignment: AssignmentEdit::for_good(principal, role) }));
    Change::Batch { changes }
}
