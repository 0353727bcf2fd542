//! Passes: whether verified claims are for this tenant and this time.

use rolewright_model::pass::{LIFETIME, PassDocument};
use rolewright_model::{Timestamp, json};
use serde::Deserialize;

use crate::answer::Fault;

/// How far the clock of who issued a pass may be ahead of ours, in milliseconds.
const AHEAD: i64 = 60 * 1000;

/// What a pass's signed payload says.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    aud: String,
    issued: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) pass: PassDocument,
}

impl Claims {
    /// Reads claims whose signature was verified and checks what they say of themselves.
    pub(crate) fn read(payload: &[u8], tenant: &str, now: Timestamp) -> Result<Self, Fault> {
        let text = std::str::from_utf8(payload).map_err(|_| Fault::of_bytes("the pass"))?;
        let claims: Self = json::decode(text).map_err(|problems| Fault::of_document("the pass", problems))?;
        let Some(audience) = claims.aud.strip_prefix("rolewright:") else {
            return Err(Fault::new("wrong_audience", format!("the pass is for `{}`", claims.aud)));
        };
        if audience != tenant || claims.pass.tenant != tenant {
            let other = if audience == tenant { &claims.pass.tenant } else { audience };
            return Err(Fault::new(
                "wrong_tenant",
                format!("the pass is of tenant `{other}`, not `{tenant}`"),
            ));
        }
        if claims.expires <= claims.issued || claims.expires > claims.issued.plus(LIFETIME) {
            return Err(Fault::new("malformed", "the pass is good for longer than a pass may be"));
        }
        if claims.issued > now.plus(AHEAD) {
            return Err(Fault::new("not_yet_valid", "the pass was issued in the future: compare the clocks"));
        }
        if claims.expires <= now {
            return Err(Fault::new("expired", "the pass has expired: ask for a new one"));
        }
        Ok(claims)
    }
}
