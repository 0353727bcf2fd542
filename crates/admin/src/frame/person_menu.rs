//! Who is signed in, how the app looks, and the way out.

use std::rc::Rc;

use yew::prelude::*;

use crate::nav::Link;
use crate::route::Route;
use crate::session::{self, use_session};
use crate::text;
use crate::theme::Theme;
use crate::widgets::{Icon, Segment, Segmented, use_floating};

/// Who is signed in, and what they may choose for themselves.
#[component]
pub fn PersonMenu() -> Html {
    let session = use_session();
    let theme = use_state(Theme::current);
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
    let segment = |theme: Theme| Segment {
        id: theme.label().into(),
        label: theme.label().into(),
        description: "".into(),
        inherited: false,
    };
    let themes: Rc<[Segment]> = Theme::ALL.into_iter().map(segment).collect();
    let onchange = {
        let theme = theme.clone();
        Callback::from(move |chosen: AttrValue| {
            if let Some(chosen) = Theme::ALL.into_iter().find(|theme| theme.label() == chosen) {
                chosen.apply();
                theme.set(chosen);
            }
        })
    };
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
                <div class="person__row">
                    <span class="person__label">{ "Theme" }</span>
                    <Segmented label="Theme" segments={themes} value={theme.label()} {onchange} />
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
