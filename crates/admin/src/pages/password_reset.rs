//! A forgotten password: asks for the link, and sets a new one with it.

use rolewright_model::directory::not_an_email;
use rolewright_wire::problem::code;
use rolewright_wire::session::{
    ForgottenPassword, NewPassword, PasswordReset, PasswordResetToken, PasswordResets,
};
use yew::prelude::*;

use super::outside::Outside;
use super::passwords;
use crate::api::{self, Answer, ApiError, Request};
use crate::nav::Link;
use crate::resource::{Resource, use_resource};
use crate::route::Route;
use crate::sending::{ask, use_sending};
use crate::states::{use_flag, use_text};
use crate::widgets::{Banner, Button, Form, Skeleton, TextField, Tone, Variant};
use crate::{browser, tenant, text};

/// The page: with a token in its address it sets the password, without one it asks for the link.
#[component]
pub fn PasswordResetPage() -> Html {
    let token = use_memo((), |()| browser::token());
    let state = use_state(|| None::<Result<PasswordReset, ApiError>>);
    {
        let state = state.clone();
        use_effect_with((*token).clone(), move |token| {
            if let Some(token) = token.clone() {
                let request =
                    Request::post("/password-resets/inspect", &PasswordResetToken { token: token.into() });
                ask(request, move |answer| state.set(Some(answer.map(|answer| answer.body))));
            }
        });
    }
    match (&*token, &*state) {
        (None, _) => html! { <AskForm /> },
        (_, None) => html! { <Outside title="Set a new password"><Skeleton length="long" /></Outside> },
        (_, Some(Err(error))) if error.code() == code::LINK_GONE => html! {
            <Outside title="This link is no longer good"
                text={html! { "It was used already, has expired or was replaced. Ask for a new one." }}>
                // The same page without a token: it is loaded anew.
                <a href={tenant::address("/password-reset")} class="button button--secondary">{ "Ask for a new link" }</a>
            </Outside>
        },
        (_, Some(Err(error))) => html! {
            <Outside title="Set a new password"><Banner tone={Tone::Problem}>{ error.to_string() }</Banner></Outside>
        },
        (Some(token), Some(Ok(reset))) => {
            html! { <SetForm token={token.clone()} reset={reset.clone()} /> }
        }
    }
}

/// Whether this server mails links that set a password.
#[hook]
pub fn use_password_resets() -> Resource<PasswordResets> {
    use_resource((), |()| async {
        api::get::<PasswordResets>("/password-resets").await.map(|answer| answer.body)
    })
}

/// Asks for the link.
#[component]
fn AskForm() -> Html {
    let email = use_text();
    let (sending, asked) = (use_sending(), use_flag());
    let wrong = use_state(|| None::<AttrValue>);
    let offered = use_password_resets();
    let onsubmit = {
        let (email, sending, asked) = (email.clone(), sending.clone(), asked.setter());
        let wrong = wrong.setter();
        Callback::from(move |()| {
            let problem = problem(email.trim());
            wrong.set(problem.clone());
            if problem.is_some() {
                return;
            }
            let body = ForgottenPassword { email: email.trim().to_owned() };
            let asked = asked.clone();
            sending.send(Request::post("/password-resets", &body), move |_: Answer<()>| asked.set(true));
        })
    };
    let set_email = {
        let (email, wrong, sending) = (email.setter(), wrong.setter(), sending.clone());
        Callback::from(move |value: String| {
            email.set(value);
            wrong.set(None);
            sending.forget();
        })
    };
    let back = html! { <Link to={Route::SignIn} class="outside__more">{ "Back to sign in" }</Link> };
    if *asked {
        return html! {
            <Outside key="asked" title="Look into your mailbox" text={html! {
                format!("If {} may sign in here, a mail with a link is on its way. The link works once, for 10 minutes; while it is good, no other is sent.", email.trim())
            }}>
                { back }
            </Outside>
        };
    }
    if offered.data.is_none() && offered.error.is_none() {
        return html! { <Outside key="opening" title="Forgot your password?"><Skeleton length="long" /></Outside> };
    }
    if offered.data.as_ref().is_some_and(|offered| !offered.mailed) {
        return html! {
            <Outside key="none" title="Forgot your password?" text={html! {
                "This server sends no mail, so no link can be asked for here. Ask who runs it: they can make you a link to set a new password."
            }}>
                { back }
            </Outside>
        };
    }
    html! {
        <Outside key="ask" title="Forgot your password?" text={html! { "Write your email address, and you get a link to set a new one." }}>
            <Form {onsubmit}>
                <div class="slot">
                    if let Some(rest) = sending.beside(&[".email"]) {
                        <Banner tone={Tone::Problem}>{ rest }</Banner>
                    }
                </div>
                <TextField label="Email" kind="email" autocomplete="username" required=true autofocus=true
                    value={(*email).clone()} oninput={set_email} error={(*wrong).clone().or_else(|| sending.at(".email"))} />
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()}>{ "Send link" }</Button>
            </Form>
            { back }
        </Outside>
    }
}

/// What is wrong with an address as it was typed.
fn problem(email: &str) -> Option<AttrValue> {
    if email.is_empty() {
        return Some(AttrValue::Static("Write your email address."));
    }
    let why = not_an_email(email)?;
    Some(text::sentence(&text::plain(&format!("`{email}` is not an email address: {why}"))).into())
}

#[derive(Properties, PartialEq)]
struct Props {
    token: AttrValue,
    reset: PasswordReset,
}

/// Sets the password.
#[component]
fn SetForm(props: &Props) -> Html {
    let (password, shown) = (use_text(), use_text());
    let (sending, done) = (use_sending(), use_flag());
    let weak = use_state(|| None::<String>);
    let onsubmit = {
        let (password, shown, weak) = (password.clone(), shown.clone(), weak.clone());
        let (sending, done, token) = (sending.clone(), done.setter(), props.token.to_string());
        Callback::from(move |()| {
            let problem = passwords::problem(&password);
            weak.set(problem.clone());
            if problem.is_some() {
                return;
            }
            let code = Some(shown.trim()).filter(|code| !code.is_empty()).map(|code| code.to_owned().into());
            let body =
                NewPassword { token: token.clone().into(), password: (*password).clone().into(), code };
            let done = done.clone();
            sending
                .send(Request::post("/password-resets/accept", &body), move |_: Answer<()>| done.set(true));
        })
    };
    if *done {
        return html! {
            <Outside key="done" title="Your password is set" text={html! { "Every session of yours was ended. Sign in with the new password." }}>
                <Link to={Route::SignIn} class="button button--primary">{ "Sign in" }</Link>
            </Outside>
        };
    }
    let rest = sending.beside(&[".password"]);
    let wrong = weak.as_ref().cloned().map(AttrValue::from).or_else(|| sending.at(".password"));
    let set_password = use_callback(password.setter(), |value: String, password| password.set(value));
    let set_code = use_callback(shown.setter(), |value: String, shown| shown.set(value));
    let PasswordReset { tenant_name, email, second_factor, expires } = &props.reset;
    html! {
        <Outside key="set" title="Set a new password" text={html! {
            format!("For your account at {tenant_name}. The link is good until {}.", text::moment(*expires))
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
                if *second_factor {
                    <TextField label="Code" autocomplete="one-time-code" required=true value={(*shown).clone()} oninput={set_code}
                        hint="From your authenticator, or one of your recovery codes." />
                }
                <Button variant={Variant::Primary} submit=true busy={sending.is_busy()}>{ "Set password" }</Button>
            </Form>
        </Outside>
    }
}
