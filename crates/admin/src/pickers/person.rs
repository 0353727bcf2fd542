//! Choosing a person, or a group: the server searches, so that everybody can be found.

use std::rc::Rc;

use rolewright_model::directory::Member;
use rolewright_wire::group::GroupRow;
use rolewright_wire::page::Page;
use rolewright_wire::user::UserRow;
use yew::prelude::*;

use crate::api::{self, Query};
use crate::resource::use_resource;
use crate::states::use_text;
use crate::widgets::{Choice, Combobox};

/// How many of each kind are shown.
const SHOWN: &str = "20";

/// Who was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    /// Who it is.
    pub member: Member,
    /// What a person reads.
    pub name: String,
}

/// The field.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What belongs in it.
    pub label: AttrValue,
    /// Who is chosen.
    #[prop_or_default]
    pub chosen: Option<AttrValue>,
    /// Whether groups can be chosen too.
    #[prop_or_default]
    pub groups: bool,
    /// Ids of those who are not offered.
    #[prop_or_default]
    pub without: Rc<[String]>,
    /// What is wrong with it.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// Whether a dialog that opens puts the focus here.
    #[prop_or_default]
    pub autofocus: bool,
    /// Told who is chosen.
    pub onpick: Callback<Picked>,
}

/// The field.
#[component]
pub fn PersonPicker(props: &Props) -> Html {
    let words = use_text();
    let found = use_resource(((*words).clone(), props.groups), |(words, groups)| async move {
        let query = Query::default().with("search", words.trim()).with("limit", SHOWN);
        let mut found = Vec::new();
        if groups {
            let rows = api::get::<Page<GroupRow>>(&format!("/groups{}", query.as_str())).await?.body.items;
            found.extend(rows.into_iter().map(|row| {
                let detail = if row.group.description.is_empty() {
                    "Group".to_owned()
                } else {
                    format!("Group: {}", row.group.description)
                };
                (Picked { member: Member::Group(row.group.id), name: row.group.name }, detail)
            }));
        }
        let rows = api::get::<Page<UserRow>>(&format!("/users{}", query.as_str())).await?.body.items;
        found.extend(
            rows.into_iter().map(|row| (Picked { member: Member::User(row.id), name: row.name }, row.email)),
        );
        Ok(found)
    });
    let choices = use_memo((found.data.clone(), props.without.clone()), |(found, without)| -> Rc<[Choice]> {
        let offered = |picked: &Picked| !without.iter().any(|id| id == id_of(&picked.member));
        let found = found.iter().flat_map(|found| found.iter()).filter(|(picked, _)| offered(picked));
        found
            .map(|(picked, detail)| Choice {
                id: id_of(&picked.member).to_owned().into(),
                label: picked.name.clone().into(),
                detail: detail.clone().into(),
                refused: None,
            })
            .collect()
    });
    let onsearch = use_callback(words.setter(), |typed: String, words| words.set(typed));
    let onpick = {
        let (onpick, data) = (props.onpick.clone(), found.data.clone());
        Callback::from(move |id: AttrValue| {
            let picked = data.as_ref().and_then(|found| found.iter().find(|(it, _)| id == id_of(&it.member)));
            if let Some((picked, _)) = picked {
                onpick.emit(picked.clone());
            }
        })
    };
    let none = match (&found.error, found.stale) {
        (Some(error), _) => AttrValue::from(error.to_string()),
        (None, true) => AttrValue::Static("Searching."),
        (None, false) => AttrValue::Static("Nobody fits. Try a name or an email address."),
    };
    html! {
        <Combobox label={props.label.clone()} choices={(*choices).clone()} chosen={props.chosen.clone()} {none} {onsearch} {onpick}
            placeholder="Find by name or email" autofocus={props.autofocus} error={props.error.clone()} />
    }
}

fn id_of(member: &Member) -> &str {
    match member {
        Member::User(id) | Member::Group(id) => id,
    }
}
