//! The search and the filters over the table.

use std::rc::Rc;

use yew::prelude::*;

use super::page::Wanted;
use crate::access::use_access;
use crate::text;
use crate::typing::use_typing;
use crate::widgets::{RemovableChip, SearchField, Segment, Segmented};

/// What the table can be narrowed down to: as the address says it, and in words.
const STATUSES: [(&str, &str); 5] = [
    ("all", "All"),
    ("active", "Active"),
    ("invited", "Invited"),
    ("no_invitation", "No open invitation"),
    ("disabled", "Disabled"),
];

/// The search and the filters.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the address says.
    pub wanted: Rc<Wanted>,
    /// Told what is wanted instead.
    pub onwanted: Callback<Wanted>,
    /// How many people fit.
    pub total: Option<u64>,
}

/// The search and the filters.
#[component]
pub fn Filters(props: &Props) -> Html {
    let access = use_access();
    let onsearch = {
        let (wanted, onwanted) = (props.wanted.clone(), props.onwanted.clone());
        Callback::from(move |search: String| onwanted.emit(Wanted { search, ..(*wanted).clone() }))
    };
    let (value, oninput) = use_typing(&props.wanted.search, onsearch);
    let status = {
        let (wanted, onwanted) = (props.wanted.clone(), props.onwanted.clone());
        Callback::from(move |status: AttrValue| {
            let status = if status == "all" { String::new() } else { status.to_string() };
            onwanted.emit(Wanted { status, ..(*wanted).clone() });
        })
    };
    let unrole = {
        let (wanted, onwanted) = (props.wanted.clone(), props.onwanted.clone());
        Callback::from(move |()| onwanted.emit(Wanted { role: String::new(), ..(*wanted).clone() }))
    };
    let segments: Rc<[Segment]> = STATUSES
        .map(|(id, label)| Segment {
            id: id.into(),
            label: label.into(),
            description: "".into(),
            inherited: false,
        })
        .into();
    let chosen = if props.wanted.status.is_empty() { "all".to_owned() } else { props.wanted.status.clone() };
    let role = access
        .as_ref()
        .filter(|_| !props.wanted.role.is_empty())
        .map(|access| format!("Role: {}", access.role_name(&props.wanted.role)));
    html! {
        <div class="filters">
            <SearchField label="Search users" placeholder="Search by name or email" {value} {oninput} />
            <Segmented label="Status" {segments} value={chosen} onchange={status} />
            <div class="filters__chips">
                if let Some(role) = role {
                    <RemovableChip label={role} onremove={unrole} />
                }
            </div>
            <p class="visually-hidden" role="status">
                { props.total.map(|total| text::count(total, "person found", "people found")).unwrap_or_default() }
            </p>
        </div>
    }
}
