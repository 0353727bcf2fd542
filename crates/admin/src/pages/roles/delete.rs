//! The dialog that deletes a role, or says what is in the way and mends it.

use rolewright_model::change::Change;
use rolewright_model::refusal::Code;
use rolewright_wire::role::RoleView;
use serde::de::IgnoredAny;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::{Answer, Request};
use crate::pages::audit::use_saying;
use crate::sending::use_sending;
use crate::text;
use crate::widgets::{Banner, Button, Dialog, Tone, Variant};

/// The values of the choices that are no role: none has a space in its id.
const UNCHOSEN: &str = " ";
const NONE: &str = " none";

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The role.
    pub view: RoleView,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when the role is gone.
    pub ondeleted: Callback<()>,
}

/// The dialog.
#[component]
pub fn DeleteDialog(props: &Props) -> Html {
    let access = use_access();
    let (sending, saying) = (use_sending(), use_saying());
    let with = use_state(|| None::<String>);
    let role = &props.view.role;
    let refusal =
        access.as_ref().and_then(|access| access.permit(&Change::DeleteRole { id: role.id.clone() }).err());
    let in_package = refusal.as_ref().is_some_and(|refusal| refusal.code == Code::RoleInPackage);
    let path = format!("/roles/{}", js_sys::encode_uri_component(&role.id));
    let delete = {
        let (path, sending, name) = (path.clone(), sending.clone(), role.name.clone());
        let (holders, revision) = (props.view.holders, props.view.revision);
        let ondeleted = props.ondeleted.clone();
        // Taking it out of its packages and deleting it is one change: all of it or nothing.
        let query = with
            .as_ref()
            .filter(|_| in_package)
            .map(|with| format!("?replace_with={}", String::from(js_sys::encode_uri_component(with))));
        let address = format!("{path}{}", query.unwrap_or_default());
        Callback::from(move |_: MouseEvent| {
            let (deleting, address, name, ondeleted) =
                (sending.clone(), address.clone(), name.clone(), ondeleted.clone());
            sending.send(Request::get(&*path), move |read: Answer<RoleView>| {
                // What the person saw is what they delete: a role edited meanwhile is a conflict.
                let etag = read
                    .etag
                    .filter(|_| read.body.revision == revision)
                    .unwrap_or_else(|| "\"seen-before\"".to_owned());
                deleting.send(Request::delete(address, Some(&etag)), move |answer: Answer<IgnoredAny>| {
                    let deleted = match holders {
                        0 => format!("Deleted {name}. Nobody held it."),
                        n => format!(
                            "Deleted {name}. {} no longer {} it.",
                            text::count(n, "person", "people"),
                            if n == 1 { "holds" } else { "hold" }
                        ),
                    };
                    saying.done(deleted, answer.made);
                    ondeleted.emit(());
                });
            });
        })
    };
    let onwith = {
        let with = with.setter();
        Callback::from(move |event: web_sys::Event| {
            let value = event.target_dyn_into::<web_sys::HtmlSelectElement>().map(|select| select.value());
            with.set(
                value
                    .filter(|value| value != UNCHOSEN)
                    .map(|value| if value == NONE { String::new() } else { value }),
            );
        })
    };
    let others: Vec<(String, String)> = access
        .as_ref()
        .and_then(|access| access.policy())
        .map(|policy| {
            let fits = |other: &&rolewright_model::role::RoleDocument| {
                other.id != role.id
                    && !other.superuser
                    && other.audience == rolewright_model::role::Audience::User
            };
            policy.roles().filter(fits).map(|other| (other.id.clone(), other.name.clone())).collect()
        })
        .unwrap_or_default();
    let policy = access.as_ref().and_then(|access| access.policy());
    let packages: Vec<&str> = props
        .view
        .packages
        .iter()
        .map(|id| policy.map_or(id.as_str(), |policy| policy.package_name(id)))
        .collect();
    let held = match props.view.holders {
        0 => "Nobody holds this role now.".to_owned(),
        n => format!(
            "{} this role now and {} what only this role gives.",
            text::count(n, "person holds", "people hold"),
            if n == 1 { "loses" } else { "lose" }
        ),
    };
    let unchosen = (in_package && with.is_none())
        .then_some(AttrValue::Static("Choose what the packages carry instead."));
    let blocked = refusal
        .as_ref()
        .filter(|_| !in_package)
        .map(|refusal| text::sentence(&text::plain(&refusal.message)));
    html! {
        <Dialog title={format!("Delete {}?", role.name)} alert=true onclose={props.onclose.clone()} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                if blocked.is_none() {
                    <Button variant={Variant::Danger} busy={sending.is_busy()} refused={unchosen} tip_end=true onclick={delete}>
                        { if in_package { "Replace and delete" } else { "Delete role" } }
                    </Button>
                }
            </>
        }}>
            if let Some(blocked) = blocked {
                <Banner tone={Tone::Caution}>{ blocked }</Banner>
            } else if in_package {
                <Banner tone={Tone::Caution}>
                    { format!("{}: {}. It is replaced there and deleted in one step.",
                        if packages.len() == 1 { "This package carries the role" } else { "These packages carry the role" }, packages.join(", ")) }
                </Banner>
                <p>{ held }</p>
                <label class="field">
                    <span class="field__label">{ if packages.len() == 1 { "In this package, carry instead" } else { "In these packages, carry instead" } }</span>
                    <select class="select" onchange={onwith}>
                        <option value={UNCHOSEN} selected={with.is_none()} disabled=true>{ "Choose" }</option>
                        <option value={NONE} selected={with.as_deref() == Some("")}>{ "No other role" }</option>
                        { for others.iter().map(|(id, name)| html! {
                            <option key={id.clone()} value={id.clone()} selected={with.as_ref() == Some(id)}>{ name.clone() }</option>
                        }) }
                    </select>
                </label>
            } else {
                <p>
                    { held }
                    { " This cannot be undone here; the change log keeps what it granted." }
                </p>
            }
            <div class="slot">
                if let Some(error) = sending.failure() {
                    <Banner tone={Tone::Problem}>{ error.to_string() }</Banner>
                }
            </div>
        </Dialog>
    }
}
