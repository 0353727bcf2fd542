//! What the server would say to a change, asked with a dry run before anybody makes it. Only the server knows
//! everything that a rule looks at: who holds what, and who is the last superuser.

use std::future::Future;
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

    /// What the server says: whom the change would reach, or why it cannot be made now.
    async fn answer(&self, signal: &AbortSignal) -> Result<Option<Rc<Reach>>, ApiError> {
        let body = self.body.clone();
        let asked = api::attempt::<Tried>(self.method, &self.path, body, self.etag.as_deref(), signal);
        asked.await.map(|tried| tried.reach.map(Rc::new))
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
    /// Why the server could not say, where it was asked about just this change.
    pub failure: Option<ApiError>,
    /// Whom the change would reach, where it was asked about just this one.
    pub reach: Option<Rc<Reach>>,
    /// Whether it was asked about just this change.
    pub current: bool,
}

/// Asks the server about a change a moment after it was last edited, and again when the tenant changes. A question
/// that was asked of another change, or is not to be asked any more because the change is being made, is taken back.
#[hook]
pub fn use_trial(trial: Option<Trial>) -> Verdict {
    let told = use_later(trial.clone(), |trial: Trial, signal| async move { trial.answer(&signal).await });
    match (told.as_deref(), &trial) {
        (Some((asked, answer)), Some(trial)) => {
            let current = asked == trial;
            let reach = answer.as_ref().ok().cloned().flatten().filter(|_| current);
            let error = answer.as_ref().err().cloned();
            let (refusal, failure) = error.map_or((None, None), |error| match is_of_the_change(&error) {
                true => (Some(error), None),
                false => (None, Some(error).filter(|_| current)),
            });
            Verdict { refusal, failure, reach, current }
        }
        _ => Verdict::default(),
    }
}

/// Whether a change is refused for what it is. That the server is away, or that the document changed meanwhile, says nothing
/// of the change.
fn is_of_the_change(error: &ApiError) -> bool {
    matches!(error.status(), 400 | 403 | 409 | 422)
}

/// Asks something a moment after it was last edited, and again when the tenant changes; answers what came last, and to
/// which question. One that is asked no more is taken back by its signal.
#[hook]
pub fn use_later<Q, A, F, W>(question: Option<Q>, ask: F) -> Option<Rc<(Q, A)>>
where
    Q: Clone + PartialEq + 'static,
    A: 'static,
    F: FnOnce(Q, AbortSignal) -> W + 'static,
    W: Future<Output = A> + 'static,
{
    let live = use_live();
    let told = use_state(|| None::<Rc<(Q, A)>>);
    {
        let told = told.setter();
        use_effect_with((question, live.at), move |(question, _)| {
            let asking = AbortController::new().ok();
            let asked = question.clone().zip(asking.as_ref().map(AbortController::signal));
            let timer = asked.map(|(question, signal)| {
                Timeout::new(PAUSE, move || {
                    let answer = ask(question.clone(), signal.clone());
                    wasm_bindgen_futures::spawn_local(async move {
                        let answer = answer.await;
                        if !signal.aborted() {
                            told.set(Some(Rc::new((question, answer))));
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
    (*told).clone()
}
