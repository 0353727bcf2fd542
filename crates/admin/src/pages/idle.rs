//! Why an assignment counts for nobody now, as a mark beside when it counts.

use rolewright_model::explain::NotCounting;
use yew::prelude::*;

use super::user::why_not;
use crate::widgets::Icon;

/// The mark; nothing where it counts.
pub fn idle(why: Option<NotCounting>) -> Html {
    let Some((words, sentence)) = why.map(why_not) else { return html! {} };
    html! { <span class="badge badge--partial" title={sentence}><Icon name="clock" />{ words }</span> }
}
