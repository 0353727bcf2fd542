//! What is kept of people and groups ([`record`]), in memory, to be found by what a provider asks for.
//!
//! It follows the store by a counter: a record of its own that every write of SCIM takes and replaces, in its
//! transaction. A request reads that one record, and the whole table only where another process has written. Of two
//! writes made from the same table one is refused and made again, also between processes: so no two people get the same
//! `userName`.
//!
//! People and groups that are gone may still be in the table: whether they are there the tenant's state says.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use rolewright_model::Timestamp;
use rolewright_model::documents::Table as Shared;
use rolewright_store::{Record, RecordOp};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::record::{self, GroupRecord, Kept, UserRecord};
use crate::tenant::Tenant;

/// The kind of the counter; its key is how often the table was written.
const COUNTER: &str = "scim_table";

/// A tenant's table.
#[derive(Debug, Default)]
pub struct Table {
    known: Mutex<Option<Known>>,
    /// Who holds it writes: others of this process wait.
    pub writing: tokio::sync::Mutex<()>,
}

/// The table at one moment. A copy shares everything.
#[derive(Clone, Debug, Default)]
pub struct Known {
    written: u64,
    users: Shared<Arc<UserRecord>>,
    groups: Shared<Arc<GroupRecord>>,
    names: Shared<String>,
    externals: Shared<BTreeSet<String>>,
    emails: Shared<BTreeSet<String>>,
}

impl Table {
    /// The table as the store has it.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn current(&self, tenant: &Tenant, now: Timestamp) -> rolewright_store::Result<Known> {
        let written = counter(tenant, now).await?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.written == written) {
            return Ok(known);
        }
        // What is written meanwhile is read with it, and once more by the next who asks.
        let mut known = Known { written, ..Known::default() };
        for (id, said) in all::<UserRecord>(tenant, record::USER, now).await? {
            known.set(Kept::User(id, said));
        }
        for (id, said) in all::<GroupRecord>(tenant, record::GROUP, now).await? {
            known.set(Kept::Group(id, said));
        }
        self.replace(known.clone());
        Ok(known)
    }

    /// Says what the table is after a write.
    pub fn replace(&self, known: Known) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }
}

async fn counter(tenant: &Tenant, now: Timestamp) -> rolewright_store::Result<u64> {
    let all = tenant.store().records(tenant.id(), COUNTER, None, now).await?;
    Ok(all.iter().filter_map(|(key, _)| key.parse().ok()).max().unwrap_or_default())
}

async fn all<T: DeserializeOwned>(
    tenant: &Tenant,
    kind: &str,
    now: Timestamp,
) -> rolewright_store::Result<Vec<(String, T)>> {
    let records = tenant.store().records(tenant.id(), kind, None, now).await?;
    Ok(records
        .into_iter()
        .filter_map(|(id, record)| Some((id, serde_json::from_value(record.body).ok()?)))
        .collect())
}

/// Whether that is the refusal of a write which was made from a table that is no longer so.
#[must_use]
pub fn is_outdated(error: &rolewright_store::Error) -> bool {
    use rolewright_store::Error;
    matches!(error, Error::Spent { kind, .. } | Error::RecordExists { kind, .. } if kind == COUNTER)
}

impl Known {
    /// What is kept of a person.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<&UserRecord> {
        self.users.get(id).map(|said| &**said)
    }

    /// What is kept of a group.
    #[must_use]
    pub fn group(&self, id: &str) -> Option<&GroupRecord> {
        self.groups.get(id).map(|said| &**said)
    }

    /// The id of the person of that `userName`, in any case.
    #[must_use]
    pub fn user_of_name(&self, name: &str) -> Option<&str> {
        self.names.get(&name.to_lowercase()).map(String::as_str)
    }

    /// The ids of the people and groups with that `externalId`.
    pub fn of_external(&self, id: &str) -> impl Iterator<Item = &str> {
        self.externals.get(id).into_iter().flatten().map(String::as_str)
    }

    /// The ids of the people with that address among those that were sent, in any case.
    pub fn users_of_email(&self, email: &str) -> impl Iterator<Item = &str> {
        self.emails.get(&email.to_lowercase()).into_iter().flatten().map(String::as_str)
    }

    /// The table with a record written, and the edits of records that make it so.
    #[must_use]
    pub fn after(&self, kept: Kept) -> (Self, Vec<RecordOp>) {
        let mut after = self.clone();
        after.written += 1;
        let (kind, was, is) = (COUNTER.to_owned(), self.written.to_string(), after.written.to_string());
        let mut ops =
            vec![RecordOp::Insert { kind: kind.clone(), key: is, record: Record::new(Value::Null) }];
        if self.written > 0 {
            ops.push(RecordOp::Take { kind, key: was });
        }
        ops.push(kept.put());
        after.set(kept);
        (after, ops)
    }

    fn set(&mut self, kept: Kept) {
        match kept {
            Kept::User(id, said) => {
                if let Some(before) = self.users.get(&id).cloned() {
                    if self.user_of_name(&before.user_name) == Some(&id) {
                        self.names.remove(&before.user_name.to_lowercase());
                    }
                    take(&mut self.externals, before.external_id.iter().cloned(), &id);
                    take(&mut self.emails, addresses(&before), &id);
                }
                self.names.insert(said.user_name.to_lowercase(), id.clone());
                put(&mut self.externals, said.external_id.iter().cloned(), &id);
                put(&mut self.emails, addresses(&said), &id);
                self.users.insert(id, Arc::new(said));
            }
            Kept::Group(id, said) => {
                if let Some(before) = self.groups.get(&id).cloned() {
                    take(&mut self.externals, before.external_id.iter().cloned(), &id);
                }
                put(&mut self.externals, said.external_id.iter().cloned(), &id);
                self.groups.insert(id, Arc::new(said));
            }
        }
    }
}

fn addresses(said: &UserRecord) -> impl Iterator<Item = String> {
    said.emails.iter().map(|email| email.value.to_lowercase())
}

fn put(table: &mut Shared<BTreeSet<String>>, keys: impl Iterator<Item = String>, id: &str) {
    for key in keys {
        table.entry(key).or_default().insert(id.to_owned());
    }
}

fn take(table: &mut Shared<BTreeSet<String>>, keys: impl Iterator<Item = String>, id: &str) {
    for key in keys {
        let is_last = table.get_mut(&key).is_some_and(|ids| ids.remove(id) && ids.is_empty());
        if is_last {
            table.remove(&key);
        }
    }
}
