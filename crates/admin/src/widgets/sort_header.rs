//! The header of a column that can be sorted by.

use yew::prelude::*;

use super::Icon;

/// The header of a column.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the server calls the column.
    pub column: AttrValue,
    /// What it is sorted by now: a column, with a leading `-` turned round.
    pub sort: AttrValue,
    /// What a person reads.
    pub label: AttrValue,
    /// Further classes.
    #[prop_or_default]
    pub class: Classes,
    /// Told by what to sort.
    pub onsort: Callback<AttrValue>,
}

/// The header of a column that can be sorted by.
#[component]
pub fn SortHeader(props: &Props) -> Html {
    let up = props.sort == props.column;
    let down = props.sort.strip_prefix('-') == Some(props.column.as_str());
    let (aria, icon) = match (up, down) {
        (true, _) => (Some("ascending"), "arrow-up"),
        (_, true) => (Some("descending"), "arrow-down"),
        _ => (None, "chevrons-up-down"),
    };
    let next = if up { format!("-{}", props.column).into() } else { props.column.clone() };
    let onclick = {
        let onsort = props.onsort.clone();
        Callback::from(move |_: MouseEvent| onsort.emit(next.clone()))
    };
    html! {
        <th scope="col" class={props.class.clone()} aria-sort={aria}>
            <button type="button" class={classes!("sort", aria.is_some().then_some("sort--on"))} {onclick}>
                { props.label.clone() }
                <Icon name={icon} />
            </button>
        </th>
    }
}
