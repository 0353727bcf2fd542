//! Something that the server is asked for, kept up to date while it is shown.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use yew::prelude::*;

use crate::api::ApiError;
use crate::guard;
use crate::live::use_live;
use crate::session::use_session;

/// What was asked for, as far as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource<T: ?Sized> {
    /// The newest answer, also while a newer one is on its way.
    pub data: Option<Rc<T>>,
    /// Whether `data` answers an earlier question than the one asked now.
    pub stale: bool,
    /// What went wrong with the newest question.
    pub error: Option<ApiError>,
    /// Asks again.
    pub reload: Callback<()>,
}

impl<T> Resource<T> {
    /// The answer to the question asked now.
    pub fn fresh(&self) -> Option<&Rc<T>> {
        self.data.as_ref().filter(|_| !self.stale)
    }
}

/// An answer of any type: what keeps it up to date is compiled once.
type Any = Rc<dyn std::any::Any>;
/// A question on its way.
type Asked = Pin<Box<dyn Future<Output = Result<Any, ApiError>>>>;

/// What came last, and to which question.
struct Loaded {
    question: u32,
    data: Option<Any>,
    error: Option<ApiError>,
}

/// Asks the server, again whenever `key` or the tenant's revision changes.
#[hook]
pub fn use_resource<K, T, F, A>(key: K, ask: F) -> Resource<T>
where
    K: PartialEq + Clone + 'static,
    T: 'static,
    F: Fn(K) -> A + 'static,
    A: Future<Output = Result<T, ApiError>> + 'static,
{
    let question = use_number(key.clone());
    let ask = move || -> Asked {
        let answer = ask(key);
        Box::pin(async move { answer.await.map(|answer| Rc::new(answer) as Any) })
    };
    use_answer(question, Box::new(ask)).typed()
}

/// The number of a value: another one whenever the value is another.
#[hook]
fn use_number<K: PartialEq + 'static>(value: K) -> u32 {
    let number = use_mut_ref(|| 0_u32);
    *use_memo(value, |_| {
        let mut number = number.borrow_mut();
        *number = number.wrapping_add(1);
        *number
    })
}

impl Resource<dyn std::any::Any> {
    fn typed<T: 'static>(self) -> Resource<T> {
        let Self { data, stale, error, reload } = self;
        Resource { data: data.and_then(|data| data.downcast().ok()), stale, error, reload }
    }
}

/// Asks a question, again whenever it is another or the tenant's revision changes.
#[hook]
fn use_answer(question: u32, ask: Box<dyn FnOnce() -> Asked>) -> Resource<dyn std::any::Any> {
    let live = use_live();
    // What failed because the session had ended is asked for again when it goes on.
    let session = use_session();
    let ended = session.has_ended();
    let tries = use_state(|| 0_u32);
    let loaded = use_state(|| None::<Rc<Loaded>>);
    {
        let loaded = loaded.clone();
        let current = use_mut_ref(|| None::<Any>);
        use_effect_with((question, live.at, live.again, ended, *tries), move |_| {
            let cancelled = Rc::new(std::cell::Cell::new(false));
            let answer = ask();
            let was_cancelled = cancelled.clone();
            wasm_bindgen_futures::spawn_local(async move {
                let answer = answer.await;
                if was_cancelled.get() {
                    return;
                }
                let (data, error) = match answer {
                    Ok(data) => (Some(data), None),
                    // What the person may no longer see does not stay on the page, unless what they typed would go with it.
                    Err(error) if error.status() == 403 && !guard::is_unsaved() => (None, Some(error)),
                    Err(error) => (current.borrow().clone(), Some(error)),
                };
                current.borrow_mut().clone_from(&data);
                loaded.set(Some(Rc::new(Loaded { question, data, error })));
            });
            move || cancelled.set(true)
        });
    }
    // The same always: a row of a list that is told it would be rendered anew with every other.
    let reload = {
        let (asked, again) = (use_mut_ref(|| 0_u32), tries.setter());
        use_callback((), move |(), ()| {
            let mut asked = asked.borrow_mut();
            *asked = asked.wrapping_add(1);
            again.set(*asked);
        })
    };
    match &*loaded {
        Some(loaded) => Resource {
            data: loaded.data.clone(),
            stale: loaded.question != question || loaded.error.is_some() && loaded.data.is_none(),
            error: loaded.error.clone().filter(|_| loaded.question == question),
            reload,
        },
        None => Resource { data: None, stale: true, error: None, reload },
    }
}
