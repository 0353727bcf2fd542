//! A question about access as people type it, "why can't ana run reports" or "who can run reports", taken apart, and "view as
//! ana". What the answer is the access explorer says. Pure, and so tested natively.

/// The words that ask whether somebody may.
const BEGIN: [&str; 9] = ["can", "can't", "cant", "cannot", "could", "couldn't", "may", "is", "isn't"];
/// The words that, after "who" or "what", ask for all of them.
const ALL: [&str; 6] = ["can", "could", "may", "is", "has", "holds"];
/// What is said before the words for a person or a role to see the app as they do, or whoever holds it.
const VIEW_AS: &str = "view as ";
/// Words that say nothing of whom or of what.
const FILLERS: [&str; 10] = ["not", "do", "be", "able", "allowed", "to", "the", "a", "an", "now"];

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether somebody may do something.
    May {
        /// The words for a person.
        who: String,
        /// What may be meant to be done, as it was found.
        what: Vec<usize>,
    },
    /// Who may do something, or holds a role.
    Who {
        /// The words for it.
        words: String,
        /// What may be meant to be done, as it was found.
        what: Vec<usize>,
    },
    /// What somebody may do.
    What {
        /// The words for a person.
        who: String,
    },
    /// To see the app as somebody does, or whoever holds a role.
    ViewAs {
        /// The words for the person or the role.
        who: String,
    },
}

impl Question {
    /// Reads a question. `find` answers the permissions that all of some words fit: the first word is a person's, and
    /// those after it as far as no permission is found of what is left.
    pub fn of(text: &str, find: impl Fn(&str) -> Vec<usize>) -> Option<Self> {
        let text = text.to_lowercase().replace('\u{2019}', "'").replace('?', " ");
        if let Some(who) = text.trim_start().strip_prefix(VIEW_AS) {
            let who = who.trim().to_owned();
            return (!who.is_empty()).then_some(Self::ViewAs { who });
        }
        let mut words = text.split_whitespace().peekable();
        let first = words.next_if(|word| ["why", "who", "what"].contains(word)).unwrap_or("why");
        let begin: &[&str] = if first == "why" { &BEGIN } else { &ALL };
        words.next().filter(|word| begin.contains(word))?;
        let words: Vec<&str> = words.filter(|word| !FILLERS.contains(word)).collect();
        if words.is_empty() {
            return None;
        }
        let singular = |words: &[&str]| words.iter().map(|word| singular(word)).collect::<Vec<_>>().join(" ");
        match first {
            "who" => {
                let words = singular(&words);
                Some(Self::Who { what: find(&words), words })
            }
            "what" => Some(Self::What { who: words.join(" ") }),
            _ => (1..words.len()).find_map(|split| {
                let (who, what) = words.split_at_checked(split)?;
                let what = find(&singular(what));
                (!what.is_empty()).then(|| Self::May { who: who.join(" "), what })
            }),
        }
    }

    /// The words for whom it is about; none where it asks who.
    pub fn who(&self) -> &str {
        match self {
            Self::May { who, .. } | Self::What { who } | Self::ViewAs { who } => who,
            Self::Who { .. } => "",
        }
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
                Some(Question::May { who: who.to_owned(), what: what.to_vec() }),
                "{text}"
            );
        }
    }

    #[test]
    fn who_may_do_something_and_what_somebody_may_are_questions_too() {
        let who = |words: &str, what: &[usize]| {
            Some(Question::Who { words: words.to_owned(), what: what.to_vec() })
        };
        let what = |who: &str| Some(Question::What { who: who.to_owned() });
        for (text, expected) in [
            ("who can run reports?", who("run report", &[0])),
            ("who is allowed to run the reports", who("run report", &[0])),
            ("Who may reports.schedule", who("reports.schedule", &[1])),
            ("who is an admin", who("admin", &[])),
            ("who holds campaign manager", who("campaign manager", &[])),
            ("what can ana do", what("ana")),
            ("what may Ana Ruiz do now?", what("ana ruiz")),
        ] {
            assert_eq!(Question::of(text, find), expected, "{text}");
        }
    }

    #[test]
    fn whom_one_would_view_as_is_named_after_the_words_for_it() {
        let view = |who: &str| Some(Question::ViewAs { who: who.to_owned() });
        assert_eq!(Question::of("View as Ana@example.com", find), view("ana@example.com"));
        assert_eq!(Question::of("view as  ana ruiz ", find), view("ana ruiz"));
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
            "who",
            "who can",
            "what can",
            "what is to do",
            "whole team",
            "view as",
            "view as ",
            "view assets",
        ] {
            assert_eq!(Question::of(text, find), None, "{text}");
        }
    }
}
