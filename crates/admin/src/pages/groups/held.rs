//! What a group holds: role by role, and where.

use std::rc::Rc;

use rolewright_model::change::AssignmentEdit;
use rolewright_model::directory::{AssignmentDocument, Principal};
use rolewright_model::policy::NewLinks;
use rolewright_wire::assignment::AssignmentView;
use rolewright_wire::group::GroupName;
use yew::prelude::*;

use super::group::Loaded;
use crate::access::{place_name, role_name, use_access};
use crate::api::Request;
use crate::browser;
use crate::nav::Link;
use crate::pages::confirm::ConfirmDialog;
use crate::pages::idle::{and_resting, idle};
use crate::pages::permissions::{refused, refused_to_take};
use crate::pages::user::AssignDialog;
use crate::route::Route;
use crate::sending::{Told, ask};
use crate::text;
use crate::toast;
use crate::widgets::{Banner, Button, Chip, Empty, IconButton, Tone, Variant};

/// What a group holds.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The group.
    pub group: Loaded,
    /// Shows it anew.
    pub reload: Callback<()>,
}

/// Which dialog is open.
#[derive(Clone, PartialEq)]
enum Open {
    Nothing,
    Assign,
    Remove(Box<AssignmentDocument>, Option<String>),
}

/// What a group holds.
#[component]
pub fn Held(props: &Props) -> Html {
    let access = use_access();
    let open = use_state(|| Open::Nothing);
    let view = &props.group.body;
    let principal = Principal::Group(view.group.id.clone());
    let policy = access.as_ref().and_then(|access| access.policy());
    let refused = refused(access.as_ref(), "", "/");
    let close = use_callback(open.setter(), |(), open| open.set(Open::Nothing));
    let assign = use_callback(open.setter(), |_: MouseEvent, open| open.set(Open::Assign));
    let remove = {
        let open = open.setter();
        Callback::from(move |assignment: AssignmentDocument| {
            let open = open.clone();
            ask(Request::get(address(&assignment.id)), move |answer: Told<AssignmentView>| match answer {
                Ok(found) => open.set(Open::Remove(Box::new(assignment), found.etag)),
                Err(problem) => toast::say_problem(problem.to_string()),
            });
        })
    };
    let name = |id: &str| role_name(access.as_ref(), id);
    let held: Rc<[String]> =
        view.assignments.iter().filter(|it| it.scope == "/").map(|it| it.role.clone()).collect();
    let own = view.assignments.iter().map(|assignment| (None, assignment));
    let through =
        view.outer.iter().flat_map(|outer| outer.assignments.iter().map(|it| (Some(&outer.group), it)));
    let rows: Vec<(Option<&GroupName>, &AssignmentDocument)> = own.chain(through).collect();
    let now = browser::now();
    let why_idle =
        |assignment: &AssignmentDocument| policy.and_then(|policy| policy.state().idle(assignment, now));
    let resting = rows.iter().filter(|(_, assignment)| why_idle(assignment).is_some()).count() as u64;
    let assign_button = |variant: Variant| {
        html! { <Button {variant} icon="plus" onclick={assign.clone()} refused={refused.clone()} tip_end=true>{ "Assign role" }</Button> }
    };
    let waits =
        policy.is_some_and(|policy| policy.state().documents().settings.new_links == NewLinks::NextLogin);
    html! {
        <div>
            <div class="slot">
                if waits {
                    <Banner tone={Tone::Note}>{ "Members get a role that is assigned here at their next login." }</Banner>
                }
            </div>
            if rows.is_empty() {
                <Empty icon="shield" title="This group holds no role" text="Assign a role, and every member holds it, for everything or at one place.">
                    { assign_button(Variant::Primary) }
                </Empty>
            } else {
                <div class="bar">
                    <p class="bar__text">
                        { "Every member holds these, also through the groups in this one." }
                        if resting > 0 {
                            { " " }{ text::count(rows.len() as u64, "assignment", "assignments") }{ and_resting(resting, " count now") }{ "." }
                        }
                    </p>
                    { assign_button(Variant::Secondary) }
                </div>
                <div class="table-box">
                    <table class="table table--stack">
                        <caption class="visually-hidden">{ "Roles of the group" }</caption>
                        <thead>
                            <tr>
                                <th scope="col">{ "Role" }</th>
                                <th scope="col">{ "Where" }</th>
                                <th scope="col">{ "When" }</th>
                                <th scope="col" class="table__end"><span class="visually-hidden">{ "Actions" }</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            { for rows.iter().copied().map(|(through, assignment)| {
                                let onclick = {
                                    let (remove, assignment) = (remove.clone(), assignment.clone());
                                    Callback::from(move |_: MouseEvent| remove.emit(assignment.clone()))
                                };
                                let everything = policy.and_then(|policy| policy.role(&assignment.role)).is_some_and(|role| role.superuser);
                                let refused = refused_to_take(access.as_ref(), AssignmentEdit::of(assignment));
                                let not_counting = why_idle(assignment);
                                html! {
                                    <tr key={assignment.id.clone()} class={not_counting.map(|_| "table__row--off")}>
                                        <td class="table__first">
                                            <Link to={Route::Role { id: assignment.role.clone() }} class="table__link">{ name(&assignment.role) }</Link>
                                            if everything {
                                                <Chip icon="infinity" meaning="everything">{ "Everything" }</Chip>
                                            }
                                            if let Some(group) = through {
                                                <span class="table__under">{ "through " }<Link to={Route::Group { id: group.id.clone() }} query="?tab=roles" class="text-link">{ group.name.clone() }</Link></span>
                                            }
                                        </td>
                                        <td data-label="Where">{ place_name(access.as_ref(), &assignment.scope) }</td>
                                        <td data-label="When">{ idle(not_counting) }{ " " }<span class="table__muted">{ window(assignment) }</span></td>
                                        <td class="table__end">
                                            // What comes through another group is taken away there.
                                            if through.is_none() {
                                                <IconButton icon="trash-2" label={format!("Remove {}", name(&assignment.role))} {refused} {onclick} />
                                            }
                                        </td>
                                    </tr>
                                }
                            }) }
                        </tbody>
                    </table>
                </div>
            }
            <div class="slot">
                { match &*open {
                    Open::Nothing => html! {},
                    Open::Assign => html! {
                        <AssignDialog key="assign" {principal} name={view.group.name.clone()} {held} onclose={close} reload={props.reload.clone()} />
                    },
                    Open::Remove(assignment, etag) => html! {
                        <ConfirmDialog key="remove" title={format!("Remove {} from {}?", name(&assignment.role), view.group.name)} verb="Remove role"
                            change={Request::delete(address(&assignment.id), etag.as_deref())}
                            done={format!("{} no longer holds {}.", view.group.name, name(&assignment.role))} onclose={close} ondone={props.reload.clone()}>
                            <p>{ "It is taken away at once. A member who holds it in another way too keeps it: remove it there as well." }</p>
                        </ConfirmDialog>
                    },
                } }
            </div>
        </div>
    }
}

fn address(assignment: &str) -> String {
    format!("/assignments/{}", js_sys::encode_uri_component(assignment))
}

/// When an assignment counts, for a person.
pub fn window(assignment: &AssignmentDocument) -> String {
    match (assignment.from, assignment.until) {
        (None, None) => "Always".to_owned(),
        (Some(from), None) => format!("From {}", text::moment(from)),
        (None, Some(until)) => format!("Until {}", text::moment(until)),
        (Some(from), Some(until)) => format!("{} to {}", text::moment(from), text::moment(until)),
    }
}
