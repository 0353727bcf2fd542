//! The table on paper where it has more roles than fit one beside the other: a few roles on each sheet, with every row.

use std::rc::Rc;

use yew::prelude::*;

use super::grid::Props;
use super::lines::{Column, Line};
use super::row::{Edited, MatrixLine};

/// How many roles fit on a sheet.
const FIT: usize = 12;

/// How many roles stand on each sheet, about as many on every one; none where all fit on one.
pub fn on_each(roles: usize) -> Option<usize> {
    (roles > FIT).then(|| roles.div_ceil(roles.div_ceil(FIT)))
}

/// The sheets, seen on paper alone. `edited` says which cells of a row are edited, among these columns.
pub fn sheets(props: &Props, on_each: usize, edited: impl Fn(&[Column], &str) -> Rc<[Edited]>) -> Html {
    let all = props.columns.len();
    let sheet = |(at, columns): (usize, &[Column])| {
        let columns: Rc<[Column]> = columns.into();
        let first = at * on_each;
        let across = (columns.len() + 1).to_string();
        html! {
            <table key={at} class="matrix matrix__sheet">
                <caption>{ format!("Roles {} to {} of {all}", first + 1, first + columns.len()) }</caption>
                <colgroup>
                    <col class="matrix__names" />
                    <col span={columns.len().to_string()} />
                </colgroup>
                <thead>
                    <tr>
                        <th key="corner" scope="col" class="matrix__corner">{ "Permission/Operation" }</th>
                        { for columns.iter().map(|column| html! {
                            <th key={column.id.clone()} scope="col" class="matrix__role">{ column.name.clone() }</th>
                        }) }
                    </tr>
                </thead>
                <tbody>
                    { for props.shown.lines.iter().enumerate().map(|(position, line)| match line {
                        Line::Group { name, .. } => html! {
                            <tr key={format!("group-{name}")} class="matrix__group">
                                <th colspan={across.clone()} scope="colgroup">{ name.clone() }</th>
                            </tr>
                        },
                        Line::Row(row) => {
                            let found = props.whole.rows.get(*row);
                            html! {
                                <MatrixLine key={found.map(|row| row.id.clone()).unwrap_or_default()} whole={props.whole.clone()} at={*row}
                                    line={position + 1} columns={columns.clone()} across={(0, columns.len())} dense=true
                                    notes={found.map(|row| props.shown.numbers(row)).unwrap_or_default()}
                                    edited={found.map(|row| edited(&columns, &row.id)).unwrap_or_default()} active={None::<usize>} />
                            }
                        }
                    }) }
                </tbody>
            </table>
        }
    };
    html! {
        <div class="matrix__sheets matrix__area--dense">{ for props.columns.chunks(on_each.max(1)).enumerate().map(sheet) }</div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_has_as_many_roles_as_fit_and_the_last_is_not_left_with_a_few() {
        for (roles, each) in [(0, None), (4, None), (12, None), (13, Some(7)), (50, Some(10)), (72, Some(12))]
        {
            assert_eq!(on_each(roles), each, "{roles} roles");
        }
    }
}
