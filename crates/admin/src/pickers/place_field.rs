//! Choosing a place in one field: everything, one that is known, or any whose path is typed.

use std::rc::Rc;

use rolewright_model::ResourcePath;
use yew::prelude::*;

use super::place::use_places;
use crate::access::use_access;
use crate::place;
use crate::states::use_text;
use crate::widgets::{Choice, Combobox};

/// The field.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What belongs in it.
    pub label: AttrValue,
    /// The path that is chosen; `/` is everything.
    pub place: AttrValue,
    /// Told the path.
    pub onpick: Callback<AttrValue>,
}

/// The field.
#[component]
pub fn PlaceField(props: &Props) -> Html {
    let access = use_access();
    let places = use_places();
    let typed = use_text();
    let choices = use_memo(
        (access.clone(), places.data.clone(), (*typed).clone()),
        |(access, places, typed)| -> Rc<[Choice]> {
            let Some(policy) = access.as_ref().and_then(|access| access.policy()) else {
                return Rc::from([]);
            };
            let catalogue = policy.catalogue();
            let choice = |path: &str| Choice {
                label: catalogue.place_name(path).into(),
                detail: (if path == "/" { "The whole tenant" } else { path }).to_owned().into(),
                ..Choice::of(path.to_owned().into())
            };
            let mut all = vec![choice("/")];
            all.extend(
                places
                    .iter()
                    .flat_map(|rows| rows.iter())
                    .filter(|row| row.place != "/")
                    .map(|row| choice(&row.place)),
            );
            let path = typed.trim();
            let known = all.iter().any(|known| known.id == path);
            if !known && path != "/" && ResourcePath::parse(path).is_ok_and(|path| catalogue.is_place(&path))
            {
                all.insert(0, choice(path));
            }
            // How the others are written.
            for kind in place::kinds(catalogue) {
                let refused = Some(AttrValue::from(format!("Type its path: {}", kind.pattern)));
                match kind.path(|_| String::new()) {
                    Some(path) if !all.iter().any(|known| known.id == path) => all.push(choice(&path)),
                    Some(_) => {}
                    None => all.push(Choice {
                        label: kind.label.into(),
                        detail: kind.pattern.clone().into(),
                        refused,
                        ..Choice::of(kind.pattern.into())
                    }),
                }
            }
            all.into()
        },
    );
    let onsearch = use_callback(typed.setter(), |words: String, typed| typed.set(words));
    let policy = access.as_ref().and_then(|access| access.policy());
    let chosen = policy.map(|policy| AttrValue::from(policy.catalogue().place_name(&props.place)));
    html! {
        <Combobox label={props.label.clone()} choices={(*choices).clone()} {chosen} {onsearch} onpick={props.onpick.clone()}
            placeholder="Find a place, or type its path" none="No such place. Type a path, as servers/prod." />
    }
}
