//! Notices: that something changed which a person signs in with, or that the account is gone. They go out after it has changed, and
//! where there is no mail server not at all.

use rolewright_model::{Change, State, Timestamp};

use super::Recipient;
use super::message::{self, Message};
use crate::app::App;
use crate::scim::user::leads_nowhere;
use crate::tenant::Tenant;

/// Writes a notice: of the tenant's name, the account's email and the time.
pub type Kind = fn(&str, &str, Timestamp) -> Message;

pub use message::{
    account_deleted, email_changed, email_is_yours, own_email_changed, password_changed, password_set,
    recovery_codes_renewed, second_factor_off, second_factor_on, second_factor_replaced, second_factor_reset,
};

/// Tells a person, at the address that the account has.
pub fn tell(app: &App, tenant: &Tenant, user: &str, kind: Kind, when: Timestamp) {
    let loaded = tenant.loaded();
    let user = loaded.state.documents().directory.users.get(user);
    if let Some(user) = user {
        tell_at(app, tenant, &Recipient::of(user), kind, when);
    }
}

/// Tells a person, at an address that may be no longer the account's.
fn tell_at(app: &App, tenant: &Tenant, to: &Recipient, kind: Kind, when: Timestamp) {
    let Some(mailer) = &app.config.mail else { return };
    let message = kind(&tenant.loaded().state.documents().settings.name, &to.address, when);
    mailer.send_later(to.clone(), message);
}

/// A notice that is due, once the change is made.
#[derive(Debug)]
pub struct Due {
    /// To whom it goes: an address that may be no longer the account's.
    to: Recipient,
    kind: Kind,
}

/// What a change of that state is told to the people whose accounts it moves to another address or deletes: at the address
/// before and at the new one. Who does not sign in here is told nothing, and an address that an identity provider did not
/// say leads nowhere.
#[must_use]
pub fn due(change: &Change, state: &State) -> Vec<Due> {
    let known = |id: &String| state.documents().directory.users.get(id).filter(|user| user.sign_in);
    let to = |user: &str, email: &str, kind: Kind| {
        let leads_there = !email.is_empty() && !leads_nowhere(email);
        let to = Recipient { user: user.to_owned(), address: email.to_owned() };
        leads_there.then_some(Due { to, kind })
    };
    let moved = |id: &String, email: &str, kind: Kind| {
        let Some(before) = known(id).filter(|before| before.email != email) else { return Vec::new() };
        [to(id, &before.email, kind), to(id, email, email_is_yours)].into_iter().flatten().collect()
    };
    match change {
        Change::Batch { changes } => changes.iter().flat_map(|change| due(change, state)).collect(),
        Change::PutBack { documents } => {
            let singles = documents.singles(state.documents());
            singles.iter().flat_map(|single| due(single, state)).collect()
        }
        Change::UpdateUser { user } => moved(&user.id, &user.email, email_changed),
        Change::SetEmail { id, email } => moved(id, email, own_email_changed),
        Change::DeleteUser { id } => {
            known(id).and_then(|before| to(id, &before.email, account_deleted)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Sends them.
pub fn tell_due(app: &App, tenant: &Tenant, all: &[Due], when: Timestamp) {
    all.iter().for_each(|due| tell_at(app, tenant, &due.to, due.kind, when));
}
