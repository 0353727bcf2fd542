//! What a message repeats of what was sent, no longer than somebody reads.

/// How many characters between two backticks are told.
const LONGEST_QUOTE: usize = 200;
/// How many characters of a message are told.
const LONGEST: usize = 2_000;
/// What stands where something was left out.
const CUT: &str = "[...]";

/// A message whose long quotations are cut, and that itself has an end. One that is short stays as it is.
#[must_use]
pub fn cut(message: String) -> String {
    if message.len() <= LONGEST_QUOTE {
        return message;
    }
    let parts = message.split('`').enumerate().map(|(n, part)| match n % 2 {
        0 => part.to_owned(),
        _ => shortened(part, LONGEST_QUOTE),
    });
    shortened(&parts.collect::<Vec<_>>().join("`"), LONGEST)
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}{CUT}", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_cut_and_what_is_said_of_it_is_kept() {
        let long = "é".repeat(1_000_000);
        let told = cut(format!("`{long}` is no email: write one such as `ana@example.com`"));
        let expected = format!("`{}[...]` is no email: write one such as `ana@example.com`", "é".repeat(200));
        assert_eq!(told, expected);
        assert_eq!(cut(long).chars().count(), LONGEST + CUT.len());
        let short = format!("`{}` is no role", "a".repeat(190));
        assert_eq!(cut(short.clone()), short);
    }
}
