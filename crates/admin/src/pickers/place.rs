//! Choosing where something counts: everything, or a place of one of the catalogue's kinds.

use std::collections::BTreeMap;
use std::rc::Rc;

use rolewright_model::{ResourcePath, console};
use rolewright_wire::page::Page;
use rolewright_wire::place::PlaceRow;
use yew::prelude::*;

use crate::access::{AccessHandle, use_access};
use crate::api::{self, Query, Request};
use crate::browser;
use crate::place;
use crate::resource::{Resource, use_resource};
use crate::text;
use crate::trial::use_later;
use crate::widgets::{Choice, Combobox, Icon, Segment, Segmented, use_id};

/// The places that the server has heard of, as far as one page goes; they are only suggested.
#[hook]
pub fn use_places() -> Resource<Vec<PlaceRow>> {
    let may = use_access().is_some_and(|access| access.may(console::USERS_VIEW));
    use_resource(may, |may: bool| async move {
        match may {
            true => api::get::<Page<PlaceRow>>("/places?limit=200").await.map(|answer| answer.body.items),
            false => Ok(Vec::new()),
        }
    })
}

/// The field.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What belongs in it.
    #[prop_or(AttrValue::Static("Where it counts"))]
    pub label: AttrValue,
    /// What is wrong with it.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// Told the path: `/` for everything; nothing while a value is missing.
    pub onchange: Callback<String>,
}

#[derive(Clone, Default, PartialEq)]
struct Chosen {
    one: bool,
    kind: usize,
    values: BTreeMap<String, String>,
}

/// The field. Where the catalogue has no types of resources there is nothing to choose.
#[component]
pub fn PlacePicker(props: &Props) -> Html {
    let access = use_access();
    let places = use_places();
    let chosen = use_state(Chosen::default);
    let kinds = use_memo(access.clone(), |access| {
        let policy = access.as_ref().and_then(|access| access.policy());
        policy.map(|policy| place::kinds(policy.catalogue())).unwrap_or_default()
    });
    let change = {
        let (state, kinds, onchange) = (chosen.setter(), kinds.clone(), props.onchange.clone());
        move |next: Chosen| {
            let value =
                |name: &str| next.values.get(name).map(|value| value.trim().to_owned()).unwrap_or_default();
            let path = kinds.get(next.kind).and_then(|kind| kind.path(value));
            onchange.emit(if next.one { path.unwrap_or_default() } else { "/".to_owned() });
            state.set(next);
        }
    };
    if kinds.is_empty() {
        return html! {};
    }
    let onone = {
        let (change, chosen) = (change.clone(), chosen.clone());
        Callback::from(move |which: AttrValue| change(Chosen { one: which == "one", ..(*chosen).clone() }))
    };
    let onkind = {
        let (change, chosen) = (change.clone(), chosen.clone());
        Callback::from(move |event: web_sys::Event| {
            let kind = browser::chosen_in(event).parse().unwrap_or_default();
            change(Chosen { kind, ..(*chosen).clone() });
        })
    };
    let onvalue = {
        let (change, chosen) = (change.clone(), chosen.clone());
        Callback::from(move |(name, value): (AttrValue, String)| {
            let mut next = (*chosen).clone();
            next.values.insert(name.to_string(), value);
            change(next);
        })
    };
    let segments: Rc<[Segment]> = [("all", "Everything"), ("one", "One place")]
        .map(|(id, label)| Segment {
            id: id.into(),
            label: label.into(),
            description: "".into(),
            inherited: false,
        })
        .into();
    let select = use_id();
    let kind = kinds.get(chosen.kind);
    let value = |name: &str| chosen.values.get(name).cloned().unwrap_or_default();
    let filled = |pattern: &str| {
        let path = place::fill(pattern, |name| value(name).trim().to_owned())?;
        place_problem(&path, access.as_ref()).is_none().then_some(path)
    };
    let path = kind.and_then(|kind| filled(&kind.pattern));
    let up_to =
        |name: &str| kind.and_then(|kind| filled(place::up_to(&kind.pattern, name)?)).map(AttrValue::from);
    let catalogue = access.as_ref().and_then(|access| access.policy()).map(|policy| policy.catalogue());
    html! {
        <div class="place-picker">
            <div class="field">
                <span class="field__label">{ props.label.clone() }</span>
                <Segmented label={props.label.clone()} {segments} value={if chosen.one { "one" } else { "all" }} onchange={onone} />
            </div>
            if chosen.one {
                <div class="place-picker__fields">
                    <div class="field">
                        <label class="field__label" for={select.clone()}>{ "Which" }</label>
                        <select class="select" id={select} onchange={onkind}>
                            { for kinds.iter().enumerate().map(|(position, kind)| html! {
                                <option key={position} value={position.to_string()} selected={position == chosen.kind}>{ kind.label.clone() }</option>
                            }) }
                        </select>
                    </div>
                    { for kind.map(place::Kind::variables).unwrap_or_default().into_iter().map(|name| html! {
                        <Variable key={name.clone()} value={value(&name)} at={up_to(&name)} name={name.clone()} places={places.data.clone()} onchange={onvalue.clone()} />
                    }) }
                </div>
                if let (Some(path), Some(catalogue)) = (&path, catalogue) {
                    <p class="field__hint place-picker__path">{ catalogue.place_name(path) }<code>{ path.clone() }</code></p>
                }
            }
            <div class="slot">
                if let Some(error) = &props.error {
                    <p class="field__error" role="alert"><Icon name="circle-alert" />{ error.clone() }</p>
                }
            </div>
        </div>
    }
}

/// What is wrong with a scope, as far as the policy says.
pub fn place_problem(place: &str, access: Option<&AccessHandle>) -> Option<String> {
    if place.is_empty() {
        return Some("Fill in the place.".to_owned());
    }
    let path = match ResourcePath::parse(place) {
        Ok(path) => path,
        Err(malformed) => return Some(text::sentence(&text::plain(&malformed.to_string()))),
    };
    let known =
        access.and_then(|access| access.policy()).is_none_or(|policy| policy.catalogue().is_place(&path));
    (!known).then(|| "This leads to no kind of place that the product has.".to_owned())
}

/// What is wrong with the id of one resource; of none that is missing.
pub fn id_problem(id: &str) -> Option<&'static str> {
    let right = id.is_empty() || !id.contains('/') && ResourcePath::parse(id).is_ok();
    (!right).then_some("An id has no spaces or slashes, none of %, \\, ? and #, and is not only dots.")
}

/// The id of one resource on the way.
#[derive(Properties, PartialEq)]
pub struct VariableProps {
    /// The variable's name, which is its label.
    pub name: AttrValue,
    /// What is in it.
    pub value: AttrValue,
    /// The place that it leads to, where it is said that nothing is held there or below yet.
    #[prop_or_default]
    pub at: Option<AttrValue>,
    /// Places whose ids are suggested.
    pub places: Option<Rc<Vec<PlaceRow>>>,
    /// Told of every change, with the variable's name.
    pub onchange: Callback<(AttrValue, String)>,
}

/// Whether nobody holds anything at a place or below it, as far as the server can tell. A mistyped id looks just so.
#[hook]
fn use_is_new(at: Option<&AttrValue>, places: Option<&Rc<Vec<PlaceRow>>>) -> bool {
    let may = use_access().is_some_and(|access| access.may(console::USERS_VIEW));
    let holds = |rows: &[PlaceRow], at: &str| rows.iter().any(|row| place::is_within(&row.place, at));
    let asked = at.filter(|at| may && places.is_some_and(|known| !holds(known, at))).cloned();
    let told = use_later(asked.clone(), move |at: AttrValue, signal| async move {
        let query = Query::default().with("search", &at).with("limit", "200");
        let answer =
            api::send(Request::get(format!("/places{}", query.as_str())), Some(signal)).await.ok()?;
        let page = api::decoded::<Page<PlaceRow>>(answer).ok()?.body;
        Some(page.next.is_none() && !holds(&page.items, &at))
    });
    told.as_deref().is_some_and(|(at, is_new)| Some(at) == asked.as_ref() && *is_new == Some(true))
}

/// The id of one resource on the way, with those that are known suggested, and with what is wrong with it. What is typed counts at once:
/// it stands first in the list, so that Enter takes no other.
#[component]
pub fn Variable(props: &VariableProps) -> Html {
    let access = use_access();
    let value = props.value.trim();
    let problem = id_problem(value);
    let known = use_memo((access, props.places.clone(), props.name.clone()), |(access, places, name)| {
        let catalogue = access.as_ref().and_then(|access| access.policy()).map(|policy| policy.catalogue());
        let places = places.iter().flat_map(|places| places.iter()).map(|row| row.place.as_str());
        catalogue.map(|catalogue| place::values(catalogue, places, name)).unwrap_or_default()
    });
    let choices = {
        let typed = Some(value.to_owned()).filter(|value| !value.is_empty() && problem.is_none());
        use_memo((known, typed), |(known, typed)| -> Rc<[Choice]> {
            let choice = |id: &String| Choice { label: id.clone().into(), ..Choice::of(id.clone().into()) };
            let first = typed.iter().map(|id| Choice {
                detail: if known.contains(id) { "" } else { "As you typed it" }.into(),
                ..choice(id)
            });
            first.chain(known.iter().filter(|id| Some(*id) != typed.as_ref()).map(choice)).collect()
        })
    };
    let is_new = use_is_new(props.at.as_ref(), props.places.as_ref());
    let hint = is_new.then(|| AttrValue::from(format!("Nothing is held at {value} yet: check the id.")));
    let onsearch = {
        let name = props.name.clone();
        props.onchange.reform(move |id: String| (name.clone(), id))
    };
    let onpick = onsearch.reform(|id: AttrValue| id.to_string());
    let mut label = props.name.replace(['_', '-'], " ");
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    html! {
        <Combobox {label} choices={(*choices).clone()} chosen={props.value.clone()} error={problem.map(AttrValue::Static)} {hint}
            none="None that is known fits. Type its id." {onsearch} {onpick} />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_segment_of_a_path() {
        for (id, right) in [
            ("", true),
            ("prod", true),
            ("node-1", true),
            ("no such server", false),
            ("a/b", false),
            ("/", false),
            ("..", false),
        ] {
            assert_eq!(id_problem(id).is_none(), right, "{id}: {:?}", id_problem(id));
        }
    }
}
