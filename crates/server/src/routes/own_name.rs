//! One's own name.

use axum::response::Response;
use rolewright_model::Change;
use rolewright_wire::Accepted;
use rolewright_wire::session::OwnName;

use super::accepted;
use crate::auth::Asker;
use crate::extract::{Ask, Json, Write};
use crate::problem::Result;

/// Changes one's own first and last name.
///
/// It takes no permission, and leaves the email as it is.
#[utoipa::path(
    put, path = "/session/name", tag = "Sign-in", operation_id = "changeName",
    params(Write), request_body = OwnName,
    responses((status = 200, body = Accepted))
)]
pub async fn change(asker: Asker, Ask(write): Ask<Write>, Json(body): Json<OwnName>) -> Result<Response> {
    let id = asker.session()?.user.clone();
    let name = |name: String| name.trim().to_owned();
    let (first_name, last_name) = (name(body.first_name), name(body.last_name));
    let edit = asker.edit(Change::SetName { id, first_name, last_name })?;
    Ok(accepted(&asker.tenant.apply(write.on(edit)).await?))
}
