//! One row of the table. It knows its own edits and whether the focus is in it, so that what happens elsewhere in the
//! table costs it nothing.

use std::rc::Rc;

use rolewright_model::matrix::{Cell, Mark, Matrix};
use yew::prelude::*;

use super::lines::{Column, is_noted, word};
use crate::same::Same;
use crate::widgets::shape;

/// A cell that is edited: the column, what it shall say, and its meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct Edited {
    /// The position of the column.
    pub column: usize,
    /// The level, for a person.
    pub label: AttrValue,
    /// What that comes to.
    pub mark: Mark,
}

/// A row.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The matrix.
    pub whole: Same<Matrix>,
    /// Its position in the matrix.
    pub at: usize,
    /// Which line of the table it is, from 1; the header is 0.
    pub line: usize,
    /// The columns.
    pub columns: Rc<[Column]>,
    /// Which of them are in the page: from one up to another.
    pub across: (usize, usize),
    /// Whether there are so many columns that a cell is its glyph alone.
    pub dense: bool,
    /// The numbers of its footnotes.
    pub notes: Rc<[usize]>,
    /// Its cells that are edited.
    pub edited: Rc<[Edited]>,
    /// The cell that the keyboard is at, where it is in this row: 0 is the row's name.
    pub active: Option<usize>,
}

/// A row.
#[component]
pub fn MatrixLine(props: &Props) -> Html {
    let Some(row) = props.whole.rows.get(props.at) else { return html! {} };
    let noted = props.columns.iter().any(|column| row.cells.get(column.at).is_some_and(is_noted));
    let tabindex = |cell: usize| if props.active == Some(cell) { "0" } else { "-1" };
    let (first, end) = props.across;
    let shown = props.columns.iter().enumerate().skip(first).take(end.saturating_sub(first));
    let cells = shown.filter_map(|(position, column)| {
                let cell = row.cells.get(column.at)?;
                let edited = props.edited.iter().find(|edited| edited.column == position);
                let mark = mark_name(edited.map_or(cell.mark, |edited| edited.mark));
                let class = if edited.is_some() { "matrix__cell matrix__cell--edited" } else { "matrix__cell" };
                // There may be thousands: where they are many, the stylesheet draws the glyph, and what is said is an attribute.
                let (label, inside) = match (props.dense, edited) {
                    (true, edited) => (Some(words(cell, edited, &props.notes)), html! {
                        if edited.is_none() && is_noted(cell) {
                            <Notes numbers={props.notes.clone()} />
                        }
                    }),
                    (false, Some(edited)) => (None, html! {
                        <>
                            { glyph(edited.mark) }<span class="matrix__word">{ edited.label.clone() }</span>
                            <span class="visually-hidden">{ ", not saved yet" }</span>
                        </>
                    }),
                    (false, None) => (None, said(cell, &props.notes)),
                };
                Some(html! {
                    <td key={column.id.clone()} {class} tabindex={tabindex(position + 1)} data-at={format!("{}-{}", props.line, position + 1)}
                        aria-colindex={(position + 2).to_string()} aria-label={label} data-mark={mark}>{ inside }</td>
                })
            });
    let cells: Vec<Html> = side(first, "before")
        .into_iter()
        .chain(cells)
        .chain(side(props.columns.len().saturating_sub(end), "after"))
        .collect();
    html! {
        <tr aria-rowindex={(props.line + 1).to_string()} class="matrix__row">
            <th key="name" scope="row" class="matrix__name" tabindex={tabindex(0)} data-at={format!("{}-0", props.line)}>
                <span class="matrix__label" title={row.label.clone()}>{ row.label.clone() }
                    if !noted {
                        <Notes numbers={props.notes.clone()} />
                    }
                </span>
                if row.applies_to.is_some() || row.origin.is_some() || row.help.is_some() {
                    <span class="matrix__about">
                        if let Some(applies) = &row.applies_to {
                            <span>{ applies.clone() }</span>
                        }
                        if let Some(origin) = &row.origin {
                            <span>{ origin.clone() }</span>
                        }
                        if let Some(help) = &row.help {
                            <a class="matrix__help" href={help.clone()} target="_blank" rel="noopener noreferrer" tabindex="-1">{ "Help" }<span class="visually-hidden">{ format!(" with {}", row.label) }</span></a>
                        }
                    </span>
                }
            </th>
            { for cells }
        </tr>
    }
}

/// What stands for columns that are not in the page.
pub fn side(columns: usize, key: &'static str) -> Option<Html> {
    let cell =
        html! { <td {key} class="matrix__side" aria-hidden="true" colspan={columns.to_string()}></td> };
    (columns > 0).then_some(cell)
}

/// What a cell says, on one line.
fn words(cell: &Cell, edited: Option<&Edited>, notes: &[usize]) -> String {
    if let Some(edited) = edited {
        return format!("{}, not saved yet", edited.label);
    }
    let mut said = word(cell);
    if cell.mark == Mark::Conditional {
        said.push_str(", conditional");
    }
    if is_noted(cell) {
        notes.iter().for_each(|number| said.push_str(&format!(", note {number}")));
    }
    said
}

fn said(cell: &Cell, notes: &Rc<[usize]>) -> Html {
    html! {
        <>
            { glyph(cell.mark) }<span class="matrix__word">{ word(cell) }</span>
            if cell.mark == Mark::Conditional {
                <span class="visually-hidden">{ ", conditional" }</span>
            }
            if is_noted(cell) {
                <Notes numbers={notes.clone()} />
            }
        </>
    }
}

/// As an attribute says it.
pub fn mark_name(mark: Mark) -> &'static str {
    match mark {
        Mark::No => "no",
        Mark::ReadOnly => "read-only",
        Mark::Conditional => "conditional",
        Mark::Yes => "yes",
    }
}

/// The glyph of a mark. No component: there may be thousands.
pub fn glyph(mark: Mark) -> Html {
    let (class, href) = match mark {
        Mark::No => ("icon mark-icon mark-icon--no", "#i-circle"),
        Mark::ReadOnly => ("icon mark-icon mark-icon--read-only", "#i-eye"),
        Mark::Conditional => ("icon mark-icon mark-icon--conditional", "#i-diamond"),
        Mark::Yes => ("icon mark-icon mark-icon--yes", "#i-check"),
    };
    html! { <svg {class} aria-hidden="true" focusable="false">{ shape(href.into()) }</svg> }
}

#[derive(Properties, PartialEq)]
struct NotesProps {
    numbers: Rc<[usize]>,
}

#[component]
fn Notes(props: &NotesProps) -> Html {
    html! {
        { for props.numbers.iter().map(|number| html! {
            <sup key={*number} class="matrix__note"><span class="visually-hidden">{ ", note " }</span>{ *number }</sup>
        }) }
    }
}
