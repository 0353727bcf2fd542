//! Makes those who have not accepted yet a new link each, and sends it.

use std::rc::Rc;

use rolewright_wire::bulk::PersonEdit;
use yew::prelude::*;

use super::dialog::BulkDialog;
use crate::pages::users::chosen::Chosen;
use crate::states::use_flag;
use crate::widgets::{Checkbox, Ticked};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who.
    pub chosen: Rc<Chosen>,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when some of it is done.
    pub ondone: Callback<()>,
}

/// The dialog.
#[component]
pub fn InvitationsDialog(props: &Props) -> Html {
    let again = use_flag();
    let edit = PersonEdit { invite: true, again: *again, ..PersonEdit::default() };
    let onchange = use_callback(again.setter(), |on: bool, again| again.set(on));
    html! {
        <BulkDialog title={format!("Send invitations to {}?", props.chosen.words())} chosen={props.chosen.clone()} {edit} verb="Send invitations"
            onclose={props.onclose.clone()} ondone={props.ondone.clone()}>
            <p>{ "Who has not accepted yet gets a new link that works once. The one before it ends." }</p>
            <Checkbox ticked={Ticked::from(*again)} {onchange}>{ "Also where a link was made within the last 10 minutes" }</Checkbox>
        </BulkDialog>
    }
}
