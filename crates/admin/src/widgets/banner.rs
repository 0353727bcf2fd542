//! A message in the page.

use std::fmt::Display;

use yew::prelude::*;

use super::{Button, Icon};

/// What kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    Note,
    /// Something to mind.
    Caution,
    /// Something that went wrong.
    Problem,
}

/// A message in the page.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What kind of message.
    pub tone: Tone,
    /// What can be done about it.
    #[prop_or_default]
    pub actions: Html,
    /// The words.
    pub children: Html,
}

/// A message in the page.
#[component]
pub fn Banner(props: &Props) -> Html {
    let (class, icon) = match props.tone {
        Tone::Note => ("banner--note", "info"),
        Tone::Caution => ("banner--caution", "triangle-alert"),
        Tone::Problem => ("banner--problem", "circle-alert"),
    };
    html! {
        <div class={classes!("banner", class)} role={(props.tone == Tone::Problem).then_some("alert")}>
            <Icon name={icon} />
            <div class="banner__words">{ props.children.clone() }</div>
            <div class="banner__actions">{ props.actions.clone() }</div>
        </div>
    }
}

/// What could not be had, why, and another try.
pub fn failed(error: &impl Display, retry: &Callback<()>) -> Html {
    let again =
        html! { <Button small=true onclick={retry.reform(|_: MouseEvent| ())}>{ "Try again" }</Button> };
    html! { <Banner key="error" tone={Tone::Problem} actions={again}>{ error.to_string() }</Banner> }
}
