//! Which passwords are accepted: long ones that nobody tries first and that are not made of what is
//! known of the person. There is no rule about kinds of characters.

use rolewright_model::Problem;
use rolewright_model::directory::UserDocument;
use rolewright_wire::session::{LONGEST_PASSWORD, SHORTEST_PASSWORD};

use crate::tenant::Loaded;

/// What this product is called.
const PRODUCT: &str = "Rolewright";
/// From so many characters on a password has none of the words of [`About`] in it; shorter ones are
/// parts of many others.
const SHORTEST_WORD: usize = 4;
/// How many characters stand beside a short one at least.
const LEAST_BESIDE: usize = 6;
/// What people choose when they must write twelve characters.
const COMMON: &str = include_str!("common_passwords.txt");
/// The 10,000 of twelve characters or more that were most often found in breaches (OWASP ASVS 5.0, 6.2.4
/// and 6.2.12); `breached_passwords.md` says where they are from.
const BREACHED: &str = include_str!("breached_passwords.txt");

/// What a password must not be made of (OWASP ASVS 5.0, 6.2.11), beside the product's name.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// The tenant's name.
    pub tenant: &'a str,
    /// The person's email.
    pub email: &'a str,
    /// The person's first name.
    pub first_name: &'a str,
    /// The person's last name.
    pub last_name: &'a str,
}

impl<'a> About<'a> {
    /// What is known of a person.
    #[must_use]
    pub fn of(loaded: &'a Loaded, user: &'a UserDocument) -> Self {
        Self {
            tenant: &loaded.state.documents().settings.name,
            email: &user.email,
            first_name: &user.first_name,
            last_name: &user.last_name,
        }
    }

    /// Each word, with what it is to the person.
    fn words(&self) -> [(&'static str, &'a str); 6] {
        let (mailbox, domain) = self.email.split_once('@').unwrap_or((self.email, ""));
        [
            ("this product's name", PRODUCT),
            ("the name of this place", self.tenant),
            ("your email address", mailbox),
            ("your email address", domain.split('.').next().unwrap_or_default()),
            ("your name", self.first_name),
            ("your name", self.last_name),
        ]
    }
}

/// Refuses a password that is too short, too long, one of the first that an attacker tries, or made of
/// what is known of the person.
///
/// # Errors
/// What is wrong with it, at `$.password`.
pub fn check(password: &str, about: &About<'_>) -> Result<(), Problem> {
    check_at("$.password", password, about)
}

/// The same for one that stands elsewhere in a body.
///
/// # Errors
/// What is wrong with it, at `path`.
pub fn check_at(path: &str, password: &str, about: &About<'_>) -> Result<(), Problem> {
    let wrong = |message: String| Err(Problem { path: path.to_owned(), message });
    if password.chars().count() < SHORTEST_PASSWORD {
        return wrong(format!(
            "a password has {SHORTEST_PASSWORD} characters at least: three or four words that only you would put together are good"
        ));
    }
    if password.len() > LONGEST_PASSWORD {
        return wrong(format!("a password has {LONGEST_PASSWORD} bytes at most"));
    }
    let lower = password.to_lowercase();
    if COMMON.lines().chain(BREACHED.lines()).any(|common| common == lower) || is_pattern(&lower) {
        return wrong("this password is one of the first that are tried: choose another".to_owned());
    }
    let squeezed = squeezed(&lower);
    let found = about.words().into_iter().find(|(_, word)| is_made_of(&squeezed, word));
    match found {
        Some((what, _)) => wrong(format!("this password has {what} in it: choose another")),
        None => Ok(()),
    }
}

/// Whether the password has that word in it, or, where the word is short, is little more than it.
fn is_made_of(squeezed: &str, word: &str) -> bool {
    let word = self::squeezed(&word.to_lowercase());
    match word.chars().count() {
        0 => false,
        1..SHORTEST_WORD => squeezed.replace(&word, "").chars().count() < LEAST_BESIDE,
        _ => squeezed.contains(&word),
    }
}

/// Letters and digits alone: signs between them hide nothing.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether it repeats up to four characters, or counts up or down.
fn is_pattern(password: &str) -> bool {
    let chars: Vec<char> = password.chars().collect();
    let repeats = |period: usize| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b);
    let steps: Vec<i64> = chars
        .iter()
        .zip(chars.iter().skip(1))
        .map(|(a, b)| (i64::from(u32::from(*b)) - i64::from(u32::from(*a))).rem_euclid(10))
        .collect();
    (1..=4).any(repeats) || steps.iter().all(|step| *step == 1) || steps.iter().all(|step| *step == 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: About<'_> = About {
        tenant: "Acme Tools",
        email: "ana.garcia@example.org",
        first_name: "Ana",
        last_name: "Ruiz-García",
    };

    #[test]
    fn a_password_has_no_name_in_it_of_the_product_the_place_or_the_person() {
        for (password, what) in [
            ("my Rolewright password", "this product's name"),
            ("ROLE-WRIGHT for all of us", "this product's name"),
            ("the tools of acme tools", "the name of this place"),
            ("acmetools in the morning", "the name of this place"),
            ("who is ana.garcia today", "your email address"),
            ("made up at example today", "your email address"),
            ("it is ruizgarcía's own", "your name"),
            ("ana ana ana 1234", "your name"),
        ] {
            let problem = check(password, &ANA).unwrap_err();
            assert_eq!(problem.path, "$.password");
            assert!(problem.message.contains(what), "{password}: {}", problem.message);
        }
        // Three letters are in many words.
        assert!(check("a banana in the cabana", &ANA).is_ok());
    }

    #[test]
    fn weak_passwords_are_refused() {
        for weak in [
            "short",
            "elevenchars",
            "aaaaaaaaaaaaaaaa",
            "abababababab",
            "123456789012",
            "098765432109",
            "Password1234",
            "qwertyuiop123",
            "ana.garcia@example.org",
            "ana.garcia1234",
        ] {
            assert!(check(weak, &ANA).is_err(), "{weak}");
        }
        assert!(check(&"x1".repeat(200), &About::default()).is_err());
    }

    #[test]
    fn the_passwords_that_were_found_most_often_are_refused_in_any_case() {
        let distinct: std::collections::HashSet<&str> = BREACHED.lines().collect();
        assert_eq!(distinct.len(), 10_000);
        for breached in distinct {
            assert!(breached.len() >= SHORTEST_PASSWORD && breached == breached.to_lowercase(), "{breached}");
        }
        for breached in ["123qweasdzxc", "1qaz2wsx3edc", "finalfantasy", "Finalfantasy", "UNBELIEVABLE"] {
            assert!(check(breached, &About::default()).is_err(), "{breached}");
        }
    }

    #[test]
    fn a_phrase_is_accepted() {
        assert!(check("correct horse battery staple", &ANA).is_ok());
        assert!(check("nine lives of grey cats", &About::default()).is_ok());
    }
}
