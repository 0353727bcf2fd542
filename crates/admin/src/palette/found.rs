//! What the server finds of some words: people, groups, places and API keys, each for whoever may see them.

use std::rc::Rc;

use rolewright_model::console;
use rolewright_wire::group::GroupRow;
use rolewright_wire::page::Page;
use rolewright_wire::place::PlaceRow;
use rolewright_wire::user::UserRow;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use yew::prelude::*;

use super::thing;
use crate::access::{Access, use_access};
use crate::api::{self, ApiError, Query};
use crate::resource::{Resource, use_resource};
use crate::widgets::Choice;

/// How many of each kind the server names.
const NAMED: &str = "20";
/// How many of each kind but people are shown.
const SHOWN: usize = 5;

/// As much of [`KeyView`](rolewright_wire::key::KeyView) as is shown.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// What a person calls it.
    pub name: String,
}

/// What was found, as far as it came.
#[derive(Clone, PartialEq)]
pub struct Found {
    people: Option<Rc<Vec<UserRow>>>,
    groups: Option<Rc<Vec<GroupRow>>>,
    places: Option<Rc<Vec<PlaceRow>>>,
    keys: Option<Rc<Vec<Key>>>,
    /// Whether all of it is of the words that are asked for now.
    pub is_current: bool,
    /// What went wrong.
    pub error: Option<ApiError>,
}

impl Found {
    /// The people.
    pub fn people(&self) -> &[UserRow] {
        all(self.people.as_ref())
    }

    /// The groups, places and API keys, and where each leads.
    pub fn others(&self, access: &Access) -> Vec<Choice> {
        let groups = all(self.groups.as_ref()).iter().take(SHOWN).map(|row| thing::group(&row.group));
        let places = all(self.places.as_ref()).iter().take(SHOWN).map(|row| thing::place(access, &row.place));
        let keys = all(self.keys.as_ref()).iter().take(SHOWN).map(|key| thing::key(&key.id, &key.name));
        groups.chain(places).chain(keys).collect()
    }
}

fn all<T>(found: Option<&Rc<Vec<T>>>) -> &[T] {
    found.map_or(&[], |found| found.as_slice())
}

/// Asks for what has these words; of a question, where only people are meant.
#[hook]
pub fn use_found(words: &str, only_people: bool) -> Found {
    let access = use_access();
    let asked = |permission: &str, is_meant: bool| {
        let may = is_meant && access.as_ref().is_some_and(|access| access.may(permission));
        (may && !words.is_empty()).then(|| words.to_owned())
    };
    let people = use_named::<UserRow>("/users", asked(console::USERS_VIEW, true));
    let groups = use_named::<GroupRow>("/groups", asked(console::GROUPS_VIEW, !only_people));
    let places = use_named::<PlaceRow>("/places", asked(console::USERS_VIEW, !only_people));
    let keys = use_named::<Key>("/keys", asked(console::API_KEYS_VIEW, !only_people));
    let is_stale = people.stale || groups.stale || places.stale || keys.stale;
    Found {
        people: people.data,
        groups: groups.data,
        places: places.data,
        keys: keys.data,
        is_current: !is_stale,
        error: people.error.or(groups.error).or(places.error).or(keys.error),
    }
}

/// Asks a list for what has these words; for nothing where there are none.
#[hook]
fn use_named<T: DeserializeOwned + 'static>(list: &'static str, words: Option<String>) -> Resource<Vec<T>> {
    use_resource(words, move |words| async move {
        let Some(words) = words else { return Ok(Vec::new()) };
        let query = Query::default().with("search", &words).with("limit", NAMED);
        api::get::<Page<T>>(&[list, query.as_str()].concat()).await.map(|answer| answer.body.items)
    })
}
