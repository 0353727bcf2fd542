//! The shape of what is on its way, so that nothing moves when it comes.

use yew::prelude::*;

/// A grey bar.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// How long it is: `short`, `medium`, `long`.
    #[prop_or(AttrValue::Static("medium"))]
    pub length: AttrValue,
}

/// A grey bar in place of words.
#[component]
pub fn Skeleton(props: &Props) -> Html {
    html! { <span class={classes!("skeleton", format!("skeleton--{}", props.length))} aria-hidden="true"></span> }
}

/// Grey rows of a table.
#[derive(Properties, PartialEq)]
pub struct RowsProps {
    /// How many.
    pub rows: usize,
    /// Of how many cells.
    pub cells: usize,
}

/// Grey rows in place of a table's.
#[component]
pub fn SkeletonRows(props: &RowsProps) -> Html {
    const LENGTHS: [&str; 3] = ["medium", "long", "short"];
    let cell = |row: usize, cell: usize| {
        let length = LENGTHS.get((row + cell) % LENGTHS.len()).copied().unwrap_or("medium");
        html! { <td key={cell}><Skeleton {length} /></td> }
    };
    html! {
        <>
            { for (0..props.rows).map(|row| html! {
                <tr key={row} aria-hidden="true">{ for (0..props.cells).map(|at| cell(row, at)) }</tr>
            }) }
        </>
    }
}
