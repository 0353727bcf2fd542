//! Choosing several people or groups: each is found in turn and stands in a list below, until it is taken out.

use std::rc::Rc;

use yew::prelude::*;

use super::{PersonPicker, Picked, Whom};
use crate::browser;
use crate::widgets::IconButton;

/// The field and the list.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What belongs in it.
    pub label: AttrValue,
    /// Who can be chosen.
    #[prop_or_default]
    pub whom: Whom,
    /// Those who are chosen.
    pub basket: Rc<[Picked]>,
    /// Ids of others who are not offered.
    #[prop_or_default]
    pub without: Rc<[String]>,
    /// What is wrong with them.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// Told who is chosen.
    pub onchange: Callback<Rc<[Picked]>>,
}

/// The field and the list. Who is taken out leaves the focus in the field.
#[component]
pub fn Basket(props: &Props) -> Html {
    let node = use_node_ref();
    let basket = &props.basket;
    let without: Rc<[String]> =
        props.without.iter().cloned().chain(basket.iter().map(|picked| picked.id().to_owned())).collect();
    let onpick = {
        let (basket, onchange) = (basket.clone(), props.onchange.clone());
        Callback::from(move |picked: Picked| onchange.emit(basket.iter().cloned().chain([picked]).collect()))
    };
    let row = |picked: &Picked| {
        let (node, basket, onchange) = (node.clone(), basket.clone(), props.onchange.clone());
        let gone = picked.id().to_owned();
        let onclick = Callback::from(move |_: MouseEvent| {
            onchange.emit(basket.iter().filter(|picked| picked.id() != gone).cloned().collect());
            let field = node.cast::<web_sys::Element>().and_then(|node| browser::find(&node, "input"));
            if let Some(field) = field {
                browser::focus(&field);
            }
        });
        html! {
            <li class="basket__row" key={picked.id().to_owned()}>
                <span class="basket__words">
                    <span class="basket__name">{ picked.name.clone() }</span>
                    <span class="basket__detail">{ picked.detail.clone() }</span>
                </span>
                <IconButton icon="x" label={format!("Remove {}", picked.name)} {onclick} />
            </li>
        }
    };
    html! {
        <div class="basket" ref={node.clone()}>
            <PersonPicker label={props.label.clone()} whom={props.whom} autofocus=true {without} {onpick} error={props.error.clone()} />
            <ul class="basket__list" aria-label="Chosen">{ for basket.iter().map(row) }</ul>
        </div>
    }
}
