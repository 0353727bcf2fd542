//! What a cell says in full; and of a permission of a role that may be edited, its level to choose.

use std::rc::Rc;

use rolewright_model::Level;
use rolewright_model::change::Change;
use rolewright_model::matrix::MatrixRow;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::edits::Edits;
use super::lines::{Column, sentence, word};
use super::row::glyph;
use crate::access::use_access;
use crate::browser;
use crate::nav::Link;
use crate::policy::level_label;
use crate::route::Route;
use crate::tree::Tree;
use crate::widgets::{IconButton, Segment, Segmented, is_open, place, use_listener};

/// Which cell.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The row.
    pub row: Rc<MatrixRow>,
    /// The column.
    pub column: Column,
    /// The permissions.
    pub tree: Rc<Tree>,
    /// What is edited.
    pub edits: Rc<Edits>,
    /// Whether the row is an operation: these follow from permissions, and are not edited themselves.
    pub is_operation: bool,
    /// The cell, to stand by and to give the focus back to.
    pub anchor: Element,
    /// Told the level that it shall be; none takes an edit back.
    pub onlevel: Callback<Option<Level>>,
    /// Told when it closes.
    pub onclose: Callback<()>,
}

/// What a cell says in full.
#[component]
pub fn CellPanel(props: &Props) -> Html {
    let access = use_access();
    let node = use_node_ref();
    {
        let (node, anchor) = (node.clone(), props.anchor.clone());
        use_effect_with((), move |()| {
            if let Some(panel) = node.cast::<HtmlElement>() {
                let _ = panel.show_popover();
                place(&anchor, &panel, false, false);
                let first =
                    browser::find(&panel, "input:checked").or_else(|| browser::find(&panel, "a, button"));
                if let Some(first) = first {
                    browser::focus(&first);
                }
            }
        });
    }
    let ontoggle = {
        let (node, onclose) = (node.clone(), props.onclose.clone());
        Callback::from(move |_: web_sys::Event| {
            if node.cast::<Element>().is_some_and(|panel| !is_open(&panel)) {
                onclose.emit(());
            }
        })
    };
    use_listener(&node, "toggle", ontoggle);
    let close = {
        let node = node.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(panel) = node.cast::<HtmlElement>() {
                let _ = panel.hide_popover();
            }
        })
    };
    let policy = access.as_ref().and_then(|access| access.policy());
    let role = policy.and_then(|policy| policy.role(&props.column.id));
    let (Some(access), Some(policy), Some(role), Some(cell)) =
        (&access, policy, role, props.row.cells.get(props.column.at))
    else {
        return html! {};
    };
    let tree_row = props.tree.rows.iter().find(|row| !props.is_operation && row.id == props.row.id);
    let named = |id: &str| {
        let row = props.tree.rows.iter().find(|row| row.id == id);
        row.map_or_else(|| id.to_owned(), |row| row.full.to_string())
    };
    let said: Vec<String> = cell.terms.iter().filter_map(|terms| sentence(terms, &named)).collect();
    let reason = access.reason(&Change::UpdateRole { role: role.clone() });
    let saved = tree_row.map(|row| {
        let base = props.edits.bases.get(&role.id).map_or(&role.grants, |base| &base.role.grants);
        row.own(base)
    });
    let control = tree_row.zip(saved).filter(|(row, _)| reason.is_none() && row.is_settable(role.base));
    let level = props.edits.level(&role.id, &props.row.id).or(saved).unwrap_or_default();
    let why = match (tree_row, reason) {
        (None, _) => None,
        (Some(_), Some(reason)) => Some(reason.to_string()),
        (Some(row), None) if !row.is_settable(role.base) => Some(if role.base {
            "Only other roles can set this.".to_owned()
        } else {
            "Only the base role can set this.".to_owned()
        }),
        _ => None,
    };
    let default = policy.base().filter(|_| !role.base);
    let segments = control.map(|(row, _)| -> Rc<[Segment]> {
        let level = |(position, level): (usize, &crate::tree::RowLevel)| {
            let of_base = default.filter(|_| position == 0);
            Segment {
                id: level.id.clone(),
                label: match of_base {
                    Some(base) => {
                        let by_base = policy.reached(&base.id, row.handle);
                        format!("{} ({})", base.name, level_label(policy.catalogue(), row.handle, by_base))
                            .into()
                    }
                    None => level.label.clone(),
                },
                description: level.description.clone(),
                inherited: of_base.is_some(),
            }
        };
        row.levels.iter().enumerate().map(level).collect()
    });
    let onchange = {
        let onlevel = props.onlevel.clone();
        let (levels, saved) = (control.map(|(row, saved)| (row.levels.clone(), saved)), saved);
        Callback::from(move |id: AttrValue| {
            let position =
                levels.as_ref().and_then(|(levels, _)| levels.iter().position(|level| level.id == id));
            let level = position.and_then(|position| u8::try_from(position).ok()).map(Level);
            onlevel.emit(level.filter(|level| Some(*level) != saved));
        })
    };
    let operation = policy.catalogue().operation(&props.row.id).filter(|_| props.is_operation);
    // Permissions of two modules may be called the same.
    let called = tree_row.map_or_else(|| props.row.label.clone(), |row| row.full.to_string());
    let title = format!("{called}, {}", props.column.name);
    html! {
        <div class="floating matrix__panel" popover="auto" role="dialog" aria-label={title} ref={node}>
            <div class="matrix__panel-head">
                <div>
                    <p class="matrix__panel-role">{ props.column.name.clone() }</p>
                    <p class="matrix__panel-title">{ called }</p>
                </div>
                <IconButton icon="x" label="Close" onclick={close} />
            </div>
            <p class="matrix__panel-mark">{ glyph(cell.mark) }{ word(cell) }</p>
            { for said.into_iter().map(|words| html! { <p key={words.clone()}>{ words.clone() }</p> }) }
            { for props.row.footnotes.iter().map(|note| html! { <p key={note.clone()} class="muted">{ note.clone() }</p> }) }
            if let (Some(segments), Some((row, _))) = (segments, control) {
                <div class="matrix__panel-control">
                    <Segmented label={format!("{} for {}", row.full, props.column.name)} {segments}
                        value={row.levels.get(usize::from(level.0)).map(|level| level.id.clone()).unwrap_or_default()} {onchange} />
                    if level > Level::NONE && default.is_some_and(|base| policy.reached(&base.id, row.handle) >= level) {
                        <p class="muted">{ format!("No effect now: {} is {}.", default.map(|base| base.name.as_str()).unwrap_or_default(),
                            default.map(|base| level_label(policy.catalogue(), row.handle, policy.reached(&base.id, row.handle))).unwrap_or_default()) }</p>
                    }
                </div>
            }
            if let Some(operation) = operation {
                <div>
                    <p class="muted">{ "An operation follows from permissions. It takes:" }</p>
                    <ul class="matrix__needs">
                        { for operation.needs().enumerate().map(|(position, needs)| {
                            let needs: Vec<String> = needs.map(|(permission, level)| {
                                let catalogue = policy.catalogue();
                                format!("{} ({})", named(catalogue.id(permission)), level_label(catalogue, permission, level))
                            }).collect();
                            html! { <li key={position}>{ if position > 0 { "or " } else { "" } }{ needs.join(" and ") }</li> }
                        }) }
                    </ul>
                </div>
            }
            if let Some(why) = why {
                <p class="muted">{ why }</p>
            }
            <Link to={Route::Role { id: role.id.clone() }} class="matrix__panel-link">{ format!("Open {}", props.column.name) }</Link>
        </div>
    }
}
