//! What a change did, read off the documents that it wrote. What it did alike to many is one deed.

use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::Timestamp;
use rolewright_model::change::{Kind, Write};
use rolewright_store::Entry;
use serde_json::Value;

use crate::sight::Sight;

/// What was done, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Did {
    Created,
    Invited,
    Renamed,
    Edited,
    Activated,
    Disabled,
    PutOnPackage,
    TookOffPackage,
    PutIntoGroup,
    TookOutOfGroup,
    Gave,
    /// Another window of an assignment.
    Retimed,
    Took,
    Deleted,
    /// Said of an assignment that it stays.
    Kept,
    /// What that was is not for who asks.
    Changed,
}

impl Did {
    /// The kind of what it was done with: the role that was given.
    pub(super) fn with(self) -> Option<Kind> {
        match self {
            Self::Gave | Self::Retimed | Self::Took | Self::Kept => Some(Kind::Role),
            Self::PutOnPackage | Self::TookOffPackage => Some(Kind::Package),
            Self::PutIntoGroup | Self::TookOutOfGroup => Some(Kind::Group),
            _ => None,
        }
    }
}

/// To whom or what it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whom<'e> {
    Everyone,
    One(Kind, &'e str),
}

/// How it was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How<'e> {
    #[default]
    Plainly,
    /// For a time: an assignment from then, until then.
    For { from: Option<Timestamp>, until: Option<Timestamp> },
    /// From one name to another.
    Named { was: &'e str, is: &'e str },
}

/// One thing that was done to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fact<'e> {
    pub(super) did: Did,
    /// The role, package or group that it was done with, by id.
    with: Option<&'e str>,
    /// Where, as a path; none where it is the tenant.
    place: Option<&'e str>,
    whom: Whom<'e>,
    how: How<'e>,
}

impl Fact<'_> {
    /// Whether it is about the one of that id.
    pub(super) fn is_about(&self, id: &str) -> bool {
        self.with == Some(id) || matches!(self.whom, Whom::One(_, whom) if whom == id)
    }
}

/// What was done alike to one or many.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deed<'e> {
    pub(super) did: Did,
    /// Where, as a path; none where it is the tenant.
    pub(super) place: Option<&'e str>,
    /// What those are to whom it was done; none where that is everyone.
    pub(super) kind: Option<Kind>,
    /// They, by id.
    pub(super) ids: BTreeSet<&'e str>,
    pub(super) how: How<'e>,
    /// With what, by id.
    pub(super) with: Vec<&'e str>,
}

impl Deed<'_> {
    /// Whether it links whom it was done to with something.
    pub(super) fn is_link(&self) -> bool {
        self.did.with().is_some_and(|kind| kind != Kind::Package)
    }

    /// Whether people came to be by it.
    pub(super) fn is_arrival(&self) -> bool {
        self.kind == Some(Kind::User) && matches!(self.did, Did::Created | Did::Invited)
    }

    /// Whether it is the edit of what that one, told just before it, gave another name.
    pub(super) fn follows_renaming(&self, before: &Self) -> bool {
        (before.did, self.did) == (Did::Renamed, Did::Edited)
            && (before.kind, &before.ids) == (self.kind, &self.ids)
    }

    /// How many facts are in it.
    pub(super) fn facts(&self) -> usize {
        self.with.len().max(1).saturating_mul(self.ids.len().max(1))
    }
}

/// What was done, one by one. What follows from something else is none of it: that who holds a role is counted as a full user,
/// and that links go with what they link. `O(documents x log)`.
pub(super) fn facts<'e>(writes: &'e [Write], sight: &Sight) -> BTreeSet<Fact<'e>> {
    let removed = writes.iter().filter(|write| write.after.is_none());
    let gone: BTreeSet<&str> = removed.map(|write| &*write.id).collect();
    let mut facts = BTreeSet::new();
    for write in writes {
        let whom = Whom::One(write.kind, &write.id);
        let plain = |did| Fact { did, with: None, place: None, whom, how: How::Plainly };
        match write.kind {
            _ if !sight.sees(write.kind) => _ = facts.insert(plain(Did::Changed)),
            Kind::Assignment | Kind::Membership => {
                let linked = linked(write).filter(|fact| {
                    let is_gone = |id: &str| fact.is_about(id) && gone.contains(id);
                    !fact.with.is_some_and(is_gone) && !matches!(fact.whom, Whom::One(_, id) if is_gone(id))
                });
                facts.extend(linked);
            }
            Kind::User => {
                facts.extend(of_user(write).into_iter().map(|(did, with)| Fact { with, ..plain(did) }))
            }
            _ => facts.extend(edited(write).into_iter().map(|(did, how)| Fact { how, ..plain(did) })),
        }
    }
    // Another window that is not within the one before is a new link.
    let retimed: Vec<Fact<'e>> = facts.iter().filter(|fact| fact.did == Did::Took).copied().collect();
    for took in retimed {
        let given = Fact { did: Did::Gave, ..took };
        let gave =
            facts.range(given..).next().copied().filter(|gave| Fact { how: took.how, ..*gave } == given);
        if let Some(gave) = gave {
            facts.remove(&gave);
            facts.remove(&took);
            facts.insert(Fact { did: Did::Retimed, ..gave });
        }
    }
    facts
}

/// The assignments of which a change says that they stay.
pub(super) fn kept<'e>(entry: &'e Entry, sight: &Sight) -> Vec<Fact<'e>> {
    match &*entry.kept {
        [] if sight.sees_change(&entry.change) => kept_by_id(&entry.change),
        kept if sight.sees(Kind::Assignment) => {
            kept.iter().filter_map(|document| link(Did::Kept, Kind::Assignment, document)).collect()
        }
        _ => Vec::new(),
    }
}

/// They as the change alone names them: the log did not always say what was kept.
fn kept_by_id(change: &Value) -> Vec<Fact<'_>> {
    match change.get("change").and_then(Value::as_str) {
        Some("keep_assignment") => {
            let whom = text(Some(change), "/id").map(|id| Whom::One(Kind::Assignment, id));
            whom.map(|whom| Fact { did: Did::Kept, with: None, place: None, whom, how: How::Plainly })
                .into_iter()
                .collect()
        }
        Some("batch") => {
            let changes = change.get("changes").and_then(Value::as_array);
            changes.into_iter().flatten().flat_map(kept_by_id).collect()
        }
        _ => Vec::new(),
    }
}

/// What is the same of facts that are one deed: what was done, with what, where, how, and to what kind.
type Alike<'e> = (Did, Option<&'e str>, Option<&'e str>, How<'e>, Option<Kind>);

/// The facts as deeds, in the order in which they are told.
pub(super) fn deeds<'e>(facts: impl IntoIterator<Item = Fact<'e>>) -> Vec<Deed<'e>> {
    let mut alike: BTreeMap<Alike<'e>, BTreeSet<&str>> = BTreeMap::new();
    for Fact { did, with, place, whom, how } in facts {
        let (kind, id) = match whom {
            Whom::Everyone => (None, None),
            Whom::One(kind, id) => (Some(kind), Some(id)),
        };
        alike.entry((did, with, place, how, kind)).or_default().extend(id);
    }
    let mut deeds: BTreeMap<Deed<'e>, Vec<&str>> = BTreeMap::new();
    for ((did, with, place, how, kind), ids) in alike {
        deeds.entry(Deed { did, place, kind, ids, how, with: Vec::new() }).or_default().extend(with);
    }
    deeds.into_iter().map(|(deed, with)| Deed { with, ..deed }).collect()
}

fn text<'e>(document: Option<&'e Value>, path: &str) -> Option<&'e str> {
    document?.pointer(path)?.as_str()
}

/// What was done where a link was written.
fn linked(write: &Write) -> Option<Fact<'_>> {
    let did = match (write.kind, &write.before, &write.after) {
        (Kind::Assignment, None, _) => Did::Gave,
        (Kind::Assignment, _, None) => Did::Took,
        (Kind::Assignment, ..) => Did::Retimed,
        (_, _, None) => Did::TookOutOfGroup,
        _ => Did::PutIntoGroup,
    };
    link(did, write.kind, write.after.as_ref().or(write.before.as_ref())?)
}

/// What was done with the link of that kind that a document says.
fn link(did: Did, kind: Kind, document: &Value) -> Option<Fact<'_>> {
    let document = Some(document);
    let (field, with) = match kind {
        Kind::Assignment => ("principal", "/role"),
        _ => ("member", "/group"),
    };
    let one = |kind: Kind| {
        let id = text(document, &format!("/{field}/{}", kind.as_str()))?;
        Some(Whom::One(kind, id))
    };
    let time = |field: &str| document?.get(field)?.as_i64().map(Timestamp);
    let how = match (time("from"), time("until")) {
        (None, None) => How::Plainly,
        (from, until) => How::For { from, until },
    };
    Some(Fact {
        did,
        with: Some(text(document, with)?),
        place: text(document, "/scope").filter(|place| *place != "/"),
        whom: one(Kind::User).or_else(|| one(Kind::Group)).unwrap_or(Whom::Everyone),
        // What was taken, or kept, is so whenever it counted.
        how: if matches!(did, Did::Gave | Did::Retimed) { how } else { How::Plainly },
    })
}

/// What was done where a person was written, and with which package.
fn of_user(write: &Write) -> Vec<(Did, Option<&str>)> {
    let (before, after) = (write.before.as_ref(), write.after.as_ref());
    let status = text(after, "/status");
    let (had, has) = (text(before, "/package/package"), text(after, "/package/package"));
    let packaged = match has {
        Some(_) if has != had => Some((Did::PutOnPackage, has)),
        None if had.is_some() => Some((Did::TookOffPackage, had)),
        _ => None,
    };
    let done = match (before, after) {
        (_, None) => return vec![(Did::Deleted, None)],
        (None, _) if status == Some("invited") => Some(Did::Invited),
        (None, _) => Some(Did::Created),
        _ if text(before, "/status") == status => None,
        _ if status == Some("disabled") => Some(Did::Disabled),
        _ => Some(Did::Activated),
    };
    const SAID: [&str; 4] = ["/email", "/first_name", "/last_name", "/attributes"];
    let differs =
        |path: &&str| before.and_then(|it| it.pointer(path)) != after.and_then(|it| it.pointer(path));
    let is_edited = before.is_some() && SAID.iter().any(differs);
    let done = done.into_iter().chain(is_edited.then_some(Did::Edited)).map(|did| (did, None));
    done.chain(packaged).collect()
}

/// What was done where another document was written, and how: what got another name was edited too where more of it differs.
fn edited(write: &Write) -> Vec<(Did, How<'_>)> {
    let (before, after) = match (&write.before, &write.after) {
        (_, None) => return vec![(Did::Deleted, How::Plainly)],
        (None, _) => return vec![(Did::Created, How::Plainly)],
        (Some(before), Some(after)) => (before, after),
    };
    let is_called = matches!(write.kind, Kind::Role | Kind::Group | Kind::Package);
    let names = text(Some(before), "/name").zip(text(Some(after), "/name"));
    match names.filter(|(was, is)| is_called && was != is) {
        Some((was, is)) => {
            let renamed = (Did::Renamed, How::Named { was, is });
            let edited = differs_beyond_name(before, after).then_some((Did::Edited, How::Plainly));
            [renamed].into_iter().chain(edited).collect()
        }
        None => vec![(Did::Edited, How::Plainly)],
    }
}

fn differs_beyond_name(before: &Value, after: &Value) -> bool {
    let mut fields =
        [before, after].into_iter().filter_map(Value::as_object).flat_map(|fields| fields.keys());
    fields.any(|field| field != "name" && before.get(field) != after.get(field))
}
