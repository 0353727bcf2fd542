//! Choosing a person, or a group: the server searches, so that everybody can be found.

use std::rc::Rc;

use rolewright_model::directory::Member;
use rolewright_wire::group::GroupRow;
use rolewright_wire::page::Page;
use rolewright_wire::user::UserRow;
use yew::prelude::*;

use crate::api::{self, ApiError, Query};
use crate::resource::use_resource;
use crate::states::use_text;
use crate::widgets::{Choice, Combobox};

/// How many of each kind are shown.
const SHOWN: &str = "20";

/// Who can be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whom {
    /// A person.
    #[default]
    People,
    /// A group.
    Groups,
    /// Either.
    Both,
}

/// Who was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    /// Who it is.
    pub member: Member,
    /// What a person reads.
    pub name: String,
    /// What helps to tell them from others: an email, or what the group is.
    pub detail: String,
}

impl Picked {
    /// The id of the user or the group.
    pub fn id(&self) -> &str {
        match &self.member {
            Member::User(id) | Member::Group(id) => id,
        }
    }

    /// As one of many.
    pub fn choice(&self) -> Choice {
        Choice {
            label: self.name.clone().into(),
            detail: self.detail.clone().into(),
            ..Choice::of(self.id().to_owned().into())
        }
    }
}

/// Whom the server finds by some words: groups before people.
///
/// # Errors
/// What the server refuses.
pub async fn found(words: &str, whom: Whom) -> Result<Vec<Picked>, ApiError> {
    let query = Query::default().with("search", words.trim()).with("limit", SHOWN);
    let mut found = Vec::new();
    if whom != Whom::People {
        let rows = api::get::<Page<GroupRow>>(&format!("/groups{}", query.as_str())).await?.body.items;
        found.extend(rows.into_iter().map(|GroupRow { group, .. }| Picked {
            detail: match group.description.as_str() {
                "" => "Group".to_owned(),
                description => format!("Group: {description}"),
            },
            member: Member::Group(group.id),
            name: group.name,
        }));
    }
    if whom != Whom::Groups {
        let rows = api::get::<Page<UserRow>>(&format!("/users{}", query.as_str())).await?.body.items;
        found.extend(rows.into_iter().map(|UserRow { id, name, email, .. }| Picked {
            member: Member::User(id),
            name,
            detail: email,
        }));
    }
    Ok(found)
}

/// The field.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What belongs in it.
    pub label: AttrValue,
    /// Who is chosen.
    #[prop_or_default]
    pub chosen: Option<AttrValue>,
    /// Who can be chosen.
    #[prop_or_default]
    pub whom: Whom,
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
    let found =
        use_resource(
            ((*words).clone(), props.whom),
            |(words, whom)| async move { found(&words, whom).await },
        );
    let choices = use_memo((found.data.clone(), props.without.clone()), |(found, without)| -> Rc<[Choice]> {
        let offered = |picked: &&Picked| !without.iter().any(|id| id == picked.id());
        let found = found.iter().flat_map(|found| found.iter()).filter(offered);
        found.map(Picked::choice).collect()
    });
    let onsearch = use_callback(words.setter(), |typed: String, words| words.set(typed));
    let onpick = {
        let (onpick, data) = (props.onpick.clone(), found.data.clone());
        Callback::from(move |id: AttrValue| {
            let picked = data.as_ref().and_then(|found| found.iter().find(|picked| id == picked.id()));
            if let Some(picked) = picked {
                onpick.emit(picked.clone());
            }
        })
    };
    let none = match (&found.error, found.stale, props.whom) {
        (Some(error), ..) => AttrValue::from(error.to_string()),
        (None, true, _) => AttrValue::Static("Searching."),
        (None, false, Whom::Groups) => AttrValue::Static("No group fits. Try another name."),
        (None, false, _) => AttrValue::Static("Nobody fits. Try a name or an email address."),
    };
    let placeholder = match props.whom {
        Whom::Groups => "Find by name",
        Whom::People | Whom::Both => "Find by name or email",
    };
    html! {
        <Combobox label={props.label.clone()} choices={(*choices).clone()} chosen={props.chosen.clone()} {none} {onsearch} {onpick}
            {placeholder} autofocus={props.autofocus} error={props.error.clone()} />
    }
}
