//! Whether somebody may do an operation on some resources, as a checklist: each thing that it takes, met or not.

use std::collections::BTreeMap;
use std::rc::Rc;

use rolewright_model::directory::Member;
use rolewright_model::operation::OperationDecision;
use rolewright_wire::check::Check;
use yew::prelude::*;

use super::page::without_catalogue;
use super::ways::ways;
use crate::access::use_access;
use crate::api::{self, Query, Request};
use crate::nav::{self, use_query};
use crate::pickers::{PersonPicker, Picked, Variable, id_problem, use_places};
use crate::place;
use crate::resource::use_resource;
use crate::route::Route;
use crate::widgets::{Choice, Combobox, Empty, Icon, failed};

/// What stands before a variable's name in the address.
const PREFIX: &str = "in.";

/// The checklist.
#[component]
pub fn Legs() -> Html {
    let access = use_access();
    let query = use_query();
    let places = use_places();
    let policy = access.as_ref().and_then(|access| access.policy());
    let operations = use_memo(access.clone(), |access| -> Rc<[Choice]> {
        let policy = access.as_ref().and_then(|access| access.policy());
        let all = policy.map(|policy| policy.catalogue().operations()).unwrap_or_default();
        let choice = |it: &rolewright_model::operation::Operation| Choice {
            label: it.label.clone().into(),
            detail: it.group.clone().into(),
            ..Choice::of(it.id.clone().into())
        };
        all.iter().map(choice).collect()
    });
    let operation = policy.and_then(|policy| policy.catalogue().operation(query.get("operation")));
    let patterns: Vec<(String, String)> = operation
        .map(|it| it.resources().map(|(name, pattern)| (name.to_owned(), pattern.to_string())).collect())
        .unwrap_or_default();
    let mut variables: Vec<String> = Vec::new();
    for name in patterns.iter().flat_map(|(_, pattern)| place::variables(pattern)) {
        if !variables.contains(&name) {
            variables.push(name);
        }
    }
    let value = |name: &str| query.get(&[PREFIX, name].concat()).to_owned();
    let (subject, name) = (query.get("subject").to_owned(), query.get("name").to_owned());
    let set = {
        let (operation, values) = (
            query.get("operation").to_owned(),
            variables.iter().map(|name| (name.clone(), value(name))).collect::<Vec<_>>(),
        );
        let (subject, name) = (subject.clone(), name.clone());
        move |change: &dyn Fn(&mut BTreeMap<String, String>)| {
            let mut all = BTreeMap::from([
                ("operation".to_owned(), operation.clone()),
                ("subject".to_owned(), subject.clone()),
                ("name".to_owned(), name.clone()),
            ]);
            all.extend(values.iter().map(|(name, value)| ([PREFIX, name].concat(), value.clone())));
            change(&mut all);
            let query =
                all.iter().fold(Query::default().with("tab", "operations"), |query, (name, value)| {
                    query.with(name, value)
                });
            nav::set_query(&Route::Resources, query.as_str());
        }
    };
    let onperson = {
        let set = set.clone();
        Callback::from(move |picked: Picked| {
            let (Member::User(id) | Member::Group(id)) = picked.member;
            set(&|all| {
                all.insert("subject".to_owned(), id.clone());
                all.insert("name".to_owned(), picked.name.clone());
            });
        })
    };
    let onoperation = {
        let set = set.clone();
        Callback::from(move |id: AttrValue| {
            set(&|all| drop(all.insert("operation".to_owned(), id.to_string())))
        })
    };
    let onvalue = {
        let set = set.clone();
        Callback::from(move |(name, value): (AttrValue, String)| {
            set(&|all| drop(all.insert([PREFIX, &name].concat(), value.trim().to_owned())));
        })
    };
    // What is no id is said beside its field, and nothing is asked of it.
    let right = variables.iter().all(|name| id_problem(&value(name)).is_none());
    let filled: Option<BTreeMap<String, String>> =
        patterns.iter().map(|(name, pattern)| Some((name.clone(), place::fill(pattern, value)?))).collect();
    let asked = match (operation, filled.filter(|_| right), subject.is_empty()) {
        (Some(operation), Some(resources), false) => Some((subject, operation.id.clone(), resources)),
        _ => None,
    };
    let answer = use_resource(asked.clone(), |asked| async move {
        let Some((subject, operation, resources)) = asked else { return Ok(None) };
        let check = Check {
            subject,
            permission: None,
            resource: None,
            asked: None,
            operation: Some(operation),
            resources,
            at: None,
            session: None,
            attributes: rolewright_model::condition::RequestAttributes::default(),
        };
        api::asked::<OperationDecision>(Request::post("/check", &check)).await.map(|answer| Some(answer.body))
    });
    if access.is_some() && policy.is_none() {
        return html! { <Empty icon="lock" title="You may not see the operations" text={without_catalogue(access.as_ref())} /> };
    }
    if operations.is_empty() {
        return html! { <Empty icon="list-checks" title="This product names no operations" text="Operations stand in the catalogue: what each takes, on which resources." /> };
    }
    html! {
        <div class="legs">
            <div class="legs__form">
                <PersonPicker label="Who" chosen={(!name.is_empty()).then(|| AttrValue::from(name.clone()))} onpick={onperson} />
                <Combobox label="Operation" choices={(*operations).clone()} placeholder="Find an operation" onpick={onoperation}
                    chosen={operation.map(|it| AttrValue::from(it.label.clone()))} />
            </div>
            <div class="legs__form legs__form--ids" hidden={variables.is_empty()}>
                { for variables.iter().map(|name| html! {
                    <Variable key={name.clone()} name={name.clone()} value={value(name)} places={places.data.clone()} onchange={onvalue.clone()} />
                }) }
            </div>
            if let Some(error) = &answer.error {
                { failed(error, &answer.reload) }
            }
            if let Some(decision) = answer.fresh().and_then(|answer| (**answer).clone()) {
                <p class={classes!("verdict", if decision.allowed { "verdict--yes" } else { "verdict--no" })} role="status">
                    <Icon name={if decision.allowed { "circle-check" } else { "circle-slash" }} />
                    { if decision.allowed { format!("{name} may do this.") } else { format!("{name} may not do this.") } }
                </p>
                { ways(policy, operation, &decision, &|_, _| html! {}) }
            } else if asked.is_none() {
                <Empty icon="list-checks" title="What does it take?" text="Choose a person, an operation and its resources: each thing that it takes stands here, held or missing." />
            }
        </div>
    }
}
