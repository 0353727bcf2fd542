//! Whether everyone holds a role by itself, and what else of it is assigned to everyone: at a place, or for a time.

use std::rc::Rc;

use rolewright_model::change::AssignmentEdit;
use rolewright_wire::assignment::{AssignmentView, PrincipalKind};
use rolewright_wire::page::Page;
use rolewright_wire::role::RoleView;
use yew::prelude::*;

use super::auto_assign::AutoAssign;
use super::unassign::UnassignDialog;
use super::{name_of, refused_to_take};
use crate::access::{place_name, use_access};
use crate::api::{self, Query};
use crate::pages::groups::window;
use crate::pages::idle::idle;
use crate::resource::use_resource;
use crate::text;
use crate::widgets::{IconButton, failed};

/// Of which role.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The role.
    pub view: Rc<RoleView>,
    /// Shows it anew.
    pub reload: Callback<()>,
}

/// What everyone is assigned of the role.
#[component]
pub fn Everyone(props: &Props) -> Html {
    let access = use_access();
    let removing = use_state(|| None::<Rc<[AssignmentView]>>);
    let role = &props.view.role;
    let given = use_resource(role.id.clone(), |role: String| async move {
        let query = Query::default()
            .with("role", &role)
            .with("of", name_of(PrincipalKind::Everyone))
            .with("limit", "200");
        let path = format!("/assignments{}", query.as_str());
        api::get::<Page<AssignmentView>>(&path).await.map(|answer| answer.body.items)
    });
    let close = use_callback(removing.setter(), |(), removing| removing.set(None));
    let done = {
        let (given, role) = (given.reload.clone(), props.reload.clone());
        Callback::from(move |()| {
            given.emit(());
            role.emit(());
        })
    };
    let is_switch =
        |view: &AssignmentView| props.view.assigned.auto_assign.as_ref() == Some(&view.assignment.id);
    let others: Vec<&AssignmentView> =
        given.data.iter().flat_map(|given| given.iter()).filter(|view| !is_switch(view)).collect();
    html! {
        <div class="stack">
            <section class="switch" aria-label="Auto assign">
                <div class="switch__words">
                    <h2 class="switch__title">{ "Auto assign" }</h2>
                    <p class="table__muted">{ "While it is on, everyone holds the role, also who comes later. Turning it off takes the role from everyone who holds it in no other way." }</p>
                    <p class="table__muted">{ text::count(props.view.holders, "active user holds", "active users hold") }{ " this role now, through whatever." }</p>
                </div>
                <AutoAssign view={(*props.view).clone()} reload={done.clone()} />
            </section>
            <div class="slot">
                if let Some(error) = &given.error {
                    { failed(error, &given.reload) }
                }
            </div>
            if !others.is_empty() {
                <div class="table-box">
                    <table class="table table--stack">
                        <caption class="visually-hidden">{ "Other assignments to everyone" }</caption>
                        <thead>
                            <tr>
                                <th scope="col">{ "Where" }</th>
                                <th scope="col">{ "Since" }</th>
                                <th scope="col">{ "When" }</th>
                                <th scope="col" class="table__end"><span class="visually-hidden">{ "Actions" }</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            { for others.into_iter().map(|view| {
                                let (removing, chosen) = (removing.setter(), view.clone());
                                let onclick = Callback::from(move |_: MouseEvent| removing.set(Some(Rc::from([chosen.clone()]))));
                                let scope = &view.assignment.scope;
                                let place = place_name(access.as_ref(), scope);
                                html! {
                                    <tr key={view.assignment.id.clone()} class={view.not_counting.map(|_| "table__row--off")}>
                                        <td class="table__first">{ place.clone() }</td>
                                        <td class="table__muted" data-label="Since">{ view.since.map(text::date).unwrap_or_default() }</td>
                                        <td data-label="When">{ idle(view.not_counting) }{ " " }<span class="table__muted">{ window(&view.assignment) }</span></td>
                                        <td class="table__end">
                                            <IconButton icon="trash-2" label={format!("Unassign from everyone: {place}")} {onclick}
                                                refused={refused_to_take(access.as_ref(), AssignmentEdit::of(&view.assignment))} />
                                        </td>
                                    </tr>
                                }
                            }) }
                        </tbody>
                    </table>
                </div>
            }
            <div class="slot">
                if let Some(chosen) = &*removing {
                    <UnassignDialog of={PrincipalKind::Everyone} role={role.name.clone()} chosen={chosen.clone()} onclose={close} ondone={done} />
                }
            </div>
        </div>
    }
}
