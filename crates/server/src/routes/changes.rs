//! Where the tenant is, as it moves: server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use rolewright_model::Stamp;
use rolewright_wire::check::Changed;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::app::Shared;
use crate::auth::{Asker, key, second_factor, session};
use crate::metrics::Open;
use crate::openapi::LastEventIdHeader;
use crate::problem::Result;
use crate::snapshot;
use crate::tenant::{Loaded, Tenant};

/// How often a silent stream says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often it is seen whether the listener may still listen where nothing changes: a session runs out by no change, and
/// another process signs out.
const CHECKED: Duration = Duration::from_secs(5);

/// Every revision that the tenant comes to, at once.
///
/// The newest comes first, unless `Last-Event-ID` names it. Each event's `id` is `EPOCH.REVISION`. Where no delta leads
/// on from what `Last-Event-ID` names, or from the event before, an event `reset` comes first: what is held is to be
/// fetched anew. That is so of another epoch, of a revision that is not yet, and of one too long ago. A client that
/// reads slowly misses revisions, never the newest. A comment comes every 15 seconds in which nothing else does.
#[utoipa::path(
    get, path = "/changes", tag = "Checkers", operation_id = "streamChanges", params(LastEventIdHeader),
    responses((status = 200, body = Changed, content_type = "text/event-stream"))
)]
pub async fn stream(State(app): State<Shared>, asker: Asker, headers: HeaderMap) -> Result<Response> {
    let named = headers.get("last-event-id");
    let known = named.and_then(|id| id.to_str().ok()).and_then(|id| Stamp::parse(id.trim()));
    let listener = Listener {
        loaded: asker.tenant.watch(),
        stopping: app.stopping(),
        key: key::bearer(&headers).map(ToOwned::to_owned),
        session: session::token(&headers, asker.tenant.id()).map(ToOwned::to_owned),
        is_lost: named.is_some() && known.is_none(),
        told: known,
        seen: Some((Instant::now(), asker.loaded.state.at())),
        signed_out: asker.tenant.signed_out.subscribe(),
        tenant: asker.tenant,
        who: asker.who,
        _open: app.metrics.stream(),
        app,
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    // A proxy passes on each event as it comes.
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT))).into_response())
}

struct Listener {
    app: Shared,
    tenant: Arc<Tenant>,
    loaded: watch::Receiver<Arc<Loaded>>,
    stopping: watch::Receiver<bool>,
    who: crate::auth::actor::Who,
    key: Option<String>,
    session: Option<String>,
    told: Option<Stamp>,
    /// Whether what it holds is not known.
    is_lost: bool,
    _open: Open,
    /// When it was last seen that the listener may listen, and where the tenant was then; none where a session ended since.
    seen: Option<(Instant, Stamp)>,
    signed_out: watch::Receiver<()>,
}

impl Listener {
    /// The next event; none where the listener may no longer listen, or the server stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if *self.stopping.borrow() {
                return None;
            }
            let loaded = self.loaded.borrow_and_update().clone();
            self.who.actor(&loaded.state)?;
            let at = loaded.state.at();
            // Of the change that ends its key or its session it is not told.
            let seen = match self.seen.filter(|(when, then)| *then == at && when.elapsed() < CHECKED) {
                Some((when, _)) => when,
                None if self.is_welcome().await => Instant::now(),
                None => return None,
            };
            self.seen = Some((seen, at));
            if self.is_lost || self.told.is_some_and(|told| !snapshot::leads_on(told, at)) {
                (self.is_lost, self.told) = (false, None);
                // Without an id: who misses what follows is reset again.
                return Event::default().event("reset").json_data(Changed { at }).ok();
            }
            if self.told != Some(at) {
                self.told = Some(at);
                let event = Event::default().id(at.to_string());
                let event = event.retry(Duration::from_secs(1)).json_data(Changed { at });
                return event.ok();
            }
            tokio::select! {
                moved = self.loaded.changed() => moved.ok()?,
                _ = self.stopping.changed() => return None,
                ended = self.signed_out.changed() => {
                    ended.ok()?;
                    self.seen = None;
                }
                () = tokio::time::sleep_until(seen + CHECKED) => {}
            }
        }
    }

    /// Whether the session or the key is still good, and the person need not turn a second factor on first. A store that
    /// fails is no reason to hang up.
    async fn is_welcome(&self) -> bool {
        if self.tenant.is_gone() {
            return false;
        }
        let now = self.app.clock.now();
        if let Some(user) = self.who.person() {
            let loaded = self.tenant.loaded();
            if second_factor::must_enrol(&self.tenant, &loaded.state, user, now).await.unwrap_or(false) {
                return false;
            }
        }
        if let Some(key) = &self.key {
            return key::find(&self.tenant, key, now).await.map_or(true, |key| key.is_some());
        }
        match &self.session {
            Some(token) => session::is_good(&self.tenant, token, now).await.unwrap_or(true),
            None => false,
        }
    }
}
