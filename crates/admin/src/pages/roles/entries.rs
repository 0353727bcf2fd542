//! How many roles stand on a page of the table, and the way to the others. The address says both.

use std::ops::Range;

use yew::prelude::*;

use crate::browser;
use crate::nav::{self, use_query};
use crate::route::Route;
use crate::text;
use crate::widgets::{Button, use_id};

/// How many a page may have, and how many it has where nobody said.
const LIMITS: [usize; 4] = [10, 25, 50, 100];
const ROWS: usize = 50;

/// Which of `total` stand on the page that the address names: from 1 on, the last where there are fewer.
pub fn page_of(limit: &str, page: &str, total: usize) -> Range<usize> {
    let limit = limit.parse().ok().filter(|limit| LIMITS.contains(limit)).unwrap_or(ROWS);
    let last = total.saturating_sub(1) / limit;
    let page = page.parse::<usize>().unwrap_or(1).saturating_sub(1).min(last);
    page * limit..total.min((page + 1) * limit)
}

/// The line under the table.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Which are shown.
    pub entries: Range<usize>,
    /// How many there are.
    pub total: usize,
}

/// The line under the table.
#[component]
pub fn Entries(props: &Props) -> Html {
    let query = use_query();
    let id = use_id();
    let Range { start, end } = props.entries;
    let limit = LIMITS.into_iter().find(|limit| limit.to_string() == query.get("limit")).unwrap_or(ROWS);
    let go = move |limit: &str, page: usize| {
        let query = query.with(&[("limit", limit), ("page", &page.to_string())]);
        nav::set_query(&Route::Roles, query.as_str());
    };
    let onlimit = {
        let go = go.clone();
        Callback::from(move |event| go(&browser::chosen_in(event), 1))
    };
    let turn = |page: usize| {
        let go = go.clone();
        Callback::from(move |_: MouseEvent| go(&limit.to_string(), page))
    };
    let page = start / limit + 1;
    let (first, last) = (page == 1, end == props.total);
    html! {
        <div class="pager">
            <div class="pager__size">
                <label for={id.clone()}>{ "Show entries" }</label>
                <select class="select select--small" {id} onchange={onlimit}>
                    { for LIMITS.iter().map(|it| html! {
                        <option key={*it} value={it.to_string()} selected={*it == limit}>{ *it }</option>
                    }) }
                </select>
            </div>
            <span class="pager__count">
                { format!("{} of {}", text::number((end - start) as u64), text::count(props.total as u64, "role", "roles")) }
            </span>
            <div class="pager__turn">
                <Button small=true icon="chevron-left" refused={first.then_some(AttrValue::Static("This is the first page."))}
                    onclick={turn(page - 1)} tip_end=true>{ "Previous" }</Button>
                <Button small=true refused={last.then_some(AttrValue::Static("This is the last page."))}
                    onclick={turn(page + 1)} tip_end=true>{ "Next" }</Button>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_out_of_all_and_there_is_always_one() {
        for (limit, page, total, expected) in [
            ("", "", 7, 0..7),
            ("10", "1", 23, 0..10),
            ("10", "3", 23, 20..23),
            ("10", "9", 23, 20..23),
            ("10", "0", 20, 0..10),
            ("10", "2", 20, 10..20),
            ("7", "", 60, 0..50),
            ("25", "", 0, 0..0),
        ] {
            assert_eq!(page_of(limit, page, total), expected, "{limit} {page} {total}");
        }
    }
}
