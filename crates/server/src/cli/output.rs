//! What a command says: its answer on standard output, and what else there is to know beside it.
//!
//! Whoever reads may stop reading (`| head -1`): what a command does is done all the same, and nothing is said of it.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};

use rolewright_model::policy::is_unseen;
use rolewright_store::why_not;

use super::Error;

/// A line of the answer.
///
/// # Errors
/// Where it cannot be written, as on a full disk.
pub(super) fn line(text: impl Display) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    written(writeln!(out, "{text}").and_then(|()| out.flush()))
}

/// The answer, or a part of it, as it is.
///
/// # Errors
/// As [`line`].
pub(super) fn bytes(bytes: &[u8]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    written(out.write_all(bytes).and_then(|()| out.flush()))
}

/// A line beside the answer, on standard error.
pub(super) fn aside(text: impl Display) {
    part_aside(format_args!("{text}\n"));
}

/// The same without its end.
pub(super) fn part_aside(text: impl Display) {
    // Nobody is there to be told.
    _ = write!(io::stderr().lock(), "{text}");
}

/// A name as a terminal may be given it: what cannot be seen as its escape. A policy's own is not checked.
pub(super) fn seen(name: &str) -> String {
    let escaped = |c: char| if is_unseen(c) { c.escape_unicode().to_string() } else { c.to_string() };
    name.chars().map(escaped).collect()
}

fn written(result: io::Result<()>) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::failed(format!("cannot write the answer: {}", why_not(&error))))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::seen;

    #[test]
    fn a_name_on_a_terminal_is_one_line_and_colours_nothing() {
        assert_eq!(seen("O'Neil & Søn"), "O'Neil & Søn");
        assert_eq!(seen("a\r\nb\u{1b}[31m\u{202e}"), "a\\u{d}\\u{a}b\\u{1b}[31m\\u{202e}");
    }
}
