//! What would allow what is refused: the smallest changes as cards, those that give the least first.

use std::rc::Rc;

use rolewright_model::Stamp;
use yew::prelude::*;

use super::explained::Remedy;
use crate::access::use_access;
use crate::nav::Link;
use crate::pages::fix::{Fix, FixDialog};
use crate::route::Route;
use crate::text;
use crate::widgets::{Button, Icon, Variant};

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
                            html! { <li key={fix.label.clone()} class="fix">{ card(fix, position == 0, refused.clone(), onclick) }</li> }
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

/// From how many permissions on a fix is called wide: much more than what was asked for.
const MANY: u64 = 8;

fn card(fix: &Remedy, first: bool, refused: Option<AttrValue>, onclick: Callback<MouseEvent>) -> Html {
    let others = match fix.others {
        0 => "Nobody else gains it.".to_owned(),
        others => format!("{} it too.", text::count(others, "other person gains", "other people gain")),
    };
    let gives = match fix.superuser {
        true => "It gives everything, also what is added tomorrow.".to_owned(),
        false => format!("It gives {}.", text::count(fix.gains, "permission", "permissions")),
    };
    // For one permission of many it gives all the others, which is not what is proposed.
    let is_wide = fix.superuser || fix.gains > MANY;
    let variant = if first && !is_wide { Variant::Primary } else { Variant::Secondary };
    html! {
        <>
            <p class="fix__label">{ label(fix) }</p>
            <p class="fix__reach"><Icon name={if fix.others == 0 { "user-check" } else { "users" }} />{ others }</p>
            <p class="fix__reach"><Icon name="shield" />{ gives }</p>
            if is_wide {
                <p class="fix__note">
                    { "That is much more than was asked for." }{ " " }
                    <Link to={Route::NewRole} class="text-link">{ "Create a narrow role instead" }</Link>
                </p>
            }
            <div class="fix__do">
                <Button small=true {variant} {refused} {onclick}>{ "Review and do it" }<span class="visually-hidden">{ format!(": {}", label(fix)) }</span></Button>
            </div>
        </>
    }
}
