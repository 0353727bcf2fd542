//! A person's status: a glyph and a word.

use rolewright_wire::user::UserStatus;
use yew::prelude::*;

use super::Icon;
use crate::text;

/// Whose status.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The status.
    pub status: UserStatus,
}

/// A person's status.
#[component]
pub fn StatusBadge(props: &Props) -> Html {
    let (class, icon) = match props.status {
        UserStatus::Active => ("badge--granted", "circle-check"),
        UserStatus::Invited => ("badge--partial", "mail"),
        UserStatus::NoInvitation => ("badge--refused", "clock-alert"),
        UserStatus::Disabled => ("badge--none", "circle-slash"),
    };
    html! { <span class={classes!("badge", class)}><Icon name={icon} />{ text::status(props.status) }</span> }
}
