//! Turning the pages of a list that the server hands out one by one.

use yew::prelude::*;

use super::Button;

/// The ways out of the page at `cursor`, which is empty on the first: back to the first page, and on to `next`, where
/// there is one. A function and no component, for it keeps nothing.
pub fn pager(cursor: &str, next: Option<String>, turn: impl Fn(String) -> Callback<MouseEvent>) -> Html {
    // Where it leads nowhere it takes no room, which would move when the rows over it come.
    html! {
        <div class="slot">
            if !cursor.is_empty() || next.is_some() {
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
            }
        </div>
    }
}
