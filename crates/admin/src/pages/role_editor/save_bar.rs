//! The bar that appears with the first change.

use std::rc::Rc;

use rolewright_wire::reach::Reach;
use yew::prelude::*;

use super::draft::tally_words;
use crate::text;
use crate::tree::Tally;
use crate::widgets::{Button, Icon, Variant};

/// The bar.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// How many changes.
    pub tally: Tally,
    /// How many people hold the role; none where it is new.
    pub holders: Option<u64>,
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
    /// What is wrong with it.
    pub problem: Option<AttrValue>,
    /// Whether it cannot be saved so.
    pub blocked: bool,
    /// What saving does.
    pub verb: AttrValue,
    /// Shows the changes.
    pub onreview: Callback<()>,
    /// Gives them up.
    pub ondiscard: Callback<()>,
    /// Saves them.
    pub onsave: Callback<()>,
}

/// The bar.
#[component]
pub fn SaveBar(props: &Props) -> Html {
    let reach = match (props.holders, &props.reach) {
        _ if props.words.is_some() => props.words.as_deref().unwrap_or_default().to_owned(),
        (_, Some(reach)) => reach_words(reach),
        (None, None) if props.several => "Asking whom it reaches.".to_owned(),
        (None, None) => "Nobody holds it yet.".to_owned(),
        (Some(0), None) => "Nobody holds this role.".to_owned(),
        (Some(n), None) => format!("{} it.", text::count(n, "person holds", "people hold")),
    };
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
                <Button variant={Variant::Primary} busy={props.busy} onclick={props.onsave.reform(|_| ())}
                    refused={props.problem.clone().filter(|_| props.blocked)} tip_end=true>{ props.verb.clone() }</Button>
            </div>
        </section>
    }
}

/// "31 people gain, 2 lose. 12 people become full users.", or that nothing changes for anybody.
pub fn reach_words(reach: &Reach) -> String {
    let mut words = counted(reach.gain, reach.lose, reach.may_differ);
    if !words.is_empty() {
        words.push('.');
    }
    if reach.promoted > 0 {
        let promoted =
            text::count(reach.promoted as u64, "person becomes a full user", "people become full users");
        let space = if words.is_empty() { "" } else { " " };
        words += &format!("{space}{promoted}.");
    }
    if words.is_empty() { "Nothing changes for anybody.".to_owned() } else { words }
}

/// "31 people gain, 2 lose"; nothing where nobody does.
pub fn counted(gain: usize, lose: usize, may_differ: usize) -> String {
    let mut words = String::new();
    let all = [(gain, "gains", "gain"), (lose, "loses", "lose"), (may_differ, "may differ", "may differ")];
    for (n, one, many) in all.into_iter().filter(|(n, ..)| *n > 0) {
        words += &match words.is_empty() {
            true => text::count(n as u64, &format!("person {one}"), &format!("people {many}")),
            false => format!(", {}", text::count(n as u64, one, many)),
        };
    }
    words
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
