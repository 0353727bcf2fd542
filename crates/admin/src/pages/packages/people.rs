//! Who is on a package.

use std::rc::Rc;

use rolewright_model::change::Change;
use rolewright_wire::page::Page;
use rolewright_wire::user::UserRow;
use yew::prelude::*;

use super::add::AddDialog;
use super::take_off::TakeOff;
use crate::access::use_access;
use crate::api::{self, Query};
use crate::nav::Link;
use crate::resource::use_resource;
use crate::route::Route;
use crate::states::{use_flag, use_text};
use crate::text;
use crate::widgets::{
    Button, Empty, SearchField, SkeletonRows, StatusBadge, Variant, failed, pager, use_page_with_rows,
};

/// Who is on a package.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The package's id.
    pub id: AttrValue,
    /// What a person reads of it.
    pub name: AttrValue,
    /// Told when somebody was put on it, or taken off.
    pub ondone: Callback<()>,
}

/// Who is on a package.
#[component]
pub fn People(props: &Props) -> Html {
    let access = use_access();
    let words = use_text();
    let cursor = use_text();
    let adding = use_flag();
    let asked = (props.id.clone(), (*words).clone(), (*cursor).clone());
    let users = use_resource(asked, |(id, words, cursor)| async move {
        let query =
            Query::default().with("package", &id).with("search", words.trim()).with("cursor", &cursor);
        api::get::<Page<UserRow>>(&format!("/users{}", query.as_str())).await.map(|answer| answer.body)
    });
    let oninput = {
        let (words, cursor) = (words.setter(), cursor.setter());
        Callback::from(move |typed: String| {
            cursor.set(String::new());
            words.set(typed);
        })
    };
    let first = use_callback(cursor.setter(), |(), cursor| cursor.set(String::new()));
    let error = use_page_with_rows(&cursor, users.fresh().map(Rc::as_ref), users.error.as_ref(), first);
    let turn = |to: String| {
        let cursor = cursor.setter();
        Callback::from(move |_: MouseEvent| cursor.set(to.clone()))
    };
    // Whoever may do it to somebody may ask: of whom not is said of each.
    let anybody = Change::SetPackage { id: "new".to_owned(), package: Some(props.id.to_string()) };
    let refused = access.as_ref().and_then(|access| access.reason(&anybody));
    let why_not = |id: &str| {
        let change = Change::SetPackage { id: id.to_owned(), package: None };
        access.as_ref().and_then(|access| access.reason(&change))
    };
    let add = use_callback(adding.setter(), |_: MouseEvent, adding| adding.set(true));
    let close = use_callback(adding.setter(), |(), adding| adding.set(false));
    let done = {
        let (reload, ondone) = (users.reload.clone(), props.ondone.clone());
        Callback::from(move |()| {
            reload.emit(());
            ondone.emit(());
        })
    };
    let button = |variant: Variant| {
        html! { <Button {variant} icon="user-plus" onclick={add.clone()} refused={refused.clone()} tip_end=true>{ "Put people on it" }</Button> }
    };
    let nobody = users.fresh().is_some_and(|page| page.total == 0) && words.is_empty();
    html! {
        <div>
            if nobody {
                <Empty icon="users" title="Nobody is on this package" text="Whoever is put on it holds its roles from then on.">
                    { button(Variant::Primary) }
                </Empty>
            } else {
                <div class="filters">
                    <SearchField label="Search people" placeholder="Search by name or email" value={(*words).clone()} {oninput} />
                    <p class="filters__count" role="status">
                        if let Some(page) = users.fresh() {
                            { text::count(page.total, "person", "people") }
                        }
                    </p>
                    { button(Variant::Secondary) }
                </div>
                if let Some(error) = &error {
                    { failed(error, &users.reload) }
                }
                <div class={classes!("table-box", users.stale.then_some("table-box--stale"))} aria-busy={users.stale.to_string()}>
                    <table class="table table--stack">
                        <caption class="visually-hidden">{ "People on the package" }</caption>
                        <thead>
                            <tr>
                                <th scope="col">{ "Name" }</th>
                                <th scope="col">{ "Email" }</th>
                                <th scope="col">{ "Status" }</th>
                                <th scope="col" class="table__end"><span class="visually-hidden">{ "Actions" }</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            if let Some(page) = &users.data {
                                { for page.items.iter().map(|row| html! {
                                    <tr key={row.id.clone()}>
                                        <td class="table__first"><Link to={Route::User { id: row.id.clone() }} class="table__link">{ row.name.clone() }</Link></td>
                                        <td class="table__muted">{ row.email.clone() }</td>
                                        <td><StatusBadge status={row.status} /></td>
                                        <td class="table__end">
                                            <TakeOff package={props.id.clone()} name={props.name.clone()} person={row.clone()} refused={why_not(&row.id)} ondone={done.clone()} />
                                        </td>
                                    </tr>
                                }) }
                            } else {
                                <SkeletonRows key="skeleton" rows={8} cells={4} />
                            }
                        </tbody>
                    </table>
                </div>
                { pager(&cursor, users.fresh().and_then(|page| page.next.clone()), turn) }
            }
            <div class="slot">
                if *adding {
                    <AddDialog id={props.id.clone()} name={props.name.clone()} onclose={close} ondone={done} />
                }
            </div>
        </div>
    }
}
