//! One's own second factor: on or off, and what can be done about it.

use std::rc::Rc;

use rolewright_wire::session::{Proof, RecoveryCodes};
use serde::de::IgnoredAny;
use yew::prelude::*;

use super::codes::{Codes, shown};
use super::enrol::Enrol;
use super::proof::ProofForm;
use super::use_arrival;
use crate::api::{Answer, Request};
use crate::sending::use_sending;
use crate::session::{self, use_session};
use crate::toast;
use crate::widgets::{Button, Icon, Variant};

/// What is being done.
#[derive(Clone, PartialEq)]
enum Doing {
    Nothing,
    TurningOn,
    Replacing,
    Renewing,
    Renewed(Rc<[AttrValue]>),
    TurningOff,
}

/// How it stands.
#[component]
pub fn SecondFactor() -> Html {
    let session = use_session();
    let doing = use_state(|| Doing::Nothing);
    let sending = use_sending();
    let node = use_node_ref();
    let begin = |next: Doing| {
        let (doing, sending) = (doing.setter(), sending.clone());
        Callback::from(move |_: MouseEvent| {
            sending.forget();
            doing.set(next.clone());
        })
    };
    let oncancel = {
        let doing = doing.setter();
        Callback::from(move |()| doing.set(Doing::Nothing))
    };
    let ondone = {
        let (doing, session) = (doing.setter(), session.dispatcher());
        Callback::from(move |()| {
            let doing = doing.clone();
            session::ask_then(session.clone(), Callback::from(move |()| doing.set(Doing::Nothing)));
        })
    };
    let onrenew = {
        let (doing, sending) = (doing.setter(), sending.clone());
        Callback::from(move |proof: Proof| {
            sending.forget();
            let doing = doing.clone();
            let request = Request::post("/session/second-factor/recovery-codes", &proof);
            sending.send(request, move |answer: Answer<RecoveryCodes>| {
                doing.set(Doing::Renewed(shown(&answer.body)));
            });
        })
    };
    let onoff = {
        let (ondone, sending) = (ondone.clone(), sending.clone());
        Callback::from(move |proof: Proof| {
            sending.forget();
            let ondone = ondone.clone();
            let request = Request::delete_with("/session/second-factor", &proof);
            sending.send(request, move |_: Answer<IgnoredAny>| {
                toast::say("Your second factor is off. Set it up again to sign in with a code.");
                ondone.emit(());
            });
        })
    };
    let step = match *doing {
        Doing::Nothing => 0,
        Doing::TurningOn | Doing::Replacing | Doing::Renewing | Doing::TurningOff => 1,
        Doing::Renewed(_) => 2,
    };
    use_arrival(&node, step, false);
    let Some(person) = session.current() else { return html! {} };
    let kept = person.second_factor_stays.then(|| {
        AttrValue::from(format!(
            "{} asks for a second factor of you. You may replace it.",
            person.tenant_name
        ))
    });
    let body = match &*doing {
        Doing::Nothing if person.second_factor => html! {
            <div class="form" key="on">
                <p class="level level--granted"><Icon name="circle-check" />{ "It is on." }</p>
                <div class="account__actions">
                    <Button autofocus=true onclick={begin(Doing::Replacing)}>{ "Replace authenticator" }</Button>
                    <Button onclick={begin(Doing::Renewing)}>{ "New recovery codes" }</Button>
                    <Button refused={kept} onclick={begin(Doing::TurningOff)}>{ "Turn off" }</Button>
                </div>
            </div>
        },
        Doing::Nothing => html! {
            <div class="form" key="off">
                <p class="level level--none"><Icon name="circle" />{ "It is off." }</p>
                <div class="account__actions">
                    <Button variant={Variant::Primary} autofocus=true onclick={begin(Doing::TurningOn)}>{ "Set up" }</Button>
                </div>
            </div>
        },
        Doing::TurningOn | Doing::Replacing => html! {
            <Enrol key="enrol" replaces={*doing == Doing::Replacing} oncancel={oncancel} {ondone} />
        },
        Doing::Renewing => html! {
            <ProofForm key="renew" verb="Make new codes" {sending} onproof={onrenew} {oncancel}>
                <p class="muted">{ "You get ten new recovery codes. Those that you have are good no more." }</p>
            </ProofForm>
        },
        Doing::Renewed(codes) => html! { <Codes key="codes" codes={codes.clone()} {ondone} /> },
        Doing::TurningOff => html! {
            <ProofForm key="off" verb="Turn off" danger=true {sending} onproof={onoff} {oncancel}>
                <p class="muted">{ "You sign in with your password alone then, and your recovery codes are good no more." }</p>
            </ProofForm>
        },
    };
    html! { <div ref={node}>{ body }</div> }
}
