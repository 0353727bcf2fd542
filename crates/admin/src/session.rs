//! Who is signed in.

use std::rc::Rc;

use rolewright_wire::session::Session;
use serde::de::IgnoredAny;
use yew::prelude::*;

use crate::api::{self, ApiError, Found, Request};
use crate::guard::forget_unsaved;
use crate::route::Route;
use crate::sending::{self, Told};
use crate::{browser, nav, tenant, toast};

/// `www/admin/theme.js` reads it to paint the right shell before the app is there.
const SIGNED_IN: &str = "rolewright.signed_in";

/// What is known of the session.
#[derive(Clone, Debug, PartialEq)]
pub enum Auth {
    /// The server was not asked yet.
    Unknown,
    /// Nobody is signed in.
    Out,
    /// Somebody is.
    In {
        /// Who.
        session: Rc<Session>,
        /// Whether the session has ended meanwhile: the page stays, a dialog asks to sign in again.
        ended: bool,
    },
    /// The server could not say.
    Failed(ApiError),
}

/// What happens to a session.
pub enum Event {
    /// It begins, or goes on.
    Began(Box<Session>),
    /// The person signed out, or never was in on this device.
    Left,
    /// The server does not know it, or no longer.
    Ended,
    /// The server could not say.
    Failed(ApiError),
}

impl Reducible for Auth {
    type Action = Event;

    fn reduce(self: Rc<Self>, event: Event) -> Rc<Self> {
        match (event, &*self) {
            (Event::Began(session), _) => {
                note(Some(&session));
                Self::In { session: Rc::new(*session), ended: false }.into()
            }
            (Event::Left, _) => {
                note(None);
                Self::Out.into()
            }
            (Event::Ended, Self::In { session, .. }) => {
                Self::In { session: session.clone(), ended: true }.into()
            }
            (Event::Ended, _) => {
                note(None);
                Self::Out.into()
            }
            (Event::Failed(_), Self::In { .. }) => self,
            (Event::Failed(error), _) => Self::Failed(error).into(),
        }
    }
}

/// Notes for the next visit whether somebody is signed in on this device. Where they view as somebody else, the page leaves room
/// for the banner that says so, from the first paint on.
fn note(session: Option<&Session>) {
    let is_viewing = session.is_some_and(|session| session.view.is_some());
    let value = if is_viewing { "viewing" } else { "1" };
    browser::keep(&tenant::key(SIGNED_IN), session.map(|_| value));
    browser::mark("data-viewing", is_viewing.then_some(""));
}

impl Auth {
    /// The session, also one that has ended.
    pub fn current(&self) -> Option<&Rc<Session>> {
        match self {
            Self::In { session, .. } => Some(session),
            _ => None,
        }
    }

    /// Whether it has ended, and a dialog asks to sign in again.
    pub fn has_ended(&self) -> bool {
        matches!(self, Self::In { ended: true, .. })
    }
}

/// The session and the way to change it.
pub type SessionHandle = UseReducerHandle<Auth>;

/// The session.
#[hook]
pub fn use_session() -> SessionHandle {
    let fallback = use_reducer(|| Auth::Unknown);
    use_context::<SessionHandle>().unwrap_or(fallback)
}

/// What is below.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What may ask who is signed in.
    pub children: Html,
}

/// Asks the server who is signed in, and keeps the answer.
#[component]
pub fn SessionProvider(props: &Props) -> Html {
    let auth = use_reducer(|| Auth::Unknown);
    {
        let auth = auth.dispatcher();
        use_effect_with((), move |()| {
            let found = auth.clone();
            api::watch_session(Callback::from(move |what| match what {
                Found::Ended => found.dispatch(Event::Ended),
                Found::NeedsSecondFactor => ask(found.clone()),
            }));
            // Who has not signed in on this device is not asked about: the page to do so comes at once.
            if browser::keeps() && browser::kept(&tenant::key(SIGNED_IN)).is_none() {
                auth.dispatch(Event::Left);
            } else {
                ask(auth);
            }
        });
    }
    html! { <ContextProvider<SessionHandle> context={auth}>{ props.children.clone() }</ContextProvider<SessionHandle>> }
}

/// Asks who is signed in.
pub fn ask(auth: UseReducerDispatcher<Auth>) {
    ask_then(auth, Callback::noop());
}

/// The same; `then` is told once it is known.
pub fn ask_then(auth: UseReducerDispatcher<Auth>, then: Callback<()>) {
    wasm_bindgen_futures::spawn_local(async move {
        auth.dispatch(match api::get::<Session>("/session").await {
            Ok(answer) => Event::Began(Box::new(answer.body)),
            Err(error) if error.status() == 401 => Event::Ended,
            Err(error) => Event::Failed(error),
        });
        then.emit(());
    });
}

/// Ends the session, and leads to the page to sign in.
pub fn sign_out(auth: UseReducerDispatcher<Auth>) {
    sending::ask(Request::delete("/session", None), move |answer: Told<IgnoredAny>| {
        match answer {
            Err(error) if error.status() != 401 => return toast::say(error.to_string()),
            _ => {}
        }
        forget_unsaved();
        auth.dispatch(Event::Left);
        nav::replace_with(&Route::SignIn);
    });
}
