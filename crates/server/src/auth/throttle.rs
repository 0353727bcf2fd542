//! Slows down who guesses passwords and links: so many tries for one account or link from one
//! address, and from one address for all, in a while. A browser that its owner signed in with before
//! is counted by itself.
//!
//! Nobody has to sign in to be counted, so what is remembered is small whatever is sent: hashes, of
//! tries that were let through, so many at most.
//!
//! Codes of the second factor have few digits, and who guesses them has the password already: their
//! tries are counted for an account wherever they come from. That keeps the owner from signing in by
//! the authenticator while it lasts, but not by a recovery code, which nobody guesses: from there the
//! password can be changed.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use axum::http::{StatusCode, header};
use rolewright_model::{Timestamp, counted};
use rolewright_wire::problem::code;

use super::guess::{Guess, Guesser, Origin, guesser};
use crate::problem::Failure;

/// The while, in milliseconds: 5 minutes.
const WINDOW: i64 = 5 * 60 * 1000;
/// Tries for one account from one address.
const FOR_ACCOUNT: usize = 10;
/// Tries from one address.
const FROM_ADDRESS: usize = 100;
/// How many accounts and addresses are remembered: beyond, those that were tried longest ago go.
const REMEMBERED: usize = 20_000;
/// How many go at a time, as finding them takes looking at all.
const FORGOTTEN: usize = REMEMBERED / 10;

/// The while for codes, in milliseconds: one hour.
const WINDOW_OF_CODES: i64 = 60 * 60 * 1000;
/// Codes tried for one account, from anywhere.
const CODES: usize = 20;

/// Remembers failed tries, in memory.
#[derive(Debug, Default)]
pub struct Throttle {
    tries: Mutex<HashMap<Guesser, Vec<Timestamp>>>,
    /// By tenant and user. Apart: only who knows a password adds to them, and nobody else makes them go.
    codes: Mutex<HashMap<(String, String), Vec<Timestamp>>>,
}

impl Throttle {
    /// Counts a try; it is given back by [`Throttle::succeeded`].
    ///
    /// # Errors
    /// After how many seconds the next try is welcome.
    pub fn attempt(&self, from: Origin<'_>, guess: Guess<'_>, now: Timestamp) -> Result<(), u64> {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let all = from.as_a_whole().map(|key| (key, FROM_ADDRESS));
        let keys: Vec<_> = all.into_iter().chain([(guesser(from, Some(guess)), FOR_ACCOUNT)]).collect();
        for (key, most) in &keys {
            let Some(times) = tries.get_mut(key) else { continue };
            wait(times, *most, WINDOW, now)?;
        }
        for (key, _) in keys {
            tries.entry(key).or_default().push(now);
        }
        if tries.len() > REMEMBERED {
            forget(&mut tries, now);
        }
        Ok(())
    }

    /// Forgets the tries for an account or a link: it was the right person.
    pub fn succeeded(&self, from: Origin<'_>, guess: Guess<'_>) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.remove(&guesser(from, Some(guess)));
        if let Some(all) = from.as_a_whole() {
            take_back(&mut tries, &all);
        }
    }

    /// Does not count the last try after all: it was no wrong one.
    pub fn give_back(&self, from: Origin<'_>, guess: Guess<'_>) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        take_back(&mut tries, &guesser(from, Some(guess)));
        if let Some(all) = from.as_a_whole() {
            take_back(&mut tries, &all);
        }
    }

    /// Counts a code tried for an account, by tenant and user, from wherever; it is given back by
    /// [`Throttle::give_back_code`].
    ///
    /// # Errors
    /// After how many seconds the next code is welcome.
    pub fn attempt_code(&self, (tenant, user): (&str, &str), now: Timestamp) -> Result<(), u64> {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, times| times.last().is_some_and(|last| last.plus(WINDOW_OF_CODES) > now));
        let times = codes.entry((tenant.to_owned(), user.to_owned())).or_default();
        wait(times, CODES, WINDOW_OF_CODES, now)?;
        times.push(now);
        Ok(())
    }

    /// Does not count the last code: it was right. The wrong ones before it stay counted, as they may
    /// be somebody else's.
    pub fn give_back_code(&self, (tenant, user): (&str, &str)) {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        take_back(&mut codes, &(tenant.to_owned(), user.to_owned()));
    }
}

/// How many seconds to wait, where there were so many tries in the window; forgets older ones.
pub(crate) fn wait(times: &mut Vec<Timestamp>, most: usize, window: i64, now: Timestamp) -> Result<(), u64> {
    times.retain(|time| time.plus(window) > now);
    if times.len() < most {
        return Ok(());
    }
    let free = times.first().map_or(now, |first| first.plus(window));
    let wait = free.0.saturating_sub(now.0).max(0);
    Err(u64::try_from(wait).unwrap_or_default() / 1000 + 1)
}

/// Does not count the last one after all.
pub(crate) fn take_back<K: Eq + Hash>(tries: &mut HashMap<K, Vec<Timestamp>>, key: &K) {
    if let Some(times) = tries.get_mut(key) {
        times.pop();
        if times.is_empty() {
            tries.remove(key);
        }
    }
}

/// 429, and when to come back.
#[must_use]
pub fn too_many(seconds: u64) -> Failure {
    let wait = counted(seconds, "second", "seconds");
    refused(seconds, format!("too many tries: wait {wait} and try again"))
}

/// 429 for codes, and what helps until then.
#[must_use]
pub fn too_many_codes(seconds: u64) -> Failure {
    let wait = counted(seconds, "second", "seconds");
    refused(seconds, format!("too many wrong codes: wait {wait}, or use a recovery code now"))
}

fn refused(seconds: u64, detail: String) -> Failure {
    let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, code::TOO_MANY_REQUESTS, detail);
    failure.with_header(header::RETRY_AFTER, &seconds.to_string())
}

/// Forgets what is old; where that is not enough, what was tried longest ago.
fn forget(tries: &mut HashMap<Guesser, Vec<Timestamp>>, now: Timestamp) {
    let last = |times: &Vec<Timestamp>| times.last().copied().unwrap_or(Timestamp(i64::MIN));
    tries.retain(|_, times| last(times).plus(WINDOW) > now);
    let Some(surplus) = tries.len().checked_sub(REMEMBERED - FORGOTTEN) else { return };
    let mut oldest: Vec<(Timestamp, Guesser)> =
        tries.iter().map(|(key, times)| (last(times), *key)).collect();
    oldest.sort_unstable();
    for (_, key) in oldest.iter().take(surplus) {
        tries.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    const ANY: Origin<'_> = Origin::Address(None);

    fn address(n: u32) -> Origin<'static> {
        Origin::Address(Some(IpAddr::from(n.to_be_bytes())))
    }

    fn remembered(throttle: &Throttle) -> usize {
        throttle.tries.lock().unwrap().len()
    }

    #[test]
    fn the_eleventh_try_waits_until_the_first_is_old() {
        let throttle = Throttle::default();
        for _ in 0..FOR_ACCOUNT {
            assert_eq!(throttle.attempt(ANY, Guess::Email("Ana@example.org"), NOW), Ok(()));
        }
        for same in ["ana@example.org", " ANA@example.org "] {
            assert_eq!(throttle.attempt(ANY, Guess::Email(same), NOW), Err(301));
        }
        assert_eq!(throttle.attempt(ANY, Guess::Email("bo@example.org"), NOW), Ok(()));
        assert_eq!(throttle.attempt(ANY, Guess::Link("ana@example.org"), NOW), Ok(()));
        assert_eq!(throttle.attempt(address(1), Guess::Email("ana@example.org"), NOW), Ok(()));
        assert_eq!(throttle.attempt(ANY, Guess::Email("ana@example.org"), NOW.plus(WINDOW)), Ok(()));
    }

    #[test]
    fn a_known_browser_is_counted_for_its_account_apart_from_its_address() {
        let throttle = Throttle::default();
        let ana = Guess::Email("ana@example.org");
        for _ in 0..FOR_ACCOUNT {
            assert_eq!(throttle.attempt(ANY, ana, NOW), Ok(()));
            assert_eq!(throttle.attempt(Origin::Known("a"), ana, NOW), Ok(()));
        }
        assert_eq!(throttle.attempt(ANY, ana, NOW), Err(301));
        assert_eq!(throttle.attempt(Origin::Known("a"), ana, NOW), Err(301));
        assert_eq!(throttle.attempt(Origin::Known("b"), ana, NOW), Ok(()));
        throttle.succeeded(Origin::Known("a"), ana);
        assert_eq!(throttle.attempt(Origin::Known("a"), ana, NOW), Ok(()));
        assert_eq!(throttle.attempt(ANY, ana, NOW), Err(301));
    }

    #[test]
    fn the_right_password_forgets_the_tries() {
        let throttle = Throttle::default();
        for _ in 0..FROM_ADDRESS * 3 {
            assert_eq!(throttle.attempt(ANY, Guess::Email("ana@example.org"), NOW), Ok(()));
            throttle.succeeded(ANY, Guess::Email("ana@example.org"));
        }
        assert_eq!(remembered(&throttle), 0);
    }

    #[test]
    fn a_try_that_is_given_back_makes_up_for_no_other() {
        let throttle = Throttle::default();
        for _ in 0..FOR_ACCOUNT - 1 {
            assert_eq!(throttle.attempt(ANY, Guess::Email("ana@example.org"), NOW), Ok(()));
        }
        for _ in 0..FROM_ADDRESS {
            assert_eq!(throttle.attempt(ANY, Guess::Email("ana@example.org"), NOW), Ok(()));
            throttle.give_back(ANY, Guess::Email("ana@example.org"));
        }
        assert_eq!(throttle.attempt(ANY, Guess::Email("ana@example.org"), NOW), Ok(()));
        assert!(throttle.attempt(ANY, Guess::Email("ana@example.org"), NOW).is_err());
    }

    #[test]
    fn codes_of_one_account_are_counted_for_an_hour_and_a_right_one_makes_up_for_none() {
        let throttle = Throttle::default();
        let (ana, bo) = (("default", "ana"), ("default", "bo"));
        for _ in 0..CODES {
            assert_eq!(throttle.attempt_code(ana, NOW), Ok(()));
            throttle.give_back_code(ana);
            assert_eq!(throttle.attempt_code(ana, NOW), Ok(()));
        }
        assert_eq!(throttle.attempt_code(ana, NOW.plus(1000)), Err(60 * 60));
        assert_eq!(throttle.attempt_code(bo, NOW), Ok(()));
        assert_eq!(throttle.attempt_code(("other", "ana"), NOW), Ok(()));
        assert_eq!(throttle.attempt_code(ana, NOW.plus(WINDOW_OF_CODES)), Ok(()));
        assert_eq!(throttle.codes.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_try_that_is_refused_leaves_nothing_behind() {
        let throttle = Throttle::default();
        let tried: Vec<bool> = (0..FROM_ADDRESS * 10)
            .map(|n| throttle.attempt(address(1), Guess::Email(&format!("{n}@example.org")), NOW).is_ok())
            .collect();
        assert_eq!(tried.iter().filter(|ok| **ok).count(), FROM_ADDRESS);
        assert_eq!(remembered(&throttle), FROM_ADDRESS + 1);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_oldest_goes_first() {
        let throttle = Throttle::default();
        for n in 0..60_000_u32 {
            let now = NOW.plus(i64::from(n / 1000));
            assert_eq!(throttle.attempt(address(n), Guess::Email("ana@example.org"), now), Ok(()));
            assert!(remembered(&throttle) <= REMEMBERED);
        }
        let tries = throttle.tries.lock().unwrap();
        assert!(tries.contains_key(&guesser(address(59_999), None)));
        assert!(!tries.contains_key(&guesser(address(0), None)));
    }
}
