//! Links that set a password, a new one or the first: single-use, of 256 random bits, good for ten minutes, stored hashed.
//!
//! Anybody may ask for one, by an email address. So that nobody is flooded with mail, one goes out to
//! an account at most while the one before is good; so that nobody is kept from theirs, that one stays
//! good until then, whoever asks meanwhile.

use rolewright_model::Timestamp;
use rolewright_store::{Record, RecordOp, Result};
use serde_json::Value;

use super::proof;
use crate::scim::record;
use crate::secret::{self, NoEntropy};
use crate::tenant::Tenant;

/// The kind of the records, under the hash of the token; their owner is the person.
pub const KIND: &str = "password_reset";
/// The kind of the notes that a link went out, under the user's id.
const SENT: &str = "password_reset_sent";
/// How long a link is good, in minutes: what goes out of band has ten at most (OWASP ASVS 5.0, 6.5.5).
pub const MINUTES: i64 = 10;

/// A link that is being made.
#[derive(Clone)]
pub struct New {
    /// The token of the link.
    pub token: String,
    /// When the link ends.
    pub expires: Timestamp,
    /// What makes it good. It fails where one is good.
    pub records: Vec<RecordOp>,
}

/// A link as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whose password it sets.
    pub user: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// Who gets a link by asking for one: whoever is active and has that email. But who has no password yet and comes from
/// an identity provider signs in there, so that an administrator or the operator alone sends them one.
///
/// # Errors
/// Where the store fails.
pub async fn entitled(tenant: &Tenant, email: &str, now: Timestamp) -> Result<Option<String>> {
    let loaded = tenant.loaded();
    let user = loaded.state.user_of_email(email).and_then(|id| proof::active(&loaded, id));
    let Some(user) = user else { return Ok(None) };
    let signs_in_elsewhere =
        !user.sign_in && tenant.store().record(tenant.id(), record::USER, &user.id, now).await?.is_some();
    Ok((!signs_in_elsewhere).then(|| user.id.clone()))
}

/// A link that is made because somebody asked for one, who need not be the person; or that an administrator or the
/// operator starts, a change with which whatever was asked for ends first.
///
/// # Errors
/// [`NoEntropy`].
pub fn new(user: &str, now: Timestamp) -> std::result::Result<New, NoEntropy> {
    let (token, expires) = (secret::token()?, now.plus(MINUTES * 60 * 1000));
    let record = || Record::new(Value::Null).owned_by(user).until(expires);
    let insert = |kind: &str, key: String| RecordOp::Insert { kind: kind.to_owned(), key, record: record() };
    let records = vec![insert(SENT, user.to_owned()), end(KIND, user), insert(KIND, secret::stored(&token))];
    Ok(New { token, expires, records })
}

/// The link of a token, if it is good. Asking does not use it up.
///
/// # Errors
/// Where the store fails.
pub async fn find(tenant: &Tenant, token: &str, now: Timestamp) -> Result<Option<Kept>> {
    let record = tenant.store().record(tenant.id(), KIND, &secret::stored(token), now).await?;
    Ok(record.and_then(|record| Some(Kept { user: record.owner?, expires: record.expires? })))
}

/// Uses a link up, with the password that it sets: of any number who try, one does.
#[must_use]
pub fn use_up(token: &str) -> RecordOp {
    RecordOp::Take { kind: KIND.to_owned(), key: secret::stored(token) }
}

/// Ends every link of that person, with what else happens.
#[must_use]
pub fn end_all(user: &str) -> [RecordOp; 2] {
    [end(KIND, user), end(SENT, user)]
}

/// Whether it is why a link that was asked for is not made: one is good still.
#[must_use]
pub fn is_good_still(error: &rolewright_store::Error) -> bool {
    matches!(error, rolewright_store::Error::RecordExists { kind, .. } if kind == SENT)
}

fn end(kind: &str, user: &str) -> RecordOp {
    RecordOp::DeleteOwned { kind: kind.to_owned(), owner: user.to_owned() }
}
