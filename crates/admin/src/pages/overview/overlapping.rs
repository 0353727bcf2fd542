//! The picture of how much roles have in common: a small table, darker where they share more.

use yew::prelude::*;

use super::overlap::Overlap;
use crate::access::{role_name, use_access};
use crate::nav::Link;
use crate::route::Route;

/// The picture.
#[component]
pub fn Overlapping() -> Html {
    let access = use_access();
    let overlap = use_memo(access.clone(), |access| {
        access.as_ref().and_then(|access| access.policy()).map(Overlap::of).unwrap_or_default()
    });
    let name = |id: &String| role_name(access.as_ref(), id);
    if overlap.roles.len() < 2 {
        return html! { <p class="muted">{ "Once there are two roles that give something, what they share stands here." }</p> };
    }
    html! {
        <>
            <div class="overlap__area" tabindex="0" role="group" aria-label="What roles share">
                <table class="overlap">
                    <caption class="visually-hidden">{ "Permissions that both roles give" }</caption>
                    <thead>
                        <tr>
                            <td></td>
                            { for overlap.roles.iter().enumerate().map(|(at, id)| html! { <th key={id.clone()} scope="col" title={name(id)}><span aria-hidden="true">{ at + 1 }</span><span class="visually-hidden">{ name(id) }</span></th> }) }
                        </tr>
                    </thead>
                    <tbody>
                        { for overlap.roles.iter().zip(&overlap.shared).enumerate().map(|(row, (id, line))| {
                            let own = line.get(row).copied().unwrap_or_default();
                            html! {
                                <tr key={id.clone()}>
                                    <th scope="row"><span class="overlap__number" aria-hidden="true">{ row + 1 }</span><Link to={Route::Role { id: id.clone() }} class="table__link">{ name(id) }</Link></th>
                                    { for line.iter().enumerate().map(|(column, shared)| {
                                        let class = if column == row { "overlap__own".to_owned() } else { format!("overlap__share-{}", shade(*shared, own)) };
                                        html! { <td key={column} {class}>{ *shared }</td> }
                                    }) }
                                </tr>
                            }
                        }) }
                    </tbody>
                </table>
            </div>
            <p class="overlap__about">{ "Of what a row's role gives beside what everybody has, how many permissions the column's gives too; dark where it is all of them." }</p>
            <p class="overlap__more">
                if overlap.left_out > 0 { <span class="muted">{ format!("The {} roles that give most are shown. ", overlap.roles.len()) }</span> }
                <Link to={Route::Matrix} class="text-link">{ "All roles in the matrix" }</Link>
            </p>
        </>
    }
}

/// How dark: 0 for nothing in common, to 4 for all of what the row gives.
fn shade(shared: usize, own: usize) -> usize {
    match (shared, own) {
        (0, _) | (_, 0) => 0,
        (shared, own) if shared >= own => 4,
        (shared, own) => 1 + shared * 3 / own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_darkest_only_where_all_of_a_role_is_in_the_other() {
        for (shared, own, expected) in [(0, 9, 0), (1, 9, 1), (4, 9, 2), (8, 9, 3), (9, 9, 4), (0, 0, 0)] {
            assert_eq!(shade(shared, own), expected);
        }
    }
}
