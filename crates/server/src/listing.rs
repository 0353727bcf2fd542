//! What people are searched and sorted by, in small letters, worked out once for all lists of one state.

use std::sync::{Arc, OnceLock};

use rolewright_model::State;
use rolewright_model::directory::UserDocument;

/// What people are searched and sorted by. A copy shares what was worked out.
#[derive(Clone, Debug, Default)]
pub struct Listing(Arc<OnceLock<Vec<Folded>>>);

impl Listing {
    /// Every user with what it is searched and sorted by, in the order of ids. `O(users)`, by reading; the first
    /// time by working it out.
    pub fn people<'l>(&'l self, state: &'l State) -> impl Iterator<Item = (&'l UserDocument, &'l Folded)> {
        let users = &state.documents().directory.users;
        let folded = self.0.get_or_init(|| users.values().map(Folded::of).collect());
        users.values().zip(folded)
    }
}

/// A user's name and email in small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    text: Box<str>,
    /// Where the name ends.
    name: u32,
}

impl Folded {
    fn of(user: &UserDocument) -> Self {
        let (name, email) = (user.display_name().to_lowercase(), user.email.to_lowercase());
        let text = if name == email { email } else { [&name, " ", &email].concat() };
        Self { text: text.into(), name: u32::try_from(name.len()).unwrap_or_default() }
    }

    /// The name, or the email where there is none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.get(..self.name as usize).unwrap_or_default()
    }

    /// The email.
    #[must_use]
    pub fn email(&self) -> &str {
        self.text.get(self.name as usize + 1..).unwrap_or(&self.text)
    }

    /// Whether each of these words, in small letters, is in the name or the email.
    #[must_use]
    pub fn has(&self, words: &[String]) -> bool {
        words.iter().all(|word| self.text.contains(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_and_an_email_are_told_apart() {
        for (first, last, email, name) in [
            ("Ada", "Abara", "Ada@Example.com", "ada abara"),
            ("", "", "Ada@Example.com", "ada@example.com"),
            ("Élodie", "", "e@example.com", "élodie"),
        ] {
            let user = json!({
                "id": "u", "status": "active", "first_name": first, "last_name": last, "email": email,
            });
            let folded = Folded::of(&serde_json::from_value(user).unwrap());
            assert_eq!((folded.name(), folded.email()), (name, email.to_lowercase().as_str()));
            assert!(folded.has(&[name.chars().take(3).collect(), "example".to_owned()]));
            assert!(!folded.has(&["example".to_owned(), "x@".to_owned()]));
        }
    }
}
