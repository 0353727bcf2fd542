//! What becomes of documents, in words.

use rolewright_model::change::Kind;
use rolewright_model::counted;
use rolewright_wire::difference::{Became, Differences, DocumentDifference};

/// How many documents of a kind are named.
const MOST_NAMED: usize = 20;

/// A line for what is added, edited and removed of each kind, where there is any.
pub(super) fn told(differences: &Differences) -> Vec<String> {
    let became = [(Became::Added, "added"), (Became::Edited, "edited"), (Became::Removed, "removed")];
    let lines = became.into_iter().flat_map(|(became, word)| {
        Kind::ALL.into_iter().filter_map(move |kind| {
            let those = differences.told.iter().filter(|it| it.became == became && it.kind == kind);
            let those: Vec<_> = those.collect();
            (!those.is_empty()).then(|| format!("  {word}: {}", of_kind(kind, &those)))
        })
    });
    let more = (differences.untold > 0)
        .then(|| format!("  and {}", counted(differences.untold, "more document", "more documents")));
    lines.chain(more).collect()
}

/// `settings`, ``role `author` ``, ``2 users: `u_1` (ana@example.com), `u_2` (bo@example.com)``.
fn of_kind(kind: Kind, those: &[&DocumentDifference]) -> String {
    let word = kind.as_str();
    if let [only] = those {
        return match kind {
            Kind::Settings | Kind::Catalogue | Kind::Tests => word.to_owned(),
            _ => format!("{word} {}", named(only)),
        };
    }
    let names: Vec<String> = those.iter().take(MOST_NAMED).map(|it| named(it)).collect();
    let told = format!("{} {word}s: {}", those.len(), names.join(", "));
    match those.len().saturating_sub(MOST_NAMED) {
        0 => told,
        more => format!("{told} and {more} more (all with --json)"),
    }
}

/// `` `author` ``, `` `u_1` (ana@example.com)``.
fn named(difference: &DocumentDifference) -> String {
    let DocumentDifference { id, name, .. } = difference;
    match name.as_ref().filter(|name| *name != id) {
        Some(name) => format!("`{id}` ({name})"),
        None => format!("`{id}`"),
    }
}
