//! What becomes of documents, in words.

use rolewright_model::change::Kind;
use rolewright_model::counted;
use rolewright_wire::difference::{Became, Differences, DocumentDifference};

/// A line for what is added, edited and removed each, where there is any.
pub(super) fn told(differences: &Differences) -> Vec<String> {
    let became = [(Became::Added, "added"), (Became::Edited, "edited"), (Became::Removed, "removed")];
    let lines = became.into_iter().filter_map(|(became, word)| {
        let those = differences.told.iter().filter(|difference| difference.became == became);
        let named: Vec<String> = those.map(named).collect();
        (!named.is_empty()).then(|| format!("  {word}: {}", named.join(", ")))
    });
    let more = (differences.untold > 0)
        .then(|| format!("  and {}", counted(differences.untold, "more document", "more documents")));
    lines.chain(more).collect()
}

/// ``role `author` ``, ``user `u_1` (ana@example.com)``, `settings`.
fn named(difference: &DocumentDifference) -> String {
    let DocumentDifference { kind, id, name, .. } = difference;
    if id == Kind::ONLY && matches!(kind, Kind::Settings | Kind::Catalogue | Kind::Tests) {
        return kind.as_str().to_owned();
    }
    match name.as_ref().filter(|name| *name != id) {
        Some(name) => format!("{} `{id}` ({name})", kind.as_str()),
        None => format!("{} `{id}`", kind.as_str()),
    }
}
