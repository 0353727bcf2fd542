//! The search and the filters over the table.

use std::rc::Rc;

use yew::prelude::*;

use super::page::Wanted;
use crate::access::use_access;
use crate::browser;
use crate::text;
use crate::typing::use_typing;
use crate::widgets::{RemovableChip, SearchField, Segment, Segmented, use_id};

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
    let id = use_id();
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
    let onrole = {
        let (wanted, onwanted) = (props.wanted.clone(), props.onwanted.clone());
        Callback::from(move |role: String| onwanted.emit(Wanted { role, ..(*wanted).clone() }))
    };
    let onpackage = {
        let (wanted, onwanted) = (props.wanted.clone(), props.onwanted.clone());
        Callback::from(move |package: String| onwanted.emit(Wanted { package, ..(*wanted).clone() }))
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
    let policy = access.as_ref().and_then(|access| access.policy());
    let roles = policy.map(|policy| {
        policy.roles().filter(|role| !role.base).map(|role| (&role.id, &role.name)).collect::<Vec<_>>()
    });
    let packages = policy.map(|policy| {
        let packages = policy.state().documents().packages.values();
        packages.map(|package| (&package.id, &package.name)).collect::<Vec<_>>()
    });
    let Wanted { role, package, .. } = &*props.wanted;
    // What none of the lists has is said all the same, and can be taken away.
    let unknown = |all: Option<&[(&String, &String)]>,
                   label: &'static str,
                   id: &String,
                   onpick: &Callback<String>| {
        let is_listed = all.is_some_and(|all| all.iter().any(|(known, _)| *known == id));
        html! {
            if !is_listed && !id.is_empty() {
                <RemovableChip key={label} label={format!("{label}: {id}")} onremove={onpick.reform(|()| String::new())} />
            }
        }
    };
    html! {
        <div class="filters">
            <SearchField label="Search users" placeholder="Search by name or email" {value} {oninput} />
            <Segmented label="Status" {segments} value={chosen} onchange={status} />
            { chooser(format!("{id}-role"), "Role", "Every role", role, roles.as_deref(), &onrole) }
            { chooser(format!("{id}-package"), "Package", "Every package", package, packages.as_deref(), &onpackage) }
            <div class="filters__chips">
                { unknown(roles.as_deref(), "Role", role, &onrole) }
                { unknown(packages.as_deref(), "Package", package, &onpackage) }
            </div>
            <p class="visually-hidden" role="status">
                { props.total.map(|total| text::count(total, "person found", "people found")).unwrap_or_default() }
            </p>
        </div>
    }
}

/// The list of which one is chosen, or every; nothing where there are none.
fn chooser(
    id: String,
    label: &'static str,
    every: &'static str,
    chosen: &str,
    all: Option<&[(&String, &String)]>,
    onpick: &Callback<String>,
) -> Html {
    html! {
        if let Some(all) = all.filter(|all| !all.is_empty()) {
            <label class="visually-hidden" for={id.clone()}>{ label }</label>
            <select class="select select--small" {id} onchange={onpick.reform(browser::chosen_in)}>
                <option value="" selected={chosen.is_empty()}>{ every }</option>
                { for all.iter().map(|(id, name)| html! {
                    <option key={(*id).clone()} value={(*id).clone()} selected={*id == chosen}>{ (*name).clone() }</option>
                }) }
            </select>
        }
    }
}
