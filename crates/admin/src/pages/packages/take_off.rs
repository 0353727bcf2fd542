//! Takes a person off a package: at once, with the way back. Where there is none, or it is oneself, that is asked about first.

use rolewright_wire::Accepted;
use rolewright_wire::user::{UserRow, UserView};
use yew::prelude::*;

use super::put_on;
use crate::api::{Encoded, Request};
use crate::pages::audit::use_saying;
use crate::pages::confirm::{ConfirmDialog, this_is_you};
use crate::pages::reached::reach_words;
use crate::sending::{Told, use_sending};
use crate::session::use_session;
use crate::toast;
use crate::trial::Tried;
use crate::widgets::IconButton;

/// Who leaves what.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The package's id.
    pub package: AttrValue,
    /// What a person reads of it.
    pub name: AttrValue,
    /// Who is on it.
    pub person: UserRow,
    /// Why they cannot be taken off it.
    pub refused: Option<AttrValue>,
    /// Told when they are not on it any more.
    pub ondone: Callback<()>,
}

/// The button, and what it asks.
#[component]
pub fn TakeOff(props: &Props) -> Html {
    let own = use_session().current().is_some_and(|person| person.user == props.person.id);
    let (sending, saying) = (use_sending(), use_saying());
    let asked = use_state(|| None::<Encoded>);
    let done = format!("{} is no longer on {}.", props.person.name, props.name);
    let take_off = {
        let (sending, done, ondone) = (sending.clone(), done.clone(), props.ondone.clone());
        move |body: Encoded| {
            let request = Request::of("/batch", body);
            let (making, ondone) = (sending.clone(), ondone.clone());
            sending.ask(request.clone().tried(), move |tried: Told<Tried>| match tried {
                Ok(tried) => {
                    let reached = tried.body.reach.map(|reach| reach_words(&reach)).unwrap_or_default();
                    making.ask(request, move |answer: Told<Accepted>| match answer {
                        Ok(answer) => {
                            saying.done(format!("{done} {reached}"), answer.made);
                            ondone.emit(());
                        }
                        Err(problem) => toast::say_problem(problem.to_string()),
                    });
                }
                Err(problem) => toast::say_problem(problem.to_string()),
            });
        }
    };
    let onclick = {
        let (sending, asked, ondone) = (sending.clone(), asked.setter(), props.ondone.clone());
        let (package, name, person) = (props.package.clone(), props.name.clone(), props.person.clone());
        let asks = own || !saying.undoes();
        Callback::from(move |_: MouseEvent| {
            let (asked, take_off, ondone) = (asked.clone(), take_off.clone(), ondone.clone());
            let (package, name, person) = (package.clone(), name.clone(), person.clone());
            let path = format!("/users/{}", js_sys::encode_uri_component(&person.id));
            sending.ask(Request::get(path), move |found: Told<UserView>| match found {
                // Only the package that was shown is taken away.
                Ok(found) if found.body.user.package.as_ref().is_some_and(|link| package == link.package) => {
                    let etag = found.etag.unwrap_or_default();
                    match Encoded::of(&put_on(None, &[(&person.id, &etag)])) {
                        body if asks => asked.set(body),
                        Some(body) => take_off(body),
                        None => {}
                    }
                }
                Ok(found) => {
                    toast::say(match found.body.user.package {
                        Some(_) => format!("{} was put on another package meanwhile.", person.name),
                        None => format!("{} is not on {name} any more.", person.name),
                    });
                    ondone.emit(());
                }
                Err(problem) => toast::say_problem(problem.to_string()),
            });
        })
    };
    let close = use_callback(asked.setter(), |(), asked| asked.set(None));
    html! {
        <>
            <IconButton icon="user-x" label={format!("Take {} off {}", props.person.name, props.name)} refused={props.refused.clone()} {onclick} />
            if let Some(body) = &*asked {
                <ConfirmDialog title={format!("Take {} off {}?", props.person.name, props.name)} verb="Take off" change={Request::of("/batch", body.clone())}
                    {done} onclose={close} ondone={props.ondone.clone()}>
                    if own {
                        { this_is_you("What you have by it alone is gone at once, and you may not be able to give it back to yourself.") }
                    }
                </ConfirmDialog>
            }
        </>
    }
}
