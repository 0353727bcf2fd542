//! Accepts an invitation, with a password of one's own.

use rolewright_wire::problem::code;
use rolewright_wire::session::{Acceptance, Invitation, InvitationToken, Session};
use yew::prelude::*;

use super::outside::Outside;
use super::passwords;
use crate::api::{Answer, ApiError, Request};
use crate::browser;
use crate::nav::{self, Link};
use crate::route::Route;
use crate::sending::{ask, use_sending};
use crate::session::{Event, use_session};
use crate::states::use_text;
use crate::text;
use crate::widgets::{Banner, Button, Form, Skeleton, TextField, Tone, Variant};

/// The page.
#[component]
pub fn InvitationPage() -> Html {
    let token = use_memo((), |()| browser::token());
    let state = use_state(|| None::<Result<Invitation, ApiError>>);
    {
        let state = state.clone();
        use_effect_with((*token).clone(), move |token| {
            if let Some(token) = token.clone() {
                let request = Request::post("/invitations/inspect", &InvitationToken { token: token.into() });
                ask(request, move |answer| state.set(Some(answer.map(|answer| answer.body))));
            }
        });
    }
    let gone = |text: String| {
        html! {
            <Outside title="This invitation is no longer good" text={html! { text }}>
                <Link to={Route::SignIn} class="button button--secondary">{ "Sign in" }</Link>
            </Outside>
        }
    };
    match (&*token, &*state) {
        (None, _) => gone("The address lacks its token. Open the whole link that you were sent.".to_owned()),
        (_, None) => html! { <Outside title="Your invitation"><Skeleton length="long" /></Outside> },
        (_, Some(Err(error))) if error.code() == code::LINK_GONE || error.status() == 404 => gone(
            "It was used already, has expired or was replaced. Ask the person who invited you for a new link; if you set your password before, sign in.".to_owned(),
        ),
        (_, Some(Err(error))) => html! {
            <Outside title="Your invitation"><Banner tone={Tone::Problem}>{ error.to_string() }</Banner></Outside>
        },
        (Some(token), Some(Ok(invitation))) => {
            html! { <AcceptForm token={token.clone()} invitation={invitation.clone()} /> }
        }
    }
}

#[derive(Properties, PartialEq)]
struct Props {
    token: AttrValue,
    invitation: Invitation,
}

#[component]
fn AcceptForm(props: &Props) -> Html {
    let session = use_session();
    let password = use_text();
    let weak = use_state(|| None::<String>);
    let sending = use_sending();
    let onsubmit = {
        let (password, weak, sending, token) =
            (password.clone(), weak.clone(), sending.clone(), props.token.to_string());
        let session = session.dispatcher();
        Callback::from(move |()| {
            let problem = passwords::problem(&password);
            weak.set(problem.clone());
            if problem.is_some() {
                return;
            }
            let body = Acceptance { token: token.clone().into(), password: (*password).clone().into() };
            let session = session.clone();
            sending.send(Request::post("/invitations/accept", &body), move |answer: Answer<Session>| {
                session.dispatch(Event::Began(Box::new(answer.body)));
                nav::replace_with(&Route::Overview);
            });
        })
    };
    let Invitation { tenant_name, email, first_name, expires, .. } = &props.invitation;
    let greeting =
        if first_name.is_empty() { format!("Join {tenant_name}") } else { format!("Welcome, {first_name}") };
    let rest = sending.beside(&[".password"]);
    let wrong = weak.as_ref().cloned().map(AttrValue::from).or_else(|| sending.at(".password"));
    let set_password = use_callback(password.setter(), |value: String, password| password.set(value));
    html! {
        <Outside title={greeting} text={html! {
            <>{ format!("You are invited to {tenant_name}. Set a password that only you know. The link is good until {}.", text::moment(*expires)) }</>
        }}>
            <Form {onsubmit}>
                <div class="slot">
                    if let Some(rest) = rest {
                        <Banner tone={Tone::Problem}>{ rest }</Banner>
                    }
                </div>
                <TextField label="Email" kind="email" autocomplete="username" value={email.clone()} oninput={Callback::noop()} fixed=true />
                <TextField label="Password" kind="password" autocomplete="new-password" required=true autofocus=true
                    hint={passwords::hint()} value={(*password).clone()} oninput={set_password} error={wrong} />
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()}>{ "Set password" }</Button>
            </Form>
        </Outside>
    }
}
