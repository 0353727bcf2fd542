//! The checkers that ask for snapshots with API keys.

use std::collections::HashMap;

use rolewright_model::console;
use rolewright_wire::check::STAMP_LIFETIME;
use rolewright_wire::checker::CheckerView;
use rolewright_wire::page::Page;
use serde::Deserialize;

use super::paging::{Cut, Row};
use crate::auth::{Asker, key};
use crate::extract::Ask;
use crate::problem::Result;

/// Which checkers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// How many rows, 200 at most; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// The checkers that ask with API keys, and what each holds.
///
/// Those that asked this server for a snapshot within the last 24 hours, by the names of their keys, each with the revision that it was
/// told last. Where the asker may see keys at some places alone, those with keys that are good at these places and below. A server knows those that
/// asked it since it was started; several servers over one store each know theirs.
#[utoipa::path(
    get, path = "/checkers", tag = "Checkers", operation_id = "listCheckers",
    params(Which), responses((status = 200, body = Page<CheckerView>))
)]
pub async fn list(asker: Asker, Ask(which): Ask<Which>) -> Result<axum::Json<Page<CheckerView>>> {
    let purview = asker.purview(console::API_KEYS_VIEW, "see the checkers that ask with API keys")?;
    let sees_all = asker.may(console::API_KEYS_VIEW);
    let keys = key::list(&asker.tenant, asker.now).await?.into_iter();
    let names: HashMap<String, String> =
        keys.filter(|key| purview.has(&key.scope)).map(|key| (key.id, key.name)).collect();
    let head = asker.loaded.state.at();
    let rows = asker.tenant.checkers.list(asker.now).into_iter();
    // Of a key that is no longer good the place is not known.
    let rows = rows.filter(|(checker, _)| sees_all || names.contains_key(&checker.key));
    let rows = rows.map(|(checker, told)| {
        let id = format!("{checker:?}");
        let view = CheckerView {
            key_name: names.get(&checker.key).cloned(),
            key: checker.key,
            kind: checker.kind,
            address: checker.address.map(|address| address.to_string()),
            agent: checker.agent,
            at: told.at,
            behind: (told.at.epoch == head.epoch).then(|| head.revision.saturating_sub(told.at.revision)),
            asked: told.asked,
            expired: told.asked.plus(STAMP_LIFETIME) <= asker.now,
        };
        let name = view.key_name.as_deref().unwrap_or_default().to_lowercase();
        Row { key: name.into(), id: id.into(), of: view }
    });
    let query = format!("{:?}", (asker.tenant.id(), "checkers"));
    let cut = Cut { limit: which.limit, cursor: which.cursor.as_deref(), descending: false, query: &query };
    Ok(axum::Json(cut.page(rows)?))
}
