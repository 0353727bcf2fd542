//! Who is on a package.

use rolewright_wire::page::Page;
use rolewright_wire::user::UserRow;
use yew::prelude::*;

use crate::api::{self, Query};
use crate::nav::Link;
use crate::resource::use_resource;
use crate::route::Route;
use crate::states::use_text;
use crate::text;
use crate::widgets::{Empty, SearchField, SkeletonRows, StatusBadge, failed, pager};

/// Who is on a package.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The package's id.
    pub id: AttrValue,
}

/// Who is on a package.
#[component]
pub fn People(props: &Props) -> Html {
    let words = use_text();
    let cursor = use_text();
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
    let turn = |to: String| {
        let cursor = cursor.setter();
        Callback::from(move |_: MouseEvent| cursor.set(to.clone()))
    };
    if users.fresh().is_some_and(|page| page.items.is_empty()) && words.is_empty() {
        return html! { <Empty icon="users" title="Nobody is on this package" text="Put a person on it on their own page. They hold its roles from then on." /> };
    }
    html! {
        <div>
            <div class="filters">
                <SearchField label="Search people" placeholder="Search by name or email" value={(*words).clone()} {oninput} />
                <p class="filters__count" role="status">
                    if let Some(page) = users.fresh() {
                        { text::count(page.total, "person", "people") }
                    }
                </p>
            </div>
            if let Some(error) = &users.error {
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
                        </tr>
                    </thead>
                    <tbody>
                        if let Some(page) = &users.data {
                            { for page.items.iter().map(|row| html! {
                                <tr key={row.id.clone()}>
                                    <td class="table__first"><Link to={Route::User { id: row.id.clone() }} class="table__link">{ row.name.clone() }</Link></td>
                                    <td class="table__muted">{ row.email.clone() }</td>
                                    <td><StatusBadge status={row.status} /></td>
                                </tr>
                            }) }
                        } else {
                            <SkeletonRows key="skeleton" rows={8} cells={3} />
                        }
                    </tbody>
                </table>
            </div>
            { pager(&cursor, users.fresh().and_then(|page| page.next.clone()), turn) }
        </div>
    }
}
