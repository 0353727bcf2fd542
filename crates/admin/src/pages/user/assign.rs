//! The dialog that gives a person, or a group, a role.

use std::rc::Rc;

use rolewright_model::change::AssignmentEdit;
use rolewright_model::directory::{Principal, Source};
use rolewright_wire::Accepted;
use rolewright_wire::assignment::PrincipalKind;
use rolewright_wire::reach::Reach;
use yew::prelude::*;

use crate::access::{role_name, use_access};
use crate::api::{Answer, Request};
use crate::pages::audit::use_saying;
use crate::pages::permissions::waiting;
use crate::pages::reached::{ASKING, Reached, reach_words};
use crate::pages::reason::reason_field;
use crate::pages::superusers;
use crate::pages::users::choices;
use crate::pickers::{PlacePicker, place_problem};
use crate::sending::use_sending;
use crate::states::use_text;
use crate::trial::use_trial;
use crate::widgets::{Banner, Button, Combobox, DialogForm, Tone, unsaved};

const FIELDS: [&str; 2] = [".role", ".scope"];

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who gets the role.
    pub principal: Principal,
    /// What a person calls them.
    pub name: AttrValue,
    /// Ids of the roles that they hold for the whole tenant already.
    pub held: Rc<[String]>,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Shows the person anew.
    pub reload: Callback<()>,
}

/// The dialog.
#[component]
pub fn AssignDialog(props: &Props) -> Html {
    let access = use_access();
    let role = use_state(|| None::<String>);
    let scope = use_state(|| "/".to_owned());
    let wrong = use_state(|| (None::<String>, None::<String>));
    let (sending, saying, reason) = (use_sending(), use_saying(), use_text());
    let reached = use_mut_ref(|| None::<Rc<Reach>>);
    let name = props.name.clone();
    let principal = props.principal.clone();
    let list = use_memo((access.clone(), principal.clone()), |(access, principal)| {
        access.as_ref().map_or_else(|| Rc::from([]), |access| choices(access, principal, "/"))
    });
    let onpick = {
        let (role, wrong, sending) = (role.setter(), wrong.clone(), sending.clone());
        Callback::from(move |id: AttrValue| {
            wrong.set((None, wrong.1.clone()));
            sending.forget();
            role.set(Some(id.to_string()));
        })
    };
    let onsubmit = {
        let (access, role, scope, wrong, sending) =
            (access.clone(), role.clone(), scope.clone(), wrong.clone(), sending.clone());
        let (principal, reached) = (principal.clone(), reached.clone());
        let reason = reason.trim().to_owned();
        let (onclose, reload, name) = (props.onclose.clone(), props.reload.clone(), name.clone());
        Callback::from(move |()| {
            let place = (*scope).clone();
            let no_role = role.is_none().then(|| "Choose the role to give.".to_owned());
            let no_place = place_problem(&place, access.as_ref());
            wrong.set((no_role, no_place.clone()));
            let (Some(role), None) = ((*role).clone(), no_place) else { return };
            let body = AssignmentEdit {
                principal: principal.clone(),
                role: role.clone(),
                scope: place,
                source: Source::Direct,
                from: None,
                until: None,
            };
            let reach = reached.borrow().clone().filter(|reach| !reach.is_nobody());
            let reach = reach.map(|reach| format!(" {}", reach_words(&reach))).unwrap_or_default();
            let role_name = role_name(access.as_ref(), &role);
            let (onclose, reload, name) = (onclose.clone(), reload.clone(), name.clone());
            sending.send(
                Request::post("/assignments", &body).because(&reason),
                move |answer: Answer<Accepted>| {
                    saying.done(format!("{name} now holds {role_name}.{reach}"), answer.made);
                    onclose.emit(());
                    reload.emit(());
                },
            );
        })
    };
    let set_scope = {
        let (scope, wrong, sending) = (scope.setter(), wrong.clone(), sending.clone());
        Callback::from(move |path: String| {
            wrong.set((wrong.0.clone(), None));
            sending.forget();
            scope.set(path);
        })
    };
    let chosen = role.as_ref().map(|role| AttrValue::from(role_name(access.as_ref(), role)));
    let held = *scope == "/" && role.as_ref().is_some_and(|role| props.held.contains(role));
    // Nobody gives what they do not hold: what the role comes to is for the server to say, as soon as it is picked.
    let place = (*scope).clone();
    let ask = !sending.is_busy() && place_problem(&place, access.as_ref()).is_none();
    let trial = role.as_ref().filter(|_| ask).map(|role| {
        let body = AssignmentEdit {
            principal: principal.clone(),
            role: role.clone(),
            scope: place.clone(),
            source: Source::Direct,
            from: None,
            until: None,
        };
        Request::post("/assignments", &body)
    });
    let is_asked = trial.is_some();
    let verdict = use_trial(trial);
    reached.replace(verdict.reach.clone());
    let refusal = verdict.refusal.filter(|_| verdict.current);
    let blocked = refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let (no_role, no_place) = match &refusal {
        Some(refusal) => match (refusal.at(".scope"), refusal.at(".role")) {
            (Some(place), _) => (None, Some(place)),
            (None, role) => (Some(role.unwrap_or_else(|| refusal.to_string())), None),
        },
        None => (None, None),
    };
    let of = PrincipalKind::of(&principal);
    let rest = sending.beside(&FIELDS);
    let makes_superusers =
        superusers::makes_superusers(access.as_ref(), role.as_deref(), verdict.reach.as_deref());
    let unsaved = (role.is_some() || place != "/")
        .then_some(AttrValue::Static("The role that you chose is not assigned yet."))
        .or_else(|| unsaved(&[&reason]));
    html! {
        <DialogForm title={format!("Assign a role to {name}")} onclose={props.onclose.clone()} {onsubmit} {unsaved} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={superusers::variant(makes_superusers)} submit=true busy={sending.is_busy()} refused={blocked} tip_end=true>{ "Assign role" }</Button>
            </>
        }}>
            <div class="slot">
                if let Some(rest) = rest {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <Combobox label="Role" autofocus=true choices={(*list).clone()} {chosen} placeholder="Find a role" {onpick}
                error={wrong.0.clone().or(no_role).map(AttrValue::from).or_else(|| sending.at(".role"))} />
            { superusers::warning(makes_superusers) }
            <div class="slot">
                if held {
                    <p class="field__hint">{ "This role is held already. Assigning it gives it a second source." }</p>
                }
            </div>
            <div class="slot">
                if let Some(waits) = waiting(access.as_ref(), of) {
                    <p class="field__hint">{ waits }</p>
                }
            </div>
            <PlacePicker onchange={set_scope}
                error={wrong.1.clone().or(no_place).map(AttrValue::from).or_else(|| sending.at(".scope"))} />
            <div class="reach" role="status">
                { match (&verdict.reach, &verdict.failure) {
                    (Some(reach), _) => html! { <Reached key="reach" reach={reach.clone()} /> },
                    (None, Some(failure)) => html! { <p key="failure">{ failure.to_string() }</p> },
                    (None, None) if is_asked && !verdict.current => html! { <p key="asking" class="table__muted">{ ASKING }</p> },
                    (None, None) => html! {},
                } }
            </div>
            { reason_field(&reason) }
        </DialogForm>
    }
}
