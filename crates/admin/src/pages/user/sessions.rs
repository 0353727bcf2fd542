//! Where a person is signed in.

use yew::prelude::*;

use crate::api;
use crate::pages::sessions::{SessionRow, Sessions as Told, words};
use crate::resource::use_resource;
use crate::widgets::{Banner, Empty, Icon, Tone, failed};

/// Whose sessions.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The person's id.
    pub id: AttrValue,
}

/// Every session of a person. They are ended together, by the menu of the page.
#[component]
pub fn Sessions(props: &Props) -> Html {
    let sessions = use_resource(props.id.clone(), |id: AttrValue| async move {
        let path = format!("/users/{}/sessions", js_sys::encode_uri_component(&id));
        api::get::<Told>(&path).await.map(|answer| answer.body)
    });
    let row = |session: &SessionRow| {
        html! {
            <li class="sessions__row" key={session.id.clone()}>
                { words(session) }
                if session.current {
                    <span class="badge badge--granted"><Icon name="check" />{ "This one" }</span>
                }
            </li>
        }
    };
    match (sessions.fresh(), &sessions.error) {
        (Some(told), _) if told.items.is_empty() => html! {
            <Empty key="none" icon="log-out" title="Signed in nowhere" text="Where this person is signed in stands here: on what, since when, and from which address." />
        },
        (Some(told), _) => {
            html! { <ul class="sessions" key="sessions">{ for told.items.iter().map(row) }</ul> }
        }
        // Whoever may not end them does not see them.
        (None, Some(error)) if error.status() == 403 => {
            html! { <Banner key="refused" tone={Tone::Note}>{ error.to_string() }</Banner> }
        }
        (None, Some(error)) => failed(error, &sessions.reload),
        (None, None) => html! { <div class="sessions" key="loading" aria-busy="true"></div> },
    }
}
