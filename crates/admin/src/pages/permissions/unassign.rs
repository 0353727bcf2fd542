//! The dialog that takes assignments of a role away: whom that reaches, and who holds the role still.

use std::collections::BTreeSet;
use std::rc::Rc;

use rolewright_model::change::Kind;
use rolewright_wire::assignment::{AssignmentView, PrincipalKind};
use rolewright_wire::batch::Version;
use serde::Serialize;
use yew::prelude::*;

use super::{count, ways};
use crate::access::use_access;
use crate::api::Encoded;
use crate::batch::{Batch, Made, failed, use_batch};
use crate::pages::audit::use_saying;
use crate::pages::names::folded;
use crate::pages::reached::{reach_words, told};
use crate::pages::reason::reason_field;
use crate::states::{use_flag, use_text};
use crate::text;
use crate::widgets::{Button, Dialog, Variant, unsaved};

/// How many of those who still hold it are named.
const NAMED: usize = 8;

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// From what kind of principals.
    pub of: PrincipalKind,
    /// What the role is called.
    pub role: AttrValue,
    /// What is taken away.
    pub chosen: Rc<[AssignmentView]>,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when it is done.
    pub ondone: Callback<()>,
}

/// The one kind of change that it has. Every kind of `Change` would be downloaded with it.
#[derive(Serialize)]
struct Unassign {
    change: &'static str,
    id: String,
}

impl Unassign {
    /// Takes that assignment away.
    fn of(id: &str) -> Self {
        Self { change: "unassign", id: id.to_owned() }
    }
}

/// The dialog.
#[component]
pub fn UnassignDialog(props: &Props) -> Html {
    let access = use_access();
    let Props { of, role, chosen, .. } = props;
    let policy = access.as_ref().and_then(|access| access.policy());
    let staying = ways::staying(chosen, policy);
    let whom = match &chosen[..] {
        [only] if *of != PrincipalKind::Everyone => only.principal_name.clone(),
        _ if *of == PrincipalKind::Everyone => "everyone".to_owned(),
        all => count(*of, all.iter().map(|view| &view.assignment.principal).collect::<BTreeSet<_>>().len()),
    };
    let batch = Batch {
        changes: chosen.iter().map(|view| Unassign::of(&view.assignment.id)).collect(),
        // Only what was shown is taken away.
        versions: chosen
            .iter()
            .map(|view| Version {
                kind: Kind::Assignment,
                id: view.assignment.id.clone(),
                etag: view.etag.clone(),
            })
            .collect(),
    };
    let (saying, reason, whole) = (use_saying(), use_text(), use_flag());
    let made = {
        let (onclose, ondone) = (props.onclose.clone(), props.ondone.clone());
        let remains = match &staying[..] {
            [] => String::new(),
            [(name, through)] => format!(" {name} still holds it through {}.", through.join(" and ")),
            many => format!(" {} of them still hold it in another way.", text::number(many.len() as u64)),
        };
        let said = format!("{role} unassigned from {whom}.");
        Callback::from(move |Made { reach, revision }: Made| {
            let reached = reach.map(|reach| format!(" {}", reach_words(&reach))).unwrap_or_default();
            saying.done(format!("{said}{reached}{remains}"), revision);
            onclose.emit(());
            ondone.emit(());
        })
    };
    let making = use_batch(Encoded::of(&batch), made);
    let make = {
        let reason = reason.trim().to_owned();
        making.make.reform(move |_: MouseEvent| reason.clone())
    };
    let refusal = making.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    html! {
        <Dialog title={format!("Unassign {role} from {whom}?")} alert=true onclose={props.onclose.clone()} unsaved={unsaved(&[&reason])} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Danger} busy={making.busy} refused={refusal.clone()} tip_end=true
                    onclick={make}>{ "Unassign" }</Button>
            </>
        }}>
            <p>
                { "It is taken away here, at once." }
                if *of == PrincipalKind::Groups {
                    { " A member who holds the role in another way too keeps it: unassign it there as well." }
                }
            </p>
            if !staying.is_empty() {
                <div class="staying">
                    <p>{ "Who holds it in another way too keeps it:" }</p>
                    { folded(&whole, "staying__list", NAMED, staying.len(), &staying, |(name, through)| html! {
                        <li key={name.clone()}><strong>{ name.clone() }</strong>{ format!(" still holds it through {}.", through.join(" and ")) }</li>
                    }) }
                </div>
            }
            <div class="reach" role="status">
                { told(making.reach.as_ref(), refusal.as_ref().map(ToString::to_string).or_else(|| {
                    making.failure.as_ref().map(|_| "Close this, and choose again.".to_owned())
                })) }
            </div>
            { reason_field(&reason) }
            { failed(making.failure.as_ref()) }
        </Dialog>
    }
}
