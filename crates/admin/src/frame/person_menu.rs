//! Who is signed in, how the app looks, and the way out.

use std::rc::Rc;

use yew::prelude::*;

use crate::look::LOOKS;
use crate::nav::Link;
use crate::route::Route;
use crate::session::{self, use_session};
use crate::shortcuts;
use crate::text;
use crate::widgets::{Icon, Segment, Segmented, use_floating};

/// That single keys do something.
const ON: &str = "On";

/// Who is signed in, and what they may choose for themselves.
#[component]
pub fn PersonMenu() -> Html {
    let session = use_session();
    // What the device is set to is read anew whenever this opens: the search sets it too.
    let again = use_force_update();
    let it = use_floating(true);
    let Some(person) = session.current().cloned() else { return html! {} };
    let sign_out = {
        let session = session.dispatcher();
        Callback::from(move |_: MouseEvent| {
            session::sign_out(session.clone());
        })
    };
    let close = {
        let sheet = it.floating.clone();
        Callback::from(move |()| {
            if let Some(sheet) = sheet.cast::<web_sys::HtmlElement>() {
                let _ = sheet.hide_popover();
            }
        })
    };
    let segment = |label: &'static str| Segment {
        id: label.into(),
        label: label.into(),
        description: "".into(),
        inherited: false,
    };
    let looks = LOOKS.map(|look| {
        let again = again.clone();
        let onchange = Callback::from(move |chosen: AttrValue| {
            look.choose(&chosen);
            again.force_update();
        });
        let segments: Rc<[Segment]> = look.labels().map(segment).collect();
        html! {
            <div class="person__row" key={look.name}>
                <span class="person__label">{ look.name }</span>
                <Segmented label={look.name} {segments} value={look.current()} {onchange} />
            </div>
        }
    });
    let keys: Rc<[Segment]> = [ON, "Off"].map(segment).into();
    let onkeys = Callback::from(move |chosen: AttrValue| {
        shortcuts::turn(chosen == ON);
        again.force_update();
    });
    html! {
        <div class="person">
            <button type="button" class="person__button" ref={it.anchor.clone()} onpointerdown={it.onpointerdown.clone()} onclick={it.onclick.clone()} aria-expanded={it.open.to_string()} aria-haspopup="dialog" aria-label={format!("Account of {}", person.name)}>
                <span class="avatar" aria-hidden="true" data-initials={text::initials(&person.name)}></span>
                <span class="person__name">{ person.name.clone() }</span>
                <Icon name="chevron-down" />
            </button>
            <div class="floating person__sheet" ref={it.floating.clone()} popover="auto" role="dialog" aria-label="Account">
                <div class="person__who">
                    <strong>{ person.name.clone() }</strong>
                    <span>{ person.email.clone() }</span>
                </div>
                { for looks }
                <div class="person__row">
                    <span class="person__label">{ "Single-key shortcuts" }</span>
                    <Segmented label="Single-key shortcuts" segments={keys} value={if shortcuts::are_on() { ON } else { "Off" }} onchange={onkeys} />
                </div>
                if person.view.is_none() {
                    <Link to={Route::Account} class="menu__item" onfollow={close}>
                        <Icon name="user" /><span class="menu__words">{ "Your account" }</span>
                    </Link>
                }
                <button type="button" class="menu__item" onclick={sign_out}>
                    <Icon name="log-out" /><span class="menu__words">{ "Sign out" }</span>
                </button>
            </div>
        </div>
    }
}
