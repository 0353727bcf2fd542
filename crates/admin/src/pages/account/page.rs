//! The page.

use rolewright_model::Change;
use yew::prelude::*;

use super::email::EmailForm;
use super::name::NameForm;
use super::password::PasswordForm;
use super::second_factor::SecondFactor;
use super::sessions::OwnSessions;
use crate::access::use_access;
use crate::frame::{PageHead, use_title};
use crate::session::use_session;
use crate::widgets::Empty;

/// The page.
#[component]
pub fn AccountPage() -> Html {
    use_title("Your account");
    let session = use_session();
    let access = use_access();
    let Some(person) = session.current() else { return html! {} };
    if person.view.is_some() {
        return html! {
            <Empty key="viewing" icon="lock" title="Nobody's own account is shown here"
                text="You are viewing as somebody else. Exit to see your own account." page=true />
        };
    }
    let own_email = Change::SetEmail { id: person.user.clone(), email: person.email.clone() };
    let changes_email = access.is_some_and(|access| access.permit(&own_email).is_ok());
    let part = |id: &'static str, title: &'static str, text: &'static str, body: Html| {
        html! {
            <section class="account__part" aria-labelledby={id}>
                <div class="account__words">
                    <h2 class="account__title" {id}>{ title }</h2>
                    <p class="muted">{ text }</p>
                </div>
                <div class="account__body">{ body }</div>
            </section>
        }
    };
    html! {
        <div class="page__content" key="account">
            <PageHead title="Your account" text={html! { format!("{}, at {}", person.email, person.tenant_name) }} />
            { part("account-name", "Name", if changes_email { "What others see of you." } else { "What others see of you. An administrator changes your email address." },
                html! { <NameForm key="name" /> }) }
            if changes_email {
                { part("account-email", "Email", "You sign in with it. Changing it ends every other session of yours, and the address before is told.",
                    html! { <EmailForm key="email" /> }) }
            }
            { part("account-password", "Password", "Changing it ends every other session of yours.",
                html! { <PasswordForm key="password" /> }) }
            { part("account-factor", "Second factor", "A code from an app on your phone, beside the password. Who has your password alone cannot sign in then.",
                html! { <SecondFactor key="factor" /> }) }
            { part("account-sessions", "Sessions", "Where you are signed in. End what you do not know, and change your password.",
                html! { <OwnSessions key="sessions" /> }) }
        </div>
    }
}
