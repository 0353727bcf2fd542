//! What the server would say to a change, asked with a dry run before anybody makes it. Only the server knows
//! everything that a rule looks at: who holds what, and who is the last superuser.

use std::future::Future;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use rolewright_wire::difference::DocumentDifference;
use rolewright_wire::reach::Reach;
use rolewright_wire::second_factor::Lacking;
use serde::{Deserialize, Deserializer};
use web_sys::{AbortController, AbortSignal};
use yew::prelude::*;

use crate::api::{self, ApiError, Request};
use crate::live::use_live;
use crate::session::use_session;

/// How long after the last edit the server is asked, in milliseconds.
const PAUSE: u32 = 250;

/// Of the answer to any dry run what is of use here.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Tried {
    /// Whom it would reach.
    #[serde(default, deserialize_with = "shared")]
    pub reach: Option<Rc<Reach>>,
    /// Those who come to need a second factor and have none, where more people need one.
    #[serde(default)]
    pub lacking_second_factor: Option<Lacking>,
    /// To how many full users an entitlement switch assigns its role, where one is turned on.
    #[serde(default)]
    pub entitled: Option<u64>,
    /// Which documents come, go and are edited, where the policy is replaced.
    #[serde(default)]
    pub documents: Vec<DocumentDifference>,
    /// What else whoever asked should know, a line each.
    #[serde(default)]
    pub remarks: Vec<String>,
}

fn shared<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Rc<Reach>>, D::Error> {
    Option::deserialize(from).map(|reach| reach.map(Rc::new))
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
    /// What else it said of just this change.
    pub told: Option<Rc<Tried>>,
    /// Whether it was asked about just this change.
    pub current: bool,
}

impl Verdict {
    /// Why nobody knows whom the change would reach, where that is so.
    pub fn why(&self) -> Option<String> {
        self.refusal.as_ref().or(self.failure.as_ref()).map(ToString::to_string)
    }
}

/// Asks the server about a change a moment after it was last edited, and again when the tenant changes. A question
/// that was asked of another change, or is not to be asked any more because the change is being made, is taken back.
#[hook]
pub fn use_trial(change: Option<Request>) -> Verdict {
    use_trial_of(change, |change| change)
}

/// The same of a large edit, which is written out as a change only once the server is asked.
#[hook]
pub fn use_trial_of<E, F>(edit: Option<E>, change: F) -> Verdict
where
    E: Clone + PartialEq + 'static,
    F: FnOnce(E) -> Request + 'static,
{
    let told = use_later(edit.clone(), move |edit, signal| tried(change(edit), signal));
    match (told.as_deref(), &edit) {
        (Some((asked, answer)), Some(edit)) => {
            let current = asked == edit;
            let told = answer.as_ref().ok().filter(|_| current).cloned();
            let reach = told.as_ref().and_then(|told| told.reach.clone());
            let error = answer.as_ref().err().cloned();
            let (refusal, failure) = error.map_or((None, None), |error| match is_of_the_change(&error) {
                true => (Some(error), None),
                false => (None, Some(error).filter(|_| current)),
            });
            Verdict { refusal, failure, reach, told, current }
        }
        _ => Verdict::default(),
    }
}

/// What a change would come to, or why it cannot be made now.
async fn tried(change: Request, signal: AbortSignal) -> Result<Rc<Tried>, ApiError> {
    let answer = api::send(change.tried(), Some(signal)).await?;
    Ok(Rc::new(api::decoded(answer)?.body))
}

/// Whether a change is refused for what it is. That the server is away, or that the document changed meanwhile, says nothing
/// of the change.
fn is_of_the_change(error: &ApiError) -> bool {
    matches!(error.status(), 400 | 403 | 409 | 422)
}

/// Asks something a moment after it was last edited, and again when the tenant changes, an ended session goes on or a lost connection is back; answers what came last, and to
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
    let session = use_session();
    let told = use_state(|| None::<Rc<(Q, A)>>);
    {
        let told = told.setter();
        use_effect_with((question, live.at, live.again, session.has_ended()), move |(question, ..)| {
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
