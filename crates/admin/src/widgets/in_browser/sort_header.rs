//! The header of a column.

use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use super::stage::show;
use crate::widgets::SortHeader;

#[wasm_bindgen_test]
async fn it_sorts_up_then_down_and_only_the_column_sorted_by_says_so() {
    let view = |sort: &AttrValue, set: Callback<AttrValue>| {
        let header = |column: &'static str| html! { <SortHeader {column} sort={sort.clone()} label={column} onsort={set.clone()} /> };
        html! { <table><tr>{ header("name") }{ header("email") }</tr></table> }
    };
    let shown = show(AttrValue::Static("name"), view).await;
    for (clicked, sort, said) in [
        (0, "-name", [Some("descending"), None]),
        (0, "name", [Some("ascending"), None]),
        (1, "email", [None, Some("ascending")]),
        (1, "-email", [None, Some("descending")]),
    ] {
        shown.click(&shown.all("th button")[clicked]).await;
        assert_eq!(shown.state(), sort);
        let sorted: Vec<_> = shown.all("th").iter().map(|th| th.get_attribute("aria-sort")).collect();
        assert_eq!(sorted, said.map(|said| said.map(str::to_owned)));
    }
}
