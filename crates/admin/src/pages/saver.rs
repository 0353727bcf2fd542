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

/// Who saved something, and when; somebody else, as far as it is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct Saver(Option<(String, String)>);

impl Saver {
    fn of(entry: &Entry, own: Option<&str>) -> Self {
        let who = match entry.actor.split_once(':') {
            Some(("user", id)) if Some(id) == own => Some("You, in another place,"),
            Some(("user", _)) => Some(&*entry.actor_name).filter(|name| !name.is_empty()),
            Some(("key", _)) => Some("An API key"),
            _ => Some("The operator"),
        };
        Self(who.map(|who| (who.to_owned(), text::lately(entry.time))))
    }

    /// "Bo saved this role at 10:31", or "Somebody else saved this role meanwhile".
    pub fn words(&self, what: &str) -> String {
        match &self.0 {
            Some((who, at)) => format!("{who} saved {what} at {at}"),
            None => format!("Somebody else saved {what} meanwhile"),
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
    let sees = access.is_some_and(|access| access.may(console::AUDIT_VIEW));
    let entry = use_resource(path.filter(|_| sees), |path| async move {
        let Some(path) = path else { return Ok(None) };
        let told = api::get::<Value>(&path).await?.body;
        Ok(Entry::deserialize(told.pointer("/items/0").unwrap_or(&told)).ok())
    });
    let own = session.current().map(|person| person.user.as_str());
    let entry = entry.fresh().and_then(|entry| Option::as_ref(entry));
    entry.map_or(Saver(None), |entry| Saver::of(entry, own))
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
    fn whoever_is_not_known_is_somebody_else() {
        assert_eq!(Saver(None).words("this role"), "Somebody else saved this role meanwhile");
        let bo = Saver(Some(("Bo".to_owned(), "10:31".to_owned())));
        assert_eq!(bo.words("this role"), "Bo saved this role at 10:31");
    }
}
