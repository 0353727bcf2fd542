//! The secret of a key: told once, and replaced by another.

use std::rc::Rc;

use rolewright_wire::key::{KeyView, LONGEST_GRACE, Rotation};
use rolewright_wire::secret::Secret;
use serde::Deserialize;
use yew::prelude::*;

use super::keys::address;
use crate::api::{Answer, Request};
use crate::guard::{forget_unsaved, use_unsaved};
use crate::sending::use_sending;
use crate::widgets::{Banner, Button, CopyLine, Dialog, DialogForm, Segment, Segmented, Tone, Variant};

/// Of the answer that tells a secret, what is of use here.
#[derive(Deserialize)]
pub struct Made {
    key: Option<Secret>,
}

impl Made {
    /// The secret.
    pub fn secret(&self) -> AttrValue {
        self.key.as_ref().map(|key| AttrValue::from(key.expose().to_owned())).unwrap_or_default()
    }
}

/// Of which key.
#[derive(Properties, PartialEq)]
pub struct SecretProps {
    /// What it is called.
    pub name: AttrValue,
    /// Its secret.
    pub secret: AttrValue,
    /// Told when it is stored.
    pub onclose: Callback<()>,
}

/// The secret, which is shown this once: the dialog stays until somebody says that it is stored.
#[component]
pub fn SecretDialog(props: &SecretProps) -> Html {
    use_unsaved(Some("The secret of the key is shown only now. Store it before you leave.".to_owned()));
    let onclose = props.onclose.reform(|()| forget_unsaved());
    html! {
        <Dialog title={format!("The secret of {}", props.name)} stays=true onclose={onclose.clone()} footer={html! {
            <Button variant={Variant::Primary} onclick={onclose.reform(|_: MouseEvent| ())}>{ "I have stored it" }</Button>
        }}>
            <p>{ "Store it where the machine that asks with it reads its secrets. It is shown only now: whoever has it may do what the key may." }</p>
            <CopyLine label="API key" value={props.secret.clone()} />
        </Dialog>
    }
}

/// For how long the secret before stays good: its value, its words, and milliseconds.
const GRACES: [(&str, &str, u64); 4] = [
    ("none", "Not at all", 0),
    ("hour", "1 hour", 60 * 60 * 1000),
    ("day", "1 day", 24 * 60 * 60 * 1000),
    ("week", "7 days", LONGEST_GRACE),
];

/// Of which key.
#[derive(Properties, PartialEq)]
pub struct RotateProps {
    /// The key.
    pub view: Rc<KeyView>,
    /// Told when the dialog closes.
    pub onclose: Callback<()>,
    /// Told the key's name and its new secret.
    pub ontold: Callback<(AttrValue, AttrValue)>,
    /// Told when it has one.
    pub ondone: Callback<()>,
}

/// Gives a key a new secret.
#[component]
pub fn RotateDialog(props: &RotateProps) -> Html {
    let sending = use_sending();
    let grace = use_state(|| AttrValue::Static("day"));
    let chosen = GRACES.iter().find(|(id, ..)| *grace == *id);
    let onsubmit = {
        let (sending, view, grace) = (sending.clone(), props.view.clone(), chosen.map_or(0, |(.., ms)| *ms));
        let (ontold, ondone) = (props.ontold.clone(), props.ondone.clone());
        Callback::from(move |()| {
            let (ontold, ondone, name) = (ontold.clone(), ondone.clone(), view.name.clone());
            let request = Request::post(address(&view.id) + "/rotate", &Rotation { grace });
            sending.send(request, move |answer: Answer<Made>| {
                ondone.emit(());
                ontold.emit((name.into(), answer.body.secret()));
            });
        })
    };
    let segments: Rc<[Segment]> = GRACES
        .iter()
        .map(|(id, label, _)| Segment {
            id: (*id).into(),
            label: (*label).into(),
            description: "".into(),
            inherited: false,
        })
        .collect();
    let onchange = use_callback(grace.setter(), |id: AttrValue, grace| grace.set(id));
    html! {
        <DialogForm title={format!("Give {} a new secret?", props.view.name)} onclose={props.onclose.clone()} {onsubmit} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true autofocus=true busy={sending.is_busy()}>{ "Make new secret" }</Button>
            </>
        }}>
            <div class="slot">
                if let Some(failure) = sending.failure() {
                    <Banner tone={Tone::Problem}>{ failure.to_string() }</Banner>
                }
            </div>
            <p>{ "What asks with the key needs the new secret before the present one ends." }</p>
            <div class="field">
                <span class="field__label">{ "The present secret stays good" }</span>
                <Segmented label="The present secret stays good" {segments} value={(*grace).clone()} {onchange} />
            </div>
            if props.view.former_until.is_some() {
                <p class="field__hint">{ "The secret before that ends at once." }</p>
            }
        </DialogForm>
    }
}
