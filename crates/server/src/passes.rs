//! Passes: short-lived signed tokens for edges that hold only the policy snapshot.

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
