//! Begins a session.

use rolewright_wire::problem::code;
use rolewright_wire::session::{Session, SignIn};
use yew::prelude::*;

use super::outside::Outside;
use crate::api::Request;
use crate::nav::{self, Link};
use crate::route::Route;
use crate::router::use_route;
use crate::sending::{Told, use_sending};
use crate::session::{Auth, Event, use_session};
use crate::states::{use_flag, use_text};
use crate::widgets::{Banner, Button, Form, TextField, Tone, Variant};

/// The page. Where another page was asked for, that one stays in the address and is shown afterwards.
#[component]
pub fn SignInPage() -> Html {
    let session = use_session();
    let route = use_route();
    {
        let done = matches!(&*session, Auth::In { .. }) && route == Route::SignIn;
        use_effect_with(done, move |done| {
            if *done {
                nav::replace_with(&Route::Overview);
            }
        });
    }
    html! {
        <Outside title="Sign in" text={html! { "Say who may do what." }}>
            <SignInForm />
            <Link to={Route::PasswordReset} class="outside__more">{ "Forgot your password?" }</Link>
        </Outside>
    }
}

/// The form, also in the dialog of a session that ended.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who signed in before.
    #[prop_or_default]
    pub email: AttrValue,
}

/// The form.
#[component]
pub fn SignInForm(props: &Props) -> Html {
    let session = use_session();
    let email = {
        let known = props.email.to_string();
        use_state(move || known)
    };
    let password = use_text();
    // Asked for once the server says that the account has a second factor.
    let (needs_code, shown) = (use_flag(), use_text());
    let (sending, tried) = (use_sending(), use_flag());
    let missing = |text: &str, words: &'static str| {
        (*tried && text.trim().is_empty()).then_some(AttrValue::Static(words))
    };
    let is_missed =
        email.trim().is_empty() || password.is_empty() || (*needs_code && shown.trim().is_empty());
    let onsubmit = {
        let (session, email, password, sending) =
            (session.dispatcher(), email.clone(), password.clone(), sending.clone());
        let (needs_code, shown, tried) = (needs_code.clone(), shown.clone(), tried.clone());
        Callback::from(move |()| {
            tried.set(is_missed);
            if is_missed {
                sending.forget();
                return;
            }
            let password = (*password).clone().into();
            let said = Some(shown.trim()).filter(|code| !code.is_empty()).map(|code| code.to_owned().into());
            let body = SignIn { email: email.trim().to_owned(), password, code: said };
            let (session, needs_code, failing) = (session.clone(), needs_code.clone(), sending.clone());
            sending.ask(Request::post("/session", &body), move |answer: Told<Session>| match answer {
                Ok(answer) => session.dispatch(Event::Began(Box::new(answer.body))),
                Err(problem) if problem.code() == code::SECOND_FACTOR_NEEDED && !*needs_code => {
                    failing.forget();
                    needs_code.set(true);
                }
                Err(problem) => failing.fail(problem),
            });
        })
    };
    let known = !props.email.is_empty();
    let set_email = use_callback(email.setter(), |value: String, email| email.set(value));
    let set_password = use_callback(password.setter(), |value: String, password| password.set(value));
    let set_code = use_callback(shown.setter(), |value: String, shown| shown.set(value));
    html! {
        <Form {onsubmit}>
            <div class="slot">
                if let Some(error) = sending.failure() {
                    <Banner tone={Tone::Problem}>{ error.to_string() }</Banner>
                }
            </div>
            <TextField label="Email" kind="email" autocomplete="username" value={(*email).clone()} oninput={set_email}
                required=true fixed={known} autofocus={!known} error={missing(&email, "Write your email address.")} />
            <TextField label="Password" kind="password" autocomplete="current-password" value={(*password).clone()}
                oninput={set_password} required=true autofocus={known}
                error={(*tried && password.is_empty()).then_some(AttrValue::Static("Write your password."))} />
            <div class="slot">
                if *needs_code {
                    <TextField label="Code" autocomplete="one-time-code" value={(*shown).clone()} oninput={set_code}
                        hint="From your authenticator, or one of your recovery codes." required=true autofocus=true
                        error={missing(&shown, "Write the code.")} />
                }
            </div>
            <Button variant={Variant::Primary} submit=true busy={sending.is_busy()}>{ "Sign in" }</Button>
        </Form>
    }
}
