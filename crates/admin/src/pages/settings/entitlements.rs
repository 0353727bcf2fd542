//! The entitlement switches: each gives a role to every full user, and takes it from nobody. What a switch does is said before it
//! does it.

use std::rc::Rc;

use rolewright_model::change::Change;
use rolewright_model::console;
use rolewright_wire::assignment::PrincipalKind;
use rolewright_wire::policy::SettingsView;
use rolewright_wire::role::{RoleView, Roles};
use serde::Serialize;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::{self, Request};
use crate::batch::Batch;
use crate::nav::Link;
use crate::pages::confirm::ConfirmDialog;
use crate::pages::permissions::waiting;
use crate::resource::use_resource;
use crate::route::Route;
use crate::text;
use crate::widgets::{Checkbox, Empty, Skeleton, Ticked, failed, use_id};

/// The change as a batch sends it.
#[derive(Serialize)]
struct Turned {
    change: &'static str,
    role: String,
    on: bool,
}

/// The tab.
#[component]
pub fn Entitlements() -> Html {
    let access = use_access();
    let settings = use_resource((), |()| async {
        api::get::<SettingsView>("/settings").await.map(|answer| answer.body.settings.entitlements)
    });
    let sees_roles = access.as_ref().is_some_and(|access| access.may(console::ROLES_VIEW));
    let roles = use_resource(sees_roles, |sees: bool| async move {
        match sees {
            true => api::get::<Roles>("/roles").await.map(|answer| answer.body.items),
            false => Ok(Vec::new()),
        }
    });
    let reload = {
        let (settings, roles) = (settings.reload.clone(), roles.reload.clone());
        Callback::from(move |()| {
            settings.emit(());
            roles.emit(());
        })
    };
    let Some(switches) = &settings.data else {
        return match &settings.error {
            Some(error) => failed(error, &settings.reload),
            None => html! { <Skeleton key="loading" length="40%" /> },
        };
    };
    if switches.is_empty() {
        return html! {
            <Empty key="none" icon="toggle-right" title="No entitlement switches"
                text="A switch gives a role to every full user, and to each who becomes one while it is on. The policy says for which roles there are any. To add one, export the policy, list its role among the entitlements of the settings, and import it again." />
        };
    }
    let view =
        |role: &str| roles.data.iter().flat_map(|roles| roles.iter()).find(|view| view.role.id == role);
    html! {
        <div class="stack" key="switches">
            <p class="muted">{ "A switch gives its role to every full user, and to each who becomes one while it is on. Turning it off takes the role from nobody." }</p>
            <ul class="module switches">
                { for switches.iter().map(|(role, on)| html! {
                    <Switch key={role.clone()} role={role.clone()} on={*on} view={view(role).cloned().map(Rc::new)} reload={reload.clone()} />
                }) }
            </ul>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SwitchProps {
    role: AttrValue,
    on: bool,
    /// None where the person may not see roles.
    view: Option<Rc<RoleView>>,
    reload: Callback<()>,
}

/// One switch.
#[component]
fn Switch(props: &SwitchProps) -> Html {
    let access = use_access();
    let asking = use_state(|| None::<bool>);
    let note = use_id();
    let SwitchProps { role, on, view, reload } = props;
    let to = |on: bool| Change::SetEntitlement { role: role.to_string(), on };
    let reason = access.as_ref().and_then(|access| access.reason(&to(!on)));
    let onchange = use_callback(asking.setter(), |on: bool, asking| asking.set(Some(on)));
    let close = use_callback(asking.setter(), |(), asking| asking.set(None));
    let name = view.as_ref().map_or_else(|| role.to_string(), |view| view.role.name.clone());
    let also = view.as_ref().is_some_and(|view| view.assigned.auto_assign.is_some());
    let waits = waiting(access.as_ref(), PrincipalKind::Users);
    let permissions = |words: &'static str| {
        html! { <Link to={Route::Assigned { role: role.to_string() }} query="?of=everyone" class="text-link">{ words }</Link> }
    };
    html! {
        <li class="switches__row">
            <Checkbox switch=true ticked={Ticked::from(*on)} fixed={reason.is_some()} label={name.clone()} described_by={Some(note.clone())} {onchange}>
                <span class="choices__words">
                    <span class="choices__label">{ name.clone() }</span>
                    <span class="choices__about">{ view.as_ref().map(|view| view.role.description.clone()).unwrap_or_default() }</span>
                </span>
            </Checkbox>
            <div class="switches__facts" id={note}>
                if let Some(reason) = &reason {
                    <p>{ reason.clone() }</p>
                }
                if let Some(view) = view {
                    <p>{ text::count(view.assigned.users, "user is assigned it", "users are assigned it") }</p>
                }
                if also {
                    <p>{ "Everyone holds it by auto assign too. " }{ permissions("Auto assign under Permissions") }</p>
                }
            </div>
            <div class="slot">
                if let Some(turned) = *asking {
                    <ConfirmDialog title={format!("Turn {} {name} for full users?", if turned { "on" } else { "off" })}
                        change={Request::post("/batch", &Batch { changes: vec![Turned { change: "set_entitlement", role: role.to_string(), on: turned }], versions: Vec::new() })} is_grave=false
                        verb={if turned { "Turn on" } else { "Turn off" }}
                        done={format!("The switch of {name} is {}.", if turned { "on" } else { "off" })} onclose={close} ondone={reload.clone()}>
                        if turned {
                            <p>{ "Whoever becomes a full user while it is on is given the role too. Turning it off again takes it from nobody." }</p>
                            if let Some(waits) = waits {
                                <p>{ waits }</p>
                            }
                            if also {
                                <p>{ "Everyone holds it by auto assign already. Those whom the switch gives it keep it when auto assign is turned off." }</p>
                            }
                        } else {
                            <p>{ "It takes the role from nobody: whoever has it keeps it until it is removed by hand. Whoever becomes a full user from now on is not given it." }</p>
                            <p>{ permissions("Who is assigned it") }</p>
                        }
                    </ConfirmDialog>
                }
            </div>
        </li>
    }
}
