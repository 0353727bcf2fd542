//! The permissions, module by module, with their parents, the search and the buttons for all of them.

use std::collections::BTreeSet;
use std::rc::Rc;

use rolewright_model::Level;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::effects::Effects;
use super::permission::Permission;
use super::sheet::{Part, Sheet, use_shown};
use crate::browser;
use crate::in_sight::{use_first_in_sight, use_in_sight, use_printing, use_rows};
use crate::same::Same;
use crate::text;
use crate::tree::{Module, Tree};
use crate::widgets::{Button, Checkbox, Empty, Icon, SearchField};

/// The permissions.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// All of them.
    pub tree: Rc<Tree>,
    /// What the draft comes to.
    pub effects: Rc<Effects>,
    /// The levels that the draft grants itself.
    pub own: Rc<Vec<Level>>,
    /// Whether it is the base role.
    pub in_base: bool,
    /// What the base role is called; empty where there is none, or it is this one.
    pub base_name: AttrValue,
    /// Whether nothing can be changed.
    pub fixed: bool,
    /// What is searched for.
    pub words: AttrValue,
    /// The rows that are found.
    pub found: Rc<Vec<usize>>,
    /// The row in the inspector.
    pub focus: Option<usize>,
    /// Told what to search for.
    pub onwords: Callback<String>,
    /// Told a row's level.
    pub onlevel: Callback<(usize, Level)>,
    /// Told which rows to tick or to clear.
    pub ontick: Callback<(Vec<usize>, bool)>,
    /// Told which row has the focus.
    pub onfocus: Callback<usize>,
}

/// The permissions.
#[component]
pub fn Permissions(props: &Props) -> Html {
    let closed = use_state(BTreeSet::<AttrValue>::new);
    let Props { tree, effects, own, in_base, fixed, found, .. } = props;
    let searching = !props.words.trim().is_empty();
    let parts = Same(use_memo((tree.clone(), Same(found.clone())), |(tree, found)| -> Vec<Part> {
        tree.modules.iter().map(|module| Part::of(module, found)).collect()
    }));
    let newest = Same(use_memo(
        (tree.clone(), effects.clone(), own.clone(), *in_base, props.base_name.clone(), *fixed),
        |(tree, effects, own, in_base, base_name, fixed)| {
            Sheet::of(tree.clone(), effects.clone(), own.clone(), *in_base, base_name.clone(), *fixed)
        },
    ));
    let whole = use_printing() || tree.rows.len() <= ALL;
    let list = use_node_ref();
    let first = *use_first_in_sight(&list).borrow();
    let shown = use_shown(&newest, &parts, first, (!whole).then_some(FIRST));
    let toggle = use_callback(closed.clone(), |id: AttrValue, closed| {
        let mut next = (**closed).clone();
        if !next.remove(&id) {
            next.insert(id);
        }
        closed.set(next);
    });
    let all = {
        let (ontick, found, fixed) = (props.ontick.clone(), found.clone(), props.fixed);
        move |on: bool| {
            let (ontick, found) = (ontick.clone(), found.clone());
            Callback::from(move |_: MouseEvent| {
                if !fixed {
                    ontick.emit(((*found).clone(), on));
                }
            })
        }
    };
    let onclear = props.onwords.reform(|_: MouseEvent| String::new());
    let matches = u64::try_from(found.len()).unwrap_or_default();
    // The row that shall have the focus once it is in the page.
    let goal = use_mut_ref(|| None::<usize>);
    {
        let (list, goal) = (list.clone(), goal.clone());
        use_effect(move || {
            let row = *goal.borrow();
            if row.is_some_and(|row| focus_row(&list, row)) {
                *goal.borrow_mut() = None;
            }
        });
    }
    let open =
        tree.modules.iter().zip(parts.iter()).filter(|(module, _)| searching || !closed.contains(&module.id));
    let open: Vec<usize> = open.flat_map(|(_, part)| part.shown.iter().copied()).collect();
    let near = around(&open, props.focus);
    let onkeydown = {
        let (first, last) = (open.first().copied(), open.last().copied());
        let (list, onfocus) = (list.clone(), props.onfocus.clone());
        Callback::from(move |event: KeyboardEvent| {
            let end = match event.key().as_str() {
                "Home" if !event.ctrl_key() && !event.meta_key() => first,
                "End" if !event.ctrl_key() && !event.meta_key() => last,
                _ => return move_focus(event),
            };
            let Some(row) = end else { return };
            event.prevent_default();
            // The row in the inspector is in the page, wherever it is.
            if !focus_row(&list, row) {
                *goal.borrow_mut() = Some(row);
                onfocus.emit(row);
            }
        })
    };
    let mut above = 0;
    html! {
        <section class="permissions" aria-label="Permissions">
            <div class="permissions__bar">
                <SearchField label="Search permissions" placeholder="Search permissions" value={props.words.clone()} oninput={props.onwords.clone()} />
                <p class="permissions__count" role="status">
                    { if searching { format!("{} found", text::count(matches, "permission", "permissions")) } else { text::count(matches, "permission", "permissions") } }
                </p>
                <div class="permissions__all" hidden={props.fixed || found.is_empty()}>
                    <Button small=true onclick={all(true)}>{ if searching { "Check all found" } else { "Check all" } }</Button>
                    <Button small=true onclick={all(false)}>{ if searching { "Check none found" } else { "Check none" } }</Button>
                </div>
            </div>
            <div class={classes!("permissions__tree", (!whole).then_some("permissions__tree--long"))} ref={list} {onkeydown}>
                { for tree.modules.iter().zip(parts.iter()).zip(shown).enumerate().map(|(position, ((module, part), (sheet, shown)))| {
                    let early = FIRST.saturating_sub(above);
                    above += part.shown.len();
                    let before = position.checked_sub(1).and_then(|before| tree.modules.get(before));
                    html! {
                        <div key={module.id.to_string()} class="permissions__module" hidden={part.shown.is_empty()}>
                            <ModuleView at={position} heading={module.apart && before.is_none_or(|before| !before.apart)} part={shown}
                                {sheet} closed={!searching && closed.contains(&module.id)} {whole} {early}
                                focus={props.focus.filter(|row| part.rows.contains(row))} near={of_part(near, &part.rows)}
                                ontoggle={toggle.clone()} onlevel={props.onlevel.clone()} ontick={props.ontick.clone()} onfocus={props.onfocus.clone()} />
                        </div>
                    }
                }) }
            </div>
            <div class="slot">
                if found.is_empty() {
                    <Empty icon="search-x" title="No permission fits" text="No permission has all these words in its name, its id or its module.">
                        <Button onclick={onclear}>{ "Clear search" }</Button>
                    </Empty>
                }
            </div>
        </section>
    }
}

/// Of how many rows all are in the page, and how many are at first where they are more.
const ALL: usize = 200;
const FIRST: usize = 24;
/// How many rows come into the page together.
const TOGETHER: usize = 10;

/// The rows that the keyboard comes to next from the one that has the focus, before and after it.
fn around(open: &[usize], focus: Option<usize>) -> &[usize] {
    let at = focus.and_then(|focus| open.iter().position(|row| *row == focus));
    let near = at.and_then(|at| open.get(at.saturating_sub(TOGETHER)..open.len().min(at + TOGETHER + 1)));
    near.unwrap_or_default()
}

/// Those that are of a module.
fn of_part(near: &[usize], rows: &[usize]) -> Rc<[usize]> {
    near.iter().filter(|row| rows.contains(row)).copied().collect()
}

#[derive(Properties, PartialEq)]
struct ModuleProps {
    /// Its position in the tree.
    at: usize,
    /// Whether the modules that the product does not mention begin here.
    heading: bool,
    part: Part,
    sheet: Same<Sheet>,
    closed: bool,
    /// Whether all rows are in the page, in sight or not, and how many are at once.
    whole: bool,
    early: usize,
    /// Which of its rows is in the inspector, and which are near it.
    focus: Option<usize>,
    near: Rc<[usize]>,
    ontoggle: Callback<AttrValue>,
    onlevel: Callback<(usize, Level)>,
    ontick: Callback<(Vec<usize>, bool)>,
    onfocus: Callback<usize>,
}

#[component]
fn ModuleView(props: &ModuleProps) -> Html {
    let ModuleProps { part, sheet, closed, whole, early, .. } = props;
    let module = use_node_ref();
    use_rows(&module, if *closed { 0 } else { part.shown.len() });
    let Sheet { tree, effects, own, in_base, fixed, .. } = &**sheet;
    let Some(Module { id, label, description, sections, .. }) = tree.modules.get(props.at) else {
        return html! {};
    };
    // Of what the box beside it stands for.
    let is_part = part.shown.len() < part.rows.len();
    let given = part.shown.iter().filter(|row| effects.reached(**row) > Level::NONE).count();
    let (title, body) = (format!("module-{id}-title"), format!("module-{id}-rows"));
    let ontoggle = {
        let (ontoggle, id) = (props.ontoggle.clone(), id.clone());
        Callback::from(move |_: MouseEvent| ontoggle.emit(id.clone()))
    };
    let tick = |rows: &Rc<[usize]>| {
        let (ontick, rows) = (props.ontick.clone(), rows.clone());
        Callback::from(move |on: bool| ontick.emit((rows.to_vec(), on)))
    };
    let shown = part.sections.iter().filter_map(|(at, rows)| Some((sections.get(*at)?, rows)));
    html! {
        <>
            if props.heading {
                <h2 class="permissions__heading">{ "Rolewright" }</h2>
            }
            <section class="module" ref={module} id={format!("module-{id}")} aria-labelledby={title.clone()}>
                <div class={classes!("module__head", (!closed).then_some("module__head--open"))}>
                    <Checkbox ticked={tree.ticked(&part.shown, own, *in_base)} fixed={*fixed} label={all_of(label, is_part)} onchange={tick(&part.shown)} />
                    <button type="button" class="module__toggle" aria-expanded={(!closed).to_string()} aria-controls={body.clone()} onclick={ontoggle}>
                        <span class="module__words">
                            <span class="module__title" id={title}>{ label.clone() }</span>
                            <span class="module__about">{ description.clone() }</span>
                        </span>
                        <span class="module__count">{ format!("{given} of {}{}", part.shown.len(), if is_part { " found" } else { "" }) }</span>
                        <Icon name="chevron-down" class="module__chevron" />
                    </button>
                </div>
                <div class="module__body" id={body} hidden={*closed}>
                    { for shown.map(|(section, rows)| {
                        let deep = !section.label.is_empty();
                        html! {
                            <div class="section" key={section.id.to_string()} role="group" aria-label={if deep { format!("{label}: {}", section.label) } else { label.to_string() }}>
                                if deep {
                                    <div class="section__head">
                                        <Checkbox ticked={tree.ticked(rows, own, *in_base)} fixed={*fixed} label={all_of(&format!("{label}: {}", section.label), rows.len() < section.rows.len())} onchange={tick(rows)}>
                                            <span class="section__title">{ section.label.clone() }</span>
                                        </Checkbox>
                                    </div>
                                }
                                { for rows.chunks(TOGETHER).enumerate().map(|(at, rows)| html! {
                                    <Rows key={at} rows={Rc::<[usize]>::from(rows)} {deep} sheet={sheet.clone()} {whole} at_first={at * TOGETHER < *early}
                                        near={rows.iter().any(|row| props.near.contains(row))} focus={props.focus.filter(|row| rows.contains(row))} onlevel={props.onlevel.clone()} onfocus={props.onfocus.clone()} />
                                }) }
                            </div>
                        }
                    }) }
                </div>
            </section>
        </>
    }
}

/// What a checkbox over rows is called: it stands for those that are shown.
fn all_of(what: &str, is_searched: bool) -> String {
    if is_searched { format!("All that is shown of {what}") } else { format!("All of {what}") }
}

#[derive(Properties, PartialEq)]
struct RowsProps {
    rows: Rc<[usize]>,
    /// Whether they stand under a heading of their own.
    deep: bool,
    sheet: Same<Sheet>,
    whole: bool,
    at_first: bool,
    /// Whether the keyboard comes to one of them soon, faster maybe than the browser tells what is in sight.
    near: bool,
    focus: Option<usize>,
    onlevel: Callback<(usize, Level)>,
    onfocus: Callback<usize>,
}

/// Rows that come into the page together when they are nearly in sight: with thousands in it, every tick would be slow.
#[component]
fn Rows(props: &RowsProps) -> Html {
    let RowsProps { rows, sheet, focus, .. } = props;
    let list = use_node_ref();
    let in_sight = use_in_sight(&list, props.at_first, rows.len()) || props.whole || props.near;
    let views = rows.iter().filter(|_| in_sight).filter_map(|at| {
        let row = sheet.tree.rows.get(*at)?;
        Some((*at, sheet.view(*at, row, *focus == Some(*at))))
    });
    html! {
        <ul ref={list} class={classes!("module__rows", props.deep.then_some("module__rows--deep"))} aria-busy={(!in_sight).then_some("true")}>
            { for views.map(|(at, view)| html! {
                <Permission key={at} {view} fixed={sheet.fixed} onlevel={props.onlevel.clone()} onfocus={props.onfocus.clone()} />
            }) }
        </ul>
    }
}

/// Gives a row's control the focus, where the row is in the page.
fn focus_row(list: &NodeRef, row: usize) -> bool {
    let control = format!("[data-row='{row}'] :is(input[type=checkbox], input:checked)");
    let control = list.cast::<Element>().and_then(|list| browser::find(&list, &control));
    control.iter().for_each(browser::focus);
    control.is_some()
}

/// Up and down go from control to control, as in a tree, and left to the head of the module; radio groups keep their own arrows.
fn move_focus(event: KeyboardEvent) {
    let step: isize = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        "ArrowLeft" => 0,
        _ => return,
    };
    let Some(tree) = event.current_target().and_then(|it| wasm_bindgen::JsCast::dyn_into::<Element>(it).ok())
    else {
        return;
    };
    let Some(now) = browser::focused() else { return };
    if now.get_attribute("type").as_deref() == Some("radio") {
        return;
    }
    if step == 0 {
        let module = now.closest(".module").ok().flatten();
        if let Some(head) = module.and_then(|module| browser::find(&module, ".module__toggle")) {
            event.prevent_default();
            browser::focus(&head);
        }
        return;
    }
    let selector = ".module__toggle, .permission input[type=checkbox], .permission input[type=radio]:checked, .section__head input";
    let stops = browser::find_all(&tree, selector);
    // The parent's box stands beside its heading.
    let Some(here) = stops.iter().position(|stop| *stop == now) else { return };
    // Of each that is asked the browser works out where it is.
    let is_there = |stop: &&HtmlElement| stop.offset_parent().is_some();
    let next = match step {
        1.. => stops.get(here + 1..).and_then(|after| after.iter().find(is_there)),
        _ => stops.get(..here).and_then(|before| before.iter().rfind(is_there)),
    };
    if let Some(next) = next {
        event.prevent_default();
        browser::focus(next);
    }
}
