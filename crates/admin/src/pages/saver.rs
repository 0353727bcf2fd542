//! Who saved what is edited here, as the change log says: "Bo saved this role at 10:31".

use rolewright_model::{Timestamp, console};
use serde::Deserialize;
use serde_json::Value;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::{self, Query};
use crate::resource::use_resource;
use crate::session::use_session;
use crate::text;

/// As much of [`AuditEntry`](rolewright_wire::audit::AuditEntry) as is shown.
#[derive(Deserialize)]
struct Entry {
    actor: String,
    #[serde(default)]
    actor_name: String,
    time: Timestamp,
}

/// Who saved something, and when.
#[derive(Clone, Debug, PartialEq)]
pub enum Saver {
    /// It is being asked for.
    Asked,
    /// Somebody else, as far as it is known.
    Unknown,
    /// Whoever edits here, in another tab or on another device.
    Own(String),
    /// That one.
    Named(String, String),
}

impl Saver {
    fn of(entry: &Entry, own: Option<&str>) -> Self {
        let at = text::lately(entry.time);
        let who = match entry.actor.split_once(':') {
            Some(("user", id)) if Some(id) == own => return Self::Own(at),
            Some(("user", _)) if entry.actor_name.is_empty() => return Self::Unknown,
            Some(("user", _)) => &*entry.actor_name,
            Some(("key", _)) if entry.actor_name.is_empty() => "An API key",
            Some(("key", _)) => &format!("API key {}", entry.actor_name),
            _ => "The operator",
        };
        Self::Named(who.to_owned(), at)
    }

    /// "Bo saved this role at 10:31", or "Somebody else saved this role meanwhile". Before it is known, nothing that may turn out
    /// otherwise.
    pub fn words(&self, what: &str) -> String {
        match self {
            Self::Asked => format!("Meanwhile {what} was saved"),
            Self::Unknown => format!("Somebody else saved {what} meanwhile"),
            Self::Own(at) => format!("You saved {what} elsewhere at {at}"),
            Self::Named(who, at) => format!("{who} saved {what} at {at}"),
        }
    }

    /// What both sides are called: the one that was saved, and the one that is edited here. Nothing before it is known.
    pub fn sides(&self) -> [Option<AttrValue>; 2] {
        match self {
            Self::Asked => [None, None],
            Self::Unknown => [Some("Theirs".into()), Some("Yours".into())],
            Self::Own(_) => [Some("Yours, elsewhere".into()), Some("Yours, here".into())],
            Self::Named(who, _) => [Some(who.clone().into()), Some("Yours".into())],
        }
    }
}

/// Who saved the version of that `ETag`, for whoever may see the log.
#[hook]
pub fn use_saver(version: Option<&str>) -> Saver {
    use_entry(version.and_then(revision).map(|revision| format!("/audit/{revision}")))
}

/// The same of what is kept beside the documents, whose versions name no revision: who last changed what has that id.
#[hook]
pub fn use_last_saver(id: Option<&str>) -> Saver {
    let newest = |id| Query::default().with("about", id).with("limit", "1").with("brief", "true");
    use_entry(id.map(|id| format!("/audit{}", newest(id).as_str())))
}

#[hook]
fn use_entry(path: Option<String>) -> Saver {
    let (access, session) = (use_access(), use_session());
    let path = path.filter(|_| access.is_some_and(|access| access.may(console::AUDIT_VIEW)));
    let asks = path.is_some();
    let entry = use_resource(path, |path| async move {
        let Some(path) = path else { return Ok(None) };
        let told = api::get::<Value>(&path).await?.body;
        Ok(Entry::deserialize(told.pointer("/items/0").unwrap_or(&told)).ok())
    });
    let own = session.current().map(|person| person.user.as_str());
    match entry.fresh().and_then(|entry| Option::as_ref(entry)) {
        Some(entry) => Saver::of(entry, own),
        None if asks && entry.stale && entry.error.is_none() => Saver::Asked,
        None => Saver::Unknown,
    }
}

/// The revision in an [`etag`](rolewright_wire::etag), or in that of the policy, where a digest follows it.
pub fn revision(etag: &str) -> Option<&str> {
    let revision = etag.trim_matches('"').split('-').next()?.rsplit('.').next()?;
    revision.bytes().all(|byte| byte.is_ascii_digit()).then_some(revision).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_of_any_epoch_says_its_revision() {
        for (etag, says) in [
            ("\"42\"", Some("42")),
            ("\"3.42\"", Some("42")),
            ("\"3.42-0a1b\"", Some("42")),
            ("\"\"", None),
            ("\"x\"", None),
        ] {
            assert_eq!(revision(etag), says, "{etag}");
        }
    }

    #[test]
    fn whoever_saved_is_called_so_and_oneself_is_not_somebody_else() {
        let (bo, at) = ("Bo".to_owned(), "10:31".to_owned());
        for (saver, words, sides) in [
            (Saver::Asked, "Meanwhile this role was saved", ["", ""]),
            (Saver::Unknown, "Somebody else saved this role meanwhile", ["Theirs", "Yours"]),
            (
                Saver::Own(at.clone()),
                "You saved this role elsewhere at 10:31",
                ["Yours, elsewhere", "Yours, here"],
            ),
            (Saver::Named(bo, at), "Bo saved this role at 10:31", ["Bo", "Yours"]),
        ] {
            assert_eq!(saver.words("this role"), words);
            assert_eq!(saver.sides().map(Option::unwrap_or_default), sides);
        }
    }
}
