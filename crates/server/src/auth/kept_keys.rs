//! What is known of keys where a question is asked about them: findings, and the dry run of what an identity provider's
//! key is in the way of.

use rolewright_model::lint::KnownKey;
use rolewright_model::{State, Timestamp};

use super::{key, key_use};
use crate::tenant::Tenant;

/// Every key that is good, as the model is told of it.
///
/// # Errors
/// Where the store fails.
pub async fn all(tenant: &Tenant, now: Timestamp) -> rolewright_store::Result<Vec<KnownKey>> {
    let found = key::all(tenant, now).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let used = key_use::all(tenant, now).await?;
    let known = found.into_iter().map(|found| KnownKey {
        key: found.said(),
        keeper: found.key.keeper().map(ToOwned::to_owned),
        is_of_provider: used.get(&found.id).is_some_and(|used| used.by_provider.is_some()),
    });
    Ok(known.collect())
}

/// What an identity provider's keys could no longer do by a change, a line each; which key it is, to who `sees` keys.
#[must_use]
pub fn remarks(keys: &[KnownKey], before: &State, after: &State, sees: bool, now: Timestamp) -> Vec<String> {
    let mut remarks = Vec::new();
    for known in keys {
        let was = before.provider_gaps(known, now);
        let is = after.provider_gaps(known, now);
        let name = match sees {
            true => format!("with this the identity provider's key `{}`", known.key.name),
            false => "with this a key of the identity provider".to_owned(),
        };
        remarks.extend(is.iter().filter(|gap| !was.contains(gap)).map(|gap| gap.told(after, &name)));
    }
    remarks
}
