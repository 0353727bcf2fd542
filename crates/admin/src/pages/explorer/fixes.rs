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
    // To give a role, or a package, for one permission of many gives all the others.
    let wide = policy.and_then(|policy| wide(policy, &fix.steps));
    let gives_everything = matches!(wide, Some(Wide::Everything));
    html! {
        <>
            <p class="fix__label">{ label(fix) }</p>
            <p class="fix__reach"><Icon name={if fix.others == 0 { "user-check" } else { "users" }} />{ others }</p>
            if let Some(wide) = wide {
                <p class="fix__note">
                    { wide.words() }{ " " }
                    <Link to={Route::NewRole} class="text-link">{ "Create a narrow role instead" }</Link>
                </p>
            }
            <div class="fix__do">
                <Button small=true variant={if first && !gives_everything { crate::widgets::Variant::Primary } else { crate::widgets::Variant::Secondary }} {refused} {onclick}>{ "Review and do it" }<span class="visually-hidden">{ format!(": {}", label(fix)) }</span></Button>
            </div>
        </>
    }
}

/// From how many permissions on something is called wide.
const MANY: usize = 8;

/// That a fix gives much more than was asked for.
#[derive(Debug, PartialEq)]
enum Wide {
    /// A role of so many permissions.
    Role(usize),
    /// A package whose roles have so many together.
    Package(usize),
    /// A superuser role.
    Everything,
}

impl Wide {
    fn words(&self) -> String {
        match self {
            Self::Role(given) => format!("The role gives {given} permissions."),
            Self::Package(given) => format!("The package gives {given} permissions."),
            Self::Everything => "It gives everything, also what is added tomorrow.".to_owned(),
        }
    }
}

/// Whether these steps give much more than was asked for, and the most that one of them does.
fn wide(policy: &Policy, steps: &[Step]) -> Option<Wide> {
    let given = steps.iter().filter_map(|step| match step {
        Step::GiveRole { role, .. } | Step::AddToPackage { role, .. } => {
            Some((vec![role.as_str()], Wide::Role as fn(usize) -> Wide))
        }
        Step::SetPackage { package } => {
            let package = policy.state().documents().packages.get(package)?;
            let roles = package.roles.iter().map(|link| link.role.as_str()).collect();
            Some((roles, Wide::Package as fn(usize) -> Wide))
        }
        Step::Grant { .. } => None,
    });
    let given: Vec<_> = given.collect();
    let is_super = |role: &&str| policy.role(role).is_some_and(|role| role.superuser);
    if given.iter().any(|(roles, _)| roles.iter().any(is_super)) {
        return Some(Wide::Everything);
    }
    let counted = given.iter().map(|(roles, kind)| (given_by(policy, roles), kind));
    let (most, kind) = counted.max_by_key(|(given, _)| *given)?;
    (most > MANY).then(|| kind(most))
}

/// How many permissions roles give together above what everybody has.
fn given_by(policy: &Policy, roles: &[&str]) -> usize {
    let base = policy.base().map(|base| base.id.clone());
    let handles = policy.catalogue().handles();
    handles
        .filter(|handle| {
            let common = base.as_ref().map_or(Level::NONE, |base| policy.reached(base, *handle));
            roles.iter().any(|role| policy.reached(role, *handle) > common)
        })
        .count()
}
