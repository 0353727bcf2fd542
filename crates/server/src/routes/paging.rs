//! Pages: cut after the last row that the client has, so that rows that come and go meanwhile
//! neither repeat nor hide others.

use std::borrow::Cow;
use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolewright_wire::page::{MOST_ROWS, Page, ROWS};
use serde::{Deserialize, Serialize};

use crate::problem::{Failure, Result};
use crate::secret;

/// A row before it is told: what it is sorted by, its id, and what is told of it.
pub(crate) struct Row<'r, T> {
    pub(crate) key: Cow<'r, str>,
    pub(crate) id: Cow<'r, str>,
    pub(crate) of: T,
}

/// The order that a query names, the first of `known` where it names none, and whether a `-` before it turns it round.
pub(crate) fn order<'q>(sort: &'q str, known: &[&'q str]) -> Result<(&'q str, bool)> {
    let (order, descending) = sort.strip_prefix('-').map_or((sort, false), |order| (order, true));
    match known.iter().find(|known| **known == order || order.is_empty()) {
        Some(order) => Ok((order, descending)),
        None => {
            let known = match known {
                [first @ .., last] => format!("{} or {last}", first.join(", ")),
                [] => String::new(),
            };
            let message = format!("`{order}` is not an order: sort by {known}");
            Err(Failure::invalid_at("query.sort", message))
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    key: String,
    id: String,
    query: String,
}

/// How many rows are held while a page is cut: more than [`MOST_ROWS`], and so many that they are seldom sifted.
const HELD: usize = 4096;

/// Which page.
pub(crate) struct Cut<'q> {
    pub(crate) limit: Option<u32>,
    pub(crate) cursor: Option<&'q str>,
    pub(crate) descending: bool,
    /// What the cursor is bound to: tenant, filters and order.
    pub(crate) query: &'q str,
}

impl Cut<'_> {
    /// Cuts the page out of the rows, which come in any order. `O(rows log limit)`; no more of them are held than a few
    /// pages have.
    pub(crate) fn page<'r, T>(&self, rows: impl IntoIterator<Item = Row<'r, T>>) -> Result<Page<T>> {
        self.after(1, rows)
    }

    /// The same of the page of that number, from 1 on, where the query has no cursor. One after the last has no rows.
    /// `O(rows log rows)`; as many are held as come before it.
    pub(crate) fn numbered<'r, T>(
        &self,
        number: u32,
        rows: impl IntoIterator<Item = Row<'r, T>>,
    ) -> Result<Page<T>> {
        if number == 0 {
            return Err(Failure::invalid_at("query.page", "pages are counted from 1 on"));
        }
        if self.cursor.is_some() {
            let message = "a cursor says where the page begins: leave one of both out";
            return Err(Failure::invalid_at("query.page", message));
        }
        self.after(number, rows)
    }

    fn after<'r, T>(&self, number: u32, rows: impl IntoIterator<Item = Row<'r, T>>) -> Result<Page<T>> {
        let limit = match self.limit.unwrap_or(ROWS) {
            limit @ 1..=MOST_ROWS => usize::try_from(limit).unwrap_or(usize::MAX),
            _ => return Err(Failure::invalid_at("query.limit", format!("a page has 1 to {MOST_ROWS} rows"))),
        };
        let query = secret::sha256(self.query.as_bytes());
        let after = self.cursor.map(|cursor| read(cursor, &query)).transpose()?;
        let directed = |order: Ordering| if self.descending { order.reverse() } else { order };
        let order = |a: &Row<'_, T>, b: &Row<'_, T>| directed((&a.key, &a.id).cmp(&(&b.key, &b.id)));
        let is_after = |row: &Row<'_, T>| {
            after.as_ref().is_none_or(|after| {
                let after = (after.key.as_str(), after.id.as_str());
                directed((&*row.key, &*row.id).cmp(&after)).is_gt()
            })
        };
        let pages = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        let skipped = pages.saturating_mul(limit);
        let end = skipped.saturating_add(limit);
        let held = HELD.max(end.saturating_mul(2));
        let (mut total, mut found): (u64, Vec<Row<'_, T>>) = (0, Vec::new());
        let (mut more, mut before) = (false, 0_u64);
        for row in rows {
            total = total.saturating_add(1);
            if !is_after(&row) {
                before = before.saturating_add(1);
                continue;
            }
            found.push(row);
            if found.len() >= held {
                found.select_nth_unstable_by(end, order);
                found.truncate(end);
                more = true;
            }
        }
        found.sort_unstable_by(order);
        more |= found.len() > end;
        found.truncate(end);
        let rows = found.split_off(skipped.min(found.len()));
        let before = before.saturating_add(found.len().try_into().unwrap_or(u64::MAX));
        let next = match rows.last() {
            Some(last) if more => {
                Some(write(&Cursor { key: last.key.to_string(), id: last.id.to_string(), query }))
            }
            _ => None,
        };
        Ok(Page { items: rows.into_iter().map(|row| row.of).collect(), total, before, next })
    }
}

fn write(cursor: &Cursor) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(cursor).unwrap_or_default())
}

fn read(cursor: &str, query: &str) -> Result<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let cursor = bytes.and_then(|bytes| serde_json::from_slice::<Cursor>(&bytes).ok());
    cursor.filter(|cursor| cursor.query == query).ok_or_else(|| {
        let message = "this cursor is not of this list: ask without a cursor, and keep filters and order";
        Failure::invalid_at("query.cursor", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: u32) -> Vec<Row<'static, u32>> {
        let row = |n| Row { key: format!("{:03}", n / 2).into(), id: format!("{n:03}").into(), of: n };
        (0..n).map(row).collect()
    }

    #[test]
    fn pages_follow_each_other_both_ways() {
        for descending in [false, true] {
            let (mut cursor, mut seen): (Option<String>, Vec<u32>) = (None, Vec::new());
            loop {
                let cut = Cut { limit: Some(3), cursor: cursor.as_deref(), descending, query: "q" };
                let page = cut.page(rows(10)).unwrap();
                assert_eq!((page.total, page.before), (10, seen.len() as u64));
                seen.extend(page.items);
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            let mut all: Vec<u32> = (0..10).collect();
            if descending {
                all.reverse();
            }
            assert_eq!(seen, all);
        }
    }

    #[test]
    fn a_page_is_found_by_its_number_too() {
        let many = u32::try_from(3 * HELD).unwrap();
        for (number, first) in
            [(1, Some(0)), (2, Some(150)), (u32::MAX, None), (60, Some(59 * 150)), (83, None)]
        {
            let cut = Cut { limit: Some(150), cursor: None, descending: false, query: "q" };
            let page = cut.numbered(number, keyed(many)).unwrap();
            assert_eq!(page.items.first().copied(), first, "{number}");
            assert_eq!(page.before, first.map_or(u64::from(many), u64::from), "{number}");
            assert_eq!(page.next.is_some(), first.is_some(), "{number}");
        }
        let cut = Cut { limit: None, cursor: Some("c"), descending: false, query: "q" };
        assert!(
            cut.numbered(2, rows(1)).is_err() && Cut { cursor: None, ..cut }.numbered(0, rows(1)).is_err()
        );
    }

    /// Rows in no order.
    fn keyed(n: u32) -> Vec<Row<'static, u32>> {
        let row = |n| Row { key: format!("{n:09}").into(), id: "".into(), of: n };
        (0..n).rev().map(row).collect()
    }

    #[test]
    fn a_page_of_many_rows_is_that_of_all_in_order() {
        let many = u32::try_from(3 * HELD + 5).unwrap();
        let mixed = || {
            let mut rows = rows(many);
            rows.sort_by_key(|row| row.of.wrapping_mul(2_654_435_761));
            rows
        };
        let mut all = rows(many);
        all.sort_by(|a, b| (&a.key, &a.id).cmp(&(&b.key, &b.id)));
        let (mut cursor, mut seen) = (None, Vec::new());
        while seen.len() < 1000 {
            let cut = Cut { limit: Some(200), cursor: cursor.as_deref(), descending: false, query: "q" };
            let page = cut.page(mixed()).unwrap();
            assert_eq!(page.total, u64::from(many));
            seen.extend(page.items);
            cursor = page.next;
        }
        assert_eq!(seen, all.iter().take(1000).map(|row| row.of).collect::<Vec<_>>());
    }

    #[test]
    fn a_cursor_is_bound_to_its_query() {
        let first = Cut { limit: Some(1), cursor: None, descending: false, query: "a" };
        let next = first.page(rows(3)).unwrap().next.unwrap();
        for (query, cursor) in [("b", next.as_str()), ("a", "!"), ("a", "e30")] {
            let cut = Cut { limit: None, cursor: Some(cursor), descending: false, query };
            assert!(cut.page(rows(3)).is_err());
        }
    }
}
