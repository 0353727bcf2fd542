//! Writes the compact encoding of a snapshot document: JSON from standard input, bytes to standard
//! output. Tests that make documents of their own sign what it writes.

use std::io::{self, Read as _, Write as _};

use rolewright_model::snapshot::Snapshot;

fn main() -> Result<(), String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
    let snapshot = Snapshot::from_json(&text).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    io::stdout().write_all(&snapshot.encode()).map_err(|error| error.to_string())
}
