//! The places at which somebody holds something.

use std::collections::BTreeMap;

use rolewright_model::console;
use rolewright_wire::page::Page;
use rolewright_wire::place::PlaceRow;
use serde::Deserialize;

use super::assignments::WHAT;
use super::paging::{Cut, Row};
use crate::auth::Asker;
use crate::extract::Ask;
use crate::problem::Result;
use crate::tenant::beside;

/// Which places.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Words, each of which is in the path, in any case.
    #[serde(default)]
    search: String,
    /// How many rows, 200 at most; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Every scope of an assignment but the tenant, by path, one page at a time.
///
/// Where the asker may see people at some places alone, of these places and below. Rolewright keeps no list of a
/// product's resources: these are the places that it has heard of. `O(assignments)`.
#[utoipa::path(
    get, path = "/places", tag = "Assignments", operation_id = "listPlaces",
    params(Which), responses((status = 200, body = Page<PlaceRow>))
)]
pub async fn list(asker: Asker, Ask(which): Ask<Which>) -> Result<axum::Json<Page<PlaceRow>>> {
    asker.purview(console::USERS_VIEW, WHAT)?;
    Ok(axum::Json(beside(move || found(&asker, &which)).await??))
}

fn found(asker: &Asker, which: &Which) -> Result<Page<PlaceRow>> {
    let words: Vec<String> = which.search.split_whitespace().map(str::to_lowercase).collect();
    let mut held: BTreeMap<&str, u64> = BTreeMap::new();
    let purview = asker.purview(console::USERS_VIEW, WHAT)?;
    for assignment in asker.loaded.state.documents().directory.assignments.values() {
        if assignment.scope != "/" && purview.has(&assignment.scope) {
            let count = held.entry(&assignment.scope).or_default();
            *count = count.saturating_add(1);
        }
    }
    let is_wanted = |place: &str| {
        let place = place.to_lowercase();
        words.iter().all(|word| place.contains(word))
    };
    let rows = held.into_iter().filter(|(place, _)| is_wanted(place));
    let rows = rows.map(|(place, count)| Row { key: place.into(), id: place.into(), of: (place, count) });
    let query = format!("{:?}", (asker.tenant.id(), "places", &which.search));
    let cut = Cut { limit: which.limit, cursor: which.cursor.as_deref(), descending: false, query: &query };
    let Page { items, total, before, next } = cut.page(rows)?;
    let items =
        items.into_iter().map(|(place, assignments)| PlaceRow { place: place.to_owned(), assignments });
    Ok(Page { items: items.collect(), total, before, next })
}
