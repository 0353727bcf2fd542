//! The sheet of all shortcuts, from the table that the keys go by.

use yew::prelude::*;

use crate::access::use_access;
use crate::shortcuts::{self, Does, Shortcut};
use crate::widgets::{Dialog, keys};

/// The sheet.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Told when the person closes it.
    pub onclose: Callback<()>,
}

/// The sheet.
#[component]
pub fn ShortcutSheet(props: &Props) -> Html {
    let access = use_access();
    let (pages, others): (Vec<Shortcut>, Vec<Shortcut>) = shortcuts::all()
        .filter(|it| it.is_for(access.as_deref()))
        .partition(|it| matches!(it.does, Does::Go(_)));
    let list = |title: &'static str, all: Vec<Shortcut>| {
        html! {
            <section class="shortcuts__part">
                <h3 class="section-title">{ title }</h3>
                <dl class="shortcuts">
                    { for all.into_iter().map(|it| html! {
                        <div class="shortcuts__row" key={it.keys}><dt>{ it.what }</dt><dd>{ keys(it.keys) }</dd></div>
                    }) }
                </dl>
            </section>
        }
    };
    let words = if shortcuts::are_on() {
        "Keys without Ctrl do nothing while you type. They can be turned off in the menu under your name."
    } else {
        "Keys without Ctrl are turned off: turn them on in the menu under your name."
    };
    html! {
        <Dialog title="Keyboard shortcuts" onclose={props.onclose.clone()}>
            <p class="muted">{ words }</p>
            { list("Everywhere", others) }
            { list("Go to", pages) }
        </Dialog>
    }
}
