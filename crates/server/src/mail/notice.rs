//! Notices: that something changed which a person signs in with. They go out after it has changed, and
//! where there is no mail server not at all.

use rolewright_model::{Change, State, Timestamp};

use super::message::{self, Message};
use crate::app::App;
use crate::tenant::Tenant;

/// Writes a notice: of the tenant's name, the account's e-mail and the time.
pub type Kind = fn(&str, &str, Timestamp) -> Message;

pub use message::{
    email_changed, password_changed, password_set, recovery_codes_renewed,
    second_factor_off, second_factor_on, second_factor_replaced, second_factor_reset,
};

/// Tells a person, at the address that the account has.
pub fn tell(app: &App, tenant: &Tenant, user: &str, kind: Kind, when: Timestamp) {
    let loaded = tenant.loaded();
    let user = loaded.state.documents().directory.users.get(user);
    if let Some(user) = user {
        tell_at(app, tenant, &user.email, kind, when);
    }
}

/// Tells a person, at an address that may be no longer the account's.
pub fn tell_at(app: &App, tenant: &Tenant, email: &str, kind: Kind, when: Timestamp) {
    let Some(mailer) = &app.config.mail else { return };
    let message = kind(&tenant.loaded().state.documents().settings.name, email, when);
    mailer.send_later(email.to_owned(), message);
}

/// The addresses that the change takes accounts away from, as that state has them.
#[must_use]
pub fn addresses_left(change: &Change, state: &State) -> Vec<String> {
    match change {
        Change::Batch { changes } => {
            changes.iter().flat_map(|change| addresses_left(change, state)).collect()
        }
        Change::PutBack { documents } => {
            let singles = documents.singles(state.documents());
            singles.iter().flat_map(|single| addresses_left(single, state)).collect()
        }
        Change::UpdateUser { user } => {
            let before = state.documents().directory.users.get(&user.id).map(|before| before.email.clone());
            before.filter(|before| !before.is_empty() && *before != user.email).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Tells those addresses that the accounts have others now.
pub fn tell_left(app: &App, tenant: &Tenant, left: &[String], when: Timestamp) {
    left.iter().for_each(|left| tell_at(app, tenant, left, email_changed, when));
}
