//! A comparison as a table: what each of two to four holds, module by module.

use std::collections::BTreeMap;
use std::rc::Rc;

use rolewright_model::compare::{ComparedPermission, Comparison};
use yew::prelude::*;

use crate::access::{use_access, use_tree};
use crate::nav::Link;
use crate::pages::held::level;
use crate::pages::role_editor::Note;
use crate::route::Route;
use crate::tree::{Module, Row};
use crate::widgets::{Icon, SkeletonRows};

/// One of those that are compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    /// What a person reads.
    pub name: AttrValue,
    /// Its page.
    pub to: Option<Route>,
    /// Whether it is everything, also what is added tomorrow.
    pub everything: bool,
    /// From where what it holds comes, by permission.
    pub notes: BTreeMap<String, Vec<Note>>,
}

/// The table.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is compared.
    pub sides: Rc<[Side]>,
    /// What each holds; none while it is on its way.
    pub compared: Option<Rc<Comparison>>,
    /// Whether what is the same stands in it too.
    pub all: bool,
    /// Ids of modules of which only the heading is shown.
    pub folded: Rc<[String]>,
    /// Told which module to fold, or to open.
    pub onfold: Callback<String>,
}

/// Whether a permission is held otherwise by one of them, as far as that is known.
pub fn differs(row: &ComparedPermission) -> bool {
    row.differs || row.may_differ
}

/// Ids with that one, or without it where they have it.
pub fn toggled(ids: &[String], id: &str) -> Vec<String> {
    let others: Vec<String> = ids.iter().filter(|known| *known != id).cloned().collect();
    let new = (others.len() == ids.len()).then(|| id.to_owned());
    others.into_iter().chain(new).collect()
}

/// The table.
#[component]
pub fn SideBySide(props: &Props) -> Html {
    let (access, tree) = (use_access(), use_tree());
    let Some(policy) = access.as_ref().and_then(|access| access.policy()) else { return html! {} };
    let Props { sides, compared, all, .. } = props;
    let columns = sides.len() + 1;
    let rows: BTreeMap<&str, &ComparedPermission> = compared
        .iter()
        .flat_map(|compared| &compared.rows)
        .filter(|row| *all || differs(row))
        .map(|row| (row.permission.as_str(), row))
        .collect();
    let cell = |row: &ComparedPermission, (at, side): (usize, &Side)| {
        html! {
            <td key={at} data-label={side.name.clone()}>
                <span class="side-by-side__cell">
                    if side.everything {
                        <span class="everything"><Icon name="infinity" />{ "Everything" }</span>
                    } else if let Some(held) = row.held.get(at) {
                        { level(policy, &row.permission, held) }
                    }
                    { for side.notes.get(&row.permission).into_iter().flatten().map(Note::view) }
                </span>
            </td>
        }
    };
    let line = |(row, it): (&Row, &ComparedPermission)| {
        html! {
            <tr key={row.id.to_string()}>
                <th scope="row">
                    { row.label.clone() }
                    if *all && differs(it) {
                        { " " }<span class="badge badge--partial"><Icon name="contrast" />{ if it.differs { "Differs" } else { "May differ" } }</span>
                    }
                </th>
                { for sides.iter().enumerate().map(|side| cell(it, side)) }
            </tr>
        }
    };
    let module = |module: &Module| {
        let found: Vec<(&Row, &ComparedPermission)> = module
            .rows()
            .into_iter()
            .filter_map(|at| tree.rows.get(at))
            .filter_map(|row| Some((row, *rows.get(row.id.as_str())?)))
            .collect();
        let folded = props.folded.iter().any(|id| module.id == *id);
        let onclick = {
            let id = module.id.to_string();
            props.onfold.reform(move |_: MouseEvent| id.clone())
        };
        let count = found.len();
        (count > 0).then(|| html! {
            <tbody key={module.id.to_string()}>
                <tr class="side-by-side__module">
                    <th scope="rowgroup" colspan={columns.to_string()}>
                        <button type="button" class="matrix__fold" aria-expanded={(!folded).to_string()} {onclick}>
                            <Icon name="chevron-down" /><span>{ module.label.clone() }</span>
                            <span class="matrix__count">{ count }<span class="visually-hidden">{ if count == 1 { " permission" } else { " permissions" } }</span></span>
                        </button>
                    </th>
                </tr>
                if !folded {
                    { for found.into_iter().map(line) }
                }
            </tbody>
        })
    };
    html! {
        <div class="table-box" aria-busy={compared.is_none().then_some("true")}>
            <table class="table table--stack side-by-side">
                <caption class="visually-hidden">{ sides.iter().map(|side| side.name.as_str()).collect::<Vec<_>>().join(", ") }{ " side by side" }</caption>
                <thead><tr>
                    <th key="permission" scope="col">{ "Permission" }</th>
                    { for sides.iter().enumerate().map(|(at, side)| html! {
                        <th key={at} scope="col">
                            { match side.to.clone() {
                                Some(to) => html! { <Link {to} class="table__link">{ side.name.clone() }</Link> },
                                None => html! { { side.name.clone() } },
                            } }
                        </th>
                    }) }
                </tr></thead>
                if compared.is_some() {
                    { for tree.modules.iter().filter_map(module) }
                } else {
                    <tbody key="skeleton"><SkeletonRows rows={8} cells={columns} /></tbody>
                }
            </table>
        </div>
    }
}
