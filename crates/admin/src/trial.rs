//! What the server would say to a change, asked with a dry run before anybody makes it. Only the server knows
//! everything that a rule looks at: who holds what, and who is the last superuser.

use std::cell::Cell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use yew::prelude::*;

use crate::api::{self, ApiError};
use crate::live::use_live;

/// How long after the last edit the server is asked, in milliseconds.
const PAUSE: u32 = 250;

/// A change that is not made.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    path: String,
    kind: Kind,
    etag: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Post(Value),
    Put(Value),
    Delete,
}

impl Trial {
    /// Of a POST.
    pub fn post<B: Serialize>(path: &str, body: &B) -> Option<Self> {
        Some(Self::of(path, Kind::Post(serde_json::to_value(body).ok()?), None))
    }

    /// Of a PUT.
    pub fn put<B: Serialize>(path: &str, body: &B, etag: Option<&str>) -> Option<Self> {
        Some(Self::of(path, Kind::Put(serde_json::to_value(body).ok()?), etag))
    }

    /// Of a DELETE.
    pub fn delete(path: &str, etag: Option<&str>) -> Self {
        Self::of(path, Kind::Delete, etag)
    }

    fn of(path: &str, kind: Kind, etag: Option<&str>) -> Self {
        Self { path: format!("{path}?dry_run=true"), kind, etag: etag.map(str::to_owned) }
    }

    /// The refusal, if it would be refused for what it is. That the server is away, or that the document changed
    /// meanwhile, says nothing of the change.
    pub async fn refusal(&self) -> Option<ApiError> {
        let (path, etag) = (&self.path, self.etag.as_deref());
        let answer = match &self.kind {
            Kind::Post(body) => api::post::<_, IgnoredAny>(path, body).await.map(drop),
            Kind::Put(body) => api::put::<_, IgnoredAny>(path, body, etag).await.map(drop),
            Kind::Delete => api::delete(path, etag).await,
        };
        answer.err().filter(|error| matches!(error.status(), 400 | 403 | 409 | 422))
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

/// Asks the server about a change a moment after it was last edited, and again when the tenant changes.
#[hook]
pub fn use_trial(trial: Option<Trial>) -> Verdict {
    let live = use_live();
    let told = use_state(|| None::<(Trial, Option<ApiError>)>);
    {
        let told = told.setter();
        use_effect_with((trial.clone(), live.at), move |(trial, _)| {
            let cancelled = Rc::new(Cell::new(false));
            let was_cancelled = cancelled.clone();
            let timer = trial.clone().map(|trial| {
                Timeout::new(PAUSE, move || {
                    wasm_bindgen_futures::spawn_local(async move {
                        let refusal = trial.refusal().await;
                        if !was_cancelled.get() {
                            told.set(Some((trial, refusal)));
                        }
                    });
                })
            });
            move || {
                cancelled.set(true);
                drop(timer);
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
