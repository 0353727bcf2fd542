//! The switch that assigns a role to everyone: off, or on for anyone at the tenant. What it does is said before it is done.

use rolewright_model::change::Change;
use rolewright_wire::assignment::{AssignmentView, PrincipalKind};
use rolewright_wire::role::RoleView;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::{auto_assignment, waiting};
use crate::access::use_access;
use crate::api::Request;
use crate::browser;
use crate::pages::confirm::ConfirmDialog;
use crate::sending::{Told, ask};
use crate::session::use_session;
use crate::toast;
use crate::widgets::{Button, Icon, Variant};

const ON: &str = "anyone";
const OFF: &str = "off";

/// Whose switch.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The role.
    pub view: RoleView,
    /// Shows it anew.
    pub reload: Callback<()>,
}

/// What is asked before it is done.
#[derive(Clone, PartialEq)]
enum Asking {
    Nothing,
    On,
    /// The assignment's id and its version.
    Off(String, Option<String>),
}

/// The switch.
#[component]
pub fn AutoAssign(props: &Props) -> Html {
    let access = use_access();
    let session = use_session();
    let asking = use_state(|| Asking::Nothing);
    let node = use_node_ref();
    let role = &props.view.role;
    let on = props.view.assigned.auto_assign.clone();
    let tenant = session.current().map(|session| session.tenant_name.clone()).unwrap_or_default();
    let anyone = format!("Anyone at {tenant}");
    let shown = match (&*asking, &on) {
        (Asking::On, _) | (Asking::Nothing, Some(_)) => ON,
        (Asking::Off(..), _) | (Asking::Nothing, None) => OFF,
    };
    {
        // The browser shows what was chosen; what is so is put back where nothing came of it.
        let node = node.clone();
        use_effect(move || {
            if let Some(select) = node.cast::<HtmlSelectElement>() {
                select.set_value(shown);
            }
        });
    }
    let again = use_force_update();
    let onchange = {
        let (asking, on) = (asking.setter(), on.clone());
        Callback::from(move |event: web_sys::Event| {
            match (browser::chosen_in(event).as_str(), on.clone()) {
                (ON, None) => asking.set(Asking::On),
                (OFF, Some(id)) => {
                    let (asking, again) = (asking.clone(), again.clone());
                    // What is turned off is what there is when it is asked.
                    ask(Request::get(address(&id)), move |answer: Told<AssignmentView>| match answer {
                        Ok(found) => asking.set(Asking::Off(id, found.etag)),
                        Err(problem) => {
                            toast::say_problem(problem.to_string());
                            again.force_update();
                        }
                    });
                }
                _ => {}
            }
        })
    };
    let close = use_callback(asking.setter(), |(), asking| asking.set(Asking::Nothing));
    let words = if on.is_some() { anyone.as_str() } else { "Off" };
    let refused = access
        .as_ref()
        .and_then(|access| access.reason(&Change::Assign { assignment: auto_assignment(&role.id) }));
    if role.base {
        return html! { <span class="source source--inherited"><Icon name="globe" />{ "Every active user" }</span> };
    }
    if refused.is_some() {
        return html! { <Button variant={Variant::Ghost} small=true {refused}>{ words.to_owned() }</Button> };
    }
    let waits = waiting(access.as_ref(), PrincipalKind::Everyone);
    let then = waits.map(|waits| format!(" {waits}")).unwrap_or_default();
    html! {
        <>
            <select class="select select--small auto-assign" ref={node} aria-label={format!("Auto assign of {}", role.name)} {onchange}>
                <option value={OFF} selected={shown == OFF}>{ "Off" }</option>
                <option value={ON} selected={shown == ON}>{ anyone.clone() }</option>
            </select>
            <div class="slot">{ match &*asking {
                Asking::Nothing => html! {},
                Asking::On => html! {
                    <ConfirmDialog key="on" title={format!("Assign {} to anyone at {tenant}?", role.name)}
                        change={Request::post("/assignments", &auto_assignment(&role.id))} is_grave=false gives={role.id.clone()} verb="Assign to everyone"
                        done={format!("{} is assigned to anyone at {tenant}.{then}", role.name)} onclose={close} ondone={props.reload.clone()}>
                        <p>{ "Everyone holds the role for as long as this is on, also who comes later. Turning it off takes it away again." }</p>
                        if let Some(waits) = waits {
                            <p>{ waits }</p>
                        }
                    </ConfirmDialog>
                },
                Asking::Off(id, etag) => html! {
                    <ConfirmDialog key="off" title={format!("Turn off auto assign of {}?", role.name)} change={Request::delete(address(id), etag.as_deref())} verb="Turn off"
                        done={format!("Auto assign of {} is off.", role.name)} onclose={close} ondone={props.reload.clone()}>
                        <p>{ "The role is taken away at once from everyone who holds it in no other way. Who became a full user stays one." }</p>
                    </ConfirmDialog>
                },
            } }</div>
        </>
    }
}

fn address(assignment: &str) -> String {
    format!("/assignments/{}", js_sys::encode_uri_component(assignment))
}
