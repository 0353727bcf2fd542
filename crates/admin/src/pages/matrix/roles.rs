//! Which roles have a column: all, some that are searched for and ticked, or none.

use std::rc::Rc;

use yew::prelude::*;

use super::lines::Column;
use crate::states::use_text;
use crate::text;
use crate::widgets::{Button, Checkbox, Popover, SearchField, Ticked, Variant};

/// Stands for none in the address, where nothing stands for all.
const NONE: &str = "-";

/// Those that are chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen(Vec<String>);

impl Chosen {
    /// As the address says it.
    pub fn of(ids: Vec<String>) -> Self {
        Self(ids)
    }

    /// As the address says it.
    pub fn ids(&self) -> &[String] {
        &self.0
    }

    /// No role.
    pub fn none() -> Self {
        Self(vec![NONE.to_owned()])
    }

    /// Whether a role is among them.
    pub fn has(&self, id: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|known| known == id)
    }

    /// With one more or one less of all.
    pub fn with<'c>(&self, all: impl Iterator<Item = &'c str>, id: &str, on: bool) -> Self {
        let (kept, left): (Vec<&str>, Vec<&str>) =
            all.partition(|known| if *known == id { on } else { self.has(known) });
        match (kept.is_empty(), left.is_empty()) {
            (_, true) => Self::default(),
            (true, _) => Self::none(),
            _ => Self(kept.into_iter().map(str::to_owned).collect()),
        }
    }
}

/// The choice.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Every role that could have a column.
    pub all: Rc<Vec<Column>>,
    /// Those that have.
    pub chosen: Chosen,
    /// What the button says.
    pub words: AttrValue,
    /// Told which shall have one.
    pub onchoose: Callback<Chosen>,
}

/// The choice.
#[component]
pub fn ChooseRoles(props: &Props) -> Html {
    let words = use_text();
    let oninput = use_callback(words.setter(), |typed: String, words| words.set(typed));
    let wanted = words.to_lowercase();
    let found: Vec<&Column> =
        props.all.iter().filter(|it| text::has_words(&it.name.to_lowercase(), &wanted)).collect();
    let choose = |chosen: fn() -> Chosen| props.onchoose.reform(move |_: MouseEvent| chosen());
    let tick = |column: &Column| {
        let (all, chosen, id) = (props.all.clone(), props.chosen.clone(), column.id.clone());
        let onchange = props
            .onchoose
            .reform(move |on: bool| chosen.with(all.iter().map(|column| column.id.as_str()), &id, on));
        html! {
            <li key={column.id.clone()}>
                <Checkbox ticked={Ticked::from(props.chosen.has(&column.id))} {onchange}>{ column.name.clone() }</Checkbox>
            </li>
        }
    };
    html! {
        <Popover class="button button--secondary" label={format!("{}: choose roles", props.words)} trigger={html! { { props.words.clone() } }}>
            <div class="matrix__choose">
                <SearchField label="Search roles" placeholder="Search roles" value={(*words).clone()} {oninput} />
                <Button small=true variant={Variant::Ghost} onclick={choose(Chosen::default)}>{ "All" }</Button>
                <Button small=true variant={Variant::Ghost} onclick={choose(Chosen::none)}>{ "None" }</Button>
            </div>
            if found.is_empty() {
                <p class="muted" role="status">{ "No role fits." }</p>
            }
            <ul class="matrix__roles">{ for found.into_iter().map(tick) }</ul>
        </Popover>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_all_one_is_left_out_and_the_last_one_leaves_none() {
        let with = |chosen: &Chosen, id, on| chosen.with(["a", "b"].into_iter(), id, on);
        let all = Chosen::default();
        let b = with(&all, "a", false);
        let none = with(&b, "b", false);
        assert_eq!(b, Chosen::of(vec!["b".to_owned()]));
        assert_eq!(none, Chosen::none());
        assert_eq!((none.has("a"), all.has("a"), b.has("a"), b.has("b")), (false, true, false, true));
        assert_eq!(with(&none, "b", true), b);
        assert_eq!(with(&b, "a", true), all);
    }
}
