//! As whom the app is seen, over everything else, and the way out.

use gloo::timers::callback::Timeout;
use rolewright_model::Viewed;
use rolewright_wire::session::View;
use serde::de::IgnoredAny;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::api::Request;
use crate::pages::view_as;
use crate::route::Route;
use crate::sending::{Told, use_sending};
use crate::session::{self, use_session};
use crate::widgets::Icon;
use crate::{browser, guard, nav, toast};

/// How long after its end by the clock the server is asked, and where it says otherwise asked again, in milliseconds.
const AFTER: i64 = 1_000;
const AGAIN: i64 = 30_000;

/// As whom the app is seen.
#[component]
pub fn ViewBanner() -> Html {
    let session = use_session();
    let sending = use_sending();
    let tries = use_state(|| 0_u32);
    let view = session.current().and_then(|session| session.view.clone());
    {
        let (session, tries, n) = (session.dispatcher(), tries.setter(), *tries);
        use_effect_with((view.as_ref().map(|view| view.until), n), move |(until, _)| {
            let timer = until.map(|until| {
                let rest = (until.0 - browser::now().0 + AFTER).max(if n == 0 { AFTER } else { AGAIN });
                Timeout::new(u32::try_from(rest).unwrap_or(u32::MAX), move || {
                    session::ask(session);
                    tries.set(n.wrapping_add(1));
                })
            });
            move || drop(timer)
        });
    }
    {
        // What the banner shows is said too, and that it is gone, whoever ended it where. A screen reader goes on at the page.
        let known = use_mut_ref(|| None::<Option<View>>);
        use_effect_with(view.clone(), move |view| {
            let before = known.replace(Some(view.clone()));
            if before.as_ref().is_some_and(|before| before != view) && !guard::is_unsaved() {
                let main = browser::element_by_id("main").and_then(|main| main.dyn_into().ok());
                main.iter().for_each(browser::focus);
            }
            match (before, view) {
                (Some(_), Some(view)) => {
                    toast::say(format!("Viewing as {}. Nothing can be changed until you exit.", name(view)));
                }
                (Some(Some(_)), None) => toast::say("You see the app as yourself again."),
                _ => {}
            }
        });
    }
    let Some(view) = view else { return html! {} };
    let onclick = {
        let (sending, session, whom) = (sending.clone(), session.dispatcher(), view.whom.clone());
        Callback::from(move |_: MouseEvent| {
            let (session, back) = (session.clone(), page_of(&whom));
            sending.ask(Request::delete(view_as::PATH, None), move |answer: Told<IgnoredAny>| match answer {
                // It was ended elsewhere.
                Err(error) if error.status() != 404 => toast::say_problem(error.to_string()),
                _ => session::ask_then(session, Callback::from(move |()| nav::replace_with(&back))),
            });
        })
    };
    html! {
        <section class="viewing" aria-label="Viewing as somebody else">
            <Icon name="eye" />
            <p class="viewing__words">{ "Viewing as " }<strong>{ name(&view) }</strong>{ ", read-only." }</p>
            <button type="button" class="viewing__exit" {onclick} aria-disabled={sending.is_busy().then_some("true")}>{ "Exit" }</button>
        </section>
    }
}

/// What they are called.
pub(super) fn name(view: &View) -> String {
    match view.whom {
        Viewed::User(_) => view.name.clone(),
        Viewed::Role(_) => format!("the role {}", view.name),
    }
}

/// Where it began.
fn page_of(whom: &Viewed) -> Route {
    match whom.clone() {
        Viewed::User(id) => Route::User { id },
        Viewed::Role(id) => Route::Role { id },
    }
}
