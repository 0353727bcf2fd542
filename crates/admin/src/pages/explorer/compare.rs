//! Two people side by side at a place.

use std::rc::Rc;

use rolewright_model::compare::{ComparedPermission, Comparison};
use yew::prelude::*;

use super::asked::Asked;
use super::what::level;
use crate::access::use_access;
use crate::api::{self, Query};
use crate::policy::permission_label;
use crate::resource::use_resource;
use crate::states::use_flag;
use crate::text;
use crate::widgets::{Checkbox, Empty, Icon, SkeletonRows, Ticked, failed};

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
    let access = use_access();
    let all = use_flag();
    let asked = &props.asked;
    let both = !asked.subject.is_empty() && !asked.with.is_empty();
    let question =
        both.then(|| ([asked.subject.as_str(), asked.with.as_str()].join(","), asked.place.clone()));
    let compared = use_resource(question, |question| async move {
        let Some((users, place)) = question else { return Ok(None) };
        let query = Query::default().with("users", &users).with("resource", &place);
        Ok(Some(api::get::<Comparison>(&format!("/compare{}", query.as_str())).await?.body))
    });
    let ontick = use_callback(all.setter(), |ticked: bool, all| all.set(ticked));
    let Some(policy) = access.as_ref().and_then(|access| access.policy()) else { return html! {} };
    if !both {
        return html! { <Empty icon="users" title="Who and who?" text="Choose two people: what one may do and the other may not stands here." /> };
    }
    if let Some(error) = &compared.error {
        return html! {
            { failed(error, &compared.reload) }
        };
    }
    let told = compared.fresh().and_then(|told| (**told).as_ref());
    let differs = |row: &&ComparedPermission| row.differs || row.may_differ;
    let count = told.map(|told| told.rows.iter().filter(differs).count());
    let rows = told.map(|told| told.rows.iter().filter(|row| *all || differs(row)).collect::<Vec<_>>());
    html! {
        <div class="answer">
            <div class="filters">
                <Checkbox ticked={Ticked::from(*all)} onchange={ontick}>{ "Also what is the same" }</Checkbox>
                <p class="filters__count" role="status">
                    { count.map(|count| text::count(u64::try_from(count).unwrap_or_default(), "permission differs", "permissions differ")).unwrap_or_default() }
                </p>
            </div>
            if rows.as_ref().is_some_and(Vec::is_empty) {
                <Empty icon="check" title="Nothing differs" text="The two may do the same at this place." />
            } else {
                <div class="table-box">
                    <table class="table">
                        <caption class="visually-hidden">{ format!("{} and {} side by side", props.names[0], props.names[1]) }</caption>
                        <thead><tr>
                            <th scope="col">{ "Permission" }</th>
                            <th scope="col">{ props.names[0].clone() }</th>
                            <th scope="col">{ props.names[1].clone() }</th>
                        </tr></thead>
                        <tbody>
                            if let Some(rows) = rows {
                                { for rows.into_iter().map(|row| html! {
                                    <tr key={row.permission.clone()}>
                                        <th scope="row">
                                            { permission_label(policy.catalogue(), &row.permission) }
                                            if *all && differs(&row) {
                                                { " " }<span class="badge badge--partial"><Icon name="contrast" />{ "Differs" }</span>
                                            }
                                        </th>
                                        { for row.held.iter().enumerate().map(|(at, held)| html! { <td key={at}>{ level(policy, &row.permission, held) }</td> }) }
                                    </tr>
                                }) }
                            } else {
                                <SkeletonRows key="skeleton" rows={8} cells={3} />
                            }
                        </tbody>
                    </table>
                </div>
            }
        </div>
    }
}
