//! What the server would say to a change, asked with a dry run before anybody makes it. Only the server knows
//! everything that a rule looks at: who holds what, and who is the last superuser.

use gloo::timers::callback::Timeout;
use serde::Serialize;
use serde_json::Value;
use web_sys::{AbortController, AbortSignal};
use yew::prelude::*;

use crate::api::{self, ApiError};
use crate::live::use_live;

/// How long after the last edit the server is asked, in milliseconds.
const PAUSE: u32 = 250;

/// A change that is not made.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    method: &'static str,
    path: String,
    body: Option<Value>,
    etag: Option<String>,
}

impl Trial {
    /// Of a POST.
    pub fn post<B: Serialize>(path: &str, body: &B) -> Option<Self> {
        Some(Self::of("POST", path, Some(serde_json::to_value(body).ok()?), None))
    }

    /// Of a PUT.
    pub fn put<B: Serialize>(path: &str, body: &B, etag: Option<&str>) -> Option<Self> {
        Some(Self::of("PUT", path, Some(serde_json::to_value(body).ok()?), etag))
    }

    /// Of a DELETE.
    pub fn delete(path: &str, etag: Option<&str>) -> Self {
        Self::of("DELETE", path, None, etag)
    }

    fn of(method: &'static str, path: &str, body: Option<Value>, etag: Option<&str>) -> Self {
        Self { method, path: format!("{path}?dry_run=true"), body, etag: etag.map(str::to_owned) }
    }

    /// The refusal, if it would be refused for what it is. That the server is away, or that the document changed
    /// meanwhile, says nothing of the change.
    async fn refusal(&self, signal: &AbortSignal) -> Option<ApiError> {
        let asked = api::attempt(self.method, &self.path, self.body.as_ref(), self.etag.as_deref(), signal);
        asked.await.err().filter(|error| matches!(error.status(), 400 | 403 | 409 | 422))
    }
}

/// What the server said last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// Why it would refuse.
    pub refusal: Option<ApiError>,
    /// Whether it was asked about just this change.
    pub current: bool,
}

/// Asks the server about a change a moment after it was last edited, and again when the tenant changes. A question
/// that was asked of another change, or is not to be asked any more because the change is being made, is taken back.
#[hook]
pub fn use_trial(trial: Option<Trial>) -> Verdict {
    let live = use_live();
    let told = use_state(|| None::<(Trial, Option<ApiError>)>);
    {
        let told = told.setter();
        use_effect_with((trial.clone(), live.at), move |(trial, _)| {
            let asking = AbortController::new().ok();
            let asked = trial.clone().zip(asking.as_ref().map(AbortController::signal));
            let timer = asked.map(|(trial, signal)| {
                Timeout::new(PAUSE, move || {
                    wasm_bindgen_futures::spawn_local(async move {
                        let refusal = trial.refusal(&signal).await;
                        if !signal.aborted() {
                            told.set(Some((trial, refusal)));
                        }
                    });
                })
            });
            move || {
                drop(timer);
                if let Some(asking) = asking {
                    asking.abort();
                }
            }
        });
    }
    match (&*told, &trial) {
        (Some((asked, refusal)), Some(trial)) => {
            Verdict { refusal: refusal.clone(), current: asked == trial }
        }
        _ => Verdict::default(),
    }
}
