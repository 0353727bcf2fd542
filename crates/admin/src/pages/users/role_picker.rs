//! Choosing several roles: one field to find them, and what was chosen as chips.

use std::rc::Rc;

use rolewright_model::change::{AssignmentEdit, Change};
use rolewright_model::directory::Principal;
use yew::prelude::*;

use crate::access::{AccessHandle, role_name, use_access};
use crate::widgets::{Choice, Combobox, RemovableChip};

/// Every role that could be given at a scope, each with why not where the person may not.
pub fn choices(access: &AccessHandle, to: &Principal, scope: &str) -> Rc<[Choice]> {
    let Some(policy) = access.policy() else { return Rc::from([]) };
    let choice = |role: &rolewright_model::role::RoleDocument| {
        let assignment = AssignmentEdit {
            scope: scope.to_owned(),
            ..AssignmentEdit::for_good(to.clone(), role.id.clone())
        };
        Choice {
            label: role.name.clone().into(),
            detail: role.description.clone().into(),
            refused: access.reason(&Change::Assign { assignment }),
            ..Choice::of(role.id.clone().into())
        }
    };
    policy.roles().filter(|role| !role.base).map(choice).collect()
}

/// Choosing several roles.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Ids of those chosen.
    pub chosen: Rc<[String]>,
    /// Told which are chosen.
    pub onchange: Callback<Rc<[String]>>,
    /// What is wrong with them.
    #[prop_or_default]
    pub error: Option<AttrValue>,
}

/// Choosing several roles.
#[component]
pub fn RolePicker(props: &Props) -> Html {
    let access = use_access();
    let all = use_memo(access.clone(), |access| {
        access
            .as_ref()
            .map_or_else(|| Rc::from([]), |access| choices(access, &Principal::User("new".to_owned()), "/"))
    });
    let left: Rc<[Choice]> =
        all.iter().filter(|choice| !props.chosen.iter().any(|id| choice.id == *id)).cloned().collect();
    let onpick = {
        let (chosen, onchange) = (props.chosen.clone(), props.onchange.clone());
        Callback::from(move |id: AttrValue| {
            onchange.emit(chosen.iter().cloned().chain([id.to_string()]).collect());
        })
    };
    html! {
        <div class="role-picker">
            <Combobox label="Roles" optional=true choices={left} placeholder="Find a role" {onpick} error={props.error.clone()}
                none="No other role fits." />
            <div class="chips chips--wrap">
                { for props.chosen.iter().map(|id| {
                    let name = role_name(access.as_ref(), id);
                    let (chosen, onchange, gone) = (props.chosen.clone(), props.onchange.clone(), id.clone());
                    let onremove = Callback::from(move |()| {
                        onchange.emit(chosen.iter().filter(|id| **id != gone).cloned().collect());
                    });
                    html! { <RemovableChip key={id.clone()} label={name} {onremove} /> }
                }) }
            </div>
        </div>
    }
}
