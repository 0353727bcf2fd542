//! What is held and does not count now: why, as a mark beside when it counts, and how many that are.

use rolewright_model::explain::NotCounting;
use rolewright_wire::assignment::AssignmentView;
use rolewright_wire::page::Page;
use yew::prelude::*;

use crate::api::{self, Query};
use crate::resource::{Resource, use_resource};
use crate::text;
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

/// How many of those assignments do not count now.
#[hook]
pub fn use_resting(which: Query) -> Resource<u64> {
    use_resource(which, |which| async move {
        let query = which.with("counting", "false").with("limit", "1");
        let path = format!("/assignments{}", query.as_str());
        api::get::<Page<AssignmentView>>(&path).await.map(|answer| answer.body.total)
    })
}

/// ", 4 do not", after how many do; nothing where all do.
pub fn and_resting(resting: u64, now: &str) -> String {
    match resting {
        0 => String::new(),
        1 => format!(", 1 does not{now}"),
        n => format!(", {} do not{now}", text::number(n)),
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
