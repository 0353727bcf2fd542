//! The bar that appears with the first change.

use std::rc::Rc;

use rolewright_wire::reach::Reach;
use yew::prelude::*;

use super::draft::tally_words;
use crate::browser;
use crate::pages::reached::{ASKING, reach_words};
use crate::pages::superusers;
use crate::shortcuts::{Command, use_command};
use crate::text;
use crate::tree::Tally;
use crate::widgets::{Button, Icon, Variant};

/// What the page itself has while there is a bar that saves.
const SAVING: &str = "data-saving";

/// The bar.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// How many changes.
    pub tally: Tally,
    /// Who holds what is edited, in a sentence, until the server says whom saving reaches; none where that is new.
    pub holders: Option<AttrValue>,
    /// Whether edits of several roles are saved at once.
    #[prop_or_default]
    pub several: bool,
    /// Whom saving reaches, once the server has said it of these changes.
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
    /// What saving does.
    pub verb: AttrValue,
    /// Shows the changes.
    pub onreview: Callback<()>,
    /// Gives them up.
    pub ondiscard: Callback<()>,
    /// Saves them, for the reason that is told: here none.
    pub onsave: Callback<String>,
}

/// The bar.
#[component]
pub fn SaveBar(props: &Props) -> Html {
    let save = match props.busy || props.blocked.is_some() {
        true => Callback::noop(),
        false => props.onsave.reform(|()| String::new()),
    };
    use_command(Command::Save, save);
    // Said by the page itself: a stylesheet that asked whether there is a bar would ask again with whatever changes in it.
    use_effect_with((), |()| {
        browser::mark(SAVING, Some(""));
        || browser::mark(SAVING, None)
    });
    let reach = match (&props.holders, &props.reach) {
        _ if props.words.is_some() => props.words.as_deref().unwrap_or_default().to_owned(),
        (_, Some(reach)) => reach_words(reach),
        // Nobody was asked, or could say: what is in the way stands beside it, or at a field.
        (_, None) if props.problem.is_some() => String::new(),
        (_, None) if props.blocked.is_some() => "Mend what is marked first.".to_owned(),
        (None, None) if props.several => ASKING.to_owned(),
        (None, None) => "Nobody holds it yet.".to_owned(),
        (Some(holders), None) => holders.to_string(),
    };
    let variant = superusers::variant(superusers::makes_superusers(None, [], props.reach.as_deref()));
    html! {
        <section class="save-bar" aria-label="Unsaved changes">
            <div class="save-bar__problem" role="alert">
                if let Some(problem) = &props.problem {
                    <p class="field__error"><Icon name="circle-alert" />{ problem.clone() }</p>
                }
            </div>
            <p class="save-bar__words" role="status">
                <strong>{ tally_words(props.tally) }</strong>
                <TallyMarks tally={props.tally} />
                <span class="save-bar__reach">{ reach }</span>
            </p>
            <div class="save-bar__actions">
                <Button variant={Variant::Ghost} onclick={props.onreview.reform(|_| ())}>{ "Review" }</Button>
                <Button onclick={props.ondiscard.reform(|_| ())}>{ "Discard" }</Button>
                <Button {variant} busy={props.busy} onclick={props.onsave.reform(|_: MouseEvent| String::new())}
                    refused={props.blocked.clone()} tip_end=true>{ props.verb.clone() }</Button>
            </div>
        </section>
    }
}

/// How many changes.
#[derive(Properties, PartialEq)]
pub struct MarksProps {
    /// How many.
    pub tally: Tally,
}

/// "+4 -1 ~1", each with its word for a screen reader.
#[component]
pub fn TallyMarks(props: &MarksProps) -> Html {
    let mark = |n: usize, sign: &'static str, word: &'static str, class: &'static str| {
        html! {
            if n > 0 {
                <span class={classes!("mark-count", class)}><span aria-hidden="true">{ sign }</span>{ text::number(n as u64) }<span class="visually-hidden">{ word }</span></span>
            }
        }
    };
    let Tally { added, removed, changed } = props.tally;
    html! {
        <span class="mark-counts">
            { mark(added, "+", " added", "mark-count--added") }
            { mark(removed, "\u{2212}", " removed", "mark-count--removed") }
            { mark(changed, "~", " changed", "mark-count--changed") }
        </span>
    }
}
