//! Two people side by side at a place.

use std::rc::Rc;

use rolewright_model::compare::Comparison;
use yew::prelude::*;

use super::asked::Asked;
use crate::api::{self, Query};
use crate::pages::side_by_side::{Side, SideBySide, differs, toggled};
use crate::resource::use_resource;
use crate::states::use_flag;
use crate::text;
use crate::widgets::{Checkbox, Empty, Ticked, failed};

/// What is asked, and about whom.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is asked.
    pub asked: Rc<Asked>,
    /// What a person reads of the two.
    pub names: [AttrValue; 2],
}

/// The answer.
#[component]
pub fn Compare(props: &Props) -> Html {
    let all = use_flag();
    let folded = use_state(|| Rc::<[String]>::from([]));
    let asked = &props.asked;
    let both = !asked.subject.is_empty() && !asked.with.is_empty();
    let question =
        both.then(|| ([asked.subject.as_str(), asked.with.as_str()].join(","), asked.place.clone()));
    let compared = use_resource(question, |question| async move {
        let Some((users, place)) = question else { return Ok(None) };
        let query = Query::default().with("users", &users).with("resource", &place);
        let path = format!("/compare{}", query.as_str());
        Ok(Some(Rc::new(api::get::<Comparison>(&path).await?.body)))
    });
    let ontick = use_callback(all.setter(), |ticked: bool, all| all.set(ticked));
    let onfold = use_callback(folded.clone(), |id: String, folded| folded.set(toggled(folded, &id).into()));
    if !both {
        return html! { <Empty icon="users" title="Who and who?" text="Choose two people: what one may do and the other may not stands here." /> };
    }
    if let Some(error) = &compared.error {
        return html! {
            { failed(error, &compared.reload) }
        };
    }
    let told = compared.fresh().and_then(|told| (**told).clone());
    let count = told.as_ref().map(|told| told.rows.iter().filter(|row| differs(row)).count() as u64);
    let sides: Rc<[Side]> =
        props.names.iter().map(|name| Side { name: name.clone(), ..Side::default() }).collect();
    html! {
        <div class="answer">
            <div class="filters">
                <Checkbox ticked={Ticked::from(*all)} onchange={ontick}>{ "Also what is the same" }</Checkbox>
                <p class="filters__count" role="status">
                    { count.map(|count| text::count(count, "permission differs", "permissions differ")).unwrap_or_default() }
                </p>
            </div>
            if count == Some(0) && !*all {
                <Empty icon="check" title="Nothing differs" text="The two may do the same at this place." />
            } else {
                <SideBySide {sides} compared={told} all={*all} folded={(*folded).clone()} {onfold} />
            }
        </div>
    }
}
