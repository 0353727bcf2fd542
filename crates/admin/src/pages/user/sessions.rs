//! Where a person is signed in.

use rolewright_model::Change;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::{self, Request};
use crate::pages::confirm::ConfirmDialog;
use crate::pages::sessions::{SessionRow, Sessions as Told, words};
use crate::resource::use_resource;
use crate::states::use_text;
use crate::widgets::{Banner, Button, Empty, Icon, Tone, failed};

/// Whose sessions.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The person's id.
    pub id: AttrValue,
    /// What the person is called.
    pub person: AttrValue,
}

/// Every session of a person, each with a way to end it. They are ended together by the menu of the page.
#[component]
pub fn Sessions(props: &Props) -> Html {
    let access = use_access();
    let sessions = use_resource(props.id.clone(), |id: AttrValue| async move {
        api::get::<Told>(&address(&id)).await.map(|answer| answer.body)
    });
    // The id of the one that shall be ended.
    let ending = use_text();
    let told = sessions.fresh();
    let end = Change::EndSessions { id: props.id.to_string(), session: None };
    let refused = access.as_ref().and_then(|access| access.reason(&end));
    let row = |session: &SessionRow| {
        let begin = {
            let (ending, id) = (ending.setter(), session.id.clone());
            Callback::from(move |_: MouseEvent| ending.set(id.clone()))
        };
        html! {
            <li class="sessions__row" key={session.id.clone()}>
                { words(session) }
                if session.current {
                    <span class="badge badge--granted"><Icon name="check" />{ "This one" }</span>
                } else {
                    <Button small=true refused={refused.clone()} tip_end=true onclick={begin}>
                        { "End" }<span class="visually-hidden">{ format!(" the session on {}", session.device()) }</span>
                    </Button>
                }
            </li>
        }
    };
    let dialog = |session: &SessionRow| {
        let onclose = {
            let ending = ending.setter();
            Callback::from(move |()| ending.set(String::new()))
        };
        html! {
            <ConfirmDialog title={format!("End the session on {}?", session.device())} change={Request::delete(format!("{}/{}", address(&props.id), session.id), None)} verb="End session"
                done={format!("A session of {} has ended.", props.person)} undoes=false {onclose} ondone={sessions.reload.clone()}>
                <p>{ "They are signed out there now. Nothing that they hold changes." }</p>
            </ConfirmDialog>
        }
    };
    match (told, &sessions.error) {
        (Some(told), _) if told.items.is_empty() => html! {
            <Empty key="none" icon="log-out" title="Signed in nowhere" text="Where this person is signed in stands here: on what, since when, and from which address." />
        },
        (Some(told), _) => html! {
            <div key="sessions">
                <ul class="sessions">{ for told.items.iter().map(row) }</ul>
                <div class="slot">
                    { for told.items.iter().find(|session| session.id == *ending).map(dialog) }
                </div>
            </div>
        },
        // Whoever may not end them does not see them.
        (None, Some(error)) if error.status() == 403 => {
            html! { <Banner key="refused" tone={Tone::Note}>{ error.to_string() }</Banner> }
        }
        (None, Some(error)) => failed(error, &sessions.reload),
        (None, None) => html! { <div class="sessions" key="loading" aria-busy="true"></div> },
    }
}

fn address(id: &str) -> String {
    format!("/users/{}/sessions", js_sys::encode_uri_component(id))
}
