//! Several changes that are made in one: tried while they are put together, and made at once.

use std::rc::Rc;

use rolewright_wire::Accepted;
use rolewright_wire::batch::Version;
use rolewright_wire::reach::Reach;
use serde::Serialize;
use yew::prelude::*;

use crate::api::{Answer, ApiError, Encoded, Request};
use crate::sending::use_sending;
use crate::trial::use_trial;
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
    /// Makes it for the reason that is told, an empty one is none; unless it would be refused.
    pub make: Callback<String>,
}

/// What came of a batch.
#[derive(Clone)]
pub struct Made {
    /// Whom it reached.
    pub reach: Option<Rc<Reach>>,
    /// The revision that it made.
    pub revision: Option<u64>,
}

/// Tries a batch, and makes it when told to; `made` is then told what came of it. What is put together meanwhile is tried
/// anew, and what went wrong before is forgotten.
#[hook]
pub fn use_batch(body: Option<Encoded>, made: Callback<Made>) -> Making {
    let sending = use_sending();
    // Of which batch it is said that it failed.
    let sent = use_mut_ref(|| None::<Encoded>);
    let is_of_sent = *sent.borrow() == body;
    {
        let sending = sending.clone();
        use_effect_with(body.clone(), move |_| sending.forget());
    }
    let request = body.clone().map(|body| Request::of("/batch", body));
    let verdict = use_trial(request.clone().filter(|_| !sending.is_busy()));
    let refusal = verdict.refusal.filter(|_| verdict.current);
    let make = {
        let (sending, reach) = (sending.clone(), verdict.reach.clone());
        let request = request.filter(|_| refusal.is_none());
        Callback::from(move |reason: String| {
            let Some(request) = request.clone() else { return };
            let (reach, made) = (reach.clone(), made.clone());
            sent.replace(body.clone());
            sending.send(request.because(&reason), move |answer: Answer<Accepted>| {
                made.emit(Made { reach, revision: answer.made });
            });
        })
    };
    let failure = sending.failure().filter(|_| is_of_sent).cloned().or(verdict.failure);
    Making { reach: verdict.reach, refusal, failure, busy: sending.is_busy(), make }
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
