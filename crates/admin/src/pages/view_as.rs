//! Viewing as somebody else: the entry in a menu, and the dialog that asks why.

use rolewright_model::change::Change;
use rolewright_model::{Timestamp, Viewed};
use serde::de::IgnoredAny;
use yew::prelude::*;

use crate::access::{Access, use_access};
use crate::api::{Answer, Request};
use crate::guard::forget_unsaved;
use crate::nav::{self, use_query};
use crate::route::Route;
use crate::sending::use_sending;
use crate::session::{self, use_session};
use crate::states::{use_flag, use_text};
use crate::widgets::{Banner, Button, DialogForm, MenuItem, TextField, Tone, Variant, unsaved};

/// The path at which it begins and ends.
pub const PATH: &str = "/session/view";

/// What an address says where the dialog is asked for, on the page of a person or a role.
pub const ASKED: &str = "view-as";

/// Where the reason stands in what is sent.
const REASON: &str = ".reason";

/// Why somebody may not view as them, as far as a browser can say.
pub fn refused(access: &Access, whom: &Viewed) -> Option<AttrValue> {
    access.reason(&Change::ViewAs { whom: whom.clone(), until: Timestamp::default() })
}

/// The entry in the menu of a person or a role; `told` is why not, beyond what a browser can say.
pub fn item(
    access: Option<&Access>,
    whom: &Viewed,
    told: Option<AttrValue>,
    onpick: Callback<()>,
) -> MenuItem {
    MenuItem {
        label: "View as...".into(),
        icon: "eye".into(),
        danger: false,
        refused: access.and_then(|access| refused(access, whom)).or(told),
        onpick,
    }
}

/// Opens the dialog where the address of the page `here` asks for it, once: Back does not ask for it again.
#[hook]
pub fn use_asked(here: Route, whom: Viewed, can_be_viewed: bool, open: Callback<()>) {
    let access = use_access();
    let query = use_query();
    use_effect_with(query.get(ASKED) == "1", move |asked| {
        if *asked {
            nav::set_query(&here, query.with(&[(ASKED, "")]).as_str());
            if can_be_viewed && access.is_some_and(|access| refused(&access, &whom).is_none()) {
                open.emit(());
            }
        }
    });
}

/// What asks the server whether it may begin.
pub fn begin(whom: &Viewed) -> Request {
    Request::put(PATH, whom, None)
}

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// As whom.
    pub whom: Viewed,
    /// What people call them.
    pub name: AttrValue,
    /// Told when it closes.
    pub onclose: Callback<()>,
}

/// The dialog.
#[component]
pub fn ViewAsDialog(props: &Props) -> Html {
    let session = use_session();
    let (sending, reason, missing) = (use_sending(), use_text(), use_flag());
    let onsubmit = {
        let (sending, reason, missing) = (sending.clone(), reason.clone(), missing.clone());
        let (session, whom) = (session.dispatcher(), props.whom.clone());
        Callback::from(move |()| {
            missing.set(reason.trim().is_empty());
            if reason.trim().is_empty() {
                return;
            }
            sending.forget();
            let session = session.clone();
            sending.send(begin(&whom).because(reason.trim()), move |_: Answer<IgnoredAny>| {
                forget_unsaved();
                // The page that is open may be none that they see.
                session::ask_then(session, Callback::from(|()| nav::go(&Route::Overview)));
            });
        })
    };
    let oninput = use_callback(reason.setter(), |typed: String, reason| reason.set(typed));
    let error = match *missing && reason.trim().is_empty() {
        true => Some(AttrValue::Static("Write why: it stands in the audit log.")),
        false => sending.at(REASON),
    };
    let said = match props.whom {
        Viewed::User(_) => "You see the whole app as they do, for an hour at most.",
        Viewed::Role(_) => {
            "You see the whole app as somebody does who holds this role for everything, and no other, for an hour at most."
        }
    };
    html! {
        <DialogForm title={format!("View as {}?", props.name)} onclose={props.onclose.clone()} {onsubmit} unsaved={unsaved(&[&reason])} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} icon="eye" submit=true busy={sending.is_busy()}>{ "View" }</Button>
            </>
        }}>
            <div class="slot">
                if let Some(rest) = sending.beside(&[REASON]) {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <p>{ said }{ " Nothing can be changed meanwhile. Beginning and end stand in the audit log." }</p>
            <TextField label="Reason" required=true autofocus=true autocomplete="off" value={(*reason).clone()} {oninput} {error} />
        </DialogForm>
    }
}
