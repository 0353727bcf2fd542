//! What is sent when somebody says so: one thing at a time, with what went wrong. What got no answer and is sent again is made once:
//! the server may have made it the first time.

use std::cell::RefCell;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use yew::prelude::*;

use crate::api::{self, Answer, ApiError, Request};
use crate::browser;
use crate::live::{self, use_live};
use crate::session::use_session;
use crate::states::{use_failure, use_flag};

/// What is sent.
#[derive(Clone, PartialEq)]
pub struct Sending {
    busy: UseStateHandle<bool>,
    failure: UseStateHandle<Option<ApiError>>,
    lost: Rc<RefCell<Option<Lost>>>,
}

/// A request that got no answer, and the key that it was sent under.
#[derive(PartialEq)]
struct Lost {
    request: Request,
    key: Rc<str>,
}

impl Sending {
    /// Whether something is on its way. Nothing else is sent meanwhile.
    pub fn is_busy(&self) -> bool {
        *self.busy
    }

    /// What went wrong last.
    pub fn failure(&self) -> Option<&ApiError> {
        self.failure.as_ref()
    }

    /// What is wrong with the field whose JSON path ends so, `.email`.
    pub fn at(&self, end: &str) -> Option<AttrValue> {
        self.failure()?.at(end).map(AttrValue::from)
    }

    /// What went wrong beside the fields whose JSON paths end so.
    pub fn beside(&self, ends: &[&str]) -> Option<String> {
        self.failure()?.beside(ends)
    }

    /// Keeps what went wrong.
    pub fn fail(&self, error: ApiError) {
        self.failure.set(Some(error));
    }

    /// Forgets what went wrong.
    pub fn forget(&self) {
        self.failure.set(None);
    }

    /// Sends a request; `done` is told the answer.
    pub fn send<T: DeserializeOwned + 'static>(
        &self,
        request: Request,
        done: impl FnOnce(Answer<T>) + 'static,
    ) {
        let sending = self.clone();
        self.ask(request, move |answer| match answer {
            Ok(answer) => done(answer),
            Err(error) => sending.fail(error),
        });
    }

    /// Sends requests one after the other, as far as they are answered well; `told` is told what came of the last.
    pub fn ask_in_turn<T: DeserializeOwned + 'static>(
        &self,
        requests: impl Into<Vec<Request>>,
        told: impl FnOnce(Told<T>) + 'static,
    ) {
        if !self.is_busy() {
            self.begin(requests.into(), Box::new(|answer| told(answer.and_then(api::decoded))));
        }
    }

    /// Sends a request; `told` is told what came of it.
    pub fn ask<T: DeserializeOwned + 'static>(&self, request: Request, told: impl FnOnce(Told<T>) + 'static) {
        self.ask_in_turn([request], told);
    }

    fn begin(&self, requests: Vec<Request>, told: Then) {
        self.busy.set(true);
        let (busy, lost) = (self.busy.clone(), self.lost.clone());
        let held = live::hold();
        wasm_bindgen_futures::spawn_local(async move {
            let mut answer = Err(ApiError::Offline);
            let mut made = None;
            for request in requests {
                answer = match request.takes_key() {
                    true => send_once(request, &lost).await,
                    false => api::send(request, None).await,
                };
                let Ok(answer) = &mut answer else { break };
                // What is read after a write does not make its revision forgotten.
                made = answer.made.or(made);
                answer.made = made;
            }
            busy.set(false);
            told(answer);
            drop(held);
        });
    }
}

/// Sends a request under a key: that of before, where it is what got no answer then.
async fn send_once(request: Request, lost: &RefCell<Option<Lost>>) -> Told<Vec<u8>> {
    let before = lost.take().filter(|lost| lost.request == request);
    let key = before.map_or_else(browser::random_key, |lost| lost.key);
    let answer = api::send(request.clone().once(key.clone()), None).await;
    if matches!(answer, Err(ApiError::Offline)) {
        lost.replace(Some(Lost { request, key }));
    }
    answer
}

/// What came of a request.
pub type Told<T> = Result<Answer<T>, ApiError>;

/// What is done with what came of one, whatever it is.
type Then = Box<dyn FnOnce(Told<Vec<u8>>)>;

/// The way to send something.
#[hook]
pub fn use_sending() -> Sending {
    let lost = use_mut_ref(|| None);
    let sending = Sending { busy: use_flag(), failure: use_failure(), lost };
    let (session, live) = (use_session(), use_live());
    {
        // That the session had ended is true no longer once it goes on, nor that the server is away once it is back.
        let sending = sending.clone();
        use_effect_with((session.has_ended(), live.again), move |(has_ended, _)| {
            let is_over = |failure: &ApiError| match failure {
                ApiError::Offline => true,
                failure => !has_ended && failure.status() == 401,
            };
            if sending.failure().is_some_and(is_over) {
                sending.forget();
            }
        });
    }
    sending
}

/// Asks for something once, beside what is shown; `told` is told what came of it.
pub fn ask<T: DeserializeOwned + 'static>(request: Request, told: impl FnOnce(Told<T>) + 'static) {
    begin(request, Box::new(|answer| told(answer.and_then(api::decoded))));
}

fn begin(request: Request, told: Then) {
    let held = live::hold();
    wasm_bindgen_futures::spawn_local(async move {
        told(api::send(request, None).await);
        drop(held);
    });
}
