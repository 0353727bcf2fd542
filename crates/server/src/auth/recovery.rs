//! Recovery codes: for when the authenticator is lost. Each is good once, and stored hashed.

use rolewright_store::{Record, RecordOp, sealed};
use serde_json::Value;
use totp_rs::Secret;

use crate::secret::{self, NoEntropy};

/// The kind of the records: under the hash of user and code.
pub const KIND: &str = sealed::RECOVERY_CODE;
/// How many a person gets.
const MANY: usize = 10;
/// How many characters stand together, to be read and typed.
const GROUP: usize = 4;

/// New codes, and what must happen for them to be good: those before end.
///
/// # Errors
/// Where the randomness fails.
pub fn fresh(user: &str) -> Result<(Vec<String>, Vec<RecordOp>), NoEntropy> {
    let mut records = vec![end_all(user)];
    let mut codes = Vec::with_capacity(MANY);
    for _ in 0..MANY {
        // 120 bits: so many that a plain hash keeps them.
        let letters = Secret::from(secret::random::<15>()?).to_base32().to_lowercase();
        let record = Record::new(Value::Null).owned_by(user);
        records.push(RecordOp::Insert { kind: KIND.to_owned(), key: key(user, &letters), record });
        codes.push(grouped(&letters));
    }
    Ok((codes, records))
}

/// Uses a code up, with what it is shown for: of any number of users one gets it.
#[must_use]
pub fn spend(user: &str, code: &str) -> RecordOp {
    RecordOp::Take { kind: KIND.to_owned(), key: key(user, code) }
}

/// The key of a code's record, if there is or was one.
#[must_use]
pub fn key(user: &str, code: &str) -> String {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    secret::stored(&format!("{user}:{}", letters.to_ascii_lowercase()))
}

/// Ends every code of that person.
#[must_use]
pub fn end_all(user: &str) -> RecordOp {
    RecordOp::DeleteOwned { kind: KIND.to_owned(), owner: user.to_owned() }
}

fn grouped(letters: &str) -> String {
    letters.chars().enumerate().fold(String::new(), |mut code, (n, letter)| {
        if n > 0 && n.is_multiple_of(GROUP) {
            code.push('-');
        }
        code.push(letter);
        code
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_however_they_are_typed_and_are_one_persons() {
        let (codes, records) = fresh("u_ana").unwrap();
        assert_eq!((codes.len(), records.len()), (MANY, MANY + 1));
        for code in &codes {
            assert_eq!((code.len(), code.split('-').count()), (29, 6));
            for typed in [code.replace('-', ""), code.to_uppercase(), format!(" {} ", code.replace('-', " "))]
            {
                assert_eq!(key("u_ana", code), key("u_ana", &typed));
            }
            assert_ne!(key("u_ana", code), key("u_bo", code));
            assert!(!format!("{records:?}").contains(code));
        }
    }
}
