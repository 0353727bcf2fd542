//! Keys that were read lately, so that a request costs no read of the store.
//!
//! What is here may be older than the store by [`KEPT`] at most: so soon holds what another process revokes,
//! replaces or shortens. What this one does holds at once. A key's own end is looked at each time.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rolewright_model::{ResourcePath, Timestamp};
use rolewright_store::Record;

use super::actor::{Bearer, Who};
use super::key::Key;

/// How long a key is believed to be as it was read, in milliseconds: as often as other processes' commits are
/// looked for.
pub const KEPT: i64 = 200;
/// How many keys are kept. Who has no key adds none.
const MOST: usize = 10_000;

/// A key as it was read.
#[derive(Debug)]
pub(super) struct Known {
    key: Key,
    /// What whoever has its newest secret shows.
    bearer: Arc<Bearer>,
    read: Timestamp,
}

impl Known {
    /// The key of a record, read now.
    pub(super) fn of(id: &str, record: Record, now: Timestamp) -> Option<Self> {
        let key: Key = serde_json::from_value(record.body).ok()?;
        let bearer = Bearer {
            id: id.to_owned(),
            secret: key.hash.clone(),
            permissions: key.permissions.clone(),
            scope: ResourcePath::parse(&key.scope).ok()?,
            until: key.expires,
            trusts_subject: key.trusts_subject,
            told_to: key.told_to(),
        };
        Some(Self { key, bearer: Arc::new(bearer), read: now })
    }

    /// Who shows that secret, if it is one of the key's.
    pub(super) fn shown(&self, secret: &str, now: Timestamp) -> Option<Who> {
        let hash = self.key.hash_of(secret, now)?;
        let key = match &self.bearer {
            bearer if bearer.secret == hash => Arc::clone(bearer),
            bearer => Arc::new(Bearer { secret: hash.to_owned(), ..Bearer::clone(bearer) }),
        };
        Some(Who::Key { key, for_provider: false })
    }

    fn is_good(&self, now: Timestamp) -> bool {
        let is_fresh = self.read <= now && now < self.read.plus(KEPT);
        is_fresh && self.key.expires.is_none_or(|expires| now < expires)
    }
}

/// Keys that were read lately, by their ids.
#[derive(Debug, Default)]
pub struct KnownKeys(RwLock<Kept>);

#[derive(Debug, Default)]
struct Kept {
    keys: HashMap<String, Arc<Known>>,
    /// How often a key was forgotten: what was read before that may be what it no longer is.
    forgotten: u64,
}

/// How often a key was forgotten when one was about to be read.
pub(super) struct Unread(u64);

impl KnownKeys {
    /// The key, where it was read lately.
    pub(super) fn get(&self, id: &str, now: Timestamp) -> Option<Arc<Known>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.keys.get(id).filter(|known| known.is_good(now)).map(Arc::clone)
    }

    /// To be taken before a key is read.
    pub(super) fn unread(&self) -> Unread {
        Unread(self.0.read().unwrap_or_else(PoisonError::into_inner).forgotten)
    }

    /// Keeps a key that was read, unless one was forgotten meanwhile.
    pub(super) fn put(&self, unread: Unread, id: &str, known: Known) -> Arc<Known> {
        let known = Arc::new(known);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.forgotten == unread.0 {
            if kept.keys.len() >= MOST {
                kept.keys.retain(|_, other| other.is_good(known.read));
            }
            if kept.keys.len() < MOST {
                kept.keys.insert(id.to_owned(), Arc::clone(&known));
            }
        }
        known
    }

    /// Forgets a key that was ended or given a new secret.
    pub fn forget(&self, id: &str) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.forgotten = kept.forgotten.wrapping_add(1);
        kept.keys.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn known(expires: Option<i64>) -> Known {
        let body = json!({
            "name": "edge", "permissions": [], "scope": "/", "hash": "", "created": 0, "expires": expires,
        });
        Known::of("a", Record::new(body), NOW).unwrap()
    }

    #[test]
    fn a_key_is_read_again_after_a_moment_and_when_it_ends() {
        let keys = KnownKeys::default();
        let put = |expires| keys.put(keys.unread(), "a", known(expires));
        for (expires, now, is_known) in [
            (None, NOW, true),
            (None, NOW.plus(KEPT - 1), true),
            (None, NOW.plus(KEPT), false),
            (None, NOW.plus(-1), false),
            (Some(NOW.0 + 10), NOW.plus(9), true),
            (Some(NOW.0 + 10), NOW.plus(10), false),
        ] {
            put(expires);
            assert_eq!(keys.get("a", now).is_some(), is_known, "{expires:?} {now:?}");
        }
        keys.forget("a");
        assert!(keys.get("a", NOW).is_none());
    }

    #[test]
    fn what_was_read_before_a_key_was_forgotten_is_not_kept() {
        let keys = KnownKeys::default();
        let before = keys.unread();
        keys.forget("a");
        keys.put(before, "a", known(None));
        assert!(keys.get("a", NOW).is_none());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let keys = KnownKeys::default();
        for n in 0..=MOST {
            keys.put(keys.unread(), &n.to_string(), known(None));
        }
        assert_eq!(keys.0.read().unwrap().keys.len(), MOST);
    }
}
