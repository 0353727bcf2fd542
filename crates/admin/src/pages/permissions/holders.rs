//! The users, or the groups, to which a role is assigned: found by the server page by page, chosen, and taken off it.

use std::collections::BTreeMap;
use std::rc::Rc;

use rolewright_model::change::AssignmentEdit;
use rolewright_model::directory::{Principal, Source};
use rolewright_wire::assignment::{AssignmentView, PrincipalKind};
use rolewright_wire::page::Page;
use rolewright_wire::role::RoleView;
use yew::prelude::*;

use super::assign::{AssignDialog, Known};
use super::unassign::UnassignDialog;
use super::{ASSIGN, count, name_of, refused_to_give, refused_to_take, ways};
use crate::access::{AccessHandle, place_name, use_access};
use crate::api::{self, Query};
use crate::browser;
use crate::nav::{self, Link, use_query};
use crate::pages::groups::window;
use crate::pages::idle::{and_resting, idle, use_resting};
use crate::resource::use_resource;
use crate::route::Route;
use crate::text;
use crate::typing::use_typing;
use crate::widgets::{
    Button, Checkbox, Empty, Icon, SearchField, SkeletonRows, SortHeader, Ticked, Variant, failed, pager,
    use_page_with_rows,
};

/// What the table can be sorted by.
const SORTS: [&str; 6] = ["principal", "-principal", "scope", "-scope", "until", "-until"];

/// Of which role.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Users, or groups.
    pub of: PrincipalKind,
    /// The role.
    pub view: Rc<RoleView>,
    /// Shows it anew.
    pub reload: Callback<()>,
}

/// Which dialog is open.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Nothing,
    Assign,
    Unassign,
}

/// Rows that are chosen, by id, also of other pages.
type Chosen = BTreeMap<String, AssignmentView>;

/// To whom the role is assigned.
#[component]
pub fn Holders(props: &Props) -> Html {
    let access = use_access();
    let query = use_query();
    let open = use_state(|| Open::Nothing);
    let is_led = query.get(ASSIGN) == "1";
    {
        // Somebody may be led here who is here already.
        let open = open.setter();
        use_effect_with(is_led, move |is_led| {
            if *is_led {
                open.set(Open::Assign);
            }
        });
    }
    let chosen = use_state(|| Rc::new(Chosen::new()));
    let node = use_node_ref();
    let (of, role) = (props.of, &props.view.role);
    let sort = Some(query.get("sort")).filter(|sort| SORTS.contains(sort)).unwrap_or_default().to_owned();
    let (search, cursor) = (query.get("search").to_owned(), query.get("cursor").to_owned());
    let asked = (role.id.clone(), of, search.clone(), sort.clone(), cursor.clone());
    let rows = use_resource(asked, |(role, of, search, sort, cursor)| async move {
        let query = Query::default().with("role", &role).with("of", name_of(of));
        let query = query.with("search", search.trim()).with("sort", &sort).with("cursor", &cursor);
        let path = format!("/assignments{}", query.as_str());
        api::get::<Page<AssignmentView>>(&path).await.map(|answer| answer.body)
    });
    let those = Query::default().with("role", &role.id).with("of", name_of(of));
    let resting = use_resting(those.with("search", search.trim()));
    let go = {
        let route = Route::Assigned { role: role.id.clone() };
        move |search: &str, sort: &str, cursor: &str| {
            let of = if of == PrincipalKind::Users { "" } else { name_of(of) };
            let query = Query::default().with("of", of).with("search", search).with("sort", sort);
            let query = query.with("cursor", cursor);
            match cursor {
                "" => nav::set_query(&route, query.as_str()),
                _ => nav::turn_to(&route, query.as_str()),
            }
        }
    };
    let onsearch = {
        let (go, sort) = (go.clone(), sort.clone());
        Callback::from(move |words: String| go(&words, &sort, ""))
    };
    let clear = onsearch.reform(|_: MouseEvent| String::new());
    let (typed, oninput) = use_typing(&search, onsearch);
    let onsort = {
        let (go, search) = (go.clone(), search.clone());
        Callback::from(move |sort: AttrValue| go(&search, &sort, ""))
    };
    let turn = |to: String| {
        let (go, search, sort) = (go.clone(), search.clone(), sort.clone());
        Callback::from(move |_: MouseEvent| go(&search, &sort, &to))
    };
    let first = {
        let (go, search, sort) = (go.clone(), search.clone(), sort.clone());
        Callback::from(move |()| go(&search, &sort, ""))
    };
    let error = use_page_with_rows(&cursor, rows.fresh().map(Rc::as_ref), rows.error.as_ref(), first);
    let choose = {
        let chosen = chosen.clone();
        move |views: Vec<AssignmentView>, on: bool| {
            let mut next = (**chosen).clone();
            for view in views {
                if on {
                    next.insert(view.assignment.id.clone(), view);
                } else {
                    next.remove(&view.assignment.id);
                }
            }
            chosen.set(Rc::new(next));
        }
    };
    let choose_none = {
        let (chosen, node) = (chosen.setter(), node.clone());
        Callback::from(move |_: MouseEvent| {
            chosen.set(Rc::new(Chosen::new()));
            // The button goes: the focus stays in the table.
            if let Some(first) =
                node.cast::<web_sys::Element>().and_then(|node| browser::find(&node, "input"))
            {
                browser::focus(&first);
            }
        })
    };
    let show = |which: Open| {
        let open = open.setter();
        Callback::from(move |_: MouseEvent| open.set(which))
    };
    let close = {
        let (open, go, search, sort) = (open.setter(), go.clone(), search.clone(), sort.clone());
        Callback::from(move |()| {
            open.set(Open::Nothing);
            if is_led {
                go(&search, &sort, "");
            }
        })
    };
    let done = {
        let (rows, role, chosen) = (rows.reload.clone(), props.reload.clone(), chosen.setter());
        let resting = resting.reload.clone();
        Callback::from(move |()| {
            chosen.set(Rc::new(Chosen::new()));
            rows.emit(());
            resting.emit(());
            role.emit(());
        })
    };
    let may_not = refused_to_give(access.as_ref(), role);
    let assign = |variant: Variant| {
        html! { <Button {variant} icon="plus" onclick={show(Open::Assign)} refused={may_not.clone()} tip_end=true>{ "Assign" }</Button> }
    };
    let none = rows.fresh().is_some_and(|page| page.total == 0);
    let page: &[AssignmentView] = rows.data.as_ref().map(|page| &page.items[..]).unwrap_or_default();
    let here = page.iter().filter(|view| chosen.contains_key(&view.assignment.id)).count();
    let all = match here {
        0 => Ticked::No,
        here if here == page.len() => Ticked::Yes,
        _ => Ticked::Mixed,
    };
    let onall = {
        let (choose, page) = (choose.clone(), page.to_vec());
        Callback::from(move |on: bool| choose(page.clone(), on))
    };
    let unassign_refused = chosen
        .values()
        .find_map(|view| refused_to_take(access.as_ref(), AssignmentEdit::of(&view.assignment)));
    let shown_sort: AttrValue = if sort.is_empty() { "principal".into() } else { sort.clone().into() };
    let (label, placeholder, first) = match of {
        PrincipalKind::Groups => ("Search groups", "Search by name", "Group"),
        PrincipalKind::Users | PrincipalKind::Everyone => ("Search users", "Search by name or email", "User"),
    };
    html! {
        <div ref={node}>
            if chosen.is_empty() {
                <div class="filters" key="filters">
                    <SearchField {label} {placeholder} value={typed} {oninput} />
                    <p class="filters__count" role="status">
                        if let (Some(page), Some(resting)) = (rows.fresh(), resting.fresh()) {
                            { text::count(page.total, "assignment", "assignments") + &and_resting(**resting, " count now") }
                        }
                    </p>
                    { assign(Variant::Primary) }
                </div>
            } else {
                <div class="filters selection" key="selection" role="group" aria-label="Chosen">
                    <p class="selection__count" role="status">{ format!("{} chosen", text::number(chosen.len() as u64)) }</p>
                    <Button icon="minus" refused={unassign_refused} onclick={show(Open::Unassign)}>{ "Unassign" }</Button>
                    <Button variant={Variant::Ghost} onclick={choose_none}>{ "Clear" }</Button>
                </div>
            }
            <div class="slot" key="error">
                if let Some(error) = &error {
                    { failed(error, &rows.reload) }
                }
            </div>
            <div class="slot" key="table">
                if none && !search.is_empty() {
                    <Empty icon="search-x" title="Nobody fits" text="The role is assigned to nobody with these words in the name or the email.">
                        <Button onclick={clear}>{ "Clear search" }</Button>
                    </Empty>
                } else if none {
                    { nobody(of, &role.name, assign(Variant::Secondary)) }
                } else {
                    <div class={classes!("table-box", rows.stale.then_some("table-box--stale"))} aria-busy={rows.stale.to_string()}>
                        <table class="table table--stack">
                            <caption class="visually-hidden">{ format!("{first}s to whom {} is assigned", role.name) }</caption>
                            <thead>
                                <tr>
                                    <th scope="col" class="table__check"><Checkbox ticked={all} fixed={page.is_empty()} label="Choose all on this page" onchange={onall} /></th>
                                    <SortHeader column="principal" label={first} sort={shown_sort.clone()} onsort={onsort.clone()} />
                                    <th scope="col">{ "Source" }</th>
                                    <SortHeader column="scope" label="Where" sort={shown_sort.clone()} onsort={onsort.clone()} />
                                    <th scope="col">{ "Since" }</th>
                                    <SortHeader column="until" label="When" sort={shown_sort} {onsort} />
                                </tr>
                            </thead>
                            <tbody>
                                if rows.data.is_some() {
                                    { for page.iter().map(|view| {
                                        let (choose, own) = (choose.clone(), view.clone());
                                        let onchange = Callback::from(move |on: bool| choose(vec![own.clone()], on));
                                        row(view, chosen.contains_key(&view.assignment.id), onchange, access.as_ref())
                                    }) }
                                } else {
                                    <SkeletonRows key="skeleton" rows={8} cells={6} />
                                }
                            </tbody>
                        </table>
                    </div>
                    { pager(&cursor, rows.fresh().and_then(|page| page.next.clone()), turn) }
                }
            </div>
            <div class="slot" key="dialog">
                { match *open {
                    Open::Nothing => html! {},
                    Open::Assign if may_not.is_some() => html! {},
                    Open::Assign => html! {
                        <AssignDialog key="assign" known={Known::Role { id: role.id.clone().into(), of }} onclose={close} ondone={done} />
                    },
                    Open::Unassign => html! {
                        <UnassignDialog key="unassign" {of} role={role.name.clone()} chosen={chosen.values().cloned().collect::<Rc<[_]>>()}
                            onclose={close} ondone={done} />
                    },
                } }
            </div>
        </div>
    }
}

/// The role is assigned to none of them.
fn nobody(of: PrincipalKind, role: &str, assign: Html) -> Html {
    let (icon, text) = match of {
        PrincipalKind::Groups => (
            "users-round",
            "Assign it to a group, and every member holds it. Groups come from your identity provider, or are made by hand.",
        ),
        PrincipalKind::Users | PrincipalKind::Everyone => (
            "user-plus",
            "Assign it to users one by one, or hold it through groups, packages or auto assign: those stand at their own source.",
        ),
    };
    html! {
        <Empty {icon} title={format!("{role} is assigned to no {}", count(of, 1).trim_start_matches("1 "))} {text}>{ assign }</Empty>
    }
}

/// An icon and words for how an assignment came to be.
pub fn source(source: Source) -> (&'static str, &'static str) {
    match source {
        Source::Direct => ("user-check", "Assigned here"),
        Source::Entitlement => ("toggle-right", "By an entitlement"),
        Source::AutoAssign => ("globe", "Auto assign"),
    }
}

fn row(view: &AssignmentView, ticked: bool, onchange: Callback<bool>, access: Option<&AccessHandle>) -> Html {
    let assignment = &view.assignment;
    let policy = access.and_then(|access| access.policy());
    let to = match &assignment.principal {
        Principal::Group(id) => Route::Group { id: id.clone() },
        Principal::User(id) => Route::User { id: id.clone() },
        Principal::Everyone => Route::Users,
    };
    let (icon, source) = source(assignment.source);
    let also = ways::also(view, policy);
    let place = place_name(access, &assignment.scope);
    html! {
        <tr key={assignment.id.clone()} class={classes!(ticked.then_some("table__row--chosen"), view.not_counting.map(|_| "table__row--off"))}>
            <td class="table__check">
                <Checkbox ticked={Ticked::from(ticked)} label={format!("Choose {}, {place}", view.principal_name)} {onchange} />
            </td>
            <td class="table__first">
                <Link {to} class="table__link">{ view.principal_name.clone() }</Link>
                if !view.email.is_empty() && view.email != view.principal_name {
                    <span class="table__under">{ view.email.clone() }</span>
                }
            </td>
            <td data-label="Source">
                <span class="sources">
                    <span class="source"><Icon name={icon} />{ source }</span>
                    { for also.into_iter().map(|also| html! {
                        <span class="source source--inherited" key={also.clone()}><Icon name="arrow-down" />{ also }</span>
                    }) }
                </span>
            </td>
            <td data-label="Where">{ place }</td>
            <td class="table__muted" data-label="Since">{ view.since.map(text::date).unwrap_or_default() }</td>
            <td data-label="When">{ idle(view.not_counting) }{ " " }<span class="table__muted">{ window(assignment) }</span></td>
        </tr>
    }
}
