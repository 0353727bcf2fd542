//! What the server would say to a change, asked with a dry run before anybody makes it. Only the server knows
//! everything that a rule looks at: who holds what, and who is the last superuser.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use rolewright_wire::reach::Reach;
use serde::{Deserialize, Serialize};
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
    body: Option<String>,
    etag: Option<String>,
}

impl Trial {
    /// Of a POST.
    pub fn post<B: Serialize>(path: &str, body: &B) -> Option<Self> {
        Some(Self::of("POST", path, Some(api::encoded(body).ok()?), None))
    }

    /// Of a POST of what counts only where the tenant is as it was.
    pub fn post_at<B: Serialize>(path: &str, body: &B, etag: &str) -> Option<Self> {
        Some(Self::of("POST", path, Some(api::encoded(body).ok()?), Some(etag)))
    }

    /// Of a PUT.
    pub fn put<B: Serialize>(path: &str, body: &B, etag: Option<&str>) -> Option<Self> {
        Some(Self::of("PUT", path, Some(api::encoded(body).ok()?), etag))
    }

    /// Of a DELETE.
    pub fn delete(path: &str, etag: Option<&str>) -> Self {
        Self::of("DELETE", path, None, etag)
    }

    fn of(method: &'static str, path: &str, body: Option<String>, etag: Option<&str>) -> Self {
        Self { method, path: format!("{path}?dry_run=true"), body, etag: etag.map(str::to_owned) }
    }

    /// What the server says: whom the change would reach, or the refusal, if it would be refused for what it is. That
    /// the server is away, or that the document changed meanwhile, says nothing of the change.
    async fn answer(&self, signal: &AbortSignal) -> Result<Option<Reach>, Option<ApiError>> {
        let body = self.body.clone();
        let asked = api::attempt::<Tried>(self.method, &self.path, body, self.etag.as_deref(), signal);
        let is_of_the_change = |error: &ApiError| matches!(error.status(), 400 | 403 | 409 | 422);
        asked.await.map(|tried| tried.reach).map_err(|error| Some(error).filter(is_of_the_change))
    }
}

/// Of the answer to any dry run what is of use here.
#[derive(Deserialize)]
struct Tried {
    #[serde(default)]
    reach: Option<Reach>,
}

/// What the server said last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// Why it would refuse.
    pub refusal: Option<ApiError>,
    /// Whom the change would reach, where it was asked about just this one.
    pub reach: Option<Rc<Reach>>,
    /// Whether it was asked about just this change.
    pub current: bool,
}

/// Asks the server about a change a moment after it was last edited, and again when the tenant changes. A question
/// that was asked of another change, or is not to be asked any more because the change is being made, is taken back.
#[hook]
pub fn use_trial(trial: Option<Trial>) -> Verdict {
    let live = use_live();
    let told = use_state(|| None::<(Trial, Option<ApiError>, Option<Rc<Reach>>)>);
    {
        let told = told.setter();
        use_effect_with((trial.clone(), live.at), move |(trial, _)| {
            let asking = AbortController::new().ok();
            let asked = trial.clone().zip(asking.as_ref().map(AbortController::signal));
            let timer = asked.map(|(trial, signal)| {
                Timeout::new(PAUSE, move || {
                    wasm_bindgen_futures::spawn_local(async move {
                        let (refusal, reach) = match trial.answer(&signal).await {
                            Ok(reach) => (None, reach.map(Rc::new)),
                            Err(refusal) => (refusal, None),
                        };
                        if !signal.aborted() {
                            told.set(Some((trial, refusal, reach)));
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
        (Some((asked, refusal, reach)), Some(trial)) => {
            let current = asked == trial;
            Verdict { refusal: refusal.clone(), reach: reach.clone().filter(|_| current), current }
        }
        _ => Verdict::default(),
    }
}
