//! The table.

use std::rc::Rc;

use rolewright_wire::page::Page;
use rolewright_wire::user::UserRow;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::act::{Acts, use_acts};
use super::chosen::Chosen;
use super::page::Wanted;
use super::roles_held::roles_held;
use super::row_menu::RowMenu;
use crate::access::use_access;
use crate::in_sight::{use_in_sight, use_printing};
use crate::media::use_media;
use crate::nav::{self, Link};
use crate::route::Route;
use crate::same::Same;
use crate::widgets::{Checkbox, Chips, MOST_CHIPS, SkeletonRows, SortHeader, StatusBadge, Ticked};

/// Of how many rows all are in the page, and how many are at first where they are more; so many of the rest come into it together.
const ALL: usize = 50;
const FIRST: usize = 30;
const TOGETHER: usize = 10;

/// Where a row's roles have room for two chips, not three: below it they may take a second line.
const NARROW: &str = "(min-width: 1200px) and (max-width: 1399.98px)";
const FEW_CHIPS: usize = 2;

/// How many columns there are.
fn cells(acts: &Acts) -> usize {
    if acts.has_packages { 7 } else { 6 }
}

/// The table.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The rows; none yet while they are on their way.
    pub page: Option<Rc<Page<UserRow>>>,
    /// Whether other rows are on their way.
    pub stale: bool,
    /// What the address says.
    pub wanted: Rc<Wanted>,
    /// Told what is wanted instead.
    pub onwanted: Callback<Wanted>,
    /// Who is chosen.
    pub chosen: Rc<Chosen>,
    /// Told who is chosen instead.
    pub onchoose: Callback<Chosen>,
    /// Told when somebody was edited.
    pub onedited: Callback<()>,
}

/// The table.
#[component]
pub fn UsersTable(props: &Props) -> Html {
    let onsort = {
        let (wanted, onwanted) = (props.wanted.clone(), props.onwanted.clone());
        Callback::from(move |sort: AttrValue| {
            onwanted.emit(Wanted { sort: sort.to_string(), ..(*wanted).clone() });
        })
    };
    let onopen = Callback::from(move |id: String| {
        nav::go(&Route::User { id });
    });
    // One callback for all rows, so that a tick renders its own row alone.
    let newest = use_mut_ref(|| (props.chosen.clone(), props.page.clone(), props.onchoose.clone()));
    *newest.borrow_mut() = (props.chosen.clone(), props.page.clone(), props.onchoose.clone());
    let choose = use_callback((), move |(of, on): (Option<UserRow>, bool), ()| {
        let (chosen, page, onchoose) = newest.borrow().clone();
        let page = page.as_ref().map(|page| &page.items[..]).unwrap_or_default();
        let rows = of.as_ref().map_or(page, std::slice::from_ref);
        onchoose.emit(chosen.with(rows, on, page));
    });
    let rows = props.page.as_ref().map(|page| &page.items[..]).unwrap_or_default();
    let shared = Same(use_memo(props.page.clone().map(Same), |page| -> Vec<Rc<UserRow>> {
        page.iter().flat_map(|page| &page.items).cloned().map(Rc::new).collect()
    }));
    let printing = use_printing();
    let whole = printing || rows.len() <= ALL;
    let chips = match (printing, use_media(NARROW)) {
        (true, _) => usize::MAX,
        (_, true) => FEW_CHIPS,
        _ => MOST_CHIPS,
    };
    let acts = use_acts();
    let all = match rows.iter().filter(|row| props.chosen.has(&row.id)).count() {
        0 => Ticked::No,
        n if n == rows.len() => Ticked::Yes,
        _ => Ticked::Mixed,
    };
    let onall = choose.reform(|on: bool| (None, on));
    let sort: AttrValue = match props.wanted.sort.as_str() {
        "" => "name".into(),
        sort => sort.to_owned().into(),
    };
    html! {
        <div class={classes!("table-box", props.stale.then_some("table-box--stale"))} aria-busy={props.stale.to_string()}>
            <table class="table table--stack people" aria-rowcount={props.page.as_ref().map(|page| (page.items.len() + 1).to_string())}>
                <caption class="visually-hidden">{ "Users" }</caption>
                <thead>
                    <tr aria-rowindex="1">
                        <th scope="col" class="table__check"><Checkbox ticked={all} fixed={rows.is_empty()} label="Choose all on this page" onchange={onall} /></th>
                        <SortHeader column="name" label="Name" sort={sort.clone()} onsort={onsort.clone()} />
                        <SortHeader column="email" label="Email" sort={sort.clone()} onsort={onsort.clone()} />
                        <th scope="col">{ "Roles" }</th>
                        if acts.has_packages {
                            <th scope="col" class="people__package">{ "Package" }</th>
                        }
                        <SortHeader column="status" label="Status" class="people__status" {sort} {onsort} />
                        <th scope="col" class="table__end"><span class="visually-hidden">{ "Actions" }</span></th>
                    </tr>
                </thead>
                { match &props.page {
                    Some(page) => (0..page.items.len().max(1)).step_by(TOGETHER).map(|first| html! {
                        <Rows key={first} rows={shared.clone()} {first} {whole} {printing} {chips} chosen={props.chosen.clone()}
                            acts={acts.clone()} choose={choose.clone()} onopen={onopen.clone()} onedited={props.onedited.clone()} />
                    }).collect(),
                    None => html! { <tbody key="skeleton"><SkeletonRows rows={12} cells={cells(&acts)} /></tbody> },
                } }
            </table>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct RowsProps {
    /// Those of the whole page.
    rows: Same<Vec<Rc<UserRow>>>,
    /// The position of the first of these.
    first: usize,
    /// Whether they are in the page, in sight or not.
    whole: bool,
    printing: bool,
    /// How many chips stand in each.
    chips: usize,
    chosen: Rc<Chosen>,
    acts: Rc<Acts>,
    choose: Callback<(Option<UserRow>, bool)>,
    onopen: Callback<String>,
    onedited: Callback<()>,
}

/// Rows that come into the page together when they are nearly in sight.
#[component]
fn Rows(props: &RowsProps) -> Html {
    let body = use_node_ref();
    let rows: Vec<_> = props.rows.iter().enumerate().skip(props.first).take(TOGETHER).collect();
    let in_sight = use_in_sight(&body, props.first < FIRST, rows.len()) || props.whole;
    html! {
        <tbody ref={body} aria-busy={(!in_sight).then_some("true")}>
            if in_sight {
                { for rows.into_iter().map(|(at, row)| html! {
                    <Row key={row.id.clone()} row={row.clone()} {at} ticked={props.chosen.has(&row.id)} printing={props.printing} chips={props.chips}
                        acts={props.acts.clone()} choose={props.choose.clone()} onopen={props.onopen.clone()} onedited={props.onedited.clone()} />
                }) }
            } else {
                <tr key="away" class="table__away" aria-hidden="true"><td colspan={cells(&props.acts).to_string()}></td></tr>
            }
        </tbody>
    }
}

#[derive(Properties, PartialEq)]
struct RowProps {
    row: Rc<UserRow>,
    /// Its position in the table.
    at: usize,
    ticked: bool,
    printing: bool,
    chips: usize,
    acts: Rc<Acts>,
    choose: Callback<(Option<UserRow>, bool)>,
    onopen: Callback<String>,
    onedited: Callback<()>,
}

#[component]
fn Row(props: &RowProps) -> Html {
    let access = use_access();
    let row = &props.row;
    let onclick = {
        let (onopen, id) = (props.onopen.clone(), row.id.clone());
        Callback::from(move |event: MouseEvent| {
            // A link, a button or what floats in the row does its own.
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let own = target
                .and_then(|it| it.closest("a, button, label, dialog, .floating").ok().flatten())
                .is_some();
            if !own {
                onopen.emit(id.clone());
            }
        })
    };
    let policy = access.as_ref().and_then(|access| access.policy());
    let roles = roles_held(row, policy, props.printing);
    let onchange = {
        let own = row.clone();
        props.choose.reform(move |on: bool| (Some((*own).clone()), on))
    };
    let package = policy.zip(row.package.as_deref()).map(|(policy, id)| policy.package_name(id));
    let label = format!("Roles of {}", row.name);
    html! {
        <tr class={classes!("table__row--link", props.ticked.then_some("table__row--chosen"))} aria-rowindex={(props.at + 2).to_string()} {onclick}>
            <td class="table__check"><Checkbox ticked={Ticked::from(props.ticked)} label={format!("Choose {}", row.name)} onchange={onchange} /></td>
            <td class="table__first"><Link to={Route::User { id: row.id.clone() }} class="table__link">{ row.name.clone() }</Link></td>
            <td class="table__muted" title={row.email.clone()}>{ row.email.clone() }</td>
            <td>
                if roles.is_empty() {
                    <span class="table__none">{ "None" }</span>
                } else {
                    <Chips items={roles} {label} most={props.chips} />
                }
            </td>
            if props.acts.has_packages {
                <td class="table__muted" data-label={package.map(|_| "Package")}>{ package.unwrap_or_default().to_owned() }</td>
            }
            <td><StatusBadge status={row.status} /></td>
            <td class="table__end"><RowMenu row={row.clone()} acts={props.acts.clone()} ondone={props.onedited.clone()} /></td>
        </tr>
    }
}
