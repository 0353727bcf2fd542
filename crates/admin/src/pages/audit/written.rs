//! What a change wrote: links, a line each, and other documents, field by field; and the links of which it said that they stay.

use rolewright_model::change::{Kind, Topic};
use rolewright_model::directory::{AssignmentDocument, Member, MembershipDocument, Principal};
use rolewright_wire::audit::{AuditEntry, AuditWrite, called};
use serde::Deserialize as _;
use serde_json::Value;
use yew::prelude::*;

use super::line::one;
use crate::access::{AccessHandle, place_name};
use crate::pages::differences::{Words, differences, kept_row, row};
use crate::pages::groups::window;
use crate::pages::permissions::source;
use crate::text;

/// How many fields of one document, and links, are told; a policy that is replaced has thousands.
const MOST: usize = 200;

/// What a change wrote, and what it kept.
pub fn written(entry: &AuditEntry, access: Option<&AccessHandle>) -> Html {
    let is_link =
        |write: &&AuditWrite| [Kind::Membership, Kind::Assignment].map(Kind::as_str).contains(&&*write.kind);
    html! {
        <div class="stack">
            { for entry.writes.iter().filter(|write| !is_link(write)).map(|write| document(entry, write, access)) }
            { for [Kind::Membership, Kind::Assignment].map(|kind| links(entry, kind, access)) }
            { kept(entry, access) }
        </div>
    }
}

fn note(words: impl Into<AttrValue>) -> Html {
    html! { <p class="way__note muted">{ words.into() }</p> }
}

/// One document, field by field.
fn document(entry: &AuditEntry, write: &AuditWrite, access: Option<&AccessHandle>) -> Html {
    let topic = Topic::all().find(|topic| topic.as_str() == write.kind);
    let kind = topic.map_or(&*write.kind, |topic| called(topic).0);
    let verb = match (&write.before, &write.after) {
        _ if write.hidden => "changed",
        (None, _) => "created",
        (_, None) => "deleted",
        (Some(_), Some(_)) => "edited",
    };
    let words = Words {
        kind: &write.kind,
        name: &|id| entry.names.get(id).cloned(),
        catalogue: access.and_then(|access| access.policy()).map(|policy| policy.catalogue()),
    };
    let (list, count) = differences(write.before.as_ref(), write.after.as_ref(), MOST, &words);
    html! {
        <section class="way" key={format!("{}/{}", write.kind, write.id)}>
            <div class="way__head">
                <h3>{ text::title(kind) }{ " " }{ topic.filter(|_| entry.names.contains_key(&write.id)).map(|topic| one(entry, topic, &write.id)) }</h3>
                <span class="muted">{ verb }</span>
            </div>
            if write.hidden {
                { note("You may not see what it was and is.") }
            }
            { list }
            if count > MOST {
                { note(format!("The first {MOST} of {count} fields are shown. The export has all of them.")) }
            }
        </section>
    }
}

/// The links of a kind that were written.
fn links(entry: &AuditEntry, kind: Kind, access: Option<&AccessHandle>) -> Html {
    let all: Vec<&AuditWrite> = entry.writes.iter().filter(|write| write.kind == kind.as_str()).collect();
    let seen: Vec<&AuditWrite> = all.iter().filter(|write| !write.hidden).copied().collect();
    let rows = seen.iter().map(|write| link(entry, write, access));
    list(kind, None, [all.len(), seen.len()], rows)
}

/// The assignments of which it was said that they stay.
fn kept(entry: &AuditEntry, access: Option<&AccessHandle>) -> Html {
    let rows = entry.kept.iter().map(|document| stayed(entry, document, access));
    list(Kind::Assignment, Some("kept"), [entry.kept.len(); 2], rows)
}

/// All links of a kind to which that was done, a line each of those that are seen; nothing where there are none.
fn list(
    kind: Kind,
    verb: Option<&'static str>,
    [all, seen]: [usize; 2],
    rows: impl Iterator<Item = Html>,
) -> Html {
    if all == 0 {
        return html! {};
    }
    let (one, many) = called(kind.into());
    let told = text::count(all as u64, one, many);
    html! {
        <section class="way" key={verb.unwrap_or(kind.as_str())}>
            <div class="way__head">
                <h3>{ told.clone() }</h3>
                if let Some(verb) = verb { <span class="muted">{ verb }</span> }
            </div>
            <ul class="diff diff--flat">{ for rows.take(MOST) }</ul>
            if seen < all {
                { note("You may not see what it was and is.") }
            }
            if seen > MOST {
                { note(format!("The first {MOST} of {told} are shown. The export has all of them.")) }
            }
        </section>
    }
}

/// One link: who, and what they are linked to.
fn link(entry: &AuditEntry, write: &AuditWrite, access: Option<&AccessHandle>) -> Html {
    // Read as answers are, so that the type is read in one way alone.
    let told = |document: &Value| match write.kind == Kind::Assignment.as_str() {
        true => {
            AssignmentDocument::deserialize(document.clone()).ok().map(|it| assignment(entry, &it, access))
        }
        false => MembershipDocument::deserialize(document.clone()).ok().map(|it| membership(entry, &it)),
    };
    let [before, after] = [&write.before, &write.after].map(|document| document.as_ref().and_then(told));
    let who = after.as_ref().or(before.as_ref()).map(|link| link.who.clone());
    let who = who.unwrap_or_else(|| html! { <code>{ write.id.clone() }</code> });
    row(&write.id, who, before.map(|link| link.what), after.map(|link| link.what))
}

/// One assignment that stayed.
fn stayed(entry: &AuditEntry, document: &Value, access: Option<&AccessHandle>) -> Html {
    let id = document.get("id").and_then(Value::as_str).unwrap_or_default();
    match AssignmentDocument::deserialize(document.clone()) {
        Ok(it) => {
            let Link { who, what } = assignment(entry, &it, access);
            kept_row(id, who, what)
        }
        Err(_) => kept_row(id, html! { <code>{ id.to_owned() }</code> }, html! {}),
    }
}

/// A link in words: of whom, and to what.
struct Link {
    who: Html,
    what: Html,
}

fn assignment(entry: &AuditEntry, it: &AssignmentDocument, access: Option<&AccessHandle>) -> Link {
    let of = |kind: Kind, id: &str| one(entry, kind.into(), id);
    let (_, source) = source(it.source);
    let how = [&*place_name(access, &it.scope), &*window(it), source].join(" \u{b7} ");
    Link {
        who: match &it.principal {
            Principal::User(id) => of(Kind::User, id),
            Principal::Group(id) => of(Kind::Group, id),
            Principal::Everyone => html! { "Everyone" },
        },
        what: html! { <>{ of(Kind::Role, &it.role) }{ " \u{b7} " }{ how }</> },
    }
}

fn membership(entry: &AuditEntry, it: &MembershipDocument) -> Link {
    let of = |kind: Kind, id: &str| one(entry, kind.into(), id);
    Link {
        who: match &it.member {
            Member::User(id) => of(Kind::User, id),
            Member::Group(id) => of(Kind::Group, id),
        },
        what: html! { <>{ "in " }{ of(Kind::Group, &it.group) }</> },
    }
}
