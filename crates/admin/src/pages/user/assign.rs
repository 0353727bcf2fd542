//! The dialog that gives a person, or a group, a role.

use std::rc::Rc;

use rolewright_model::change::AssignmentEdit;
use rolewright_model::directory::Principal;
use rolewright_wire::Accepted;
use rolewright_wire::assignment::PrincipalKind;
use rolewright_wire::reach::Reach;
use yew::prelude::*;

use crate::access::{AccessHandle, at_place, role_name, use_access};
use crate::api::{Answer, Request};
use crate::browser;
use crate::pages::audit::use_saying;
use crate::pages::permissions::waiting;
use crate::pages::reached::{ASKING, Reached, reach_words};
use crate::pages::reason::reason_field;
use crate::pages::superusers;
use crate::pages::users::choices;
use crate::pickers::{PlacePicker, Window, WindowPicker, place_problem};
use crate::sending::use_sending;
use crate::states::{use_flag, use_text};
use crate::text;
use crate::trial::use_trial;
use crate::widgets::{Banner, Button, Combobox, DialogForm, Tone, unsaved};

const FIELDS: [&str; 4] = [".role", ".scope", ".from", ".until"];

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
    let window = use_state(Window::default);
    let wrong = use_state(|| (None::<String>, None::<String>));
    let tried = use_flag();
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
    let edit = |role: &String| AssignmentEdit {
        scope: (*scope).clone(),
        from: window.from,
        until: window.until,
        ..AssignmentEdit::for_good(principal.clone(), role.clone())
    };
    let onsubmit = {
        let (access, wrong, sending) = (access.clone(), wrong.clone(), sending.clone());
        let (edit, place) = (role.as_ref().map(edit), (*scope).clone());
        let (tried, no_time) = (tried.setter(), window.is_missing());
        let (reached, reason) = (reached.clone(), reason.trim().to_owned());
        let (onclose, reload, name) = (props.onclose.clone(), props.reload.clone(), name.clone());
        Callback::from(move |()| {
            let no_role = edit.is_none().then(|| "Choose the role to give.".to_owned());
            let no_place = place_problem(&place, access.as_ref());
            wrong.set((no_role, no_place.clone()));
            tried.set(true);
            let (Some(edit), None, false) = (&edit, no_place, no_time) else { return };
            let reach = reached.borrow().clone().filter(|reach| !reach.is_nobody());
            let reach = reach.map(|reach| format!(" {}", reach_words(&reach))).unwrap_or_default();
            let said = format!("{}{reach}", said(&name, edit, access.as_ref()));
            let (onclose, reload) = (onclose.clone(), reload.clone());
            sending.send(
                Request::post("/assignments", edit).because(&reason),
                move |answer: Answer<Accepted>| {
                    saying.done(said, answer.made);
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
    let is_whole = place_problem(&place, access.as_ref()).is_none() && !window.is_missing();
    let ask = is_whole && !sending.is_busy();
    let trial = role.as_ref().filter(|_| ask).map(|role| Request::post("/assignments", &edit(role)));
    let is_asked = trial.is_some();
    let verdict = use_trial(trial);
    reached.replace(verdict.reach.clone());
    let refusal = verdict.refusal.filter(|_| verdict.current);
    let blocked = refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let at = |field: &str| refusal.as_ref().and_then(|refusal| refusal.at(field));
    let (no_place, no_window) = (at(".scope"), at(".until").or_else(|| at(".from")));
    // What is wrong with neither is wrong with the role.
    let no_role = refusal.as_ref().filter(|_| no_place.is_none() && no_window.is_none());
    let no_role = no_role.map(|refusal| refusal.at(".role").unwrap_or_else(|| refusal.to_string()));
    let of = PrincipalKind::of(&principal);
    let rest = sending.beside(&FIELDS);
    let makes_superusers =
        superusers::makes_superusers(access.as_ref(), role.as_deref(), verdict.reach.as_deref());
    let onwindow = {
        let (window, sending) = (window.setter(), sending.clone());
        Callback::from(move |next: Window| {
            sending.forget();
            window.set(next);
        })
    };
    let unsaved = (role.is_some() || place != "/" || *window != Window::default())
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
            <WindowPicker window={(*window).clone()} tried={*tried} onchange={onwindow}
                error={no_window.map(AttrValue::from).or_else(|| sending.at(".until")).or_else(|| sending.at(".from"))} />
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

/// "Ana Ruiz now holds Operator at Server prod.", or from when on where that is later.
fn said(name: &str, edit: &AssignmentEdit, access: Option<&AccessHandle>) -> String {
    let role = role_name(access, &edit.role);
    let at = at_place(access, &edit.scope);
    match edit.from.filter(|from| *from > browser::now()) {
        Some(from) => format!("{name} holds {role}{at} from {} on.", text::moment(from)),
        None => format!("{name} now holds {role}{at}."),
    }
}
