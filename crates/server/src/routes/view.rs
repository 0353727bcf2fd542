//! Viewing as somebody else.

use axum::response::Response;
use rolewright_model::{Refusal, Viewed};
use rolewright_wire::Accepted;

use super::done;
use crate::auth::view::{self, View};
use crate::auth::{Asker, Viewing};
use crate::extract::{Ask, Json, Write};
use crate::problem::{Failure, Result};
use crate::tenant::Edit;

/// Views as another person, or as somebody with a role.
///
/// This session sees what they see. It lasts an hour, or until it is ended. Meanwhile each write of the session is refused (`viewing`), and so is what is a
/// person's own. Whoever asks has `access.explain`, and `users.view` or `roles.view`, and holds everything that the person
/// holds or the role gives; where that is no longer so, it ends. A reason is needed, and stands in the change log.
#[utoipa::path(
    put, path = "/session/view", tag = "Sign-in", operation_id = "viewAs", params(Write), request_body = Viewed,
    responses((status = 204, description = "It has begun"), (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn begin(asker: Asker, Ask(write): Ask<Write>, Json(whom): Json<Viewed>) -> Result<Response> {
    let session = asker.session()?;
    let view = View::new(whom, asker.loaded.state.at(), asker.now);
    let edit = asker.edit(view.begin())?;
    asker.may_make(&edit)?;
    if write.reason.is_none() && !write.dry_run {
        let message = "say why you view as somebody else: it stands in the change log";
        return Err(Failure::invalid_at("query.reason", message));
    }
    // Another tab was the first.
    let begun = view::turn(&asker.tenant, session, Some(view), write.on(edit)).await?;
    Ok(done(&begun.ok_or_else(Refusal::viewing)?))
}

/// Ends viewing as somebody else.
#[utoipa::path(
    delete, path = "/session/view", tag = "Sign-in", operation_id = "endViewAs", params(Write),
    responses((status = 204, description = "It is ended"), (status = 200, body = Accepted, description = "A dry run"))
)]
pub async fn end(Viewing(asker): Viewing, Ask(write): Ask<Write>) -> Result<Response> {
    let session = asker.own_session()?;
    let none = || Failure::not_found("view of yours as somebody else");
    let view = session.view.as_ref().ok_or_else(none)?;
    let edit = Edit { who: session.person(), ..asker.edit(view.end())? };
    let ended = view::turn(&asker.tenant, session, None, write.on(edit)).await?;
    Ok(done(&ended.ok_or_else(none)?))
}
