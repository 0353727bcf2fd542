//! The dialog that deletes a role, or says what is in the way and mends it.

use rolewright_model::change::Change;
use rolewright_model::refusal::Code;
use rolewright_wire::Accepted;
use rolewright_wire::role::{Replacement, RoleView};
use yew::prelude::*;

use crate::access::use_access;
use crate::api;
use crate::states::{use_failure, use_flag, use_text};
use crate::text;
use crate::toast::use_toaster;
use crate::widgets::{Banner, Button, Dialog, Tone, Variant};

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
    let toaster = use_toaster();
    let busy = use_flag();
    let error = use_failure();
    let with = use_text();
    let role = &props.view.role;
    let refusal =
        access.as_ref().and_then(|access| access.permit(&Change::DeleteRole { id: role.id.clone() }).err());
    let in_package = refusal.as_ref().is_some_and(|refusal| refusal.code == Code::RoleInPackage);
    let path = format!("/roles/{}", js_sys::encode_uri_component(&role.id));
    let delete = {
        let (busy, error, toaster) = (busy.clone(), error.clone(), toaster.clone());
        let (path, name, revision) = (path.clone(), role.name.clone(), props.view.revision);
        let ondeleted = props.ondeleted.clone();
        let (holders, with) = (props.view.holders, (*with).clone());
        Callback::from(move |_: MouseEvent| {
            if *busy {
                return;
            }
            busy.set(true);
            let (busy, error, toaster, path, name, ondeleted) =
                (busy.clone(), error.clone(), toaster.clone(), path.clone(), name.clone(), ondeleted.clone());
            let with = with.clone();
            wasm_bindgen_futures::spawn_local(async move {
                let done = async {
                    if in_package {
                        let body = Replacement { with: Some(with).filter(|with| !with.is_empty()) };
                        api::post::<_, Accepted>(&format!("{path}/replace"), &body).await?;
                    }
                    let read = api::get::<RoleView>(&path).await?;
                    // What the person saw is what they delete: a role edited meanwhile is a conflict.
                    let etag = if in_package {
                        read.etag
                    } else {
                        Some(
                            read.etag
                                .filter(|_| read.body.revision == revision)
                                .unwrap_or_else(|| "\"seen-before\"".to_owned()),
                        )
                    };
                    api::delete(&path, etag.as_deref()).await
                };
                match done.await {
                    Ok(()) => {
                        toaster.say(match holders {
                            0 => format!("Deleted {name}. Nobody held it."),
                            n => format!(
                                "Deleted {name}. {} no longer {} it.",
                                text::count(n, "person", "people"),
                                if n == 1 { "holds" } else { "hold" }
                            ),
                        });
                        ondeleted.emit(());
                    }
                    Err(problem) => error.set(Some(problem)),
                }
                busy.set(false);
            });
        })
    };
    let onwith = {
        let with = with.setter();
        Callback::from(move |event: web_sys::Event| {
            let value = event.target_dyn_into::<web_sys::HtmlSelectElement>().map(|select| select.value());
            with.set(value.unwrap_or_default());
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
    let packages = u64::try_from(props.view.packages.len()).unwrap_or_default();
    let blocked = refusal
        .as_ref()
        .filter(|_| !in_package)
        .map(|refusal| text::sentence(&text::plain(&refusal.message)));
    html! {
        <Dialog title={format!("Delete {}?", role.name)} alert=true onclose={props.onclose.clone()} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                if blocked.is_none() {
                    <Button variant={Variant::Danger} busy={*busy} onclick={delete}>
                        { if in_package { "Replace and delete" } else { "Delete role" } }
                    </Button>
                }
            </>
        }}>
            if let Some(blocked) = blocked {
                <Banner tone={Tone::Caution}>{ blocked }</Banner>
            } else if in_package {
                <Banner tone={Tone::Caution}>
                    { format!("{} cannot be deleted while {} it. Replace it there, and it is deleted in the same step.", role.name,
                        if packages == 1 { "a package carries".to_owned() } else { format!("{packages} packages carry") }) }
                </Banner>
                <label class="field">
                    <span class="field__label">{ "In these packages, carry instead" }</span>
                    <select class="select" onchange={onwith}>
                        <option value="" selected={with.is_empty()}>{ "No other role" }</option>
                        { for others.iter().map(|(id, name)| html! {
                            <option key={id.clone()} value={id.clone()} selected={*with == *id}>{ name.clone() }</option>
                        }) }
                    </select>
                </label>
            } else {
                <p>
                    { match props.view.holders {
                        0 => "Nobody holds this role.".to_owned(),
                        n => format!("{} this role and {} what only this role gives.", text::count(n, "person holds", "people hold"), if n == 1 { "loses" } else { "lose" }),
                    } }
                    { " This cannot be undone here; the change log keeps what it granted." }
                </p>
            }
            <div class="slot">
                if let Some(error) = &*error {
                    <Banner tone={Tone::Problem}>{ error.to_string() }</Banner>
                }
            </div>
        </Dialog>
    }
}
