//! Who holds what at one place: there, and from above. Roles are assigned there, and taken away.

use std::rc::Rc;

use rolewright_model::change::AssignmentEdit;
use rolewright_model::directory::Principal;
use rolewright_wire::assignment::{AssignmentView, PrincipalKind};
use rolewright_wire::page::Page;
use yew::prelude::*;

use crate::access::{place_name, role_name, use_access};
use crate::api::{self, Query};
use crate::due::use_due;
use crate::nav::{self, Link, use_query};
use crate::pages::groups::window;
use crate::pages::idle::{and_resting, idle, use_resting};
use crate::pages::permissions::{AssignDialog, Known, UnassignDialog, refused, refused_to_take};
use crate::resource::use_resource;
use crate::route::Route;
use crate::text;
use crate::typing::use_typing;
use crate::widgets::{
    Button, Chip, Empty, Icon, IconButton, SearchField, SkeletonRows, failed, pager, use_page_with_rows,
};

/// Which place.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its path.
    pub place: AttrValue,
}

/// The address of a place: what is searched there, and where the page begins. Of everything none is named.
pub fn address_of(place: &str, search: &str, cursor: &str) -> Query {
    let place = if place == "/" { "" } else { place };
    Query::default().with("place", place).with("search", search).with("cursor", cursor)
}

/// Which dialog is open.
#[derive(Clone, PartialEq)]
enum Open {
    Nothing,
    Assign,
    Unassign(Box<AssignmentView>),
}

/// Who holds what at one place.
#[component]
pub fn PlacePanel(props: &Props) -> Html {
    let access = use_access();
    let query = use_query();
    let (search, cursor) = (query.get("search").to_owned(), query.get("cursor").to_owned());
    let open = use_state(|| Open::Nothing);
    let asked = (props.place.clone(), search.clone(), cursor.clone());
    let held = use_resource(asked, |(place, search, cursor)| async move {
        let query = Query::default()
            .with("reaching", &place)
            .with("search", search.trim())
            .with("sort", "nearest")
            .with("cursor", &cursor);
        api::get::<Page<AssignmentView>>(&format!("/assignments{}", query.as_str()))
            .await
            .map(|answer| answer.body)
    });
    let resting = use_resting(Query::default().with("reaching", &props.place).with("search", search.trim()));
    let onsearch = {
        let place = props.place.clone();
        Callback::from(move |words: String| {
            nav::set_query(&Route::Resources, address_of(&place, &words, "").as_str());
        })
    };
    let first = {
        let search = search.clone();
        onsearch.reform(move |()| search.clone())
    };
    let error = use_page_with_rows(&cursor, held.fresh().map(Rc::as_ref), held.error.as_ref(), first);
    let (typed, oninput) = use_typing(&search, onsearch);
    let turn = |to: String| {
        let next = address_of(&props.place, &search, &to);
        Callback::from(move |_: MouseEvent| nav::turn_to(&Route::Resources, next.as_str()))
    };
    let show = |what: Open| {
        let open = open.setter();
        Callback::from(move |_: MouseEvent| open.set(what.clone()))
    };
    let close = use_callback(open.setter(), |(), open| open.set(Open::Nothing));
    let done = {
        let (held, resting) = (held.reload.clone(), resting.reload.clone());
        Callback::from(move |()| {
            held.emit(());
            resting.emit(());
        })
    };
    let rows = held.data.iter().flat_map(|page| &page.items);
    use_due(rows.flat_map(|row| [row.assignment.from, row.assignment.until]).flatten().collect(), &done);
    let policy = access.as_ref().and_then(|access| access.policy());
    let named = |path: &str| place_name(access.as_ref(), path);
    let role = |id: &str| role_name(access.as_ref(), id);
    let none = held.fresh().is_some_and(|page| page.total == 0);
    html! {
        <section aria-labelledby="place-title">
            <div class="place-head">
                <h2 class="place-head__title" id="place-title">{ named(&props.place) }</h2>
                if props.place != "/" {
                    <code>{ props.place.clone() }</code>
                }
                <Button icon="plus" onclick={show(Open::Assign)} refused={refused(access.as_ref(), "", &props.place)} tip_end=true>{ "Assign role" }</Button>
            </div>
            <div class="filters">
                <SearchField label="Search who holds what" placeholder="Search by name or role" value={typed} {oninput} />
                <p class="filters__count" role="status">
                    if let (Some(page), Some(resting)) = (held.fresh(), resting.fresh()) {
                        { counted(page.total, **resting) }
                    }
                </p>
            </div>
            if let Some(error) = &error {
                { failed(error, &held.reload) }
            }
            if none {
                <Empty icon="shield" title={if search.is_empty() { "Nobody holds a role here" } else { "Nothing fits" }}
                    text="Roles that are assigned at this place, or at one above it, stand here." />
            } else {
                <div class={classes!("table-box", held.stale.then_some("table-box--stale"))} aria-busy={held.stale.to_string()}>
                    <table class="table table--stack">
                        <caption class="visually-hidden">{ format!("Who holds what: {}", named(&props.place)) }</caption>
                        <thead>
                            <tr>
                                <th scope="col">{ "Who" }</th>
                                <th scope="col">{ "Role" }</th>
                                <th scope="col">{ "Held at" }</th>
                                <th scope="col">{ "When" }</th>
                                <th scope="col" class="table__end"><span class="visually-hidden">{ "Actions" }</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            if let Some(page) = &held.data {
                                { for page.items.iter().map(|row| {
                                    let it = &row.assignment;
                                    let inherited = props.place != it.scope;
                                    let everything = policy.and_then(|policy| policy.role(&it.role)).is_some_and(|role| role.superuser);
                                    html! {
                                        <tr key={it.id.clone()} class={row.not_counting.map(|_| "table__row--off")}>
                                            <td class="table__first">
                                                { match &it.principal {
                                                    Principal::User(id) => html! { <Link to={Route::User { id: id.clone() }} class="table__link">{ row.principal_name.clone() }</Link> },
                                                    Principal::Group(id) => html! { <Link to={Route::Group { id: id.clone() }} class="table__link">{ row.principal_name.clone() }</Link> },
                                                    Principal::Everyone => html! { { "Everyone" } },
                                                } }
                                                if matches!(it.principal, Principal::Group(_)) {
                                                    <Chip icon="users-round">{ "Group" }</Chip>
                                                }
                                            </td>
                                            <td data-label="Role">
                                                <Link to={Route::Role { id: it.role.clone() }} class="table__link">{ role(&it.role) }</Link>
                                                if everything {
                                                    { " " }<Chip icon="infinity" meaning="everything">{ "Everything" }</Chip>
                                                }
                                            </td>
                                            <td data-label="Held at">
                                                if inherited {
                                                    <span class="source source--inherited">
                                                        <Icon name="arrow-down" />
                                                        <Link to={Route::Resources} query={address_of(&it.scope, "", "").as_str().to_owned()} class="table__link">{ format!("From above: {}", named(&it.scope)) }</Link>
                                                    </span>
                                                } else {
                                                    { "Here" }
                                                }
                                            </td>
                                            <td data-label="When">{ idle(row.not_counting) }{ " " }<span class="table__muted">{ window(it) }</span></td>
                                            <td class="table__end">
                                                if !inherited {
                                                    <IconButton icon="trash-2" label={format!("Unassign {} from {}", role(&it.role), row.principal_name)}
                                                        refused={refused_to_take(access.as_ref(), AssignmentEdit::of(it))} onclick={show(Open::Unassign(Box::new(row.clone())))} />
                                                }
                                            </td>
                                        </tr>
                                    }
                                }) }
                            } else {
                                <SkeletonRows key="skeleton" rows={8} cells={5} />
                            }
                        </tbody>
                    </table>
                </div>
                { pager(&cursor, held.fresh().and_then(|page| page.next.clone()), turn) }
            }
            <div class="slot">
                { match &*open {
                    Open::Nothing => html! {},
                    Open::Assign => html! {
                        <AssignDialog key="assign" known={Known::Place(props.place.clone())} onclose={close} ondone={done} />
                    },
                    Open::Unassign(view) => html! {
                        <UnassignDialog key="unassign" of={PrincipalKind::of(&view.assignment.principal)} role={role(&view.assignment.role)} chosen={Rc::from([(**view).clone()])}
                            onclose={close} ondone={done} />
                    },
                } }
            </div>
        </section>
    }
}

/// How many assignments count here now, of all that reach it, and how many do not.
fn counted(all: u64, resting: u64) -> String {
    let count =
        text::count(all.saturating_sub(resting), "assignment counts here now", "assignments count here now");
    count + &and_resting(resting, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_count_now_is_counted_apart() {
        for (all, resting, expected) in [
            (44, 0, "44 assignments count here now"),
            (44, 4, "40 assignments count here now, 4 do not"),
            (2, 1, "1 assignment counts here now, 1 does not"),
            (1, 1, "0 assignments count here now, 1 does not"),
        ] {
            assert_eq!(counted(all, resting), expected);
        }
    }
}
