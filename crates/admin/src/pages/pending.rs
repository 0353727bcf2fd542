//! What is edited and not saved yet: the bar under the page, and the dialog that shows each change before it is saved.

use std::rc::Rc;

use rolewright_wire::reach::Reach;
use yew::prelude::*;

use super::by_person::ByPerson;
use super::reached::reach_words;
use super::reason::reason_field;
use super::role_editor::SaveBar;
use crate::access::use_tree;
use crate::states::{use_flag, use_text};
use crate::tree::Tally;
use crate::widgets::{Button, Dialog, Icon, Variant, unsaved};

/// What is not saved yet; something.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// How many changes.
    pub tally: Tally,
    /// Who holds what is edited, in a sentence, where that is known before the server says whom saving reaches.
    #[prop_or_default]
    pub holders: Option<AttrValue>,
    /// Whom saving reaches, once the server has said it.
    pub reach: Option<Rc<Reach>>,
    /// What saving comes to, where that is not only whom it reaches.
    #[prop_or_default]
    pub words: Option<AttrValue>,
    /// Whether it is being saved.
    pub busy: bool,
    /// What is wrong with it, as far as no field says so.
    pub problem: Option<AttrValue>,
    /// Why it cannot be saved so.
    pub blocked: Option<AttrValue>,
    /// The changes, of [`change`].
    pub changes: Html,
    /// Gives them up.
    pub ondiscard: Callback<()>,
    /// Saves them, for the reason that is told; an empty one is none.
    pub onsave: Callback<String>,
}

/// The bar, and the dialog.
#[component]
pub fn Pending(props: &Props) -> Html {
    let tree = use_tree();
    let (reviewing, reason) = (use_flag(), use_text());
    let Props { tally, holders, reach, words, busy, problem, blocked, ondiscard, onsave, .. } = props;
    let review = use_callback(reviewing.setter(), |(), reviewing| reviewing.set(true));
    let close = use_callback(reviewing.setter(), |(), reviewing| reviewing.set(false));
    // What comes of it is said in the bar.
    let save = {
        let (close, onsave, reason) = (close.clone(), onsave.clone(), reason.trim().to_owned());
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            onsave.emit(reason.clone());
        })
    };
    let said = words.clone().or_else(|| reach.as_ref().map(|reach| reach_words(reach).into()));
    html! {
        <>
            <SaveBar tally={*tally} holders={holders.clone()} several=true reach={reach.clone()} words={words.clone()} busy={*busy}
                problem={problem.clone()} blocked={blocked.clone()} verb="Save" onreview={review} ondiscard={ondiscard.clone()} onsave={onsave.clone()} />
            <div class="slot">
                if *reviewing {
                    <Dialog title="Review changes" onclose={close.clone()} unsaved={unsaved(&[&reason])} footer={html! {
                        <>
                            <Button onclick={close.reform(|_| ())}>{ "Keep editing" }</Button>
                            <Button variant={Variant::Primary} autofocus=true refused={blocked.clone()} tip_end=true onclick={save}>{ "Save" }</Button>
                        </>
                    }}>
                        <p role="status">{ said.unwrap_or_default() }</p>
                        <ul class="diff">{ props.changes.clone() }</ul>
                        if let Some(reach) = reach.as_ref().filter(|reach| !reach.people.is_empty()) {
                            <ByPerson tree={tree.clone()} reach={reach.clone()} />
                        }
                        { reason_field(&reason) }
                    </Dialog>
                }
            </div>
        </>
    }
}

/// What becomes of something.
#[derive(Clone, Copy)]
pub enum Becomes<'s> {
    /// It comes.
    Added,
    /// It goes.
    Removed,
    /// It was this, and is that.
    Edited(&'s str, &'s str),
}

/// One change.
pub fn change(name: &str, becomes: Becomes<'_>) -> Html {
    let (icon, class, words) = match becomes {
        Becomes::Added => ("plus", "diff__row--added", html! { <span class="muted">{ "added" }</span> }),
        Becomes::Removed => {
            ("minus", "diff__row--removed", html! { <span class="muted">{ "removed" }</span> })
        }
        Becomes::Edited(was, is) => {
            let shown = |text: &str| if text.is_empty() { "empty".to_owned() } else { text.to_owned() };
            let words = html! {
                <span class="diff__levels"><del>{ shown(was) }</del>{ " " }<Icon name="arrow-right" />{ " " }<ins>{ shown(is) }</ins></span>
            };
            ("pencil", "diff__row--changed", words)
        }
    };
    html! {
        <li class={classes!("diff__row", class)} key={name.to_owned()}>
            <Icon name={icon} /><span class="diff__name">{ name.to_owned() }</span>{ words }
        </li>
    }
}
