//! What a person may do: for the whole tenant, or at one of the places where they hold something more.

use std::collections::BTreeSet;
use std::rc::Rc;

use rolewright_model::console;
use rolewright_model::explain::{HeldRole, NotCounting};
use yew::prelude::*;

use super::effective::Effective;
use super::page::Loaded;
use crate::access::{place_name, use_access};
use crate::browser;
use crate::pages::explorer::{Asked, Tab, What};
use crate::states::use_text;
use crate::widgets::use_id;

/// The permissions of a person.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whose.
    pub user: Loaded,
}

/// The permissions of a person.
#[component]
pub fn Permissions(props: &Props) -> Html {
    let access = use_access();
    let chosen = use_text();
    let id = use_id();
    let view = props.user.view();
    let places = places(&view.roles);
    let policy = access.as_ref().and_then(|access| access.policy());
    let words = |path: &str| place_name(access.as_ref(), path);
    let explains =
        policy.is_some() && access.as_ref().is_some_and(|access| access.may(console::ACCESS_EXPLAIN));
    let onchange =
        use_callback(chosen.setter(), |event: web_sys::Event, chosen| chosen.set(browser::chosen_in(event)));
    // One that they hold nothing at any more is everything again.
    let at = places.get(&**chosen).filter(|_| explains);
    html! {
        <>
            if explains && !places.is_empty() {
                <div class="filters">
                    <label class="field__label" for={id.clone()}>{ "Where" }</label>
                    <select class="select select--small" {id} {onchange}>
                        <option value="" selected={at.is_none()}>{ words("/") }</option>
                        { for places.iter().map(|path| html! {
                            <option key={*path} value={(*path).to_owned()} selected={at == Some(path)}>{ words(path) }</option>
                        }) }
                    </select>
                    if at.is_none() {
                        <p class="muted">{ "What counts at a place alone is not listed here: choose the place." }</p>
                    }
                </div>
            } else if !places.is_empty() {
                <p class="muted">
                    { format!("What counts at a place alone is not listed here: {}.", places.iter().map(|path| words(path)).collect::<Vec<_>>().join(", ")) }
                </p>
            }
            if let Some(path) = at {
                <What key={*path} name={view.user.display_name()}
                    asked={Rc::new(Asked { tab: Tab::What, subject: view.user.id.clone(), place: (*path).to_owned(), ..Asked::default() })} />
            } else {
                <Effective key="everything" user={props.user.clone()} />
            }
        </>
    }
}

/// Where something counts that does not for the whole tenant.
fn places(roles: &[HeldRole]) -> BTreeSet<&str> {
    let counts = |held: &&HeldRole| matches!(held.not_counting, None | Some(NotCounting::WrongScope));
    roles.iter().filter(counts).map(|held| held.scope.as_str()).filter(|scope| *scope != "/").collect()
}
