//! The checkers that ask this server for snapshots with API keys: what each was told last, and when.
//!
//! Kept in memory: a checker asks again within seconds, so a server that is started anew soon knows them. Of several servers over one
//! store each knows those that ask it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use rolewright_model::snapshot::SnapshotKind;
use rolewright_model::{Stamp, Timestamp};

/// How long one that asks no more is remembered, in milliseconds: 24 hours, so that who looks in the morning sees what stopped at night.
pub const KEPT: i64 = 24 * 60 * 60 * 1000;
/// How many are remembered of a tenant: then whoever asked longest ago makes room.
const MOST: usize = 1_000;

/// A checker, as far as it can be told apart: several behind one address, of one kind and with one key, are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Checker {
    /// The id of the key that it asks with.
    pub key: String,
    /// What it asks for.
    pub kind: SnapshotKind,
    /// From where, where it came over a network.
    pub address: Option<IpAddr>,
    /// What it says it is.
    pub agent: Option<String>,
}

/// What a checker was told last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The revision that its state was confirmed for.
    pub at: Stamp,
    /// When.
    pub asked: Timestamp,
}

/// The checkers of a tenant.
#[derive(Debug, Default)]
pub struct Checkers(Mutex<HashMap<Checker, Told>>);

impl Checkers {
    /// Remembers what a checker was told. `O(1)`, but where there are too many.
    pub fn note(&self, checker: Checker, told: Told) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&checker) {
            let oldest = known.iter().min_by_key(|(_, told)| told.asked).map(|(oldest, _)| oldest.clone());
            if let Some(oldest) = oldest {
                known.remove(&oldest);
            }
        }
        known.insert(checker, told);
    }

    /// Those that asked within the last 24 hours; the others are forgotten.
    #[must_use]
    pub fn list(&self, now: Timestamp) -> Vec<(Checker, Told)> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, told| now < told.asked.plus(KEPT));
        known.iter().map(|(checker, told)| (checker.clone(), *told)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checker(number: usize) -> Checker {
        Checker { key: format!("key-{number}"), kind: SnapshotKind::Policy, address: None, agent: None }
    }

    fn told(asked: i64) -> Told {
        Told { at: Stamp::default(), asked: Timestamp(asked) }
    }

    #[test]
    fn one_that_asks_no_more_is_forgotten_after_a_day() {
        let checkers = Checkers::default();
        checkers.note(checker(1), told(0));
        checkers.note(checker(2), told(1));
        assert_eq!(checkers.list(Timestamp(KEPT)), [(checker(2), told(1))]);
        assert_eq!(checkers.list(Timestamp(1)), [(checker(2), told(1))]);
    }

    #[test]
    fn of_too_many_whoever_asked_longest_ago_makes_room() {
        let checkers = Checkers::default();
        for number in 0..=MOST {
            checkers.note(checker(number), told(i64::try_from(number).unwrap()));
        }
        let known = checkers.list(Timestamp(0));
        assert_eq!(known.len(), MOST);
        assert!(!known.contains(&(checker(0), told(0))));
    }
}
