//! Creates the first superuser, from the one-time link.

use rolewright_wire::problem::code;
use rolewright_wire::session::{FirstRun, Session, Setup, SetupToken};
use yew::prelude::*;

use super::outside::Outside;
use super::passwords;
use crate::api::{Answer, ApiError, Request};
use crate::browser;
use crate::nav::{self, Link};
use crate::route::Route;
use crate::sending::{ask, use_sending};
use crate::session::{Event, use_session};
use crate::widgets::{Banner, Button, Form, Skeleton, TextField, Tone, Variant};

/// The fields that show their own errors.
const FIELDS: [&str; 4] = [".email", ".first_name", ".last_name", ".password"];

#[derive(Clone, Default, PartialEq)]
struct Filled {
    email: String,
    first_name: String,
    last_name: String,
    password: String,
}

/// The page.
#[component]
pub fn SetupPage() -> Html {
    let token = use_memo((), |()| browser::token());
    let state = use_state(|| None::<Result<FirstRun, ApiError>>);
    {
        let state = state.clone();
        use_effect_with((*token).clone(), move |token| {
            if let Some(token) = token.clone() {
                let request = Request::post("/setup/inspect", &SetupToken { token: token.into() });
                ask(request, move |answer| state.set(Some(answer.map(|answer| answer.body))));
            }
        });
    }
    let closed = |text: &'static str| {
        html! {
            <Outside title="This link is closed" text={html! { text }}>
                <Link to={Route::SignIn} class="button button--secondary">{ "Sign in" }</Link>
            </Outside>
        }
    };
    match (&*token, &*state) {
        (None, _) => closed(
            "The address lacks its token. Copy the whole link as the server or the command printed it, with everything after the #.",
        ),
        (_, None) => html! { <Outside title="Set up"><Skeleton length="long" /></Outside> },
        (_, Some(Err(error))) if error.code() == code::LINK_GONE => closed(
            "A superuser exists already, or the link has expired or was replaced. Sign in, or ask the operator for a new link.",
        ),
        (_, Some(Err(error))) => html! {
            <Outside title="Set up"><Banner tone={Tone::Problem}>{ error.to_string() }</Banner></Outside>
        },
        (Some(token), Some(Ok(link))) => {
            html! { <SetupForm tenant={link.tenant_name.clone()} token={token.clone()} /> }
        }
    }
}

#[derive(Properties, PartialEq)]
struct Props {
    tenant: AttrValue,
    token: AttrValue,
}

#[component]
fn SetupForm(props: &Props) -> Html {
    let session = use_session();
    let form = use_state(Filled::default);
    let weak = use_state(|| None::<String>);
    let sending = use_sending();
    let set = |change: fn(&mut Filled, String)| {
        let form = form.clone();
        Callback::from(move |value: String| {
            let mut next = (*form).clone();
            change(&mut next, value);
            form.set(next);
        })
    };
    let onsubmit = {
        let (form, weak, sending, token) =
            (form.clone(), weak.clone(), sending.clone(), props.token.to_string());
        let session = session.dispatcher();
        Callback::from(move |()| {
            let problem = passwords::problem(&form.password);
            weak.set(problem.clone());
            if problem.is_some() {
                return;
            }
            let body = Setup {
                token: token.clone().into(),
                email: form.email.trim().to_owned(),
                first_name: form.first_name.trim().to_owned(),
                last_name: form.last_name.trim().to_owned(),
                password: form.password.clone().into(),
            };
            let session = session.clone();
            sending.send(Request::post("/setup", &body), move |answer: Answer<Session>| {
                session.dispatch(Event::Began(Box::new(answer.body)));
                nav::replace_with(&Route::Overview);
            });
        })
    };
    let rest = sending.beside(&FIELDS);
    let weak = weak.as_ref().map(|weak| AttrValue::from(weak.clone()));
    html! {
        <Outside title={format!("Set up {}", props.tenant)}
            text={html! { "You become the first superuser: you may do everything here, and invite the others. This link works once." }}>
            <Form {onsubmit}>
                <div class="slot">
                    if let Some(rest) = rest {
                        <Banner tone={Tone::Problem}>{ rest }</Banner>
                    }
                </div>
                <TextField label="Email" kind="email" autocomplete="username" required=true autofocus=true
                    value={form.email.clone()} oninput={set(|form, value| form.email = value)} error={sending.at(".email")} />
                <div class="form__pair">
                    <TextField label="First name" autocomplete="given-name" optional=true
                        value={form.first_name.clone()} oninput={set(|form, value| form.first_name = value)} error={sending.at(".first_name")} />
                    <TextField label="Last name" autocomplete="family-name" optional=true
                        value={form.last_name.clone()} oninput={set(|form, value| form.last_name = value)} error={sending.at(".last_name")} />
                </div>
                <TextField label="Password" kind="password" autocomplete="new-password" required=true hint={passwords::hint()}
                    value={form.password.clone()} oninput={set(|form, value| form.password = value)}
                    error={weak.or_else(|| sending.at(".password"))} />
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()}>{ "Create superuser" }</Button>
            </Form>
        </Outside>
    }
}
