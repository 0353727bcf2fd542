//! Words: numbers with their nouns, and times.

use rolewright_model::Timestamp;
pub use rolewright_model::counted as count;
use rolewright_wire::user::UserStatus;
use wasm_bindgen::JsValue;

use crate::browser;

/// "12,345".
pub fn number(n: u64) -> String {
    rolewright_model::grouped(n)
}

/// "Ana, Bo and 5 more": the first `most` of those that are named, and how many others there are of `all`.
pub fn listed(names: &[String], most: usize, all: u64) -> String {
    let named = names.get(..most).unwrap_or(names);
    match all.saturating_sub(named.len() as u64) {
        0 => named.join(", "),
        more => format!("{} and {} more", named.join(", "), number(more)),
    }
}

/// "22 Nov 2026", as the browser's language writes it.
pub fn date(at: Timestamp) -> String {
    formatted(at, &[("year", "numeric"), ("month", "short"), ("day", "numeric")])
}

/// "22 Nov 2026, 14:05".
pub fn moment(at: Timestamp) -> String {
    formatted(
        at,
        &[
            ("year", "numeric"),
            ("month", "short"),
            ("day", "numeric"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
        ],
    )
}

/// When something ends: "22 Nov 2026, end of day" where that is the end of a day here, or "22 Nov 2026, 14:05".
pub fn end(at: Timestamp) -> String {
    match browser::end_of(&browser::last_day(at)) == Some(at) {
        true => format!("{}, end of day", date(Timestamp(at.0.saturating_sub(1)))),
        false => moment(at),
    }
}

/// "14:05" of today, or "22 Nov 2026, 14:05".
pub fn lately(at: Timestamp) -> String {
    match date(at) == date(browser::now()) {
        true => formatted(at, &[("hour", "2-digit"), ("minute", "2-digit")]),
        false => moment(at),
    }
}

fn formatted(at: Timestamp, options: &[(&str, &str)]) -> String {
    let object = js_sys::Object::new();
    for (key, value) in options {
        let _ = js_sys::Reflect::set(&object, &JsValue::from_str(key), &JsValue::from_str(value));
    }
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    let date = js_sys::Date::new(&JsValue::from_f64(at.0 as f64));
    date.to_locale_string("en-GB", &object).into()
}

/// The word for a status.
pub fn status(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Invited => "Invited",
        UserStatus::NoInvitation => "No open invitation",
        UserStatus::Active => "Active",
        UserStatus::Disabled => "Disabled",
    }
}

/// The first letters of a name, for its round picture, which shows them large.
pub fn initials(name: &str) -> String {
    let mut words = name.split([' ', '.', '@']).filter(|word| !word.is_empty());
    let letters = words.next().into_iter().chain(words.next()).filter_map(|word| word.chars().next());
    letters.collect()
}

/// The text with its first letter large: a message of the model, which is in English, as a sentence.
pub fn sentence(text: &str) -> String {
    let mut out = title(text);
    if !out.ends_with(['.', '?']) {
        out.push('.');
    }
    out
}

/// The text with its first letter large.
pub fn title(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().map(|first| first.to_ascii_uppercase()).chain(letters).collect()
}

/// The text without the backticks that the model writes around a document's own words. Such words stand in quotes where it begins
/// with them, so that they are not written with a large letter for where they stand; and where a colon is in them, as in "Reports:
/// Run", which would be read as the sentence's own.
pub fn plain(text: &str) -> String {
    let begins_with_words = text.starts_with('`');
    let parts = text.split('`').enumerate().map(|(n, part)| {
        let are_words = n % 2 == 1;
        match are_words && (part.contains(": ") || begins_with_words && n == 1) {
            true => ["\u{201c}", part, "\u{201d}"].concat(),
            false => part.to_owned(),
        }
    });
    parts.collect()
}

/// Whether a text has every word that is searched for; both are lower-case. A sign before or after a word is not searched for:
/// "Area 12: Item 3" is how a permission is called, and its text may have its words otherwise.
pub fn has_words(text: &str, words: &str) -> bool {
    words
        .split_whitespace()
        .all(|word| text.contains(word.trim_matches(|sign: char| sign.is_ascii_punctuation())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_wants_every_word_and_no_sign_between_them() {
        let text = "item 3 area 12 area_12.item_3";
        for (words, found) in [
            ("", true),
            ("item 12", true),
            ("area 12: item 3", true),
            ("(area 12) item?", true),
            ("area - item, 3.", true),
            ("area_12.item_3", true),
            ("area_12.item_4", false),
            ("area 13: item 3", false),
        ] {
            assert_eq!(has_words(text, words), found, "`{words}`");
        }
    }

    #[test]
    fn the_first_of_a_list_are_named_and_the_others_counted() {
        let names: Vec<String> = ["Ana", "Bo", "Cy"].map(str::to_owned).into();
        for (most, all, told) in [
            (1, 3, "Ana and 2 more"),
            (2, 3, "Ana, Bo and 1 more"),
            (3, 3, "Ana, Bo, Cy"),
            (9, 1_003, "Ana, Bo, Cy and 1,000 more"),
        ] {
            assert_eq!(listed(&names, most, all), told);
        }
    }

    #[test]
    fn a_message_is_a_sentence_and_what_somebody_wrote_stays_as_they_wrote_it() {
        for (message, told) in [
            ("to edit a role you need `roles.manage`", "To edit a role you need roles.manage."),
            (
                "to edit `Poster` you need `Roles: Manage`: ask `ada`",
                "To edit Poster you need \u{201c}Roles: Manage\u{201d}: ask ada.",
            ),
            (
                "`nobody` is not an email address: there is no `@` in it",
                "\u{201c}nobody\u{201d} is not an email address: there is no @ in it.",
            ),
            ("is it?", "Is it?"),
        ] {
            assert_eq!(sentence(&plain(message)), told);
        }
    }

    #[test]
    fn initials_are_of_the_first_two_words() {
        assert_eq!(initials("Ana Maria Ruiz"), "AM");
        assert_eq!(initials("ana@example.com"), "ae");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn a_message_becomes_a_sentence() {
        assert_eq!(sentence("only a superuser can do this"), "Only a superuser can do this.");
        assert_eq!(sentence(""), ".");
    }
}
