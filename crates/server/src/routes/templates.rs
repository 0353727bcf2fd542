//! The templates that this server offers.

use rolewright_wire::policy::Templates;

use crate::auth::Asker;
use crate::problem::Result;
use crate::templates;

/// The templates that this server offers.
#[utoipa::path(
    get, path = "/templates", tag = "Policy", operation_id = "listTemplates",
    responses((status = 200, body = Templates))
)]
pub async fn list(_: Asker) -> Result<axum::Json<Templates>> {
    Ok(axum::Json(Templates { items: templates::rows() }))
}
