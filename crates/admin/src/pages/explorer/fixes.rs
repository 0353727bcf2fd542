//! What would allow what is refused: the smallest changes as cards, those by which the fewest others gain first.

use std::rc::Rc;

use rolewright_model::fix::Step;
use rolewright_model::{Level, Stamp};
use yew::prelude::*;

use super::explained::Remedy;
use crate::access::use_access;
use crate::nav::Link;
use crate::pages::fix::{Fix, FixDialog};
use crate::policy::Policy;
use crate::route::Route;
use crate::text;
use crate::widgets::{Button, Icon};

/// The fixes, and where the tenant was when they were named.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The fixes.
    pub fixes: Rc<[Remedy]>,
    /// Where the tenant was.
    pub at: Stamp,
}

/// The cards, and the dialog of the one that is chosen.
#[component]
pub fn Fixes(props: &Props) -> Html {
    let access = use_access();
    let chosen = use_state(|| None::<String>);
    let close = use_callback(chosen.setter(), |(), chosen| chosen.set(None));
    let policy = access.as_ref().and_then(|access| access.policy());
    let refused = access.as_ref().and_then(|access| access.held_back());
    let open = props.fixes.iter().find(|fix| Some(&fix.label) == chosen.as_ref()).map(|fix| Fix {
        label: label(fix),
        change: fix.change.clone(),
        at: props.at,
    });
    html! {
        <div class="slot">
            if !props.fixes.is_empty() {
                <section class="answer__part">
                    <h2 class="section-title">{ "What would allow it" }</h2>
                    <ul class="fixes">
                        { for props.fixes.iter().enumerate().map(|(position, fix)| {
                            let (chosen, name) = (chosen.setter(), fix.label.clone());
                            let onclick = Callback::from(move |_: MouseEvent| chosen.set(Some(name.clone())));
                            html! { <li key={fix.label.clone()} class="fix">{ card(policy, fix, position == 0, refused.clone(), onclick) }</li> }
                        }) }
                    </ul>
                </section>
            }
            if let Some(fix) = open {
                <FixDialog {fix} onclose={close} />
            }
        </div>
    }
}

fn label(fix: &Remedy) -> String {
    text::title(&text::plain(&fix.label))
}

fn card(
    policy: Option<&Policy>,
    fix: &Remedy,
    first: bool,
    refused: Option<AttrValue>,
    onclick: Callback<MouseEvent>,
) -> Html {
    let others = match fix.others {
        0 => "Nobody else gains it.".to_owned(),
        others => format!("{} it too.", text::count(others, "other person gains", "other people gain")),
    };
    // To give a role for one permission of many gives all the others.
    let wide = policy.and_then(|policy| {
        let given = fix.steps.iter().filter_map(|step| match step {
            Step::GiveRole { role, .. } => Some(given_by(policy, role)),
            _ => None,
        });
        given.max().filter(|given| *given > MANY)
    });
    html! {
        <>
            <p class="fix__label">{ label(fix) }</p>
            <p class="fix__reach"><Icon name={if fix.others == 0 { "user-check" } else { "users" }} />{ others }</p>
            if let Some(given) = wide {
                <p class="fix__note">
                    { format!("The role gives {given} permissions. ") }
                    <Link to={Route::NewRole} class="text-link">{ "Create a narrow role instead" }</Link>
                </p>
            }
            <div class="fix__do">
                <Button small=true variant={if first { crate::widgets::Variant::Primary } else { crate::widgets::Variant::Secondary }} {refused} {onclick}>{ "Review and do it" }<span class="visually-hidden">{ format!(": {}", label(fix)) }</span></Button>
            </div>
        </>
    }
}

/// From how many permissions on a role is called wide.
const MANY: usize = 8;

/// How many permissions a role gives above what everybody has.
fn given_by(policy: &Policy, role: &str) -> usize {
    let base = policy.base().map(|base| base.id.clone());
    let reached = |role: &str, handle| policy.reached(role, handle);
    let handles = policy.catalogue().handles();
    handles
        .filter(|handle| {
            let common = base.as_ref().map_or(Level::NONE, |base| reached(base, *handle));
            reached(role, *handle) > common
        })
        .count()
}
