//! Who made the keys that are good. A key belongs to the tenant: it goes on when its maker is disabled or deleted,
//! and whoever does that is told.

use std::collections::HashMap;

use rolewright_model::directory::Status;
use rolewright_model::{Change, Timestamp, console};

use super::{Asker, key};
use crate::problem::Result;
use crate::tenant::Tenant;

/// How many keys are named at most.
const NAMED: usize = 5;

/// The names of the keys that are good, by the person who made them.
#[derive(Clone, Debug, Default)]
pub struct Makers {
    names: HashMap<String, Vec<String>>,
    /// Whether the keys are told by name.
    sees_keys: bool,
}

impl Makers {
    /// Reads them, for somebody who may see keys or not.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn read(tenant: &Tenant, sees_keys: bool, now: Timestamp) -> Result<Self> {
        let mut names: HashMap<String, Vec<String>> = HashMap::new();
        for found in key::all(tenant, now).await? {
            if let Some(maker) = found.key.maker() {
                names.entry(maker.to_owned()).or_default().push(found.key.name.clone());
            }
        }
        names.values_mut().for_each(|names| names.sort());
        Ok(Self { names, sees_keys })
    }

    /// What whoever makes that change should know: a line for each person whom it disables or deletes, and who
    /// made keys.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn of(asker: &Asker, change: &Change) -> Result<Vec<String>> {
        let leaving = leaving(change);
        if leaving.is_empty() {
            return Ok(Vec::new());
        }
        let makers = Self::read(&asker.tenant, asker.may(console::API_KEYS_VIEW), asker.now).await?;
        Ok(makers.remarks(change))
    }

    /// As [`Makers::of`], of keys that were read.
    #[must_use]
    pub fn remarks(&self, change: &Change) -> Vec<String> {
        let leaving = leaving(change);
        let is_one = leaving.len() == 1;
        let remark = |id: &str| {
            let names = self.names.get(id)?;
            let by = if is_one { "them".to_owned() } else { format!("`{id}`") };
            let (keys, go) = if names.len() == 1 { ("API key", "goes") } else { ("API keys", "go") };
            let mut remark = format!("{} {keys} made by {by} {go} on", names.len());
            if self.sees_keys {
                let named: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
                remark.push_str(": ");
                remark.push_str(&named.join(", "));
                if names.len() > NAMED {
                    remark.push_str(&format!(" and {} more", names.len() - NAMED));
                }
            }
            Some(remark)
        };
        leaving.into_iter().filter_map(remark).collect()
    }
}

/// Whom a change disables or deletes.
fn leaving(change: &Change) -> Vec<&str> {
    match change {
        Change::Batch { changes } => changes.iter().flat_map(leaving).collect(),
        Change::SetStatus { id, status: Status::Disabled } | Change::DeleteUser { id } => vec![id],
        _ => Vec::new(),
    }
}
