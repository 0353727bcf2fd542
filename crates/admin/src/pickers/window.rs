//! Choosing when something counts: always, or for a time.

use std::rc::Rc;

use rolewright_model::Timestamp;
use yew::prelude::*;

use crate::widgets::{Icon, Segment, Segmented, TextField};

/// When something counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Whether for a time.
    limited: bool,
    /// What was typed.
    typed: [String; 2],
    /// The first moment at which it counts.
    pub from: Option<Timestamp>,
    /// The first moment at which it no longer counts.
    pub until: Option<Timestamp>,
}

impl Window {
    fn of(limited: bool, typed: [String; 2]) -> Self {
        let at = |text: &String| moment(text).filter(|_| limited);
        let [from, until] = &typed;
        Self { limited, from: at(from), until: at(until), typed }
    }

    /// Whether it is for a time, and which is not said yet: without one it would be for good.
    pub fn is_missing(&self) -> bool {
        self.limited && self.from.is_none() && self.until.is_none()
    }
}

/// The moment that a field for date and time says, in the browser's zone; none where it says none.
fn moment(text: &str) -> Option<Timestamp> {
    let at = js_sys::Date::parse(text);
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
    (!at.is_nan()).then_some(Timestamp(at as i64))
}

/// The fields.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is chosen.
    pub window: Window,
    /// What is wrong with it.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// Whether it was to be done already, so that what is missing is said.
    pub tried: bool,
    /// Told what is chosen.
    pub onchange: Callback<Window>,
}

/// The fields.
#[component]
pub fn WindowPicker(props: &Props) -> Html {
    let segment = |(id, label): (&'static str, &'static str)| Segment {
        id: id.into(),
        label: label.into(),
        description: "".into(),
        inherited: false,
    };
    let segments: Rc<[Segment]> = [("always", "Always"), ("time", "For a time")].map(segment).into();
    let Window { limited, typed, .. } = &props.window;
    let onlimited = {
        let (onchange, typed) = (props.onchange.clone(), typed.clone());
        Callback::from(move |chosen: AttrValue| onchange.emit(Window::of(chosen == "time", typed.clone())))
    };
    let onfrom = {
        let (onchange, [_, until]) = (props.onchange.clone(), typed.clone());
        Callback::from(move |from: String| onchange.emit(Window::of(true, [from, until.clone()])))
    };
    let onuntil = {
        let (onchange, [from, _]) = (props.onchange.clone(), typed.clone());
        Callback::from(move |until: String| onchange.emit(Window::of(true, [from.clone(), until])))
    };
    let [from, until] = typed;
    let missing = (props.tried && props.window.is_missing()).then_some("Say from when or until when.");
    html! {
        <div class="place-picker">
            <div class="field">
                <span class="field__label">{ "When it counts" }</span>
                <Segmented label="When it counts" {segments} value={if *limited { "time" } else { "always" }} onchange={onlimited} />
            </div>
            if *limited {
                <div class="window">
                    <TextField kind="datetime-local" label="From" optional=true value={from.clone()} oninput={onfrom} error={missing.map(AttrValue::Static)} />
                    <TextField kind="datetime-local" label="Until" optional=true value={until.clone()} oninput={onuntil} />
                </div>
            }
            <div class="slot">
                if let Some(error) = &props.error {
                    <p class="field__error" role="alert"><Icon name="circle-alert" />{ error.clone() }</p>
                }
            </div>
        </div>
    }
}
