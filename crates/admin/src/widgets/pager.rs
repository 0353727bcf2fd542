//! Turning the pages of a list that the server hands out one by one.

use rolewright_wire::page::Page;
use yew::prelude::*;

use super::Button;
use crate::api::ApiError;
use crate::states::use_settled;

/// Goes back to the first page where there is none at `cursor`: it has no rows any more, which were taken away, or the cursor is of no
/// such list. Answers what else is wrong.
#[hook]
pub fn use_page_with_rows<T>(
    cursor: &str,
    page: Option<&Page<T>>,
    error: Option<&ApiError>,
    first: Callback<()>,
) -> Option<ApiError> {
    let is_empty = page.is_some_and(|page| page.items.is_empty());
    use_way_back(!cursor.is_empty() && is_empty, first.clone());
    use_known_cursor(error, first)
}

/// Goes back to the first page where the cursor is of no such list, which nobody needs to be told. Answers what else is wrong.
#[hook]
pub fn use_known_cursor(error: Option<&ApiError>, first: Callback<()>) -> Option<ApiError> {
    let leads_nowhere = error.is_some_and(|error| error.at("query.cursor").is_some());
    use_way_back(leads_nowhere, first);
    error.filter(|_| !leads_nowhere).cloned()
}

/// Goes back once the page that is asked for turns out not to be there.
#[hook]
pub fn use_way_back(is_lost: bool, back: Callback<()>) {
    use_effect_with(is_lost, move |is_lost| {
        if *is_lost {
            back.emit(());
        }
    });
}

/// The ways out of the page at `cursor`, which is empty on the first: back to the first page, and on to `next`, where
/// there is one. A function and no component, for it keeps nothing.
pub fn pager(cursor: &str, next: Option<String>, turn: impl Fn(String) -> Callback<MouseEvent>) -> Html {
    // Where it leads nowhere it takes no room, which would move when the rows over it come.
    html! {
        <div class="slot">
            if !cursor.is_empty() || next.is_some() {
                <AfterRows>
                    <div class="pager">
                        <div class="pager__turn">
                            if !cursor.is_empty() {
                                <Button small=true onclick={turn(String::new())}>{ "First page" }</Button>
                            }
                            if let Some(next) = next {
                                <Button small=true onclick={turn(next)}>{ "Next" }</Button>
                            }
                        </div>
                    </div>
                </AfterRows>
            }
        </div>
    }
}

/// What stands below rows that came with it.
#[derive(Properties, PartialEq)]
pub struct AfterRowsProps {
    /// It.
    pub children: Html,
}

/// What stands below rows that came with it: painted before they are, it would move.
#[component]
pub fn AfterRows(props: &AfterRowsProps) -> Html {
    let are_there = use_settled(true);
    html! {
        if are_there {
            { props.children.clone() }
        }
    }
}
