//! A code that is shown beside a password or a link: the authenticator's, or a recovery code.
//!
//! It counts with what it is shown for alone: there it is used up, in the same transaction.

use rolewright_model::Timestamp;
use rolewright_store::RecordOp;

use super::{recovery, second_factor, throttle, totp};
use crate::app::App;
use crate::problem::Result;
use crate::tenant::Tenant;

/// A code that is right.
pub struct Right<'a> {
    app: &'a App,
    tenant: &'a Tenant,
    user: String,
    spend: Vec<RecordOp>,
    counted: bool,
}

/// Looks at a code of a person whose authenticator keeps `shared`.
///
/// # Errors
/// 401 where there is none, or it is wrong or was used; 429 where too many were tried.
pub async fn look<'a>(
    app: &'a App,
    tenant: &'a Tenant,
    user: &str,
    shared: &totp::Shared,
    code: &str,
    now: Timestamp,
) -> Result<Right<'a>> {
    let code: String = code.split_whitespace().collect();
    if code.is_empty() {
        return Err(second_factor::needed());
    }
    let right =
        |spend: Vec<RecordOp>, counted: bool| Right { app, tenant, user: user.to_owned(), spend, counted };
    if !totp::is_code(&code) {
        let key = recovery::key(user, &code);
        return match tenant.store().record(tenant.id(), recovery::KIND, &key, now).await? {
            Some(_) => Ok(right(vec![recovery::spend(user, &code)], false)),
            None => Err(second_factor::wrong_code()),
        };
    }
    app.throttle.attempt_code((tenant.id(), user), now).map_err(throttle::too_many_codes)?;
    let step = shared.step_of(&code, now).ok_or_else(second_factor::wrong_code)?;
    Ok(right(second_factor::spend(user, step), true))
}

impl Right<'_> {
    /// What uses it up.
    #[must_use]
    pub fn spend(&self) -> Vec<RecordOp> {
        self.spend.clone()
    }

    /// It was used up: it was no wrong try.
    pub fn settled(&self) {
        if self.counted {
            self.app.throttle.give_back_code((self.tenant.id(), &self.user));
        }
    }
}
