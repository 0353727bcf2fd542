//! The dialog that gives a person, or a group, a role.

use std::rc::Rc;

use rolewright_model::change::AssignmentEdit;
use rolewright_model::directory::{Principal, Source};
use rolewright_wire::Accepted;
use yew::prelude::*;

use crate::access::use_access;
use crate::api;
use crate::pages::users::choices;
use crate::pickers::{PlacePicker, place_problem};
use crate::states::{use_failure, use_flag};
use crate::toast;
use crate::trial::{Trial, use_trial};
use crate::widgets::{Banner, Button, Combobox, DialogForm, Tone, Variant};

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
    let busy = use_flag();
    let error = use_failure();
    let name = props.name.clone();
    let principal = props.principal.clone();
    let list = use_memo((access.clone(), principal.clone()), |(access, principal)| {
        access.as_ref().map_or_else(|| Rc::from([]), |access| choices(access, principal))
    });
    let onpick = {
        let (role, wrong, error) = (role.setter(), wrong.clone(), error.setter());
        Callback::from(move |id: AttrValue| {
            wrong.set((None, wrong.1.clone()));
            error.set(None);
            role.set(Some(id.to_string()));
        })
    };
    let onsubmit = {
        let (access, role, scope, wrong, busy, error) =
            (access.clone(), role.clone(), scope.clone(), wrong.clone(), busy.clone(), error.clone());
        let principal = principal.clone();
        let (onclose, reload, name) = (props.onclose.clone(), props.reload.clone(), name.clone());
        Callback::from(move |()| {
            let place = (*scope).clone();
            let no_role = role.is_none().then(|| "Choose the role to give.".to_owned());
            let no_place = place_problem(&place, access.as_ref());
            wrong.set((no_role, no_place.clone()));
            let (Some(role), None, false) = ((*role).clone(), no_place, *busy) else { return };
            busy.set(true);
            let body = AssignmentEdit {
                principal: principal.clone(),
                role: role.clone(),
                scope: place,
                source: Source::Direct,
                from: None,
                until: None,
            };
            let role_name = access.as_ref().map_or(role.clone(), |access| access.role_name(&role));
            let (busy, error, onclose, reload, name) =
                (busy.clone(), error.clone(), onclose.clone(), reload.clone(), name.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let answer = api::post::<_, Accepted>("/assignments", &body).await;
                busy.set(false);
                match answer {
                    Ok(_) => {
                        toast::say(format!("{name} now holds {role_name}."));
                        onclose.emit(());
                        reload.emit(());
                    }
                    Err(problem) => error.set(Some(problem)),
                }
            });
        })
    };
    let set_scope = {
        let (scope, wrong, error) = (scope.setter(), wrong.clone(), error.setter());
        Callback::from(move |path: String| {
            wrong.set((wrong.0.clone(), None));
            error.set(None);
            scope.set(path);
        })
    };
    let chosen = role
        .as_ref()
        .map(|role| AttrValue::from(access.as_ref().map_or(role.clone(), |access| access.role_name(role))));
    let held = *scope == "/" && role.as_ref().is_some_and(|role| props.held.contains(role));
    // Nobody gives what they do not hold: what the role comes to is for the server to say, as soon as it is picked.
    let place = (*scope).clone();
    let ask = !*busy && place_problem(&place, access.as_ref()).is_none();
    let trial = role.as_ref().filter(|_| ask).map(|role| {
        let body = AssignmentEdit {
            principal: principal.clone(),
            role: role.clone(),
            scope: place.clone(),
            source: Source::Direct,
            from: None,
            until: None,
        };
        Trial::post("/assignments", &body)
    });
    let verdict = use_trial(trial.flatten());
    let refusal = verdict.refusal.filter(|_| verdict.current);
    let blocked = refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let (no_role, no_place) = match &refusal {
        Some(refusal) => match (refusal.at(".scope"), refusal.at(".role")) {
            (Some(place), _) => (None, Some(place)),
            (None, role) => (Some(role.unwrap_or_else(|| refusal.to_string())), None),
        },
        None => (None, None),
    };
    let at = |field: &str| error.as_ref().and_then(|error| error.at(field));
    let rest = error.as_ref().and_then(|error| error.beside(&FIELDS));
    html! {
        <DialogForm title={format!("Assign a role to {name}")} onclose={props.onclose.clone()} {onsubmit} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Primary} submit=true busy={*busy} refused={blocked} tip_end=true>{ "Assign role" }</Button>
            </>
        }}>
            <div class="slot">
                if let Some(rest) = rest {
                    <Banner tone={Tone::Problem}>{ rest }</Banner>
                }
            </div>
            <Combobox label="Role" autofocus=true choices={(*list).clone()} {chosen} placeholder="Find a role" {onpick}
                error={wrong.0.clone().or(no_role).or_else(|| at(".role")).map(AttrValue::from)} />
            <div class="slot">
                if held {
                    <p class="field__hint">{ "This role is held already. Assigning it gives it a second source." }</p>
                }
            </div>
            <PlacePicker onchange={set_scope}
                error={wrong.1.clone().or(no_place).or_else(|| at(".scope")).map(AttrValue::from)} />
        </DialogForm>
    }
}
