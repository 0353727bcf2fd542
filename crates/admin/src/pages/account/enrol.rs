//! Turns the second factor on, or puts another authenticator in its place: who one is, what the authenticator keeps, and
//! what stands in for it when it is lost.

use std::rc::Rc;

use rolewright_wire::session::{Enrolment, Proof, RecoveryCodes};
use yew::prelude::*;

use super::codes::{Codes, shown};
use super::proof::ProofForm;
use super::scan::ScanForm;
use super::use_arrival;
use crate::api::{Answer, Request};
use crate::sending::use_sending;

/// How far it is.
enum Step {
    /// Nothing is begun.
    Proof,
    /// The authenticator shall keep this.
    Scan(Rc<Enrolment>),
    /// It is on; these are told once.
    Codes(Rc<[AttrValue]>),
}

/// What is turned on.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether there is an authenticator already, in whose place another comes.
    #[prop_or_default]
    pub replaces: bool,
    /// Told when the person goes back; none where there is no way back.
    #[prop_or_default]
    pub oncancel: Option<Callback<()>>,
    /// Told when it is on and the codes are saved.
    pub ondone: Callback<()>,
}

/// The steps.
#[component]
pub fn Enrol(props: &Props) -> Html {
    let step = use_state(|| Step::Proof);
    let sending = use_sending();
    let node = use_node_ref();
    let number = match &*step {
        Step::Proof => 0,
        Step::Scan(_) => 1,
        Step::Codes(_) => 2,
    };
    use_arrival(&node, number, true);
    let onproof = {
        let (step, sending, replaces) = (step.setter(), sending.clone(), props.replaces);
        Callback::from(move |proof: Proof| {
            sending.forget();
            let step = step.clone();
            let path = if replaces { "/session/second-factor/replace" } else { "/session/second-factor" };
            sending.send(Request::post(path, &proof), move |answer: Answer<Enrolment>| {
                step.set(Step::Scan(Rc::new(answer.body)));
            });
        })
    };
    let onconfirmed = {
        let step = step.setter();
        Callback::from(move |codes: RecoveryCodes| step.set(Step::Codes(shown(&codes))))
    };
    html! {
        <div ref={node}>
            { match &*step {
                Step::Proof => html! {
                    <ProofForm key="proof" verb="Continue" {sending} {onproof} oncancel={props.oncancel.clone()}>
                        <p class="muted">
                            { if props.replaces {
                                "Your authenticator stays good until the new one is confirmed. Your recovery codes are made anew."
                            } else {
                                "Have an authenticator app at hand: most password managers are one."
                            } }
                        </p>
                    </ProofForm>
                },
                Step::Scan(enrolment) => html! {
                    <ScanForm key="scan" enrolment={enrolment.clone()} replaces={props.replaces} {onconfirmed} oncancel={props.oncancel.clone()} />
                },
                Step::Codes(codes) => html! {
                    <Codes key="codes" codes={codes.clone()} ondone={props.ondone.clone()} />
                },
            } }
        </div>
    }
}
