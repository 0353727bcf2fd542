//! The bar over the table, in place of the filters, while roles are chosen in it.

use std::rc::Rc;

use rolewright_model::compare::SIDE_BY_SIDE;
use yew::prelude::*;

use crate::api::Query;
use crate::nav;
use crate::route::Route;
use crate::widgets::{Button, Variant};

/// The bar.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Ids of the roles that are chosen; at least one.
    pub chosen: Rc<[String]>,
    /// Chooses none.
    pub onclear: Callback<()>,
}

/// The bar.
#[component]
pub fn ChosenBar(props: &Props) -> Html {
    let count = props.chosen.len();
    let refused = (!SIDE_BY_SIDE.contains(&count)).then_some(AttrValue::Static("Choose two to four roles."));
    let compare = {
        let query = Query::default().with("roles", &props.chosen.join(nav::COMMA));
        Callback::from(move |_: MouseEvent| nav::go_with(&Route::CompareRoles, query.as_str().to_owned()))
    };
    html! {
        <div class="filters selection" role="group" aria-label="Chosen">
            <p class="selection__count" role="status">{ format!("{count} chosen") }</p>
            <Button variant={Variant::Primary} icon="columns-2" {refused} onclick={compare}>{ "Compare" }</Button>
            <Button variant={Variant::Ghost} onclick={props.onclear.reform(|_: MouseEvent| ())}>{ "Clear" }</Button>
        </div>
    }
}
