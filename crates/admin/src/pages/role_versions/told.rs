//! The versions of a role as the server tells them, each beside the one before it.

use rolewright_wire::history::{Version, Versions};
use serde_json::Value;

use crate::api::{self, ApiError, Query};

/// How many versions a page has.
const PAGE: &str = "20";

/// A change of a role.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The change, with what the role was after it.
    pub version: Version,
    /// What the role was before it; none where it was not there, or that is not known any more.
    pub before: Option<Value>,
}

impl Step {
    /// What became of the role: "Edited".
    pub fn verb(&self) -> &'static str {
        match (&self.before, &self.version.document) {
            (_, None) => "Deleted",
            (None, Some(_)) if !self.is_cut() => "Created",
            _ => "Edited",
        }
    }

    /// Whether what the role was before it was taken out of the change log.
    pub fn is_cut(&self) -> bool {
        self.before.is_none() && self.version.action == "update_role"
    }
}

/// A page of a role's changes, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    /// The changes.
    pub items: Vec<Step>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// A page of a role's changes.
pub async fn page(role: &str, cursor: &str) -> Result<Steps, ApiError> {
    let query = Query::default().with("limit", PAGE).with("cursor", cursor);
    let Versions { items, next } = versions(role, &query).await?;
    // What the role was before the last of them stands on the next page.
    let earlier = match &next {
        Some(next) => versions(role, &Query::default().with("limit", "1").with("cursor", next)).await?.items,
        None => Vec::new(),
    };
    Ok(Steps { items: steps(items, earlier), next })
}

/// The change of a role that made a revision; none where that was not one of this role.
pub async fn one(role: &str, revision: &str) -> Result<Option<Step>, ApiError> {
    let as_of = format!("r{revision}");
    let query = Query::default().with("limit", "2").with("as_of", &as_of);
    let mut items = versions(role, &query).await?.items.into_iter();
    let newest = items.next().filter(|version| version.at.revision.to_string() == revision);
    Ok(steps(newest.into_iter().collect(), items.collect()).pop())
}

/// The role as it was left by the last change of it.
pub async fn newest(role: &str) -> Result<Option<Version>, ApiError> {
    Ok(versions(role, &Query::default().with("limit", "1")).await?.items.pop())
}

async fn versions(role: &str, query: &Query) -> Result<Versions, ApiError> {
    let path = format!("/roles/{}/versions{}", js_sys::encode_uri_component(role), query.as_str());
    api::get::<Versions>(&path).await.map(|answer| answer.body)
}

fn steps(items: Vec<Version>, earlier: Vec<Version>) -> Vec<Step> {
    let mut before: Vec<Option<Value>> =
        items.iter().chain(&earlier).skip(1).map(|version| version.document.clone()).collect();
    before.resize(items.len(), None);
    items.into_iter().zip(before).map(|(version, before)| Step { version, before }).collect()
}

#[cfg(test)]
mod tests {
    use rolewright_model::{Stamp, Timestamp};
    use serde_json::json;

    use super::*;

    fn version(revision: u64, action: &str, name: Option<&str>) -> Version {
        Version {
            at: Stamp { epoch: 0, revision },
            time: Timestamp(0),
            actor: "operator".to_owned(),
            actor_name: String::new(),
            action: action.to_owned(),
            reason: None,
            document: name.map(|name| json!({ "name": name })),
        }
    }

    fn told(items: Vec<Version>, earlier: Vec<Version>) -> Vec<(&'static str, Option<String>)> {
        let name = |step: &Step| Some(step.before.as_ref()?["name"].as_str()?.to_owned());
        steps(items, earlier).iter().map(|step| (step.verb(), name(step))).collect()
    }

    #[test]
    fn each_change_stands_beside_what_the_role_was_before_it() {
        let back = || version(9, "create_role", Some("C"));
        let gone = || version(7, "delete_role", None);
        let edited = || version(5, "update_role", Some("B"));
        let made = || version(3, "create_role", Some("A"));
        let of = |name: &str| Some(name.to_owned());
        assert_eq!(
            told(vec![back(), gone(), edited(), made()], vec![]),
            [("Created", None), ("Deleted", of("B")), ("Edited", of("A")), ("Created", None)]
        );
        assert_eq!(told(vec![gone(), edited()], vec![made()]), [("Deleted", of("B")), ("Edited", of("A"))]);
        assert_eq!(told(vec![], vec![]), []);
    }

    #[test]
    fn what_came_before_a_cut_is_not_called_nothing() {
        assert_eq!(told(vec![version(5, "update_role", Some("B"))], vec![]), [("Edited", None)]);
    }
}
