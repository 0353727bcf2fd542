//! The field that chooses whom or what the entries are about: a person, a group, a role or a package.

use std::rc::Rc;

use rolewright_model::console;
use yew::prelude::*;

use crate::access::{Access, use_access};
use crate::pickers::{Whom, found};
use crate::resource::use_resource;
use crate::states::use_text;
use crate::widgets::{Choice, Combobox};

/// The field.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What a person reads of who or what is chosen.
    pub chosen: Option<AttrValue>,
    /// Told which is chosen, by its id.
    pub onpick: Callback<String>,
}

/// The field. The server searches people and groups, as far as the person sees them; roles and packages are known here.
#[component]
pub fn AboutPicker(props: &Props) -> Html {
    let (words, access) = (use_text(), use_access());
    let may = |permission: &str| access.as_ref().is_some_and(|access| access.may(permission));
    let whom = match (may(console::USERS_VIEW), may(console::GROUPS_VIEW)) {
        (true, true) => Some(Whom::Both),
        (true, false) => Some(Whom::People),
        (false, true) => Some(Whom::Groups),
        (false, false) => None,
    };
    let people = use_resource(((*words).clone(), whom), |(words, whom)| async move {
        match whom {
            Some(whom) => found(&words, whom).await,
            None => Ok(Vec::new()),
        }
    });
    let choices = use_memo((people.data.clone(), access.clone()), |(people, access)| -> Rc<[Choice]> {
        let people = people.iter().flat_map(|people| people.iter()).map(|picked| picked.choice());
        people.chain(access.iter().flat_map(|access| known(access))).collect()
    });
    let onsearch = use_callback(words.setter(), |typed: String, words| words.set(typed));
    let onpick = use_callback(props.onpick.clone(), |id: AttrValue, onpick| onpick.emit(id.to_string()));
    let none = match (&people.error, people.stale) {
        (Some(error), _) => AttrValue::from(error.to_string()),
        (None, true) => AttrValue::Static("Searching."),
        (None, false) => AttrValue::Static("Nothing fits. Try another name."),
    };
    html! {
        <Combobox label="About" choices={(*choices).clone()} chosen={props.chosen.clone()} {none} {onsearch} {onpick}
            placeholder="Find by name" />
    }
}

/// The roles and the packages that the person sees.
fn known(access: &Access) -> Vec<Choice> {
    let Some(policy) = access.policy() else { return Vec::new() };
    let one = |id: &str, name: &str, detail: &'static str| Choice {
        label: name.to_owned().into(),
        detail: detail.into(),
        ..Choice::of(id.to_owned().into())
    };
    let mut all: Vec<Choice> = policy.roles().map(|role| one(&role.id, &role.name, "Role")).collect();
    if access.may(console::PACKAGES_VIEW) {
        let packages = policy.state().documents().packages.values();
        all.extend(packages.map(|package| one(&package.id, &package.name, "Package")));
    }
    all
}
