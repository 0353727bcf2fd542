//! The table as a grid of the ARIA practices: one cell is in the tab order, arrows go from cell to cell, Enter opens one.
//! A large one has only the rows in sight in the page, so that 50 roles by 500 permissions stay quick.

use std::cell::Cell as Slot;
use std::rc::Rc;

use rolewright_model::matrix::{Mark, Matrix};
use rolewright_model::{Level, UiState};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::edits::Edits;
use super::lines::{Column, Line, Shown};
use super::row::{Edited, MatrixLine, side};
use super::sheets::{on_each, sheets};
use crate::access::{AccessHandle, use_access};
use crate::browser::{self, AfterPaint};
use crate::in_sight::use_printing;
use crate::nav::Link;
use crate::route::Route;
use crate::same::Same;
use crate::states::use_flag;
use crate::tree::Tree;
use crate::widgets::Icon;

/// Of how many cells all are in the page.
const ALL: usize = 1_000;
/// How many rows and columns beyond those in sight are in the page, and by how many at once it moves on.
const ROWS: Margin = Margin { beyond: 4, step: 2 };
const COLUMNS: Margin = Margin { beyond: 2, step: 2 };
/// How many rows a page key goes.
const PAGE: usize = 10;

/// The table.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The matrix.
    pub whole: Same<Matrix>,
    /// What of it is shown.
    pub shown: Rc<Shown>,
    /// The columns.
    pub columns: Rc<[Column]>,
    /// The permissions.
    pub tree: Rc<Tree>,
    /// What is edited.
    pub edits: Rc<Edits>,
    /// Whether the rows are operations: these follow from permissions, and are not edited themselves.
    pub operations: bool,
    /// What the table is.
    pub caption: AttrValue,
    /// Told that a group shall be folded or unfolded.
    pub onfold: Callback<String>,
    /// Told that a cell shall be opened: the position of the row in the matrix, of the column, and the cell.
    pub onopen: Callback<(usize, usize, Element)>,
}

/// What was measured last, in pixels: of a row, of a column, and of what is in sight.
#[derive(Clone, Copy)]
struct Sizes {
    row: f64,
    column: f64,
    height: f64,
    width: f64,
}

/// How much more than what is in sight is in the page, along one axis.
#[derive(Clone, Copy)]
struct Margin {
    beyond: usize,
    step: usize,
}

impl Margin {
    /// From which to which of `count` are in the page, where `first` is the first in sight.
    fn around(self, first: usize, size: f64, of: f64, count: usize) -> (usize, usize) {
        let end = first + whole(of / size.max(1.0)) + self.beyond + self.step;
        (first.saturating_sub(self.beyond), end.min(count))
    }

    /// Whether little of what is in the page around one is so around another.
    fn is_far(self, first: usize, next: usize) -> bool {
        first.abs_diff(next) > 2 * self.beyond
    }

    /// The first in sight after so many pixels, in whole steps.
    fn first(self, scrolled: i32, size: f64) -> usize {
        let first = whole(f64::from(scrolled) / size.max(1.0));
        first - first % self.step
    }
}

/// Where the keyboard is: the line, the header being 0, and the cell in it, the row's name being 0.
type At = (usize, usize);

/// The table.
#[component]
pub fn Grid(props: &Props) -> Html {
    let access = use_access();
    let at = use_state(|| (1_usize, 0_usize));
    // The first line and the first column in sight, in steps.
    let first = use_state(|| (0_usize, 0_usize));
    // Whether only what is in sight is in the page: after a jump far away what is beyond follows once that is painted.
    let bare = use_flag();
    let printing = use_printing();
    let area = use_node_ref();
    // Whether the focus shall go to the active cell once it is there.
    let wants = use_mut_ref(|| false);
    let lit = use_mut_ref(|| None::<usize>);
    let sizes = use_mut_ref(|| Slot::new(Sizes { row: 40.0, column: 96.0, height: 900.0, width: 1_440.0 }));
    let (shown, columns) = (&props.shown, &props.columns);
    let count = shown.lines.len();
    // What is too wide for one sheet is printed on several, and the table itself stays as it is: so nothing of it is lost.
    let on_each = on_each(columns.len()).filter(|_| printing);
    let windowed = (!printing || on_each.is_some()) && count * (columns.len() + 1) > ALL;
    let here = clamp(*at, shown, columns.len());
    let measured = sizes.borrow().get();
    let window = |margin: Margin, first: usize, size: f64, of: f64, count: usize| match windowed {
        true if *bare => Margin { beyond: 0, ..margin }.around(first, size, of, count),
        true => margin.around(first, size, of, count),
        false => (0, count),
    };
    let (from, to) = window(ROWS, first.0, measured.row, measured.height, count);
    let across = window(COLUMNS, first.1, measured.column, measured.width, columns.len());
    // The one stop in the order of Tab: of a group its button; and where the keyboard's cell was scrolled away, one that is in the page.
    let stop = element_of((within(here.0, from, to), within(here.1, across.0, across.1)), shown);
    let onscroll = {
        let (first, sizes) = (first.clone(), sizes.clone());
        Callback::from(move |event: web_sys::Event| {
            let Some(area) = event.target_dyn_into::<Element>().filter(|_| windowed) else { return };
            let Sizes { row, column, .. } = sizes.borrow().get();
            let next = (ROWS.first(area.scroll_top(), row), COLUMNS.first(area.scroll_left(), column));
            if next != *first {
                first.set(next);
            }
        })
    };
    {
        let bare = bare.clone();
        use_effect_with(*bare, move |is_bare| {
            let later = is_bare.then(|| AfterPaint::new(move || bare.set(false)));
            move || drop(later)
        });
    }
    {
        // After every render: what a row measures, and the focus that waited for its cell.
        let (area, sizes, wants) = (area.clone(), sizes.clone(), wants.clone());
        use_effect(move || {
            let Some(area) = area.cast::<HtmlElement>() else { return };
            if let Some(row) = browser::find(&area, ".matrix__row, .matrix__group") {
                let width =
                    |selector| browser::find(&area, selector).map(|it| it.get_bounding_client_rect().width());
                sizes.borrow().set(Sizes {
                    row: row.get_bounding_client_rect().height(),
                    column: width(".matrix__role").unwrap_or(96.0),
                    height: f64::from(area.client_height()),
                    // The names stay over the first columns.
                    width: f64::from(area.client_width()) - width(".matrix__corner").unwrap_or_default(),
                });
            }
            if *wants.borrow()
                && let Some(cell) = cell_at(&area, here)
            {
                *wants.borrow_mut() = false;
                browser::focus(&cell);
            }
        });
    }
    let go = {
        let (at, wants, area, sizes) = (at.clone(), wants.clone(), area.clone(), sizes.clone());
        let (first, bare) = (first.clone(), bare.clone());
        move |next: At| {
            *wants.borrow_mut() = true;
            let Some(area) = area.cast::<HtmlElement>() else { return };
            // A cell that is out of the page comes into it first.
            if windowed && cell_at(&area, next).is_none() {
                let Sizes { row, column, height, width } = sizes.borrow().get();
                area.set_scroll_top(middle(next.0, row, height));
                area.set_scroll_left(middle(next.1, column, width));
                let next = (ROWS.first(area.scroll_top(), row), COLUMNS.first(area.scroll_left(), column));
                bare.set(ROWS.is_far(first.0, next.0) || COLUMNS.is_far(first.1, next.1));
                first.set(next);
            }
            at.set(next);
        }
    };
    let open = {
        let (onopen, shown) = (props.onopen.clone(), props.shown.clone());
        move |(line, cell): At, element: Element| match line
            .checked_sub(1)
            .and_then(|line| shown.lines.get(line))
        {
            Some(Line::Row(row)) if cell > 0 => onopen.emit((*row, cell - 1, element)),
            _ => {}
        }
    };
    // A heading may be moved in the page with its rows, which takes the focus from it: it gets it back.
    let fold = {
        let (onfold, wants) = (props.onfold.clone(), wants.clone());
        move |name: String| {
            *wants.borrow_mut() = true;
            onfold.emit(name);
        }
    };
    let onkeydown = {
        let (go, open, fold, area) = (go.clone(), open.clone(), fold.clone(), area.clone());
        let (shown, width) = (props.shown.clone(), columns.len());
        Callback::from(move |event: KeyboardEvent| {
            let (line, cell) = here;
            let group =
                line.checked_sub(1).and_then(|line| shown.lines.get(line)).and_then(|line| match line {
                    Line::Group { name, folded, .. } => Some((name.clone(), *folded)),
                    Line::Row(_) => None,
                });
            let last = shown.lines.len();
            let whole_table = event.ctrl_key() || event.meta_key();
            let next = match event.key().as_str() {
                "ArrowDown" => (line + 1, cell),
                "ArrowUp" => (line.saturating_sub(1), cell),
                "ArrowRight" | "ArrowLeft" if group.is_some() => {
                    if let Some((name, folded)) = group
                        && folded == (event.key() == "ArrowRight")
                    {
                        fold(name);
                    }
                    event.prevent_default();
                    return;
                }
                "ArrowRight" => (line, (cell + 1).min(width)),
                "ArrowLeft" => (line, cell.saturating_sub(1)),
                "Home" if whole_table => (1, 0),
                "End" if whole_table => (last, width),
                "Home" if group.is_none() => (line, 0),
                "End" if group.is_none() => (line, width),
                "Home" | "End" => (line, cell),
                "PageDown" => (line + PAGE, cell),
                "PageUp" => (line.saturating_sub(PAGE).max(1), cell),
                // The head of a column leads to its role.
                "Enter" if line == 0 && !whole_table => {
                    let head = area.cast::<HtmlElement>().and_then(|area| cell_at(&area, here));
                    head.and_then(|head| browser::find(&head, "a")).iter().for_each(HtmlElement::click);
                    event.prevent_default();
                    return;
                }
                "Enter" | " " | "F2" if group.is_none() && line > 0 && cell > 0 => {
                    if let Some(element) = area.cast::<HtmlElement>().and_then(|area| cell_at(&area, here)) {
                        open(here, element.into());
                    }
                    event.prevent_default();
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            go(clamp(next, &shown, width));
        })
    };
    let onfocusin = {
        let (at, shown) = (at.clone(), shown.clone());
        Callback::from(move |event: FocusEvent| {
            if let Some((found, _)) = event.target().and_then(position)
                && found != element_of(here, &shown)
            {
                at.set(found);
            }
        })
    };
    let onclick = {
        let shown = props.shown.clone();
        Callback::from(move |event: MouseEvent| {
            let Some((found, element)) = event.target().and_then(position) else { return };
            let is_link =
                event.target().and_then(|it| it.dyn_into::<Element>().ok()?.closest("a").ok()?).is_some();
            match found.0.checked_sub(1).and_then(|line| shown.lines.get(line)) {
                Some(Line::Group { name, .. }) => fold(name.clone()),
                _ if is_link => {}
                _ => open(found, element),
            }
        })
    };
    let onpointerover = {
        let (area, lit) = (area.clone(), lit.clone());
        Callback::from(move |event: PointerEvent| {
            light(&area, &lit, event.target().and_then(position).map(|(at, _)| at.1))
        })
    };
    let onpointerleave = {
        let (area, lit) = (area.clone(), lit.clone());
        Callback::from(move |_: PointerEvent| light(&area, &lit, None))
    };
    {
        // The column of the focus is lit as that of the pointer is.
        let (area, lit) = (area.clone(), lit.clone());
        use_effect_with(here, move |here| {
            let inside =
                area.cast::<Element>().is_some_and(|area| area.matches(":focus-within").unwrap_or(false));
            if inside {
                light(&area, &lit, Some(here.1));
            }
        });
    }
    let row_height = measured.row;
    let tabindex = |found: At| if stop == found { "0" } else { "-1" };
    let dense = columns.len() > 8;
    let head = |(position, column): (usize, &Column)| {
        html! {
            <th key={column.id.clone()} scope="col" class="matrix__role" title={column.name.clone()} tabindex={tabindex((0, position + 1))}
                data-at={format!("0-{}", position + 1)} aria-colindex={(position + 2).to_string()}>
                <Link to={Route::Role { id: column.id.clone() }} class="table__link" tabindex="-1">{ column.name.clone() }</Link>
            </th>
        }
    };
    let heads: Vec<Html> = side(across.0, "before")
        .into_iter()
        .chain(columns.iter().enumerate().skip(across.0).take(across.1.saturating_sub(across.0)).map(head))
        .chain(side(columns.len().saturating_sub(across.1), "after"))
        .collect();
    let gap = |count: usize, key: &'static str| {
        let height = (count * whole(row_height)).to_string();
        let across = (columns.len() + 1).to_string();
        let row = html! { <tr {key} class="matrix__gap" aria-hidden="true"><td {height} colspan={across}></td></tr> };
        (count > 0).then_some(row)
    };
    let in_page = shown.lines.iter().enumerate().skip(from).take(to.saturating_sub(from));
    let rows = in_page.map(|(position, line)| {
        let number = position + 1;
        match line {
            Line::Group { name, rows, folded } => html! {
                <tr key={format!("group-{name}")} class="matrix__group" aria-rowindex={(number + 1).to_string()}>
                    <th colspan={(columns.len() + 1).to_string()} scope="colgroup">
                        <button type="button" class="matrix__fold" aria-expanded={(!*folded).to_string()}
                            tabindex={tabindex((number, 0))} data-at={format!("{number}-0")}>
                            <Icon name="chevron-down" /><span>{ name.clone() }</span>
                            <span class="matrix__count">{ *rows }<span class="visually-hidden">{ " rows" }</span></span>
                        </button>
                    </th>
                </tr>
            },
            Line::Row(row) => {
                let found = props.whole.rows.get(*row);
                html! {
                    <MatrixLine key={found.map(|row| row.id.clone()).unwrap_or_default()} whole={props.whole.clone()} at={*row} line={number}
                        columns={columns.clone()} {across} {dense} notes={found.map(|row| shown.numbers(row)).unwrap_or_default()}
                        edited={found.map(|row| edited(props, columns, access.as_ref(), &row.id)).unwrap_or_default()}
                        active={(stop.0 == number).then_some(stop.1)} />
                }
            }
        }
    });
    // Every one has its key, and nothing else stands among them: so rows that stay are left alone.
    let lines: Vec<Html> =
        gap(from, "above").into_iter().chain(rows).chain(gap(count.saturating_sub(to), "below")).collect();
    html! {
        <>
            <div class={classes!("matrix__area", windowed.then_some("matrix__area--windowed"), dense.then_some("matrix__area--dense"))}
                ref={area} {onscroll}>
                <table class="matrix" role="grid" aria-rowcount={(count + 1).to_string()} aria-colcount={(columns.len() + 1).to_string()}
                    {onkeydown} {onfocusin} {onclick} {onpointerover} {onpointerleave}>
                    <caption class="visually-hidden">{ props.caption.clone() }</caption>
                    <colgroup>
                        <col class="matrix__names" />
                        { for columns.iter().map(|column| html! { <col key={column.id.clone()} class="matrix__column" /> }) }
                    </colgroup>
                    <thead>
                        <tr aria-rowindex="1">
                            <th key="corner" scope="col" class="matrix__corner" tabindex={tabindex((0, 0))} data-at="0-0">{ "Permission/Operation" }</th>
                            { for heads }
                        </tr>
                    </thead>
                    <tbody>
                        { for lines }
                    </tbody>
                </table>
            </div>
            if let Some(on_each) = on_each {
                { sheets(props, on_each, |columns, permission| edited(props, columns, access.as_ref(), permission)) }
            }
        </>
    }
}

/// The cells of a row that are edited, among these columns.
fn edited(
    props: &Props,
    columns: &[Column],
    access: Option<&AccessHandle>,
    permission: &str,
) -> Rc<[Edited]> {
    if props.operations || props.edits.cells.is_empty() {
        return Rc::from([]);
    }
    let row = props.tree.rows.iter().find(|row| row.id == permission);
    let catalogue = access.and_then(|access| access.policy()).map(|policy| policy.catalogue());
    let (Some(row), Some(catalogue)) = (row, catalogue) else { return Rc::from([]) };
    let mark = |level: Level| {
        let can = catalogue.scale(row.handle).map_or(Level(1), rolewright_model::scale::Scale::can);
        match level {
            level if level >= can => Mark::Yes,
            level if level > Level::NONE && catalogue.ui(row.handle, level) >= UiState::ReadOnly => {
                Mark::ReadOnly
            }
            _ => Mark::No,
        }
    };
    let found = columns.iter().enumerate().filter_map(|(column, role)| {
        let level = props.edits.level(&role.id, permission)?;
        Some(Edited { column, label: row.level(level), mark: mark(level) })
    });
    found.collect()
}

/// A place that there is. In a group, which is one cell wide, the keyboard keeps its column for the rows after it.
fn clamp((line, cell): At, shown: &Shown, width: usize) -> At {
    (line.min(shown.lines.len()), cell.min(width))
}

/// The place whose element a place has: all of a group's have its button.
fn element_of((line, cell): At, shown: &Shown) -> At {
    let group =
        matches!(line.checked_sub(1).and_then(|line| shown.lines.get(line)), Some(Line::Group { .. }));
    (line, if group { 0 } else { cell })
}

/// The nearest line or column that is in the page; the header and the names always are, and the others are counted from 1.
fn within(at: usize, from: usize, to: usize) -> usize {
    if at == 0 { 0 } else { at.max(from + 1).min(to.max(from + 1)) }
}

/// The element of a cell; of a group its button, whichever cell is meant.
fn cell_at(area: &Element, (line, cell): At) -> Option<HtmlElement> {
    let find = |cell: usize| browser::find(area, &format!("[data-at='{line}-{cell}']"));
    find(cell).or_else(|| find(0).filter(|it| it.tag_name() == "BUTTON"))
}

/// The cell that an event is in.
fn position(target: web_sys::EventTarget) -> Option<(At, Element)> {
    let cell = target.dyn_into::<Element>().ok()?.closest("[data-at]").ok()??;
    let text = cell.get_attribute("data-at")?;
    let (line, at) = text.split_once('-')?;
    Some(((line.parse().ok()?, at.parse().ok()?), cell))
}

/// Lights a column, and no other. Past the renderer: it happens with every move of the pointer.
fn light(area: &NodeRef, lit: &Rc<std::cell::RefCell<Option<usize>>>, column: Option<usize>) {
    let column = column.filter(|column| *column > 0);
    if *lit.borrow() == column {
        return;
    }
    let Some(area) = area.cast::<Element>() else { return };
    let columns = browser::find_all(&area, "col");
    let set = |at: Option<usize>, on: bool| {
        let Some(at) = at else { return };
        let head = browser::find(&area, &format!("[data-at='0-{at}']"));
        for element in columns.get(at).cloned().into_iter().chain(head) {
            let _ = element.class_list().toggle_with_force("matrix--lit", on);
        }
    };
    set(lit.replace(column), false);
    set(column, true);
}

/// How far to scroll so that a line or a column is in the middle.
fn middle(at: usize, size: f64, of: f64) -> i32 {
    #[expect(clippy::cast_precision_loss, reason = "rows and columns of a table are far below 2^53")]
    let at = (at as f64) * size - of / 2.0;
    #[expect(clippy::cast_possible_truncation, reason = "pixels")]
    let at = at.max(0.0) as i32;
    at
}

/// A length in whole steps.
fn whole(length: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rows and pixels of a window"
    )]
    let whole = length.round().max(0.0) as usize;
    whole
}
