//! Slows down who guesses passwords: so many tries for one account from one address, and for one
//! address, in a while.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use rolewright_model::Timestamp;

/// The while, in milliseconds: 5 minutes.
const WINDOW: i64 = 5 * 60 * 1000;
/// Tries for one account from one address.
const FOR_ACCOUNT: usize = 10;
/// Tries from one address.
const FROM_ADDRESS: usize = 100;
/// How many accounts and addresses are remembered.
const REMEMBERED: usize = 100_000;

/// Remembers failed tries, in memory.
#[derive(Debug, Default)]
pub struct Throttle {
    tries: Mutex<HashMap<Guesser, Vec<Timestamp>>>,
}

/// From where, and for which account; without an account, for any.
type Guesser = (Option<IpAddr>, String);

impl Throttle {
    /// Counts a try; it is given back by [`Throttle::succeeded`].
    ///
    /// # Errors
    /// After how many seconds the next try is welcome.
    pub fn attempt(&self, from: Option<IpAddr>, account: &str, now: Timestamp) -> Result<(), u64> {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() > REMEMBERED {
            tries.retain(|_, times| times.last().is_some_and(|last| last.plus(WINDOW) > now));
        }
        let keys = [((from, account.to_lowercase()), FOR_ACCOUNT), ((from, String::new()), FROM_ADDRESS)];
        for (key, most) in &keys {
            let times = tries.entry(key.clone()).or_default();
            times.retain(|time| time.plus(WINDOW) > now);
            if times.len() >= *most {
                let free = times.first().map_or(now, |first| first.plus(WINDOW));
                let wait = free.0.saturating_sub(now.0).max(0);
                return Err(u64::try_from(wait).unwrap_or_default() / 1000 + 1);
            }
        }
        for (key, _) in keys {
            tries.entry(key).or_default().push(now);
        }
        Ok(())
    }

    /// Forgets the tries for an account: it was the right person.
    pub fn succeeded(&self, from: Option<IpAddr>, account: &str) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.remove(&(from, account.to_lowercase()));
        if let Some(times) = tries.get_mut(&(from, String::new())) {
            times.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_try_waits_until_the_first_is_old() {
        let throttle = Throttle::default();
        let now = Timestamp(1_000_000);
        for _ in 0..FOR_ACCOUNT {
            assert_eq!(throttle.attempt(None, "Ana@example.org", now), Ok(()));
        }
        assert_eq!(throttle.attempt(None, "ana@example.org", now), Err(301));
        assert_eq!(throttle.attempt(None, "bo@example.org", now), Ok(()));
        assert_eq!(throttle.attempt(None, "ana@example.org", now.plus(WINDOW)), Ok(()));
    }

    #[test]
    fn the_right_password_forgets_the_tries() {
        let throttle = Throttle::default();
        let now = Timestamp(1_000_000);
        for _ in 0..FOR_ACCOUNT * 3 {
            assert_eq!(throttle.attempt(None, "ana@example.org", now), Ok(()));
            throttle.succeeded(None, "ana@example.org");
        }
    }
}
