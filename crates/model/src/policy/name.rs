//! What people call things: names and descriptions.

use crate::problem::{Path, Problems};

/// The longest name a person would read, in characters.
const LONGEST_NAME: usize = 120;
/// The longest description a person would read, in characters.
const LONGEST_DESCRIPTION: usize = 2000;

pub(crate) fn check_name(name: &str, at: &Path<'_>, problems: &mut Problems) {
    if name.trim().is_empty() {
        problems.add(at, "a name is needed");
    } else if name.trim() != name {
        problems.add(at, format!("`{}` begins or ends with a space", name.escape_debug()));
    } else if name.chars().any(is_unseen) {
        problems.add(at, format!("`{}` holds a character that cannot be seen", name.escape_debug()));
    } else if name.chars().count() > LONGEST_NAME {
        problems.add(at, format!("a name has {LONGEST_NAME} characters at most"));
    }
}

pub(crate) fn check_description(description: &str, at: &Path<'_>, problems: &mut Problems) {
    if description.chars().count() > LONGEST_DESCRIPTION {
        problems.add(at, format!("a description has {LONGEST_DESCRIPTION} characters at most"));
    }
}

/// A name as names are compared: without case, and without the joiners that some scripts need
/// and that cannot be seen in others.
pub(crate) fn folded(name: &str) -> String {
    letters(name).collect()
}

/// Whether two names are one, as names are compared. `O(letters that are the same)`, and nothing is kept: names are compared
/// before their length is checked.
pub(crate) fn is_same(name: &str, other: &str) -> bool {
    letters(name).eq(letters(other))
}

fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| !matches!(c, '\u{200c}' | '\u{200d}')).flat_map(char::to_lowercase)
}

/// Whether a character cannot be seen where it stands: what controls a terminal or ends a line, and format characters
/// (Unicode category Cf) that hide in a name or turn its direction, the two joiners apart.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0001}'..='\u{e007f}')
}
