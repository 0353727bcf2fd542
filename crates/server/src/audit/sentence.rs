//! What an entry of the change log did, in a sentence without who did it: by what the change is called, or by what it did to
//! documents.

use std::collections::BTreeSet;
use std::iter;

use rolewright_model::catalogue::Catalogue;
use rolewright_model::change::{Kind, Topic, Write};
use rolewright_model::{console, counted};
use rolewright_store::Entry;
use rolewright_wire::audit::{Piece, called};
use serde_json::Value;

use super::deeds::{Deed, Did, Fact, How, deeds, facts, kept};
use super::grants::{Granted, granted};
use crate::sight::Sight;

/// How many deeds of a change are told, and how many roles of a deed.
const MOST: usize = 3;

/// The sentence, which begins with what was done to the one that is `asked` about and tells nothing that is not for who asks.
/// Permissions are called by the labels of the catalogue.
pub(super) fn sentence(
    entry: &Entry,
    asked: Option<&str>,
    sight: &Sight,
    catalogue: &Catalogue,
) -> Vec<Piece> {
    let told = match by_change(entry, sight) {
        Some(said) => Some(with_links(said, entry, asked, sight)),
        None => by_deeds(entry, asked, sight, catalogue),
    };
    told.unwrap_or_else(|| by_name(entry))
}

/// By the name of its action, where nothing else is known of it, or not for who asks.
fn by_name(entry: &Entry) -> Vec<Piece> {
    let mut told = vec![words(&capital(&entry.action.replace('_', " ")))];
    if let Some(about) = about(entry).filter(|about| !matches!(about, Piece::One { kind: Topic::Keys, .. })) {
        told.extend([words(": "), about]);
    }
    told
}

fn about(entry: &Entry) -> Option<Piece> {
    entry.about.as_ref().map(|about| Piece::One {
        kind: about.topic(),
        id: about.id().to_owned(),
        called: None,
    })
}

/// Where the change itself says more than the documents that it wrote.
fn by_change(entry: &Entry, sight: &Sight) -> Option<Vec<Piece>> {
    let user =
        || entry.writes.iter().find(|write| write.kind == Kind::User).map(|write| one(Kind::User, &write.id));
    let account = || about(entry).or_else(user);
    let change = Some(&entry.change).filter(|change| sight.sees_change(change));
    let role = |path: &str| Some(one(Kind::Role, change?.pointer(path)?.as_str()?));
    let key = |named: &str, unnamed: &str| match about(entry).filter(|_| sight.sees(Topic::Keys)) {
        Some(key) => filled(named, [key]),
        None => vec![words(unnamed)],
    };
    let simple = |pattern: &str, piece: Option<Piece>| Some(filled(pattern, [piece?]));
    match entry.action.as_str() {
        "update_user" => {
            renamed_person(entry, sight).or_else(|| simple("Edited the name or email of {}", user()))
        }
        "set_name" => renamed_person(entry, sight).or_else(|| simple("Changed the name of {}", user())),
        "set_email" => simple("Changed the email of {}", user()),
        "set_attributes" => simple("Edited the attributes of {}", user()),
        "accept_invitation" => simple("Accepted the invitation of {}", user()),
        "set_entitlement" => {
            let pattern = match change?.get("on").and_then(Value::as_bool)? {
                true => "Turned on the entitlement to {}",
                false => "Turned off the entitlement to {}",
            };
            simple(pattern, role("/role"))
        }
        "replace_role_in_packages" => match role("/with") {
            Some(with) => Some(filled("Replaced {} by {} in packages", [role("/role")?, with])),
            None => simple("Took {} out of packages", role("/role")),
        },
        "import_policy" => Some(vec![words("Replaced the policy")]),
        "make_key" => Some(key("Made the API key {}", "Made an API key")),
        "update_key" => Some(key("Edited the API key {}", "Edited an API key")),
        "renew_key" => Some(key("Gave the API key {} a new secret", "Gave an API key a new secret")),
        "end_key" => Some(key("Revoked the API key {}", "Revoked an API key")),
        "send_invitation" => simple("Sent {} a new invitation", account()),
        "revoke_invitation" => simple("Revoked the invitation of {}", account()),
        "start_password_reset" => simple("Started a password reset for {}", account()),
        "set_password" => simple("Set the password of {}", account()),
        "turn_on_second_factor" => simple("Turned on the second factor of {}", account()),
        "turn_off_second_factor" => simple("Turned off the second factor of {}", account()),
        "replace_second_factor" => simple("Replaced the second factor of {}", account()),
        "renew_recovery_codes" => simple("Made new recovery codes of {}", account()),
        "reset_second_factor" => simple("Reset the second factor of {}", account()),
        "set_provider_record" => simple("Edited what the identity provider calls {}", account()),
        "end_sessions" if change.is_some_and(|change| change.get("session").is_some()) => {
            simple("Ended a session of {}", account())
        }
        "end_sessions" => simple("Ended the sessions of {}", account()),
        "end_other_sessions" => simple("Ended other sessions of {}", account()),
        "view_as" => simple("Viewed the app as {}", account()),
        "end_view_as" => simple("Stopped viewing the app as {}", account()),
        "restore" => Some(vec![words("Put a backup in place")]),
        "seal_records" => Some(vec![words("Sealed the records that were there")]),
        "rotate_signing_key" => Some(vec![words("Made a new signing key")]),
        "prune" => Some(vec![words("Removed old entries of this log")]),
        _ => None,
    }
}

/// A person by the name of before and that of since, where another name is all that an edit gave them.
fn renamed_person(entry: &Entry, sight: &Sight) -> Option<Vec<Piece>> {
    let mut writes = entry.writes.iter().filter(|_| sight.sees(Kind::User));
    let write = writes.find(|write| write.kind == Kind::User)?;
    let said = |document: &Value, field: &str| {
        document.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (before, after) = write.before.as_ref().zip(write.after.as_ref())?;
    let name = |document| {
        let name = ["first_name", "last_name"].map(|field| said(document, field)).join(" ").trim().to_owned();
        Some(name).filter(|name| !name.is_empty())
    };
    let (was, is) = name(before).zip(name(after))?;
    let is_told = was != is && said(before, "email") == said(after, "email");
    let now = Piece::One { kind: Kind::User.into(), id: write.id.clone(), called: Some(is) };
    is_told.then(|| filled("Renamed {} to {}", [words(&was), now]))
}

/// What a change says of itself, and whom it gave and took what by that.
fn with_links(said: Vec<Piece>, entry: &Entry, asked: Option<&str>, sight: &Sight) -> Vec<Piece> {
    let Done { deeds, mut more } = done(facts(&entry.writes, sight), asked);
    let links: Vec<&Deed<'_>> = deeds.iter().filter(|deed| deed.is_link()).collect();
    let (first, rest) = links.split_at_checked(MOST - 1).unwrap_or((&links, &[]));
    rest.iter().for_each(|deed| more.add(deed.did, deed.facts()));
    let more = if links.is_empty() { More::default() } else { more };
    let told = [said].into_iter().chain(first.iter().map(|deed| continued(told(deed, None))));
    listed(told).into_iter().flatten().chain(more.told()).collect()
}

/// Told by what was done to documents; none where nothing was, or nothing is told of it but that it is not.
fn by_deeds(entry: &Entry, asked: Option<&str>, sight: &Sight, catalogue: &Catalogue) -> Option<Vec<Piece>> {
    let mut all = facts(&entry.writes, sight);
    all.extend(kept(entry, sight));
    let Done { deeds, mut more } = done(all, asked);
    let is_many = matches!(entry.action.as_str(), "batch" | "put_back");
    if !is_many && deeds.iter().all(|deed| deed.did == Did::Changed) {
        return None;
    }
    let is_review = deeds.iter().all(|deed| deed.did == Did::Kept);
    let lead = match entry.action.as_str() {
        "put_back" => Some(words("Put back: ")),
        _ if is_review => Some(words("Reviewed access: ")),
        _ => None,
    };
    let mut sentences = Vec::new();
    // Who is new is named once.
    let new = deeds.iter().find(|deed| deed.is_arrival());
    let before = iter::once(None).chain(deeds.iter().map(Some));
    for (deed, before) in deeds.iter().zip(before) {
        match sentences.len() < MOST {
            true => {
                let pieces = match before.is_some_and(|before| deed.follows_renaming(before)) {
                    true => vec![words("Edited it")],
                    false => told(deed, new),
                };
                sentences.push(if sentences.is_empty() && lead.is_none() {
                    pieces
                } else {
                    continued(pieces)
                });
            }
            false => more.add(deed.did, deed.facts()),
        }
    }
    let edit = match &*deeds {
        [only] => Some(only),
        [renamed, edited] => Some(edited).filter(|edited| edited.follows_renaming(renamed)),
        _ => None,
    };
    let gives = edit.and_then(|edit| granted_by(edit, entry, catalogue));
    let gives = gives.map(|gives| (if lead.is_some() { ", " } else { ": " }, gives));
    let sentence = listed(sentences)?;
    let gives = gives.into_iter().flat_map(|(mark, gives)| iter::once(words(mark)).chain(gives));
    Some(lead.into_iter().chain(sentence).chain(gives).chain(more.told()).collect())
}

/// What was done: to the one that is asked about, where something was; and how much more.
struct Done<'e> {
    deeds: Vec<Deed<'e>>,
    more: More,
}

/// How much was done that is not told, and how much of that was to say that something stays, which changes nothing.
#[derive(Default)]
struct More {
    changes: usize,
    kept: usize,
}

impl More {
    fn add(&mut self, did: Did, facts: usize) {
        let count = if did == Did::Kept { &mut self.kept } else { &mut self.changes };
        *count = count.saturating_add(facts);
    }

    fn told(self) -> Option<Piece> {
        let changes = (self.changes > 0).then(|| counted(self.changes, "more change", "more changes"));
        let kept = (self.kept > 0).then(|| counted(self.kept, "more kept", "more kept"));
        let said: Vec<String> = changes.into_iter().chain(kept).collect();
        (!said.is_empty()).then(|| words(&format!(", with {}", said.join(" and "))))
    }
}

fn done<'e>(all: BTreeSet<Fact<'e>>, asked: Option<&str>) -> Done<'e> {
    let is_asked = |fact: &Fact<'_>| asked.is_some_and(|id| fact.is_about(id));
    let (about, others): (Vec<Fact<'_>>, Vec<Fact<'_>>) = all.into_iter().partition(is_asked);
    let (about, others) = if about.is_empty() { (others, about) } else { (about, others) };
    let mut more = More::default();
    others.iter().for_each(|fact| more.add(fact.did, 1));
    Done { deeds: deeds(about), more }
}

/// What an edit of one role did to what it gives: "allowed Users: Manage and 2 more and took Reports: Run".
fn granted_by(deed: &Deed<'_>, entry: &Entry, catalogue: &Catalogue) -> Option<Vec<Piece>> {
    let is_it = |write: &&Write| write.kind == Kind::Role && deed.ids.contains(&*write.id);
    let one_role = deed.did == Did::Edited && deed.kind == Some(Kind::Role) && deed.ids.len() == 1;
    let write = entry.writes.iter().find(is_it).filter(|_| one_role)?;
    let Granted { allowed, changed, taken, inherits, disinherits } = granted(write);
    let permissions = |verb: &str, ids: Vec<&str>| {
        // Those that make an administrator are named first.
        let is_own = |id: &&str| console::ids().any(|own| own == *id);
        let (own, others): (Vec<&str>, Vec<&str>) = ids.into_iter().partition(is_own);
        let names: Vec<String> =
            own.into_iter().chain(others).map(|id| catalogue.permission_name(id)).collect();
        let (first, rest) = names.split_first()?;
        let more = match (rest, rest.len()) {
            ([], _) => String::new(),
            ([other], _) => format!(" and {other}"),
            (_, more) => format!(" and {more} more"),
        };
        Some(vec![words(&format!("{verb} {first}{more}"))])
    };
    let roles = |pattern: &str, ids: Vec<&str>| {
        (!ids.is_empty()).then(|| filled_by(pattern, [with(Kind::Role, &ids)]))
    };
    let parts = [
        permissions("allowed", allowed),
        permissions("changed the level of", changed),
        permissions("took away", taken),
        roles("made it inherit {}", inherits),
        roles("made it inherit {} no more", disinherits),
    ];
    listed(parts.into_iter().flatten())
}

/// One deed: "Gave Clerk to 24 people"; only "gave Clerk" where they are those who are `new` by the same change.
fn told(deed: &Deed<'_>, new: Option<&Deed<'_>>) -> Vec<Piece> {
    let kind = deed.kind;
    let whom = || match (kind, deed.ids.first()) {
        (Some(kind), Some(only)) if deed.ids.len() == 1 => one(kind, only),
        (Some(kind), _) => {
            let (one, many) = called(kind.into());
            words(&counted(deed.ids.len(), one, many))
        }
        (None, _) => words("everyone"),
    };
    let with = || deed.did.with().map_or_else(Vec::new, |kind| with(kind, &deed.with));
    // What is not a person is told with what it is.
    let thing = || match (kind, deed.ids.len()) {
        (Some(Kind::Settings | Kind::Catalogue | Kind::Tests), _) => {
            kind.map_or_else(Vec::new, |kind| vec![words(&format!("the {}", called(kind.into()).0))])
        }
        (Some(kind), 1) if kind != Kind::User => {
            vec![words(&format!("the {} ", called(kind.into()).0)), whom()]
        }
        _ => vec![whom()],
    };
    let (pattern, pieces) = match deed.did {
        Did::Created if kind == Some(Kind::User) => ("Added {}", [thing(), vec![]]),
        Did::Created => ("Created {}", [thing(), vec![]]),
        Did::Invited => ("Invited {}", [thing(), vec![]]),
        Did::Renamed => ("Renamed {} to {}", renamed(deed)),
        Did::Edited => ("Edited {}", [thing(), vec![]]),
        Did::Activated => ("Activated {}", [thing(), vec![]]),
        Did::Disabled => ("Disabled {}", [thing(), vec![]]),
        Did::PutOnPackage => ("Put {} on {}", [vec![whom()], with()]),
        Did::TookOffPackage => ("Took {} off {}", [vec![whom()], with()]),
        Did::PutIntoGroup => ("Put {} into {}", [vec![whom()], with()]),
        Did::TookOutOfGroup => ("Took {} out of {}", [vec![whom()], with()]),
        Did::Gave if new.is_some_and(|new| (new.kind, &new.ids) == (kind, &deed.ids)) => {
            ("Gave {}", [with(), vec![]])
        }
        Did::Gave => ("Gave {} to {}", [with(), vec![whom()]]),
        Did::Retimed => ("Changed when {} counts for {}", [with(), vec![whom()]]),
        Did::Took => ("Took {} from {}", [with(), vec![whom()]]),
        Did::Deleted => ("Deleted {}", [thing(), vec![]]),
        // The log did not always say what was kept.
        Did::Kept if kind == Some(Kind::Assignment) => {
            let (one, many) = called(Kind::Assignment.into());
            ("Kept {}", [vec![words(&counted(deed.ids.len(), one, many))], vec![]])
        }
        Did::Kept => ("Kept {} for {}", [with(), vec![whom()]]),
        Did::Changed => {
            let (one, many) = kind.map_or(("document", "documents"), |kind| called(kind.into()));
            let count = if one == many { format!("the {one}") } else { counted(deed.ids.len(), one, many) };
            ("Changed {}", [vec![words(&count)], vec![]])
        }
    };
    let place = deed.place.map(|place| [words(" at "), Piece::Place(place.to_owned())]);
    filled_by(pattern, pieces).into_iter().chain(place.into_iter().flatten()).chain(time(deed)).collect()
}

/// What had another name, and what that is: "the package Gold 300", "Gold 800".
fn renamed(deed: &Deed<'_>) -> [Vec<Piece>; 2] {
    let (Some(kind), Some(id), How::Named { was, is }) = (deed.kind, deed.ids.first(), deed.how) else {
        return [vec![], vec![]];
    };
    let now = Piece::One { kind: kind.into(), id: (*id).to_owned(), called: Some(is.to_owned()) };
    [vec![words(&format!("the {} {was}", called(kind.into()).0))], vec![now]]
}

/// For which time an assignment counts, from the place on: " from 1 Dec 2026, 14:45 until 5 Dec 2026, 18:00". Of one that counts
/// always only where that is what was done.
fn time(deed: &Deed<'_>) -> Vec<Piece> {
    let is_retimed = deed.did == Did::Retimed;
    let window = match deed.how {
        How::For { from, until } => {
            let parts = [(" from ", from), (" until ", until)];
            parts
                .into_iter()
                .filter_map(|(word, time)| Some([words(word), Piece::Time(time?)]))
                .flatten()
                .collect()
        }
        _ if is_retimed => vec![words(" always")],
        _ => vec![],
    };
    is_retimed.then(|| words(":")).into_iter().chain(window).collect()
}

/// The roles, groups or packages of a deed: "Clerk, Author and 3 more roles".
fn with(kind: Kind, ids: &[&str]) -> Vec<Piece> {
    let shown = if ids.len() > MOST { MOST - 1 } else { ids.len() };
    let (named, more) = ids.split_at_checked(shown).unwrap_or((ids, &[]));
    let (_, many) = called(kind.into());
    let more = (!more.is_empty()).then(|| vec![words(&format!("{} more {many}", more.len()))]);
    listed(named.iter().map(|id| vec![one(kind, id)]).chain(more)).unwrap_or_default()
}

/// "One", "one and other", "one, other and third"; none of none.
fn listed(all: impl IntoIterator<Item = Vec<Piece>>) -> Option<Vec<Piece>> {
    let mut all: Vec<Vec<Piece>> = all.into_iter().collect();
    let last = all.pop()?;
    let mut told = Vec::new();
    for (position, pieces) in all.into_iter().enumerate() {
        told.extend((position > 0).then(|| words(", ")));
        told.extend(pieces);
    }
    told.extend((!told.is_empty()).then(|| words(" and ")));
    told.extend(last);
    Some(told)
}

fn words(text: &str) -> Piece {
    Piece::Words(text.to_owned())
}

fn one(kind: Kind, id: &str) -> Piece {
    Piece::One { kind: kind.into(), id: id.to_owned(), called: None }
}

/// The pattern with a piece for each `{}`.
fn filled<const N: usize>(pattern: &str, pieces: [Piece; N]) -> Vec<Piece> {
    filled_by(pattern, pieces.map(|piece| vec![piece]))
}

/// The pattern with pieces for each `{}`.
fn filled_by<const N: usize>(pattern: &str, pieces: [Vec<Piece>; N]) -> Vec<Piece> {
    let mut pieces = pieces.into_iter();
    let mut told = Vec::new();
    for (position, text) in pattern.split("{}").enumerate() {
        if position > 0 {
            told.extend(pieces.next().unwrap_or_default());
        }
        told.extend((!text.is_empty()).then(|| words(text)));
    }
    told
}

/// The pieces within a sentence that began before them.
fn continued(mut pieces: Vec<Piece>) -> Vec<Piece> {
    if let Some(Piece::Words(text)) = pieces.first_mut() {
        let mut letters = text.chars();
        *text = letters.next().into_iter().map(|first| first.to_ascii_lowercase()).chain(letters).collect();
    }
    pieces
}

/// The text with its first letter large.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().map(|first| first.to_ascii_uppercase()).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The sentence of an entry, to somebody who sees everything, or nothing.
    fn told_to(entry: &Value, asked: Option<&str>, sight: &Sight) -> String {
        let mut whole = json!({ "at": { "epoch": 0, "revision": 7 }, "time": 0, "actor": "user:ada", "change": {}, "writes": [], "request": "r" });
        for (name, value) in entry.as_object().unwrap() {
            whole[name] = value.clone();
        }
        if whole["change"].get("change").is_none() {
            whole["change"]["change"] = whole["action"].clone();
        }
        let entry: Entry = serde_json::from_value(whole).unwrap();
        let pieces = sentence(&entry, asked, sight, &catalogue()).into_iter();
        pieces
            .map(|piece| match piece {
                Piece::Words(words) => words,
                Piece::One { called: Some(called), .. } => format!("<{called}>"),
                Piece::One { kind, id, .. } => format!("<{} {id}>", kind.as_str()),
                Piece::Place(place) => format!("<{place}>"),
                Piece::Time(time) => format!("<{}>", time.0),
            })
            .collect()
    }

    /// That of a tenant with nothing but Rolewright's own.
    fn catalogue() -> Catalogue {
        let policy = json!({ "format": 1, "name": "t", "catalogue": { "modules": [] }, "roles": [{ "id": "root", "name": "Root", "superuser": true }] });
        let policy = serde_json::from_value(policy).unwrap();
        let context = rolewright_model::Context { now: rolewright_model::Timestamp(0), id: "c".to_owned() };
        rolewright_model::State::begin(&policy, &context).unwrap().state.policy().catalogue().clone()
    }

    fn write(kind: &str, id: &str, before: Value, after: Value) -> Value {
        json!({ "kind": kind, "id": id, "before": before, "after": after })
    }

    fn given(role: &str, to: &str, scope: &str) -> Value {
        let link = json!({ "principal": { "user": to }, "role": role, "scope": scope });
        write("assignment", &format!("{role}-{to}"), Value::Null, link)
    }

    fn taken(role: &str, from: &str) -> Value {
        let link = json!({ "principal": { "user": from }, "role": role, "scope": "/" });
        write("assignment", &format!("was-{role}-{from}"), link, Value::Null)
    }

    fn status(of: &str, status: &str) -> Value {
        let was = if status == "active" { "disabled" } else { "active" };
        write("user", of, json!({ "status": was }), json!({ "status": status }))
    }

    fn package(of: &str, before: Option<&str>, after: Option<&str>) -> Value {
        let on = |package: Option<&str>| json!({ "status": "active", "package": package.map(|id| json!({ "package": id })) });
        write("user", of, on(before), on(after))
    }

    #[test]
    fn a_change_is_told_in_a_sentence() {
        let everyone = json!({ "principal": "everyone", "role": "clerk", "scope": "/" });
        let everyone = write("assignment", "a", everyone, Value::Null);
        let member = json!({ "group": "sales", "member": { "group": "eu" } });
        let member = write("membership", "m", Value::Null, member);
        let role = write("role", "clerk", json!({ "description": "A" }), json!({ "description": "B" }));
        let settings = write("settings", "default", json!({}), json!({}));
        let about = json!({ "kind": "user", "id": "ana" });
        for (entry, expected) in [
            (
                json!({ "action": "assign", "writes": [given("clerk", "ana", "/")] }),
                "Gave <role clerk> to <user ana>",
            ),
            (
                json!({ "action": "assign", "writes": [given("clerk", "ana", "servers/prod")] }),
                "Gave <role clerk> to <user ana> at <servers/prod>",
            ),
            (json!({ "action": "unassign", "writes": [everyone] }), "Took <role clerk> from everyone"),
            (
                json!({ "action": "set_window", "writes": [taken("clerk", "ana"), given("clerk", "ana", "/")] }),
                "Changed when <role clerk> counts for <user ana>: always",
            ),
            (json!({ "action": "add_member", "writes": [member] }), "Put <group eu> into <group sales>"),
            (json!({ "action": "update_role", "writes": [role] }), "Edited the role <role clerk>"),
            (json!({ "action": "set_status", "writes": [status("ana", "disabled")] }), "Disabled <user ana>"),
            (json!({ "action": "set_status", "writes": [status("ana", "active")] }), "Activated <user ana>"),
            (
                json!({ "action": "set_package", "writes": [package("ana", None, Some("pro"))] }),
                "Put <user ana> on <package pro>",
            ),
            (
                json!({ "action": "set_package", "writes": [package("ana", Some("pro"), None)] }),
                "Took <user ana> off <package pro>",
            ),
            (json!({ "action": "end_sessions", "about": about }), "Ended the sessions of <user ana>"),
            (
                json!({ "action": "end_sessions", "about": about, "change": { "session": "s" } }),
                "Ended a session of <user ana>",
            ),
            (
                json!({ "action": "revoke_invitation", "about": about }),
                "Revoked the invitation of <user ana>",
            ),
            (json!({ "action": "view_as", "about": about }), "Viewed the app as <user ana>"),
            (
                json!({ "action": "end_view_as", "about": { "kind": "role", "id": "clerk" } }),
                "Stopped viewing the app as <role clerk>",
            ),
            (
                json!({ "action": "make_key", "about": { "kind": "key", "id": "k" } }),
                "Made the API key <key k>",
            ),
            (
                json!({ "action": "set_entitlement", "change": { "role": "clerk", "on": true }, "writes": [settings] }),
                "Turned on the entitlement to <role clerk>",
            ),
            (json!({ "action": "update_settings", "writes": [settings] }), "Edited the settings"),
            (json!({ "action": "put_back", "writes": [settings] }), "Put back: edited the settings"),
            // What this version does not know.
            (json!({ "action": "paint_it_blue" }), "Paint it blue"),
            (json!({ "action": "paint_it_blue", "about": about }), "Paint it blue: <user ana>"),
        ] {
            assert_eq!(told_to(&entry, None, &Sight::whole()), expected, "{entry}");
        }
    }

    #[test]
    fn who_is_new_is_told_with_what_they_are_given() {
        let invited = |id: &str| write("user", id, Value::Null, json!({ "status": "invited" }));
        let added = |id: &str| write("user", id, Value::Null, json!({ "status": "active" }));
        let settings = write("settings", "default", json!({}), json!({}));
        let switched = json!({ "role": "clerk", "on": true });
        for (entry, asked, expected) in [
            (json!({ "action": "invite_user", "writes": [invited("ana")] }), None, "Invited <user ana>"),
            (
                json!({ "action": "invite_user", "writes": [invited("ana"), given("root", "ana", "/")] }),
                None,
                "Invited <user ana> and gave <role root>",
            ),
            (
                json!({ "action": "batch", "writes": [added("ana"), given("clerk", "ana", "/"), given("root", "ana", "/")] }),
                None,
                "Added <user ana> and gave <role clerk> and <role root>",
            ),
            (
                json!({ "action": "batch", "writes": [invited("ana"), invited("bo"), given("clerk", "bo", "/")] }),
                None,
                "Invited 2 people and gave <role clerk> to <user bo>",
            ),
            (
                json!({ "action": "set_entitlement", "change": switched, "writes": [settings, given("clerk", "ana", "/"), given("clerk", "bo", "/")] }),
                None,
                "Turned on the entitlement to <role clerk> and gave <role clerk> to 2 people",
            ),
            (
                json!({ "action": "set_entitlement", "change": switched, "writes": [settings, given("clerk", "ana", "/"), given("clerk", "bo", "/")] }),
                Some("bo"),
                "Turned on the entitlement to <role clerk> and gave <role clerk> to <user bo>, with 2 more changes",
            ),
        ] {
            assert_eq!(told_to(&entry, asked, &Sight::whole()), expected, "{entry}");
        }
    }

    #[test]
    fn what_is_given_for_a_time_says_from_when_and_until_when() {
        let timed = |to: &str, from: Option<i64>, until: Option<i64>| {
            let link = json!({ "principal": { "user": to }, "role": "clerk", "scope": "servers/prod", "from": from, "until": until });
            write("assignment", &format!("clerk-{to}"), Value::Null, link)
        };
        let was = |to: &str, until: i64| {
            let link = json!({ "principal": { "user": to }, "role": "clerk", "scope": "servers/prod", "until": until });
            write("assignment", &format!("was-{to}"), link, Value::Null)
        };
        let narrowed = json!({ "principal": { "user": "ana" }, "role": "clerk", "scope": "/", "until": 5 });
        let narrowed = write(
            "assignment",
            "a",
            json!({ "principal": { "user": "ana" }, "role": "clerk", "scope": "/" }),
            narrowed,
        );
        let prod = "at <servers/prod>";
        for (writes, expected) in [
            (vec![timed("ana", Some(1), None)], format!("Gave <role clerk> to <user ana> {prod} from <1>")),
            (vec![timed("ana", None, Some(2))], format!("Gave <role clerk> to <user ana> {prod} until <2>")),
            (
                vec![timed("ana", Some(1), Some(2))],
                format!("Gave <role clerk> to <user ana> {prod} from <1> until <2>"),
            ),
            // Alike is what is given for the same time.
            (
                vec![timed("ana", Some(1), None), timed("bo", Some(1), None), timed("cy", Some(3), None)],
                format!(
                    "Gave <role clerk> to 2 people {prod} from <1> and gave <role clerk> to <user cy> {prod} from <3>"
                ),
            ),
            (vec![was("ana", 2)], format!("Took <role clerk> from <user ana> {prod}")),
            (
                vec![was("ana", 2), timed("ana", None, Some(9))],
                format!("Changed when <role clerk> counts for <user ana> {prod}: until <9>"),
            ),
            (
                vec![was("ana", 2), timed("ana", None, None)],
                format!("Changed when <role clerk> counts for <user ana> {prod}: always"),
            ),
            (vec![narrowed], "Changed when <role clerk> counts for <user ana>: until <5>".to_owned()),
        ] {
            let entry = json!({ "action": "batch", "writes": writes });
            assert_eq!(told_to(&entry, None, &Sight::whole()), expected);
        }
    }

    #[test]
    fn what_gets_another_name_is_told_by_both() {
        let named = |kind: &str, id: &str, was: &str, is: &str| {
            write(kind, id, json!({ "name": was, "roles": [] }), json!({ "name": is, "roles": [] }))
        };
        let grants =
            |name: &str, permission: &str| json!({ "name": name, "grants": { permission: "allowed" } });
        let role = write("role", "clerk", grants("Clerk", "users.view"), grants("Teller", "users.manage"));
        let person = |first: &str, last: &str, email: &str| {
            let was = json!({ "first_name": "Ana", "last_name": "Ruiz", "email": "ana@b.c" });
            write("user", "ana", was, json!({ "first_name": first, "last_name": last, "email": email }))
        };
        let gold = named("package", "gold", "Gold 300", "Gold 800");
        let eu =
            write("group", "eu", json!({ "name": "EU" }), json!({ "name": "Europe", "description": "All" }));
        for (action, writes, expected) in [
            ("update_package", vec![gold.clone()], "Renamed the package Gold 300 to <Gold 800>"),
            ("update_group", vec![eu.clone()], "Renamed the group EU to <Europe> and edited it"),
            (
                "update_role",
                vec![role.clone()],
                "Renamed the role Clerk to <Teller> and edited it: allowed Users: Manage and took away Users: View",
            ),
            (
                "batch",
                vec![gold.clone(), eu, role],
                "Renamed the role Clerk to <Teller>, renamed the package Gold 300 to <Gold 800> and renamed the group EU to <Europe>, \
                    with 2 more changes",
            ),
            ("put_back", vec![gold], "Put back: renamed the package Gold 300 to <Gold 800>"),
            ("update_user", vec![person("Ana", "Ruis", "ana@b.c")], "Renamed Ana Ruiz to <Ana Ruis>"),
            ("set_name", vec![person("Ana", "", "ana@b.c")], "Renamed Ana Ruiz to <Ana>"),
            ("set_name", vec![person("", "", "ana@b.c")], "Changed the name of <user ana>"),
            ("update_user", vec![person("Ana", "Ruis", "a@b.c")], "Edited the name or email of <user ana>"),
        ] {
            let entry = json!({ "action": action, "writes": writes });
            assert_eq!(told_to(&entry, None, &Sight::whole()), expected);
        }
    }

    #[test]
    fn an_edit_of_a_role_says_what_it_allowed_and_took() {
        let role = |before: Value, after: Value| write("role", "clerk", before, after);
        let grants = |of: &[&str]| -> Value {
            let grants: serde_json::Map<_, _> =
                of.iter().map(|id| ((*id).to_owned(), json!("allowed"))).collect();
            json!({ "grants": grants })
        };
        let (none, view) = (grants(&[]), grants(&["users.view"]));
        let many = grants(&["reports.run", "reports.view", "users.manage", "users.view"]);
        let limited = json!({ "grants": {}, "limited": [{ "permission": "reports.run", "level": "all", "at": "server" }] });
        let lower = json!({ "grants": {}, "limited": [{ "permission": "reports.run", "level": "own", "at": "server" }] });
        for (write, expected) in [
            (role(json!({ "grants": {}, "description": "" }), none.clone()), ""),
            (role(none.clone(), view.clone()), ": allowed Users: View"),
            (role(view.clone(), many.clone()), ": allowed Users: Manage and 2 more"),
            (role(many, view.clone()), ": took away Users: Manage and 2 more"),
            (
                role(view, grants(&["reports.run", "reports.view"])),
                ": allowed reports.run and reports.view and took away Users: View",
            ),
            (role(none.clone(), limited.clone()), ": allowed reports.run"),
            (role(limited, lower), ": changed the level of reports.run"),
            (role(none.clone(), json!({ "inherits": ["root"] })), ": made it inherit <role root>"),
            (role(json!({ "inherits": ["root"] }), none), ": made it inherit <role root> no more"),
        ] {
            let told = told_to(&json!({ "action": "update_role", "writes": [write] }), None, &Sight::whole());
            assert_eq!(told, format!("Edited the role <role clerk>{expected}"));
        }
    }

    #[test]
    fn a_change_of_many_says_what_was_done_to_how_many() {
        let many: Vec<String> = (0..1_200).map(|n| format!("u{n}")).collect();
        let all = |one: &dyn Fn(&str) -> Value| many.iter().map(|id| one(id)).collect::<Vec<Value>>();
        let batch = |writes: Vec<Value>| json!({ "action": "batch", "writes": writes });
        let full = |id: &str| write("user", id, json!({ "tier": "basic" }), json!({ "tier": "full" }));
        let both = [all(&|id| given("clerk", id, "/")), all(&|id| given("author", id, "/")), all(&full)];
        let mixed = [
            vec![given("clerk", "ana", "/"), taken("author", "ana"), status("bo", "disabled")],
            vec![package("ana", Some("basic"), Some("pro")), package("cy", None, Some("pro"))],
            vec![write("role", "clerk", json!({}), json!({})), taken("author", "cy")],
        ];
        let gone = write("user", "ana", json!({ "status": "active" }), Value::Null);
        let kept = |many: usize, writes: Vec<Value>| {
            let keep = |n: usize| json!({ "change": "keep_assignment", "id": format!("a{n}") });
            let changes: Vec<Value> = (0..many).map(keep).collect();
            json!({ "action": "batch", "change": { "changes": changes }, "writes": writes })
        };
        // What was kept, as the log says it since it says it.
        let stays = |role: &str, of: &str, scope: &str| given(role, of, scope)["after"].clone();
        let reviewed = |kept: Vec<Value>, writes: Vec<Value>| {
            let keep: Vec<Value> =
                kept.iter().map(|_| json!({ "change": "keep_assignment", "id": "a" })).collect();
            json!({ "action": "batch", "change": { "changes": keep }, "kept": kept, "writes": writes })
        };
        let everyone = json!({ "principal": "everyone", "role": "clerk", "scope": "/" });
        let clerks: Vec<Value> = many.iter().map(|id| stays("clerk", id, "/")).collect();
        let different: Vec<Value> =
            ["a", "b", "c", "d", "e"].iter().zip(&many).map(|(role, of)| stays(role, of, "/")).collect();
        let five: Vec<Value> = ["a", "b", "c", "d", "e"].map(|role| given(role, "ana", "/")).to_vec();
        for (entry, asked, expected) in [
            (batch(all(&|id| given("clerk", id, "/"))), None, "Gave <role clerk> to 1,200 people"),
            (batch(vec![given("clerk", "ana", "/")]), None, "Gave <role clerk> to <user ana>"),
            (batch(both.concat()), None, "Gave <role author> and <role clerk> to 1,200 people"),
            (batch(five), None, "Gave <role a>, <role b> and 3 more roles to <user ana>"),
            (batch(all(&|id| package(id, None, Some("pro")))), None, "Put 1,200 people on <package pro>"),
            (batch(all(&|id| status(id, "disabled"))), None, "Disabled 1,200 people"),
            (
                batch(mixed.concat()),
                None,
                "Edited the role <role clerk>, disabled <user bo> and put 2 people on <package pro>, with 3 more changes",
            ),
            // Of somebody it says what happened to them.
            (
                batch(mixed.concat()),
                Some("ana"),
                "Put <user ana> on <package pro>, gave <role clerk> to <user ana> and took <role author> from <user ana>, with 4 more changes",
            ),
            (batch(mixed.concat()), Some("bo"), "Disabled <user bo>, with 6 more changes"),
            (
                batch(all(&|id| given("clerk", id, "/"))),
                Some("u7"),
                "Gave <role clerk> to <user u7>, with 1,199 more changes",
            ),
            (batch(vec![]), None, "Batch"),
            (kept(2, vec![]), None, "Reviewed access: kept 2 role assignments"),
            (
                kept(1_200, vec![taken("clerk", "ana")]),
                None,
                "Took <role clerk> from <user ana> and kept 1,200 role assignments",
            ),
            (
                kept(1_200, vec![taken("clerk", "ana")]),
                Some("ana"),
                "Took <role clerk> from <user ana>, with 1,200 more kept",
            ),
            (
                reviewed(vec![stays("clerk", "ana", "/")], vec![]),
                None,
                "Reviewed access: kept <role clerk> for <user ana>",
            ),
            (
                reviewed(vec![stays("clerk", "ana", "servers/prod"), everyone], vec![]),
                None,
                "Reviewed access: kept <role clerk> for everyone and kept <role clerk> for <user ana> at <servers/prod>",
            ),
            (reviewed(clerks.clone(), vec![]), None, "Reviewed access: kept <role clerk> for 1,200 people"),
            (
                reviewed(different, vec![]),
                None,
                "Reviewed access: kept <role a> for <user u0>, kept <role b> for <user u1> and kept <role c> for <user u2>, with 2 more kept",
            ),
            (
                reviewed(clerks.clone(), vec![taken("author", "ana")]),
                None,
                "Took <role author> from <user ana> and kept <role clerk> for 1,200 people",
            ),
            // Of somebody it says what was kept for them.
            (
                reviewed(clerks.clone(), vec![taken("author", "ana")]),
                Some("u7"),
                "Reviewed access: kept <role clerk> for <user u7>, with 1 more change and 1,199 more kept",
            ),
            (reviewed(clerks, vec![]), Some("clerk"), "Reviewed access: kept <role clerk> for 1,200 people"),
            // Links go with what they link.
            (
                json!({ "action": "delete_user", "writes": [gone, taken("author", "ana")] }),
                None,
                "Deleted <user ana>",
            ),
        ] {
            assert_eq!(told_to(&entry, asked, &Sight::whole()), expected, "{asked:?}");
        }
    }

    #[test]
    fn what_is_not_for_who_asks_is_told_by_its_count_alone() {
        let blind = Sight::default();
        let ana = write("user", "ana", json!({ "first_name": "Ana" }), json!({ "first_name": "Bea" }));
        let renamed = json!({ "action": "update_user", "writes": [ana] });
        assert_eq!(told_to(&renamed, None, &blind), "Edited the name or email of <user ana>");
        let eu = write("group", "eu", json!({ "name": "EU" }), json!({ "name": "Europe" }));
        let renamed = json!({ "action": "update_group", "writes": [eu] });
        assert_eq!(told_to(&renamed, None, &blind), "Update group");
        let batch = json!({ "action": "batch", "writes": [given("clerk", "ana", "/"), given("clerk", "bo", "/"), status("cy", "disabled")] });
        assert_eq!(told_to(&batch, None, &blind), "Changed 1 person and changed 2 role assignments");
        let keep = json!({ "changes": [{ "change": "keep_assignment", "id": "a" }] });
        assert_eq!(told_to(&json!({ "action": "batch", "change": keep }), None, &blind), "Batch");
        let kept = json!([given("clerk", "ana", "/")["after"]]);
        let told = told_to(&json!({ "action": "batch", "change": keep, "kept": kept }), Some("ana"), &blind);
        assert_eq!(told, "Batch");
        let one = json!({ "action": "assign", "writes": [given("clerk", "ana", "/")] });
        assert_eq!(told_to(&one, None, &blind), "Assign");
        let key = json!({ "action": "make_key", "about": { "kind": "key", "id": "k" } });
        assert_eq!(told_to(&key, None, &blind), "Made an API key");
    }
}
