//! The dialog that assigns a role: users or groups are found one by one, kept in a basket, and assigned it at once.

use std::rc::Rc;

use rolewright_model::change::AssignmentEdit;
use rolewright_model::directory::{Member, Principal};
use rolewright_wire::assignment::PrincipalKind;
use serde::Serialize;
use yew::prelude::*;

use super::{count, waiting};
use crate::access::use_access;
use crate::api::Encoded;
use crate::batch::{Batch, Made, failed, use_batch};
use crate::pages::audit::use_saying;
use crate::pages::reached::Reached;
use crate::pages::role_editor::reach_words;
use crate::pickers::{Basket, Picked, PlacePicker, Whom, Window, WindowPicker, place_problem};
use crate::states::use_flag;
use crate::widgets::{Banner, Button, DialogForm, Tone, Variant};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// To users, or to groups.
    pub of: PrincipalKind,
    /// The role's id.
    pub role: AttrValue,
    /// What the role is called.
    pub name: AttrValue,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when it is done.
    pub ondone: Callback<()>,
}

#[derive(Serialize)]
struct Assign {
    change: &'static str,
    assignment: AssignmentEdit,
}

/// The dialog.
#[component]
pub fn AssignDialog(props: &Props) -> Html {
    let access = use_access();
    let basket = use_state(|| Rc::<[Picked]>::from([]));
    let scope = use_state(|| "/".to_owned());
    let window = use_state(Window::default);
    let tried = use_flag();
    let Props { of, role, name, .. } = props;
    let no_place = place_problem(&scope, access.as_ref());
    let change = |picked: &Picked| Assign {
        change: "assign",
        assignment: AssignmentEdit {
            scope: (*scope).clone(),
            from: window.from,
            until: window.until,
            ..AssignmentEdit::for_good(principal(&picked.member), role.to_string())
        },
    };
    let batch = Batch { changes: basket.iter().map(change).collect(), versions: Vec::new() };
    let whom = count(*of, basket.len());
    let waits = waiting(access.as_ref(), *of);
    let saying = use_saying();
    let made = {
        let (onclose, ondone) = (props.onclose.clone(), props.ondone.clone());
        let said = format!("{name} assigned to {whom}.");
        Callback::from(move |Made { reach, revision }: Made| {
            let reached = reach.map(|reach| reach_words(&reach));
            let words = [Some(said.clone()), reached, waits.map(str::to_owned)];
            saying.done(words.into_iter().flatten().collect::<Vec<_>>().join(" "), revision);
            onclose.emit(());
            ondone.emit(());
        })
    };
    let making = use_batch(Encoded::of(&batch).filter(|_| !basket.is_empty() && no_place.is_none()), made);
    let onchange = use_callback(basket.setter(), |next: Rc<[Picked]>, basket| basket.set(next));
    let onplace = use_callback(scope.setter(), |path: String, scope| scope.set(path));
    let onwindow = use_callback(window.setter(), |next: Window, window| window.set(next));
    let onsubmit = {
        let (tried, make) = (tried.setter(), making.make.clone());
        Callback::from(move |()| {
            tried.set(true);
            make.emit(String::new());
        })
    };
    let refusal = making.refusal.as_ref();
    let at = |field: &str| refusal.and_then(|refusal| refusal.at(field));
    let (wrong_place, wrong_window) = (at(".scope"), at(".until").or_else(|| at(".from")));
    // What is wrong with one of the basket is said of that one.
    let wrong = refusal.filter(|_| wrong_place.is_none() && wrong_window.is_none()).map(|refusal| {
        match refusal.of_change().and_then(|change| basket.get(change)) {
            Some(picked) => format!("{}: {refusal}", picked.name),
            None => refusal.to_string(),
        }
    });
    let (label, nobody) = match of {
        PrincipalKind::Groups => ("Groups", "Find a group to assign the role to."),
        PrincipalKind::Users | PrincipalKind::Everyone => ("Users", "Find somebody to assign the role to."),
    };
    let role_there = access.as_ref().and_then(|access| access.policy()).and_then(|policy| policy.role(role));
    let is_grave = role_there.is_some_and(|role| role.superuser);
    let whom_to_find = if *of == PrincipalKind::Groups { Whom::Groups } else { Whom::People };
    let nobody = (*tried && basket.is_empty()).then(|| nobody.to_owned());
    let unsaved =
        (!basket.is_empty()).then(|| AttrValue::from(format!("Chosen and not assigned {name} yet: {whom}.")));
    let blocked = refusal.map(|refusal| AttrValue::from(refusal.to_string()));
    html! {
        <DialogForm title={format!("Assign {name}")} onclose={props.onclose.clone()} {onsubmit} {unsaved} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={if is_grave { Variant::Danger } else { Variant::Primary }} submit=true busy={making.busy} refused={blocked} tip_end=true>
                    { if basket.is_empty() { "Assign".to_owned() } else { format!("Assign to {whom}") } }
                </Button>
            </>
        }}>
            { failed(making.failure.as_ref()) }
            if is_grave {
                <Banner tone={Tone::Caution}>{ "Whoever holds it may do everything there: each of them is a superuser." }</Banner>
            }
            <Basket {label} whom={whom_to_find} basket={(*basket).clone()} {onchange} error={nobody.or(wrong).map(AttrValue::from)} />
            <PlacePicker onchange={onplace} error={no_place.filter(|_| *tried).or(wrong_place).map(AttrValue::from)} />
            <WindowPicker window={(*window).clone()} onchange={onwindow} error={wrong_window.map(AttrValue::from)} />
            <div class="reach" role="status">
                if let Some(reach) = &making.reach {
                    <Reached reach={reach.clone()} />
                }
                if let Some(waits) = waits {
                    <p class="table__muted">{ waits }</p>
                }
            </div>
        </DialogForm>
    }
}

fn principal(member: &Member) -> Principal {
    match member {
        Member::User(id) => Principal::User(id.clone()),
        Member::Group(id) => Principal::Group(id.clone()),
    }
}
