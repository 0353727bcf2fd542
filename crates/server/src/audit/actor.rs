//! What people read of who made a change.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rolewright_model::Timestamp;
use rolewright_model::change::{Kind, Topic};
use rolewright_store::LogFilter;
use serde_json::Value;

use crate::auth::key;
use crate::sight::Sight;
use crate::tenant::{Loaded, Tenant};

/// What a person is called who made a change; empty where that is nobody who is known now, or people are not seen.
#[must_use]
pub fn name_of(actor: &str, loaded: &Loaded, sight: &Sight) -> String {
    let users = &loaded.state.documents().directory.users;
    let actor = actor.strip_prefix("user:").and_then(|id| users.get(id)).filter(|_| sight.sees(Kind::User));
    actor.map(|user| user.display_name()).unwrap_or_default()
}

/// Fills in what API keys are called that made changes, where keys are seen. Each is read once.
///
/// # Errors
/// Where the store fails.
pub async fn name_keys<'a>(
    tenant: &Tenant,
    sight: &Sight,
    now: Timestamp,
    made: impl Iterator<Item = (&'a str, &'a mut String)>,
) -> rolewright_store::Result<()> {
    let mut known: HashMap<&str, String> = HashMap::new();
    for (actor, name) in made.filter(|_| sight.sees(Topic::Keys)) {
        let Some(id) = actor.strip_prefix("key:") else { continue };
        let called = match known.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(name_of_key(tenant, id, now).await?),
        };
        name.clone_from(called);
    }
    Ok(())
}

/// What a key is called now; of one that ended, what the log last called it.
async fn name_of_key(tenant: &Tenant, id: &str, now: Timestamp) -> rolewright_store::Result<String> {
    if let Some(found) = key::one(tenant, id, now).await? {
        return Ok(found.key.name);
    }
    let about = LogFilter { kind: Some(Topic::Keys), id: Some(id.to_owned()), ..LogFilter::default() };
    let last = tenant.store().log_where(tenant.id(), &about, None, 1).await?;
    let name = last.first().and_then(|last| last.entry.change.pointer("/key/name")).and_then(Value::as_str);
    Ok(name.unwrap_or_default().to_owned())
}
