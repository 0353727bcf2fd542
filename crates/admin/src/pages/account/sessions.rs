//! One's own sessions.

use rolewright_model::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use yew::prelude::*;

use crate::api::{self, Answer, Request};
use crate::resource::use_resource;
use crate::sending::use_sending;
use crate::text;
use crate::toast;
use crate::widgets::{Button, Icon, failed};

/// As much of [`Sessions`](rolewright_wire::session::Sessions) as is shown. To read an address as more than a text would
/// be downloaded too.
#[derive(Deserialize)]
struct Sessions {
    items: Vec<SessionRow>,
}

#[derive(Deserialize)]
struct SessionRow {
    id: String,
    current: bool,
    created: Timestamp,
    used: Timestamp,
    #[serde(default)]
    address: String,
    #[serde(default)]
    agent: String,
}

/// What browsers say of themselves, the one that says most of the others first; and what it is called.
const BROWSERS: [(&str, &str); 5] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
];

/// Every session, each with a way to end it.
#[component]
pub fn OwnSessions() -> Html {
    let sessions =
        use_resource((), |()| async { api::get::<Sessions>("/session/all").await.map(|answer| answer.body) });
    let sending = use_sending();
    let end = |path: String, done: &'static str| {
        let (sending, reload) = (sending.clone(), sessions.reload.clone());
        Callback::from(move |_: MouseEvent| {
            sending.forget();
            let reload = reload.clone();
            sending.send(Request::delete(path.clone(), None), move |_: Answer<IgnoredAny>| {
                toast::say(done);
                reload.emit(());
            });
        })
    };
    let row = |session: &SessionRow| {
        let device = device(&session.agent);
        let path = format!("/session/all/{}", session.id);
        html! {
            <li class="sessions__row" key={session.id.clone()}>
                <div class="sessions__words">
                    <strong>{ device.clone() }</strong>
                    <ul class="facts muted">
                        if !session.current {
                            <li key="used">{ format!("Last used {}", text::moment(session.used)) }</li>
                        }
                        <li key="since">{ format!("Signed in {}", text::moment(session.created)) }</li>
                        if !session.address.is_empty() {
                            <li key="address">{ session.address.clone() }</li>
                        }
                    </ul>
                </div>
                if session.current {
                    <span class="badge badge--granted"><Icon name="check" />{ "This one" }</span>
                } else {
                    <Button small=true onclick={end(path, "The session has ended.")}>
                        { "End" }<span class="visually-hidden">{ format!(" the session on {device}") }</span>
                    </Button>
                }
            </li>
        }
    };
    let others = sessions.data.as_ref().map_or(0, |sessions| sessions.items.len().saturating_sub(1));
    html! {
        <>
            <div class="slot">
                if let Some(error) = sending.failure() {
                    { failed(error, &sessions.reload) }
                }
                if let Some(error) = &sessions.error {
                    { failed(error, &sessions.reload) }
                }
            </div>
            if let Some(sessions) = &sessions.data {
                <ul class="sessions">{ for sessions.items.iter().map(row) }</ul>
            } else {
                <div class="sessions" aria-busy="true"></div>
            }
            if others > 0 {
                <div class="account__actions">
                    <Button onclick={end("/session/all".to_owned(), "Every other session of yours has ended.")}>{ "End all others" }</Button>
                </div>
            }
        </>
    }
}

/// "Firefox on Linux", as far as the browser says it.
fn device(agent: &str) -> String {
    let named = |all: &[(&str, &'static str)]| {
        all.iter().find(|(said, _)| agent.contains(said)).map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "An unknown device".to_owned(),
    }
}
