//! What is known of keys where a question is asked about them: findings, and the dry run of what an identity provider's
//! key is in the way of.

use rolewright_model::lint::{KnownKey, ProviderGap};
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
    let told = |known: &KnownKey, gap: &ProviderGap<'_>| match sees {
        true => gap.told(&format!("with this the identity provider's key `{}`", known.key.name)),
        false => gap.told("with this a key of the identity provider"),
    };
    let of = |known| {
        let was = before.provider_gaps(known, now);
        let is = after.provider_gaps(known, now).into_iter();
        is.filter(move |gap| !was.contains(gap)).map(move |gap| told(known, &gap))
    };
    keys.iter().flat_map(of).collect()
}
