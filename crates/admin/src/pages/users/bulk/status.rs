//! Disables many people, or activates them again.

use std::rc::Rc;

use rolewright_model::directory::Status;
use rolewright_wire::bulk::PersonEdit;
use rolewright_wire::user::StatusChange;
use yew::prelude::*;

use super::dialog::BulkDialog;
use crate::pages::password_reset::use_password_resets;
use crate::pages::users::chosen::Chosen;

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether they are disabled.
    pub disable: bool,
    /// Who.
    pub chosen: Rc<Chosen>,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when some of it is done.
    pub ondone: Callback<()>,
}

/// The dialog.
#[component]
pub fn StatusDialog(props: &Props) -> Html {
    let resets = use_password_resets();
    let (status, verb, text) = match props.disable {
        true => (
            Status::Disabled,
            "Disable",
            "Nothing that they hold counts while they are disabled, and their sessions and open invitations end.",
        ),
        false => (Status::Active, "Activate", "What they hold counts again."),
    };
    let edit = PersonEdit { status: Some(StatusChange { status }), ..PersonEdit::default() };
    html! {
        <BulkDialog title={format!("{verb} {}?", props.chosen.words())} chosen={props.chosen.clone()} {edit} {verb} danger={props.disable}
            onclose={props.onclose.clone()} ondone={props.ondone.clone()}>
            <p>{ text }</p>
            if let Some(mailed) = resets.data.as_ref().filter(|_| props.disable).map(|resets| resets.mailed) {
                <p class="table__muted">{ without_password(mailed) }</p>
            }
        </BulkDialog>
    }
}

/// How somebody whose invitation ended with it comes in after all.
fn without_password(mailed: bool) -> &'static str {
    match mailed {
        true => {
            "Who never accepted an invitation has no password: once they are active again, mail them a password link from their page."
        }
        false => {
            "Who never accepted an invitation has no password, and this server sends no mail: once they are active again, whoever runs it makes them a link."
        }
    }
}
