//! An entry of the log as people read it: what changed, with links to whom it is about, and who did it.

use rolewright_model::change::{Kind, Topic};
use rolewright_wire::audit::{AuditEntry, Piece};
use yew::prelude::*;

use crate::access::{AccessHandle, place_name};
use crate::nav::Link;
use crate::route::Route;
use crate::text;

/// What changed, in a sentence. Whoever is still there, as far as the name says, is a link.
pub fn line(entry: &AuditEntry, access: Option<&AccessHandle>) -> Html {
    let pieces = entry.sentence.iter().map(|piece| match piece {
        Piece::Words(words) => html! { { words.clone() } },
        Piece::One { kind, id, called } => link(entry, *kind, id, called.as_ref().or(entry.names.get(id))),
        Piece::Place(path) => html! { { place_name(access, path) } },
        Piece::Time(time) => html! { { text::moment(*time) } },
    });
    html! { <>{ for pieces }</> }
}

/// Why it was made; of one that only took another back, that is a link to it.
pub fn reason(entry: &AuditEntry) -> Option<Html> {
    let reason = entry.reason.clone()?;
    Some(match &entry.undoes[..] {
        [undone] if reason == format!("Undid change {undone}") => {
            html! { <Link to={change(*undone)} class="text-link">{ reason }</Link> }
        }
        _ => html! { { reason } },
    })
}

/// The page of a change.
pub fn change(revision: u64) -> Route {
    Route::AuditEntry { revision: revision.to_string() }
}

/// Somebody or something that an entry names.
pub fn one(entry: &AuditEntry, kind: Topic, id: &str) -> Html {
    link(entry, kind, id, entry.names.get(id))
}

/// The same by that name, where it has one.
fn link(entry: &AuditEntry, kind: Topic, id: &str, name: Option<&String>) -> Html {
    let Some(name) = name else {
        return html! { <code>{ id.to_owned() }</code> };
    };
    let gone = entry.writes.iter().any(|write| write.id == id && write.after.is_none() && !write.hidden);
    match route(kind, id).filter(|_| !gone) {
        Some(to) => html! { <Link {to} class="table__link audit__one">{ name.clone() }</Link> },
        None => html! { <strong class="audit__one">{ name.clone() }</strong> },
    }
}

/// The page of something that is changed.
fn route(kind: Topic, id: &str) -> Option<Route> {
    let id = id.to_owned();
    match kind {
        Topic::Documents(Kind::User) => Some(Route::User { id }),
        Topic::Documents(Kind::Role) => Some(Route::Role { id }),
        Topic::Documents(Kind::Group) => Some(Route::Group { id }),
        Topic::Documents(Kind::Package) => Some(Route::Package { id }),
        _ => None,
    }
}

/// Who made a change, by how the log names them and by their name: a person, the operator, or a key.
pub fn actor(actor: &str, name: &str) -> Html {
    match actor.split_once(':') {
        Some(("user", id)) if !name.is_empty() => html! {
            <Link to={Route::User { id: id.to_owned() }} class="table__link">{ name.to_owned() }</Link>
        },
        Some(("user", id)) => html! { <code>{ id.to_owned() }</code> },
        Some(("key", _)) if !name.is_empty() => {
            html! { <>{ "API key " }<strong class="audit__one">{ name.to_owned() }</strong></> }
        }
        Some(("key", id)) => html! { <>{ "API key " }<code>{ id.to_owned() }</code></> },
        _ if actor == "operator" => html! { { "The operator" } },
        _ => html! { <code>{ actor.to_owned() }</code> },
    }
}
