//! The roles as a table.

use std::rc::Rc;

use rolewright_wire::role::RoleView;
use yew::prelude::*;

use super::cards::badges;
use super::row_menu::RowMenu;
use crate::nav::Link;
use crate::route::Route;
use crate::text;
use crate::widgets::{Checkbox, SkeletonRows, SortHeader, Ticked};

/// The table.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The roles.
    pub roles: Rc<[RoleView]>,
    /// Whether they are on their way.
    pub loading: bool,
    /// What they are sorted by.
    pub sort: AttrValue,
    /// Told by what to sort.
    pub onsort: Callback<AttrValue>,
    /// Told which role shall be deleted.
    pub ondelete: Callback<RoleView>,
    /// Ids of those that are chosen.
    pub chosen: Rc<[String]>,
    /// Told which one to choose, or to choose no more.
    pub onchoose: Callback<String>,
}

/// The table.
#[component]
pub fn RolesTable(props: &Props) -> Html {
    let head = |column: &'static str, label: &'static str, class: &'static str| {
        html! { <SortHeader {column} {label} {class} sort={props.sort.clone()} onsort={props.onsort.clone()} /> }
    };
    html! {
        <div class="table-box" aria-busy={props.loading.to_string()}>
            <table class="table table--stack table--long">
                <caption class="visually-hidden">{ "Roles" }</caption>
                <thead>
                    <tr>
                        <th scope="col" class="table__check"><span class="visually-hidden">{ "Chosen" }</span></th>
                        { head("name", "Name", "") }
                        { head("id", "ID", "") }
                        { head("kind", "Kind", "") }
                        { head("created", "Created on", "") }
                        { head("holders", "Holders", "table__number") }
                        <th scope="col" class="table__end"><span class="visually-hidden">{ "Actions" }</span></th>
                    </tr>
                </thead>
                <tbody>
                    if props.loading {
                        <SkeletonRows key="skeleton" rows={5} cells={7} />
                    }
                    { for props.roles.iter().map(|view| {
                        let ticked = props.chosen.contains(&view.role.id);
                        let id = view.role.id.clone();
                        let onchange = props.onchoose.reform(move |_: bool| id.clone());
                        html! {
                            <tr key={view.role.id.clone()} class={ticked.then_some("table__row--chosen")}>
                                <td class="table__check"><Checkbox ticked={Ticked::from(ticked)} label={format!("Choose {}", view.role.name)} {onchange} /></td>
                                <td class="table__first">
                                    <Link to={Route::Role { id: view.role.id.clone() }} class="table__link">{ view.role.name.clone() }</Link>
                                </td>
                                <td data-label="ID"><code>{ view.role.id.clone() }</code></td>
                                <td data-label="Kind"><span class="chips">{ badges(view) }</span></td>
                                <td class="table__muted" data-label="Created">{ view.created.map_or_else(|| "Not known".into(), text::date) }</td>
                                <td class="table__number" data-label="Holders">{ text::number(view.holders) }</td>
                                <td class="table__end"><RowMenu view={view.clone()} ondelete={props.ondelete.clone()} /></td>
                            </tr>
                        }
                    }) }
                </tbody>
            </table>
        </div>
    }
}
