//! Where the focus goes on when what had it is gone, so that the keyboard and a screen reader go on there.

use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::browser;

/// Answers what is told the position of a row of a list that goes. Once it is gone, and the focus with it, the next row with a
/// button has it, or the head of the page.
#[hook]
pub fn use_next_row<K: PartialEq + 'static>(list: &NodeRef, rows: K) -> Callback<usize> {
    let going = use_mut_ref(|| None::<usize>);
    {
        let (going, list) = (going.clone(), list.clone());
        use_effect_with(rows, move |_| {
            let gone = going.borrow().filter(|_| browser::has_no_focus());
            let Some(gone) = gone else { return };
            going.replace(None);
            let rows = list.cast::<Element>().map(|list| browser::find_all(&list, ":scope > *"));
            let mut after = rows.into_iter().flatten().skip(gone);
            let next = after.find_map(|row| browser::find(&row, "button"));
            next.or_else(heading).iter().for_each(browser::focus);
        });
    }
    use_callback(going, |row: usize, going| {
        going.replace(Some(row));
    })
}

fn heading() -> Option<HtmlElement> {
    browser::find(&browser::element_by_id("main")?, "h1")
}
