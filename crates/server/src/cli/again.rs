//! Commands to run next, as they can be pasted into a shell.

use std::path::Path;

use super::DATA;

/// A command of this program as it was called: its words, quoted where a shell needs it, and the data directory where it is not
/// the usual one.
pub(super) fn command(words: &[&str], data: &Path) -> String {
    let program =
        std::env::args_os().next().map_or("rolewright".into(), |name| name.to_string_lossy().into_owned());
    let data = data.to_string_lossy();
    let mut all = vec![program.as_str()];
    all.extend(words);
    if data != DATA {
        all.extend(["--data", &data]);
    }
    all.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// A word as POSIX shells read it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_read_it_otherwise() {
        for (word, told) in [
            ("acme", "acme"),
            ("--data", "--data"),
            ("/srv/a.b", "/srv/a.b"),
            ("my data", "'my data'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            ("~", "'~'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), told);
        }
    }
}
