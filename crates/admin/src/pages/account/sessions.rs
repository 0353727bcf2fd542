//! One's own sessions.

use rolewright_wire::session::Proof;
use serde::de::IgnoredAny;
use yew::prelude::*;

use super::proof::ProofForm;
use super::use_arrival;
use crate::api::{self, Answer, Request};
use crate::pages::sessions::{SessionRow, Sessions, words};
use crate::resource::use_resource;
use crate::sending::use_sending;
use crate::toast;
use crate::widgets::{Button, Icon, failed};

/// What is to be ended.
#[derive(Clone, PartialEq)]
enum Ending {
    /// The session of that id, on that device.
    One(String, String),
    Others,
}

impl Ending {
    /// By which path, what the button says, what it means, and what is said once it is done.
    fn words(&self) -> (String, &'static str, String, &'static str) {
        match self {
            Self::One(id, device) => (
                format!("/session/all/{id}"),
                "End session",
                format!("{device} is signed out."),
                "The session has ended.",
            ),
            Self::Others => (
                "/session/all".to_owned(),
                "End all others",
                "You are signed out everywhere but here.".to_owned(),
                "Every other session of yours has ended.",
            ),
        }
    }
}

/// Every session, each with a way to end it, for who shows again who they are.
#[component]
pub fn OwnSessions() -> Html {
    let sessions =
        use_resource((), |()| async { api::get::<Sessions>("/session/all").await.map(|answer| answer.body) });
    let sending = use_sending();
    let ending = use_state(|| None::<Ending>);
    let node = use_node_ref();
    use_arrival(&node, u8::from(ending.is_some()), false);
    let begin = |next: Ending| {
        let (ending, sending) = (ending.setter(), sending.clone());
        Callback::from(move |_: MouseEvent| {
            sending.forget();
            ending.set(Some(next.clone()));
        })
    };
    if let Some(asked) = &*ending {
        let (path, verb, means, done) = asked.words();
        let onproof = {
            let (ending, sending, reload) = (ending.setter(), sending.clone(), sessions.reload.clone());
            Callback::from(move |proof: Proof| {
                sending.forget();
                let (ending, reload) = (ending.clone(), reload.clone());
                let request = Request::delete_with(&path, &proof);
                sending.send(request, move |_: Answer<IgnoredAny>| {
                    toast::say(done);
                    ending.set(None);
                    reload.emit(());
                });
            })
        };
        let oncancel = {
            let ending = ending.setter();
            Callback::from(move |()| ending.set(None))
        };
        return html! {
            <div key="ending" ref={node}>
                <ProofForm {verb} danger=true {sending} {onproof} {oncancel}>
                    <p class="muted">{ means }</p>
                </ProofForm>
            </div>
        };
    }
    let row = |session: &SessionRow| {
        let device = session.device();
        let one = Ending::One(session.id.clone(), device.clone());
        html! {
            <li class="sessions__row" key={session.id.clone()}>
                { words(session) }
                if session.current {
                    <span class="badge badge--granted"><Icon name="check" />{ "This one" }</span>
                } else {
                    <Button small=true onclick={begin(one)}>
                        { "End" }<span class="visually-hidden">{ format!(" the session on {device}") }</span>
                    </Button>
                }
            </li>
        }
    };
    let others = sessions.data.as_ref().map_or(0, |sessions| sessions.items.len().saturating_sub(1));
    html! {
        <div key="sessions" ref={node}>
            <div class="slot">
                if let Some(error) = &sessions.error {
                    { failed(error, &sessions.reload) }
                }
            </div>
            if let Some(sessions) = &sessions.data {
                <ul class="sessions" tabindex="-1" data-autofocus="">{ for sessions.items.iter().map(row) }</ul>
            } else {
                <div class="sessions" aria-busy="true"></div>
            }
            if others > 0 {
                <div class="account__actions">
                    <Button onclick={begin(Ending::Others)}>{ "End all others" }</Button>
                </div>
            }
        </div>
    }
}
