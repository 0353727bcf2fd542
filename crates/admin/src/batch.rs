//! Several changes that are made in one: tried while they are put together, and made at once.

use std::rc::Rc;

use rolewright_wire::Accepted;
use rolewright_wire::batch::Version;
use rolewright_wire::reach::Reach;
use serde::Serialize;
use yew::prelude::*;

use crate::api::{self, ApiError, Encoded};
use crate::states::{use_failure, use_flag};
use crate::trial::{Trial, use_trial};
use crate::widgets::{Banner, Tone};

/// A batch as it is sent, of the few kinds of changes that `C` has. Every kind of `Change` would be downloaded with it.
#[derive(Serialize)]
pub struct Batch<C> {
    /// The changes, in their order.
    pub changes: Vec<C>,
    /// Which versions they were made from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Version>,
}

/// A batch on its way.
#[derive(Clone, PartialEq)]
pub struct Making {
    /// Whom it would reach, once that is known.
    pub reach: Option<Rc<Reach>>,
    /// Why it would be refused: it is not made then.
    pub refusal: Option<ApiError>,
    /// Why it was not made, or nobody knows whom it would reach: it may be tried again.
    pub failure: Option<ApiError>,
    /// Whether it is being made.
    pub busy: bool,
    /// Makes it, unless it would be refused.
    pub make: Callback<()>,
}

/// Tries a batch, and makes it when told to; `made` is then told whom it reached. What is put together meanwhile is tried
/// anew, and what went wrong before is forgotten.
#[hook]
pub fn use_batch(body: Option<Encoded>, made: Callback<Option<Rc<Reach>>>) -> Making {
    let busy = use_flag();
    let failure = use_failure();
    {
        let failure = failure.setter();
        use_effect_with(body.clone(), move |_| failure.set(None));
    }
    let verdict = use_trial(body.as_ref().filter(|_| !*busy).and_then(|body| Trial::post("/batch", body)));
    let refusal = verdict.refusal.filter(|_| verdict.current);
    let make = {
        let (busy, failure, reach) = (busy.clone(), failure.setter(), verdict.reach.clone());
        let body = body.filter(|_| refusal.is_none());
        Callback::from(move |()| {
            let Some(body) = body.clone().filter(|_| !*busy) else { return };
            busy.set(true);
            let (busy, failure, reach, made) = (busy.clone(), failure.clone(), reach.clone(), made.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let answer = api::post::<_, Accepted>("/batch", &body).await;
                busy.set(false);
                match answer {
                    Ok(_) => made.emit(reach),
                    Err(problem) => failure.set(Some(problem)),
                }
            });
        })
    };
    let failure = (*failure).clone().or(verdict.failure);
    Making { reach: verdict.reach, refusal, failure, busy: *busy, make }
}

/// Says in a dialog why a batch was not made.
pub fn failed(failure: Option<&ApiError>) -> Html {
    html! {
        <div class="slot">
            if let Some(failure) = failure {
                <Banner tone={Tone::Problem}>{ failure.to_string() }</Banner>
            }
        </div>
    }
}
