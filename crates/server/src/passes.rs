//! Passes: short-lived signed tokens for edges that hold only the policy snapshot, and for pages that read what their person holds.

use rolewright_model::pass::LIFETIME;
use rolewright_model::{Stamp, Timestamp};
use rolewright_wire::check::{PASS_TYPE, Pass, PassClaims};

use crate::problem::{Failure, Result};
use crate::tenant::{Loaded, Tenant};

/// Issues a pass; none where the user is unknown or not active.
///
/// # Errors
/// Where it cannot be written.
pub fn issue(
    tenant: &Tenant,
    loaded: &Loaded,
    user: &str,
    session: Stamp,
    now: Timestamp,
) -> Result<Option<Pass>> {
    let Some(pass) = loaded.state.pass(tenant.id(), user, session, now) else { return Ok(None) };
    let expires = now.plus(LIFETIME);
    let claims = PassClaims { aud: format!("rolewright:{}", tenant.id()), issued: now, expires, pass };
    let pass = tenant.signer().compact(PASS_TYPE, &claims).map_err(|error| Failure::internal(&error))?;
    Ok(Some(Pass { pass, expires }))
}

/// Of whom a pass is, and the revision at which the session began that it was issued in; none where it is not one of the tenant's, of
/// this history, and good now.
#[must_use]
pub fn shown(tenant: &Tenant, loaded: &Loaded, pass: &str, now: Timestamp) -> Option<(String, Stamp)> {
    let (claims, end) = tenant.signer().verified::<PassClaims>(PASS_TYPE, pass)?;
    let PassClaims { aud, expires, pass, .. } = claims;
    let is_believed = end.is_none_or(|end| !end.leaked);
    let is_ours = aud.strip_prefix("rolewright:") == Some(tenant.id()) && pass.tenant == tenant.id();
    let is_good = now < expires && expires <= now.plus(LIFETIME) && pass.at.epoch == loaded.state.at().epoch;
    (is_believed && is_ours && is_good).then_some((pass.subject, pass.session))
}
