//! The dialog that assigns a role: users or groups are found one by one, kept in a basket, and assigned it at once.

use std::rc::Rc;

use rolewright_model::change::AssignmentEdit;
use rolewright_model::directory::{Member, Principal};
use rolewright_wire::assignment::PrincipalKind;
use serde::Serialize;
use yew::prelude::*;

use super::{count, waiting};
use crate::access::{at_place, role_name, use_access};
use crate::api::Encoded;
use crate::batch::{Batch, Made, failed, use_batch};
use crate::pages::audit::use_saying;
use crate::pages::reached::{Reached, reach_words};
use crate::pages::reason::reason_field;
use crate::pages::superusers;
use crate::pages::users::choices;
use crate::pickers::{Basket, Picked, PlacePicker, Whom, Window, WindowPicker, place_problem, use_gathered};
use crate::states::use_text;
use crate::widgets::{Button, Choice, Combobox, DialogForm, unsaved};

/// What is known before it opens; the rest is chosen in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// The role, to users or to groups.
    Role {
        /// The role's id.
        id: AttrValue,
        /// To users, or to groups.
        of: PrincipalKind,
    },
    /// The place at which it counts.
    Place(AttrValue),
}

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is known.
    pub known: Known,
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
    let policy = access.as_ref().and_then(|access| access.policy());
    let gathered = use_gathered();
    let (basket, tried) = (gathered.basket(), gathered.is_tried());
    let (known_role, known_place, to) = match &props.known {
        Known::Role { id, of: PrincipalKind::Groups } => (Some(id.clone()), None, Whom::Groups),
        Known::Role { id, .. } => (Some(id.clone()), None, Whom::People),
        Known::Place(place) => (None, Some(place.clone()), Whom::Both),
    };
    let role = {
        let known = known_role.clone();
        use_state(move || known)
    };
    let chosen_place = use_state(|| "/".to_owned());
    let scope = known_place.as_deref().unwrap_or(&chosen_place);
    let window = use_state(Window::default);
    let reason = use_text();
    let no_place = place_problem(scope, access.as_ref());
    let roles = use_memo((access.clone(), known_place.clone()), |(access, place)| -> Rc<[Choice]> {
        let here = access.as_ref().zip(place.as_ref());
        here.map_or_else(|| Rc::from([]), |(access, place)| choices(access, &Principal::Everyone, place))
    });
    let change = |role: &AttrValue, picked: &Picked| Assign {
        change: "assign",
        assignment: AssignmentEdit {
            scope: scope.to_owned(),
            from: window.from,
            until: window.until,
            ..AssignmentEdit::for_good(principal(&picked.member), role.to_string())
        },
    };
    let is_whole = !basket.is_empty() && no_place.is_none() && !window.is_missing();
    let batch = role.as_ref().filter(|_| is_whole).map(|role| Batch {
        changes: basket.iter().map(|picked| change(role, picked)).collect(),
        versions: Vec::new(),
    });
    let name = role.as_ref().map(|id| role_name(access.as_ref(), id));
    let called = name.clone().unwrap_or_else(|| "a role".to_owned());
    let whom = whom(basket);
    let kind =
        if to == Whom::Groups || is_groups(basket) { PrincipalKind::Groups } else { PrincipalKind::Users };
    let waits = waiting(access.as_ref(), kind);
    let saying = use_saying();
    let made = {
        let (onclose, ondone) = (props.onclose.clone(), props.ondone.clone());
        let at = at_place(access.as_ref(), scope);
        let said = format!("{called} assigned to {whom}{at}.");
        Callback::from(move |Made { reach, revision }: Made| {
            let reached = reach.map(|reach| reach_words(&reach));
            let words = [Some(said.clone()), reached, waits.map(str::to_owned)];
            saying.done(words.into_iter().flatten().collect::<Vec<_>>().join(" "), revision);
            onclose.emit(());
            ondone.emit(());
        })
    };
    let making = use_batch(batch.as_ref().and_then(Encoded::of), made);
    let onrole = use_callback(role.setter(), |id: AttrValue, role| role.set(Some(id)));
    let onplace = use_callback(chosen_place.setter(), |path: String, chosen| chosen.set(path));
    let onwindow = use_callback(window.setter(), |next: Window, window| window.set(next));
    let refusal = making.refusal.as_ref();
    let at = |field: &str| refusal.and_then(|refusal| refusal.at(field));
    let (wrong_role, wrong_place, wrong_window) =
        (at(".role"), at(".scope"), at(".until").or_else(|| at(".from")));
    let (wrong_role, wrong_place) = match &props.known {
        Known::Role { .. } => (None, wrong_place),
        Known::Place(_) => (wrong_role.or(wrong_place), None),
    };
    let is_told = wrong_role.is_some() || wrong_place.is_some() || wrong_window.is_some();
    // What is wrong with one of the basket is said of that one.
    let wrong = refusal.filter(|_| !is_told).map(|refusal| {
        match refusal.of_change().and_then(|change| basket.get(change)) {
            Some(picked) => format!("{}: {refusal}", picked.name),
            None => refusal.to_string(),
        }
    });
    let (label, nobody) = match to {
        Whom::Groups => ("Groups", "Find a group to assign the role to."),
        Whom::People => ("Users", "Find somebody to assign the role to."),
        Whom::Both => ("Users and groups", "Find somebody to assign the role to."),
    };
    let nobody = gathered.is_missed().then(|| nobody.to_owned());
    let no_role = (tried && role.is_none()).then(|| "Choose the role to assign.".to_owned());
    let makes_superusers =
        superusers::makes_superusers(access.as_ref(), role.as_deref(), making.reach.as_deref());
    let is_filled_in =
        known_role.is_none() && role.is_some() || *chosen_place != "/" || *window != Window::default();
    let unsaved = match basket.is_empty() {
        false => Some(AttrValue::from(format!("Chosen and not assigned {called} yet: {whom}."))),
        true => {
            is_filled_in.then_some(AttrValue::Static("What you filled in is not assigned to anybody yet."))
        }
    }
    .or_else(|| unsaved(&[&reason]));
    let blocked = refusal.map(|refusal| AttrValue::from(refusal.to_string()));
    let title = match (&known_place, policy) {
        (None, _) => format!("Assign {called}"),
        (Some(place), Some(policy)) if place != "/" => {
            format!("Assign a role at {}", policy.catalogue().place_name(place))
        }
        (Some(_), _) => "Assign a role for everything".to_owned(),
    };
    html! {
        <DialogForm {title} onclose={props.onclose.clone()} onsubmit={gathered.onsubmit(&making, &reason)} {unsaved} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={superusers::variant(makes_superusers)} submit=true busy={making.busy} refused={blocked} tip_end=true>
                    { if basket.is_empty() { "Assign".to_owned() } else { format!("Assign to {whom}") } }
                </Button>
            </>
        }}>
            { failed(making.failure.as_ref()) }
            if known_role.is_none() {
                <Combobox label="Role" autofocus=true choices={(*roles).clone()} chosen={name.map(AttrValue::from)} placeholder="Find a role" onpick={onrole}
                    error={no_role.or(wrong_role).map(AttrValue::from)} />
            }
            { superusers::warning(makes_superusers) }
            <Basket {label} whom={to} basket={basket.clone()} onchange={gathered.onchange()} error={nobody.or(wrong).map(AttrValue::from)} />
            if known_place.is_none() {
                <PlacePicker onchange={onplace} error={no_place.filter(|_| tried).or(wrong_place).map(AttrValue::from)} />
            }
            <WindowPicker window={(*window).clone()} {tried} onchange={onwindow} error={wrong_window.map(AttrValue::from)} />
            <div class="reach" role="status">
                if let Some(reach) = &making.reach {
                    <Reached reach={reach.clone()} />
                }
                if let Some(waits) = waits {
                    <p class="table__muted">{ waits }</p>
                }
            </div>
            { reason_field(&reason) }
        </DialogForm>
    }
}

/// "2 users and 1 group".
fn whom(basket: &[Picked]) -> String {
    let groups = basket.iter().filter(|picked| matches!(picked.member, Member::Group(_))).count();
    let counted = [(PrincipalKind::Users, basket.len() - groups), (PrincipalKind::Groups, groups)];
    let counted = counted.into_iter().filter(|(_, n)| *n > 0).map(|(of, n)| count(of, n));
    counted.collect::<Vec<_>>().join(" and ")
}

fn is_groups(basket: &[Picked]) -> bool {
    !basket.is_empty() && basket.iter().all(|picked| matches!(picked.member, Member::Group(_)))
}

fn principal(member: &Member) -> Principal {
    match member {
        Member::User(id) => Principal::User(id.clone()),
        Member::Group(id) => Principal::Group(id.clone()),
    }
}
