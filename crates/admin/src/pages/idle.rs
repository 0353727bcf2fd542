//! Why something that is held does not count now, as a mark beside when it counts.

use rolewright_model::explain::NotCounting;
use yew::prelude::*;

use crate::widgets::{Icon, Popover};

/// The mark, which opens to say why; nothing where it counts.
pub fn idle(why: Option<NotCounting>) -> Html {
    let Some((words, sentence)) = why.map(words) else { return html! {} };
    html! {
        <Popover class="badge badge--partial badge--opens" label={format!("{words}: {sentence}")} trigger={html! { <><Icon name="clock" />{ words }</> }}>
            <p>{ sentence }</p>
        </Popover>
    }
}

/// Why it does not count: in a word or two, and as a sentence.
fn words(why: NotCounting) -> (&'static str, &'static str) {
    match why {
        NotCounting::InactiveSubject => {
            ("Account not active", "What is held counts once the account is active.")
        }
        NotCounting::NotYet => ("Not yet", "It begins later."),
        NotCounting::Expired => ("Expired", "It has ended."),
        NotCounting::NextLogin => ("At next sign-in", "New roles count once the person signs in again."),
        NotCounting::WrongScope => ("Counts elsewhere", "It counts in its own place, not for everything."),
        NotCounting::WrongType => ("Not at this type", "The role counts at resources of another type."),
        NotCounting::ConditionFalse => ("Condition not met", "Its condition is not met here."),
        NotCounting::LowerLevel => ("Something gives more", "Something else that is held gives more."),
    }
}
