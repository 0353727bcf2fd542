//! How often one person is mailed a link that somebody else asks for: whoever may invite must not fill a mailbox by it.
//! What somebody asks for themselves has limits of its own (`auth/throttle.rs`).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{StatusCode, header};
use rolewright_model::Timestamp;
use rolewright_model::directory::folded_email;
use rolewright_wire::problem::code;

use crate::app::Shared;
use crate::auth::Asker;
use crate::auth::throttle;
use crate::extract::Write;
use crate::problem::{Failure, Result};
use crate::tenant::Edit;

/// The while, in milliseconds: one hour.
const WINDOW: i64 = 60 * 60 * 1000;
/// Links mailed to one address of a tenant.
const MOST: usize = 3;
/// How many addresses are remembered before those that were mailed to long ago are looked for.
const REMEMBERED: usize = 20_000;

/// Remembers to whom links were mailed, by tenant and address, in memory.
#[derive(Debug, Default)]
pub struct Mailed(Mutex<HashMap<(String, String), Vec<Timestamp>>>);

impl Mailed {
    /// Counts a mail; after how many seconds the next one may go, where it may not.
    fn count(&self, to: (String, String), now: Timestamp) -> Result<(), u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.retain(|_, times| times.last().is_some_and(|last| last.plus(WINDOW) > now));
        }
        let times = all.entry(to).or_default();
        throttle::wait(times, MOST, WINDOW, now)?;
        times.push(now);
        Ok(())
    }

    fn take_back(&self, to: &(String, String)) {
        throttle::take_back(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), to);
    }
}

/// A mail with a link that may be sent. It counts once it [was](Mailing::was_sent).
#[must_use]
pub struct Mailing {
    app: Shared,
    to: (String, String),
    counts: bool,
}

impl Mailing {
    /// One to that address; none where there is no mail server, as links are shown then.
    ///
    /// # Errors
    /// 429.
    pub fn to(app: &Shared, tenant: &str, email: &str, now: Timestamp) -> Result<Option<Self>> {
        if app.config.mail.is_none() {
            return Ok(None);
        }
        let to = (tenant.to_owned(), folded_email(email));
        app.mailed.count(to.clone(), now).map_err(too_many)?;
        Ok(Some(Self { app: app.clone(), to, counts: false }))
    }

    /// One that goes with an edit of whoever asks; none where the request was made before.
    ///
    /// # Errors
    /// Why the edit is not made, before all else; 429.
    pub async fn with(
        edit: &Edit,
        (app, asker, write): (&Shared, &Asker, &Write),
        email: &str,
    ) -> Result<Option<Self>> {
        if app.config.mail.is_none() || asker.made_before(write).await?.is_some() {
            return Ok(None);
        }
        asker.may_make(edit)?;
        Self::to(app, asker.tenant.id(), email, asker.now)
    }

    /// The mail server took it.
    pub fn was_sent(mut self) {
        self.counts = true;
    }
}

impl Drop for Mailing {
    fn drop(&mut self) {
        if !self.counts {
            self.app.mailed.take_back(&self.to);
        }
    }
}

fn too_many(seconds: u64) -> Failure {
    let detail = format!(
        "{MOST} links were mailed to this person within an hour: wait {seconds} seconds before another"
    );
    let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, code::TOO_MANY_MAILS, detail);
    failure.with_header(header::RETRY_AFTER, &seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn to(email: &str) -> (String, String) {
        ("default".to_owned(), email.to_owned())
    }

    #[test]
    fn the_fourth_mail_waits_until_the_first_is_old_and_one_that_was_not_sent_counts_for_nothing() {
        let mailed = Mailed::default();
        for _ in 0..MOST {
            assert_eq!(mailed.count(to("ana@example.com"), NOW), Ok(()));
            mailed.take_back(&to("ana@example.com"));
            assert_eq!(mailed.count(to("ana@example.com"), NOW), Ok(()));
        }
        assert_eq!(mailed.count(to("ana@example.com"), NOW.plus(1000)), Err(60 * 60));
        assert_eq!(mailed.count(to("bo@example.com"), NOW), Ok(()));
        assert_eq!(mailed.count(to("ana@example.com"), NOW.plus(WINDOW)), Ok(()));
    }

    #[test]
    fn whoever_was_mailed_to_long_ago_is_forgotten() {
        let mailed = Mailed::default();
        for n in 0..REMEMBERED {
            assert_eq!(mailed.count(to(&n.to_string()), NOW), Ok(()));
        }
        assert_eq!(mailed.count(to("ana@example.com"), NOW.plus(WINDOW)), Ok(()));
        assert_eq!(mailed.0.lock().unwrap().len(), 1);
    }
}
