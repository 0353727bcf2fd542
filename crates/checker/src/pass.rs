//! Passes: whether verified claims are for this tenant and this time.

use rolewright_model::Timestamp;
use rolewright_model::pass::{LIFETIME, PassDocument};

use crate::answer::Fault;
use crate::input::{Fields, Reader};

/// How far the clock of who issued a pass may be ahead of ours, in milliseconds.
const AHEAD: i64 = 60 * 1000;

/// What a pass's signed payload says.
#[derive(Debug)]
pub(crate) struct Claims {
    aud: String,
    issued: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) pass: PassDocument,
}

impl Claims {
    /// Claims that are not ours are passed over, as everybody does; the pass itself is read strictly.
    #[inline(never)]
    fn of(fields: &mut Fields, reader: &mut Reader) -> Self {
        Self {
            aud: fields.text("aud", reader),
            issued: fields.time("issued", reader),
            expires: fields.time("expires", reader),
            pass: fields.pass(reader),
        }
    }

    /// Reads claims whose signature was verified and checks what they say of themselves.
    #[inline(never)]
    pub(crate) fn read(claims: &str, tenant: &str, now: Timestamp) -> Result<Self, Fault> {
        let claims = Reader::read("claims", claims, Self::of)
            .map_err(|wrong| Fault::new("malformed", ["the pass cannot be read: ", &*wrong].concat()))?;
        let Some(audience) = claims.aud.strip_prefix("rolewright:") else {
            return Err(Fault::new("wrong_audience", ["the pass is for `", &*claims.aud, "`"].concat()));
        };
        if audience != tenant || claims.pass.tenant != tenant {
            let other = if audience == tenant { &claims.pass.tenant } else { audience };
            return Err(Fault::new(
                "wrong_tenant",
                ["the pass is of tenant `", other, "`, not `", tenant, "`"].concat(),
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
