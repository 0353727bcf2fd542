//! A question about access as people type it, "why can't ana run reports", taken apart. What the answer is the
//! access explorer says. Pure, and so tested natively.

/// The words that begin one.
const BEGIN: [&str; 9] = ["can", "can't", "cant", "cannot", "could", "couldn't", "may", "is", "isn't"];
/// Words that say nothing of whom or of what.
const FILLERS: [&str; 10] = ["not", "do", "be", "able", "allowed", "to", "the", "a", "an", "now"];

/// A question about access.
#[derive(Debug, PartialEq, Eq)]
pub struct Question {
    /// The words for a person.
    pub who: String,
    /// What may be meant to be done, as it was found.
    pub what: Vec<usize>,
}

impl Question {
    /// Reads a question. `find` answers the permissions that all of some words fit: the first word is a person's, and
    /// those after it as far as no permission is found of what is left.
    pub fn of(text: &str, find: impl Fn(&str) -> Vec<usize>) -> Option<Self> {
        let text = text.to_lowercase().replace('\u{2019}', "'").replace('?', " ");
        let mut words = text.split_whitespace().peekable();
        words.next_if_eq(&"why");
        words.next().filter(|word| BEGIN.contains(word))?;
        let words: Vec<&str> = words.filter(|word| !FILLERS.contains(word)).collect();
        (1..words.len()).find_map(|split| {
            let (who, what) = words.split_at_checked(split)?;
            let what: Vec<&str> = what.iter().map(|word| singular(word)).collect();
            let what = find(&what.join(" "));
            (!what.is_empty()).then(|| Self { who: who.join(" "), what })
        })
    }
}

/// "report" of "reports": what is found in the one is found in the other.
fn singular(word: &str) -> &str {
    word.strip_suffix('s').filter(|rest| rest.len() > 2).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERMISSIONS: [&str; 5] = [
        "reports: run reports.run",
        "reports: schedule a report reports.schedule",
        "contact lists: add a list contact_lists.add",
        "contacts: add a contact contacts.add",
        "users: access users.access",
    ];

    fn find(words: &str) -> Vec<usize> {
        let fits = |text: &&str| words.split_whitespace().all(|word| text.contains(word));
        (0..PERMISSIONS.len()).filter(|at| PERMISSIONS.get(*at).is_some_and(|text| fits(&text))).collect()
    }

    #[test]
    fn a_question_is_a_person_and_what_they_would_do() {
        for (text, who, what) in [
            ("can ana run reports", "ana", &[0][..]),
            ("why can't ana run reports?", "ana", &[0]),
            ("Why can\u{2019}t Ana Ruiz run reports", "ana ruiz", &[0]),
            ("why cannot ana run reports", "ana", &[0]),
            ("may ana not run the report", "ana", &[0]),
            ("is ana@example.com allowed to run reports", "ana@example.com", &[0]),
            ("can ana reports.run", "ana", &[0]),
            ("can ana maria ruiz schedule reports", "ana maria ruiz", &[1]),
            ("can ana reports", "ana", &[0, 1]),
            ("can ana add lists", "ana", &[2]),
            ("can ana access users", "ana", &[4]),
        ] {
            assert_eq!(
                Question::of(text, find),
                Some(Question { who: who.to_owned(), what: what.to_vec() }),
                "{text}"
            );
        }
    }

    #[test]
    fn what_names_nobody_or_no_permission_is_no_question() {
        for text in [
            "",
            "can",
            "why",
            "can ana",
            "can run reports ana",
            "ana run reports",
            "can ana fly",
            "campaign manager",
            "canary run",
        ] {
            assert_eq!(Question::of(text, find), None, "{text}");
        }
    }
}
