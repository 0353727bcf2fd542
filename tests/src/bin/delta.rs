//! Writes the delta between two snapshot documents: `{ "from", "to", "contents" }` from standard
//! input, bytes to standard output. `contents` are the hashes of both in the compact encoding.

use std::io::{self, Read as _, Write as _};

use rolewright_model::snapshot::{Compact, Content, Snapshot, SnapshotDocument};
use serde::Deserialize;

#[derive(Deserialize)]
struct Between {
    from: SnapshotDocument,
    to: SnapshotDocument,
    contents: [String; 2],
}

fn main() -> Result<(), String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
    let Between { from, to, contents: [was, is] } =
        serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let hash = |hex: &str| Content::parse(hex).ok_or_else(|| format!("`{hex}` is not a hash"));
    let delta = compact(to)?.delta(hash(&is)?, &compact(from)?, hash(&was)?);
    let delta = delta.ok_or("no delta leads from the one to the other")?;
    io::stdout().write_all(&delta).map_err(|error| error.to_string())
}

fn compact(document: SnapshotDocument) -> Result<Compact, String> {
    let snapshot = Snapshot::read(document).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    Compact::decode(snapshot.encode()).map_err(|error| error.to_string())
}
