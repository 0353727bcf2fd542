//! Who or what it is about, where that may be many: the first of them, and the rest where that is asked for.

use std::rc::Rc;

use yew::prelude::*;

use crate::states::use_flag;
use crate::text;

/// How many of a list are shown at most: with more a page grows slow, and nobody reads them.
const LISTED: usize = 500;

/// People who are told in one line.
#[derive(Properties, PartialEq)]
pub struct NamesProps {
    /// What they are called.
    pub names: Rc<[AttrValue]>,
}

/// How many people they are, and who.
#[component]
pub fn Names(props: &NamesProps) -> Html {
    /// How many names stand in a row before the rest is a number.
    const NAMED: usize = 8;
    let whole = use_flag();
    let names = &props.names;
    let shown = if *whole { names.len() } else { names.len().min(NAMED) };
    html! {
        <p class="review__names">
            <strong>{ text::count(names.len() as u64, "person", "people") }</strong>{ " " }
            { names.iter().take(shown).map(|name| &**name).collect::<Vec<_>>().join(", ") }
            if names.len() > NAMED {
                { if *whole { ". " } else { " and " } }
                { unfold(&whole, format!("{} more", text::number((names.len() - shown) as u64))) }
            }
        </p>
    }
}

/// A list of which the `most` first stand there until the rest is asked for. Of `all` that there are it may be that not each is known.
pub fn folded<T>(
    whole: &UseStateHandle<bool>,
    class: &'static str,
    most: usize,
    all: usize,
    known: &[T],
    row: impl FnMut(&T) -> Html,
) -> Html {
    let folds = known.len() > most;
    let shown = known.get(..if **whole { LISTED } else { most }).unwrap_or(known);
    let left = all.saturating_sub(shown.len());
    let more = format!("And {} more", text::number(left as u64));
    html! {
        <ul {class}>
            { for shown.iter().map(row) }
            if left > 0 && (**whole || !folds) {
                <li key="left">{ format!("{more}.") }</li>
            }
            if folds {
                <li key="more">{ unfold(whole, more) }</li>
            }
        </ul>
    }
}

/// What shows the rest, and takes it away again.
fn unfold(whole: &UseStateHandle<bool>, more: String) -> Html {
    let (is_whole, set) = (**whole, whole.setter());
    let onclick = Callback::from(move |_: MouseEvent| set.set(!is_whole));
    html! {
        <button type="button" class="text-link" aria-expanded={is_whole.to_string()} {onclick}>
            { if is_whole { "Show fewer".to_owned() } else { more } }
        </button>
    }
}
