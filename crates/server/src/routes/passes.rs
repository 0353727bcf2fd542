//! Passes.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use rolewright_model::{Refusal, console};
use rolewright_wire::check::{Pass, PassRequest};

use crate::auth::Asker;
use crate::auth::actor::Who;
use crate::extract::MaybeJson;
use crate::passes;
use crate::problem::{Failure, Result};

/// Issues a pass of 15 minutes.
///
/// To a session for its own subject, to a key with `passes.issue` for whom it names.
#[utoipa::path(
    post, path = "/passes", tag = "Checkers", operation_id = "issuePass", request_body = PassRequest,
    responses((status = 200, body = Pass))
)]
pub async fn issue(asker: Asker, MaybeJson(body): MaybeJson<PassRequest>) -> Result<Response> {
    let (user, session) = match &asker.who {
        Who::Person { user, began, .. } => {
            if body.subject.as_ref().is_some_and(|subject| subject != user) || body.session.is_some() {
                // Nobody becomes somebody else by a permission of their own.
                let what = "issue a pass for somebody else, with a key that has it,";
                let catalogue = asker.loaded.state.catalogue();
                return Err(Refusal::missing(catalogue, console::PASSES_ISSUE, what).into());
            }
            (user.clone(), *began)
        }
        // Nor by viewing as them.
        Who::Viewer { .. } => return Err(Refusal::viewing().into()),
        _ => {
            asker.need(console::PASSES_ISSUE, "issue passes")?;
            let user = body.subject.ok_or_else(|| Failure::invalid_at("$.subject", "say for whom"))?;
            let now = asker.loaded.state.at();
            let session = body.session.unwrap_or(now);
            if session > now {
                return Err(Failure::invalid_at("$.session", "no session began after the newest revision"));
            }
            (user, session)
        }
    };
    let pass = passes::issue(&asker.tenant, &asker.loaded, &user, session, asker.now)?;
    let pass = pass.ok_or_else(|| Failure::not_found("active person of that id"))?;
    Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(pass)).into_response())
}
