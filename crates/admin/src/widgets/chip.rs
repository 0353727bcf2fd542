//! Chips: short names in a row.

use std::rc::Rc;

use yew::prelude::*;

use super::{Icon, Popover};

/// One short name.
#[derive(Properties, PartialEq)]
pub struct ChipProps {
    /// An icon before it.
    #[prop_or_default]
    pub icon: Option<AttrValue>,
    /// Its meaning as a class, `everything`, `inherited`.
    #[prop_or_default]
    pub meaning: Option<AttrValue>,
    /// The words.
    pub children: Html,
}

/// One short name.
#[component]
pub fn Chip(props: &ChipProps) -> Html {
    let meaning = props.meaning.as_ref().map(|meaning| format!("chip--{meaning}"));
    html! {
        <span class={classes!("chip", meaning)}>
            if let Some(icon) = &props.icon {
                <Icon name={icon.clone()} />
            }
            <span class="chip__words">{ props.children.clone() }</span>
        </span>
    }
}

/// A short name that can be taken out.
#[derive(Properties, PartialEq)]
pub struct RemovableChipProps {
    /// The words.
    pub label: AttrValue,
    /// Takes it out.
    pub onremove: Callback<()>,
}

/// A short name that can be taken out.
#[component]
pub fn RemovableChip(props: &RemovableChipProps) -> Html {
    let onclick = props.onremove.reform(|_: MouseEvent| ());
    html! {
        <span class="chip chip--removable">
            <span class="chip__words">{ props.label.clone() }</span>
            <button type="button" class="chip__remove" aria-label={format!("Remove {}", props.label)} {onclick}>
                <Icon name="x" />
            </button>
        </span>
    }
}

/// What a row of chips shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What tells it from the others.
    pub id: AttrValue,
    /// What a person reads.
    pub name: AttrValue,
    /// Whether it is everything.
    pub everything: bool,
}

/// A row of chips.
#[derive(Properties, PartialEq)]
pub struct ChipsProps {
    /// All of them.
    pub items: Rc<[Named]>,
    /// What they are, for the button that shows the rest: "Roles of Ana Ruiz".
    pub label: AttrValue,
    /// How many are shown where they are more.
    #[prop_or(MOST_CHIPS)]
    pub most: usize,
}

/// How many chips stand in a row, where there is room for them.
pub const MOST_CHIPS: usize = 3;

/// What is everything first, and never folded; of the rest so many that at most `most` stand there, then a button that shows all.
#[component]
pub fn Chips(props: &ChipsProps) -> Html {
    let chip = |item: &Named| {
        let icon = item.everything.then_some(AttrValue::Static("infinity"));
        let meaning = item.everything.then_some(AttrValue::Static("everything"));
        html! { <Chip key={item.id.to_string()} {icon} {meaning}>{ item.name.clone() }</Chip> }
    };
    let (first, others): (Vec<&Named>, Vec<&Named>) = props.items.iter().partition(|item| item.everything);
    let shown = props.most.max(first.len());
    let rest = props.items.len().saturating_sub(shown);
    let items = || first.iter().chain(&others).copied();
    html! {
        <span class="chips">
            { for items().take(shown).map(chip) }
            if rest > 0 {
                <Popover class={classes!("chip", "chip--more")} label={format!("+{rest}, {}, all {}", props.label, props.items.len())}
                    trigger={html! { { format!("+{rest}") } }}>
                    <ul class="plain-list">
                        { for items().map(|item| html! { <li key={item.id.to_string()}>{ item.name.clone() }</li> }) }
                    </ul>
                </Popover>
            }
        </span>
    }
}
