//! What people read of those whose ids stand in an entry of the change log.

use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::State;
use rolewright_model::change::{Kind, Topic, Write};
use rolewright_model::directory::UserDocument;
use rolewright_model::restore::ChangedSince;
use rolewright_store::Entry;
use rolewright_wire::audit::Piece;
use serde::Deserialize as _;
use serde_json::Value;

use crate::sight::Sight;

/// Where links name what they link.
const LINKS: [(&str, Kind); 7] = [
    ("/principal/user", Kind::User),
    ("/principal/group", Kind::Group),
    ("/member/user", Kind::User),
    ("/member/group", Kind::Group),
    ("/group", Kind::Group),
    ("/role", Kind::Role),
    ("/package/package", Kind::Package),
];

/// The names by id of those in an entry, and in the sentence that tells it: as they are called now, or were where they are gone, and
/// of an API key as the entry says; of those alone that are seen.
#[must_use]
pub fn names_in(entry: &Entry, sentence: &[Piece], state: &State, sight: &Sight) -> BTreeMap<String, String> {
    let mut ids: BTreeSet<(Kind, &str)> = BTreeSet::new();
    let writes = entry.writes.iter().filter(|write| sight.sees(write.kind));
    ids.extend(writes.clone().map(|write| (write.kind, &*write.id)));
    let written = writes.flat_map(|write| write.before.iter().chain(&write.after));
    let kept = entry.kept.iter().filter(|_| sight.sees(Kind::Assignment));
    for document in written.chain(kept) {
        let id = |path: &str| document.pointer(path).and_then(Value::as_str);
        ids.extend(LINKS.iter().filter_map(|(path, kind)| Some((*kind, id(path)?))));
        let carried = document.get("roles").and_then(Value::as_array).into_iter().flatten();
        ids.extend(carried.filter_map(|link| Some((Kind::Role, link.get("role")?.as_str()?))));
    }
    ids.extend(entry.about.as_ref().and_then(|about| match about.topic() {
        Topic::Documents(kind) => Some((kind, about.id())),
        Topic::Keys => None,
    }));
    ids.extend(sentence.iter().filter_map(|piece| match piece {
        Piece::One { kind: Topic::Documents(kind), id, .. } => Some((*kind, id.as_str())),
        Piece::One { kind: Topic::Keys, .. } | Piece::Words(_) | Piece::Place(_) | Piece::Time(_) => None,
    }));
    let seen = ids.into_iter().filter(|(kind, _)| sight.sees(*kind));
    let named = seen.filter_map(|(kind, id)| {
        let now = name_now(state, kind, id);
        let name = now.or_else(|| entry.writes.iter().find_map(|write| name_then(write, kind, id)))?;
        Some((id.to_owned(), name))
    });
    named.chain(key_in(entry, sight)).collect()
}

/// The id of the API key that an entry is about, and what it is called there.
fn key_in(entry: &Entry, sight: &Sight) -> Option<(String, String)> {
    let key = entry.about.as_ref().filter(|about| about.topic() == Topic::Keys && sight.sees(Topic::Keys))?;
    let name = entry.change.pointer("/key/name")?.as_str()?;
    Some((key.id().to_owned(), name.to_owned()))
}

/// What a person reads of a document that is there.
#[must_use]
pub fn name_now(state: &State, kind: Kind, id: &str) -> Option<String> {
    let documents = state.documents();
    match kind {
        Kind::User => documents.directory.users.get(id).map(|user| user.display_name()),
        Kind::Group => documents.directory.groups.get(id).map(|group| group.name.clone()),
        Kind::Role => documents.roles.get(id).map(|role| role.name.clone()),
        Kind::Package => documents.packages.get(id).map(|package| package.name.clone()),
        Kind::Settings | Kind::Catalogue | Kind::Tests | Kind::Membership | Kind::Assignment => None,
    }
}

/// What a person calls a document that was changed since: of a link, what it links. None where that is not known, or not for
/// who asks.
#[must_use]
pub fn called(state: &State, sight: &Sight, changed: &ChangedSince) -> Option<String> {
    let document = changed.current.as_ref().or(changed.left.as_ref());
    let linked = |path: &str, kind: Kind| {
        let id = document?.pointer(path)?.as_str()?;
        name_now(state, kind, id).filter(|_| sight.sees(kind))
    };
    let whom = |link: &str| {
        let path = |kind: &str| format!("/{link}/{kind}");
        linked(&path("user"), Kind::User).or_else(|| linked(&path("group"), Kind::Group))
    };
    let name = match changed.kind {
        Kind::Assignment => format!("{} of {}", linked("/role", Kind::Role)?, whom("principal")?),
        Kind::Membership => format!("{} in {}", whom("member")?, linked("/group", Kind::Group)?),
        kind => name_now(state, kind, &changed.id)
            .or_else(|| document?.get("name")?.as_str().map(ToOwned::to_owned))?,
    };
    sight.sees(changed.kind).then_some(name)
}

fn name_then(write: &Write, kind: Kind, id: &str) -> Option<String> {
    let document = write.before.as_ref().filter(|_| write.kind == kind && write.id == id)?;
    match kind {
        Kind::User => UserDocument::deserialize(document).ok().map(|user| user.display_name()),
        _ => document.get("name")?.as_str().map(ToOwned::to_owned),
    }
}
