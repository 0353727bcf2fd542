//! Codes that an authenticator shows: RFC 6238 with SHA-1, six digits and steps of 30 seconds, which
//! is what every authenticator app can do.

use rolewright_model::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use crate::problem::{Failure, Result};
use crate::secret;

/// How many digits a code has.
const DIGITS: usize = 6;
/// How long a code is shown, in milliseconds.
const STEP: i64 = 30_000;
/// How many steps early or late a code may come: clocks differ, and people take a while to type
/// (RFC 6238, 5.2).
const SKEW: u16 = 1;

/// What an authenticator and the server both keep. No `Debug` prints it.
#[derive(Clone, Debug)]
pub struct Shared(Totp);

impl Shared {
    /// A new one, of 160 random bits.
    ///
    /// # Errors
    /// Where the randomness fails.
    pub fn fresh() -> Result<Self> {
        Self::of(Secret::from(secret::random::<20>()?))
    }

    /// The one that is written so.
    ///
    /// # Errors
    /// Where it is not written so.
    pub fn read(base32: &str) -> Result<Self> {
        Self::of(Secret::try_from_base32(base32).map_err(|error| Failure::internal(&error))?)
    }

    fn of(secret: Secret) -> Result<Self> {
        built(Builder::new().with_secret(secret)).map(Self)
    }

    /// In base32, for keeping and for typing in.
    #[must_use]
    pub fn base32(&self) -> String {
        self.0.secret().to_base32()
    }

    /// As an `otpauth://` address: what an authenticator reads from a QR code. It names the tenant and
    /// the account, for whoever has more than one.
    ///
    /// # Errors
    /// Where the account has no name.
    pub fn uri(&self, issuer: &str, account: &str) -> Result<String> {
        // A colon stands between the two, so none may stand in them.
        let plain = |name: &str| name.replace(':', " ");
        let named = Builder::new()
            .with_secret(self.0.secret().clone())
            .with_issuer(Some(plain(issuer)))
            .with_account_name(plain(account));
        built(named)?.to_url().map_err(|error| Failure::internal(&error))
    }

    /// Of which step the code is, if it is of the one at that moment or of one beside it.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let seconds = u64::try_from(now.0 / 1000).ok()?;
        i64::try_from(self.0.check(code, seconds)?).ok()
    }
}

fn built(builder: Builder) -> Result<Totp> {
    builder.with_skew(SKEW).build().map_err(|error| Failure::internal(&error))
}

/// Whether a code is one of an authenticator, by how it is written.
#[must_use]
pub fn is_code(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The steps before one whose code came that may have codes that are accepted still.
pub fn before(step: i64) -> impl Iterator<Item = i64> {
    (1..=2 * i64::from(SKEW)).map(move |steps| step.saturating_sub(steps))
}

/// The first moment at which no code of that step is accepted any more.
#[must_use]
pub fn end_of(step: i64) -> Timestamp {
    Timestamp(step.saturating_add(1 + i64::from(SKEW)).saturating_mul(STEP))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, by the last six of its eight digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let shared = Shared::of(Secret::from(*b"12345678901234567890")).unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = seconds / 30;
            assert_eq!(shared.step_of(code, Timestamp(seconds * 1000)), Some(step), "{code}");
        }
    }

    #[test]
    fn a_code_is_good_in_its_step_and_in_those_beside_it() {
        let shared = Shared::of(Secret::from(*b"12345678901234567890")).unwrap();
        let step = 1_111_111_109 / 30;
        for (steps, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            for within in [0, STEP - 1] {
                let now = Timestamp((step + steps) * STEP + within);
                assert_eq!(shared.step_of("081804", now).is_some(), good, "{steps}");
                assert_eq!(now < end_of(step), steps < 2);
            }
        }
    }

    #[test]
    fn nothing_but_six_digits_is_a_code() {
        let shared = Shared::fresh().unwrap();
        for no in ["", "12345", "1234567", "+12345", "12345a", " 12345", "١٢٣"] {
            assert!(!is_code(no) && shared.step_of(no, Timestamp(1_000_000_000)).is_none(), "{no}");
        }
    }

    #[test]
    fn an_authenticator_reads_the_address_and_no_debug_says_it() {
        let shared = Shared::fresh().unwrap();
        let (base32, uri) = (shared.base32(), shared.uri("Mail: us & them", "ana@example.com").unwrap());
        assert_eq!(base32.len(), 32);
        assert!(uri.starts_with("otpauth://totp/Mail%20%20us%20%26%20them:ana"), "{uri}");
        assert!(uri.contains(&format!("secret={base32}")));
        assert_eq!(Shared::read(&base32).unwrap().base32(), base32);
        assert!(!format!("{shared:?}").contains(&base32));
    }
}
