//! One permission: its level, and what else brings it.

use std::rc::Rc;

use rolewright_model::Level;
use yew::prelude::*;

use super::notes::Note;
use crate::widgets::{Checkbox, Icon, Segment, Segmented, Ticked};

/// What a row shows.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The position in the tree's rows.
    pub at: usize,
    /// What a person reads.
    pub label: AttrValue,
    /// "Reports: Run".
    pub full: AttrValue,
    /// What it allows.
    pub description: AttrValue,
    /// How its checkbox stands.
    pub ticked: Ticked,
    /// Its levels to choose from; none where it is a checkbox.
    pub segments: Rc<[Segment]>,
    /// The id of the level that is chosen.
    pub value: AttrValue,
    /// The ids of its levels.
    pub levels: Rc<[AttrValue]>,
    /// What the chosen level means.
    pub meaning: AttrValue,
    /// What comes from elsewhere.
    pub notes: Rc<[Note]>,
    /// Whether a holder has it, through whatever.
    pub effective: bool,
    /// Why this role cannot set it.
    pub refused: Option<AttrValue>,
    /// Whether the inspector shows it.
    pub in_focus: bool,
}

/// A row.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it shows.
    pub view: View,
    /// Whether nothing can be changed.
    pub fixed: bool,
    /// Told the level.
    pub onlevel: Callback<(usize, Level)>,
    /// Told that it has the focus.
    pub onfocus: Callback<usize>,
}

/// A row.
#[component]
pub fn Permission(props: &Props) -> Html {
    let view = &props.view;
    let at = view.at;
    let onfocus = props.onfocus.reform(move |()| at);
    let onclick = {
        let onfocus = onfocus.clone();
        Callback::from(move |_: MouseEvent| onfocus.emit(()))
    };
    let fixed = props.fixed || view.refused.is_some();
    let notes_id = format!("permission-{at}-notes");
    let class = classes!(
        "permission",
        view.in_focus.then_some("permission--focus"),
        view.effective.then_some("permission--on"),
    );
    let notes = html! {
        <span class="permission__notes" id={notes_id.clone()}>
            { for view.notes.iter().map(Note::view) }
            if let Some(refused) = &view.refused {
                <span class="source source--weak"><Icon name="lock" />{ refused.clone() }</span>
            }
        </span>
    };
    let described = (!view.notes.is_empty() || view.refused.is_some()).then(|| AttrValue::from(notes_id));
    if view.segments.is_empty() {
        let onchange = {
            let (onlevel, top) = (props.onlevel.clone(), view.levels.len().saturating_sub(1));
            let top = Level(u8::try_from(top).unwrap_or(u8::MAX));
            Callback::from(move |on: bool| onlevel.emit((at, if on { top } else { Level::NONE })))
        };
        html! {
            <li {class} {onclick} data-row={at.to_string()}>
                <Checkbox ticked={view.ticked} {fixed} label={view.full.clone()} described_by={described} {onchange} {onfocus}>
                    <span class="permission__label">{ view.label.clone() }</span>
                    <span class="permission__about">{ view.description.clone() }</span>
                </Checkbox>
                { notes }
            </li>
        }
    } else {
        let onchange = {
            let (onlevel, levels) = (props.onlevel.clone(), view.levels.clone());
            Callback::from(move |id: AttrValue| {
                let level = levels.iter().position(|level| *level == id).and_then(|n| u8::try_from(n).ok());
                onlevel.emit((at, Level(level.unwrap_or_default())));
            })
        };
        html! {
            <li class={classes!(class, "permission--levels")} {onclick} data-row={at.to_string()}>
                <div class="permission__words">
                    <span class="permission__label">{ view.label.clone() }</span>
                    <span class="permission__about">{ if view.meaning.is_empty() { view.description.clone() } else { view.meaning.clone() } }</span>
                </div>
                <Segmented label={view.full.clone()} segments={view.segments.clone()} value={view.value.clone()} {fixed} {onchange} {onfocus} />
                { notes }
            </li>
        }
    }
}
