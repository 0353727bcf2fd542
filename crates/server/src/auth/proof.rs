//! Who somebody is, shown by a password and, where the second factor is on, a code: when signing in,
//! and once more before what a stolen session must not do.
//!
//! What is shown counts only with what it is shown for, in one transaction: a code is used up there,
//! and whoever's sessions were all ended since the password was looked at begins none.

use std::sync::Arc;

use axum::http::StatusCode;
use rolewright_model::Timestamp;
use rolewright_model::directory::{Status, UserDocument};
use rolewright_store::RecordOp;
use rolewright_wire::problem::code::{WRONG_CREDENTIALS, WRONG_PASSWORD};
use rolewright_wire::session::LONGEST_PASSWORD;

use super::client::Client;
use super::guess::{Guess, Origin};
use super::{code, known, password, second_factor, session, throttle};
use crate::app::App;
use crate::problem::{Failure, Result};
use crate::tenant::{Applied, Edit, Loaded, Tenant};

/// The longest email address that there can be, in bytes (RFC 5321, 4.5.3.1.3).
const LONGEST_EMAIL: usize = 254;

/// What somebody shows.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// Whose account.
    pub email: &'a str,
    /// Its password.
    pub password: &'a str,
    /// What the authenticator shows, or a recovery code.
    pub code: Option<&'a str>,
}

/// Somebody has shown who they are. It counts with [`Proof::settle`] alone.
pub struct Proof<'a> {
    /// Who it is.
    pub user: String,
    app: &'a App,
    tenant: &'a Arc<Tenant>,
    origin: Origin<'a>,
    shown: Shown<'a>,
    under_way: RecordOp,
    code: Option<code::Right<'a>>,
    now: Timestamp,
}

/// Checks what is shown. Each try counts for the throttle until it turns out to be the right
/// person's.
///
/// # Errors
/// 401 with what is wrong, as far as it may be said; 429 where too much was tried.
pub async fn prove<'a>(
    app: &'a App,
    tenant: &'a Arc<Tenant>,
    client: &'a Client,
    shown: Shown<'a>,
    now: Timestamp,
) -> Result<Proof<'a>> {
    can_be_an_email(shown.email)?;
    let guess = Guess::Email(shown.email);
    let user = able_to_sign_in(tenant, shown.email);
    // Looked for without an account too, as long as with one.
    let origin = match &client.known {
        Some(token) if known::is_of(tenant, token, user.as_deref().unwrap_or_default(), now).await? => {
            Origin::Known(token)
        }
        _ => client.origin(),
    };
    app.throttle.attempt(origin, guess, now).map_err(throttle::too_many)?;
    // Without an account as much work as with one.
    let hash = password::hash_of(tenant, user.as_deref().unwrap_or_default(), now).await?;
    let too_long = shown.password.len() > LONGEST_PASSWORD;
    let known = hash.clone().filter(|_| user.is_some() && !too_long);
    let fits = app.passwords.verify(shown.password, known).await?;
    let user = user.filter(|_| fits).ok_or_else(wrong_credentials)?;

    // Checking took a while. From here on whatever ends the person's sessions ends this too; what did
    // so before is seen by looking again.
    let under_way = session::under_way(tenant, &user, now).await?;
    let is_as_it_was = able_to_sign_in(tenant, shown.email).as_ref() == Some(&user)
        && password::hash_of(tenant, &user, now).await? == hash;
    if !is_as_it_was {
        return Err(wrong_credentials());
    }
    let code = match second_factor::of(tenant, &user, now).await? {
        Some(shared) => {
            let said = shown.code.unwrap_or_default();
            if said.trim().is_empty() {
                // The right password is no wrong try, but it does not make up for wrong codes either.
                app.throttle.give_back(origin, guess);
            }
            Some(code::look(app, tenant, &user, &shared, said, now).await?)
        }
        None => None,
    };
    Ok(Proof { user, app, tenant, origin, shown, under_way, code, now })
}

impl Proof<'_> {
    /// Whether it was shown by a browser that this person signed in with before.
    #[must_use]
    pub fn is_known(&self) -> bool {
        matches!(self.origin, Origin::Known(_))
    }

    /// Uses up what was shown, together with what it was shown for, or neither.
    ///
    /// # Errors
    /// 401 where another request was faster with the code, or all sessions were ended meanwhile.
    pub async fn settle(self, records: Vec<RecordOp>) -> Result<()> {
        let all = self.spent().into_iter().chain(records).collect();
        let settled = self.tenant.store().edit_records(self.tenant.id(), all, self.now).await;
        settled.map_err(|error| second_factor::lost(error.into()))?;
        self.succeeded();
        Ok(())
    }

    /// Uses up what was shown, together with the change that it was shown for, or neither. The request is not
    /// remembered by its idempotency key: its session goes on under a new token, so it cannot come again; and what is
    /// remembered has a hash of the body, which says the password to whoever guesses fast enough.
    ///
    /// # Errors
    /// As [`Proof::settle`]; why the change is not made.
    pub async fn apply(self, edit: Edit) -> Result<Applied> {
        let spent = self.spent().into_iter().chain(edit.spent).collect();
        let applied =
            self.tenant.apply(Edit { spent, once: None, ..edit }).await.map_err(second_factor::lost)?;
        self.succeeded();
        Ok(applied)
    }

    fn spent(&self) -> Vec<RecordOp> {
        let code = self.code.iter().flat_map(code::Right::spend);
        [self.under_way.clone()].into_iter().chain(code).collect()
    }

    /// It was no wrong try.
    fn succeeded(&self) {
        self.app.throttle.succeeded(self.origin, Guess::Email(self.shown.email));
        if let Some(code) = &self.code {
            code.settled();
        }
    }
}

/// The answer to whoever shows something at an address where there is no tenant: what is answered to whoever is not known, as
/// soon.
pub async fn at_no_tenant(app: &App, client: &Client, shown: Shown<'_>, now: Timestamp) -> Failure {
    let checked = async {
        can_be_an_email(shown.email)?;
        app.throttle.attempt(client.origin(), Guess::Email(shown.email), now).map_err(throttle::too_many)?;
        app.passwords.verify(shown.password, None).await
    };
    checked.await.err().unwrap_or_else(wrong_credentials)
}

/// Refuses what no email address is as long as.
///
/// # Errors
/// 422, at `$.email`.
pub fn can_be_an_email(email: &str) -> Result<()> {
    if email.trim().len() <= LONGEST_EMAIL {
        return Ok(());
    }
    Err(Failure::invalid_at("$.email", format!("an email address has {LONGEST_EMAIL} bytes at most")))
}

/// Who has that email, is active and may sign in.
#[must_use]
pub fn able_to_sign_in(tenant: &Tenant, email: &str) -> Option<String> {
    let loaded = tenant.loaded();
    let id = loaded.state.user_of_email(email)?;
    able(&loaded, id).map(|user| user.id.clone())
}

/// That person, if they are active and may sign in.
#[must_use]
pub fn able<'l>(loaded: &'l Loaded, id: &str) -> Option<&'l UserDocument> {
    active(loaded, id).filter(|user| user.sign_in)
}

/// That person, if they are active: a link may set their password, if it is the first too.
#[must_use]
pub fn active<'l>(loaded: &'l Loaded, id: &str) -> Option<&'l UserDocument> {
    let user = loaded.state.documents().directory.users.get(id)?;
    (user.status == Status::Active).then_some(user)
}

/// What whoever is signed in is told: a wrong password signs nobody out.
#[must_use]
pub fn of_signed_in(failure: Failure) -> Failure {
    if failure.code() != WRONG_CREDENTIALS {
        return failure;
    }
    let detail = "this is not your password, so nothing was done; you are signed in still: try again";
    Failure::new(StatusCode::UNAUTHORIZED, WRONG_PASSWORD, detail)
}

fn wrong_credentials() -> Failure {
    let detail = "email and password do not fit, or this account cannot sign in";
    Failure::new(StatusCode::UNAUTHORIZED, WRONG_CREDENTIALS, detail)
}
