//! The question as a sentence to fill in: "May Ana Ruiz do Reports: Run on Everything?"

use std::rc::Rc;

use rolewright_model::directory::Member;
use rolewright_model::{Catalogue, Level};
use yew::prelude::*;

use super::asked::{Asked, Tab};
use crate::access::use_access;
use crate::browser;
use crate::pickers::{PersonPicker, Picked, PlaceField, Variable, use_places};
use crate::policy::{Policy, level_label};
use crate::widgets::{Choice, Combobox, use_id};

/// The sentence.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is asked now.
    pub asked: Rc<Asked>,
    /// What a person reads of the one who is asked about, and of the one beside whom.
    pub names: [Option<AttrValue>; 2],
    /// Told what is asked instead.
    pub onask: Callback<Asked>,
}

/// What stands before an operation's id where it is one of many.
const OPERATION: &str = "operation ";

/// The sentence.
#[component]
pub fn Sentence(props: &Props) -> Html {
    let access = use_access();
    let places = use_places();
    let level = use_id();
    let with_operations = props.asked.tab == Tab::Why;
    let choices = use_memo((access.clone(), with_operations), |(access, with_operations)| -> Rc<[Choice]> {
        let policy = access.as_ref().and_then(|access| access.policy());
        policy.map(|policy| things(policy, *with_operations)).unwrap_or_default().into()
    });
    let Some(policy) = access.as_ref().and_then(|access| access.policy()) else { return html! {} };
    let catalogue = policy.catalogue();
    let asked = &props.asked;
    let ask = |change: fn(&mut Asked, String)| {
        let (asked, onask) = (asked.clone(), props.onask.clone());
        Callback::from(move |value: String| {
            let mut next = Asked { cursor: String::new(), ..(*asked).clone() };
            change(&mut next, value);
            onask.emit(next);
        })
    };
    let id_of = |picked: Picked| match picked.member {
        Member::User(id) | Member::Group(id) => id,
    };
    let onwhat = ask(|asked, id| {
        asked.level.clear();
        (asked.permission, asked.operation) = match id.strip_prefix(OPERATION) {
            Some(operation) => (String::new(), operation.to_owned()),
            None => (id, String::new()),
        };
    });
    let onvalue = {
        let (asked, onask) = (asked.clone(), props.onask.clone());
        Callback::from(move |(name, value): (AttrValue, String)| {
            let mut next = (*asked).clone();
            next.values.insert(name.to_string(), value.trim().to_owned());
            onask.emit(next);
        })
    };
    let onlevel = ask(|asked, level| asked.level = level).reform(browser::chosen_in);
    let [person, beside] = &props.names;
    let someone = html! {
        <PersonPicker label="Person" chosen={person.clone()} onpick={ask(|asked, id| asked.subject = id).reform(id_of)} />
    };
    let other = html! {
        <PersonPicker label="Other person" chosen={beside.clone()} without={Rc::from([asked.subject.clone()])} onpick={ask(|asked, id| asked.with = id).reform(id_of)} />
    };
    let what = html! {
        <Combobox label={if with_operations { "Permission or operation" } else { "Permission" }} choices={(*choices).clone()} chosen={chosen(catalogue, asked)}
            placeholder="Find what is done" onpick={onwhat.reform(|id: AttrValue| id.to_string())} />
    };
    let somewhere = html! {
        <PlaceField label="Place" place={asked.path().to_owned()} onpick={ask(|asked, path| asked.place = if path == "/" { String::new() } else { path }).reform(|path: AttrValue| path.to_string())} />
    };
    let levels = levels(catalogue, asked);
    let at_least = html! {
        if !levels.is_empty() {
            <span class="question__word">{ "at least" }</span>
            <span class="question__field question__field--short">
                <label class="visually-hidden" for={level.clone()}>{ "Level" }</label>
                <select class="select" id={level} onchange={onlevel}>
                    { for levels.iter().map(|(id, label, chosen)| html! { <option key={id.clone()} value={id.clone()} selected={*chosen}>{ label.clone() }</option> }) }
                </select>
            </span>
        }
    };
    let word = |word: &'static str| html! { <span class="question__word">{ word }</span> };
    let field = |field: Html| html! { <span class="question__field">{ field }</span> };
    let on_operation = !asked.operation.is_empty() && with_operations;
    let has_places = !catalogue.resource_types().is_empty() && !on_operation;
    let on = html! { if has_places { { word("on") }{ field(somewhere) } } };
    let variables: Vec<&String> = if on_operation { asked.values.keys().collect() } else { Vec::new() };
    html! {
        <div class="question" role="group" aria-label="The question">
            <div class="question__line">
                { match asked.tab {
                    Tab::Why => html! { <>{ word("May") }{ field(someone) }{ word("do") }{ field(what) }{ at_least }{ on }</> },
                    Tab::Who => html! { <>{ word("Who may do") }{ field(what) }{ at_least }{ on }</> },
                    Tab::What => html! { <>{ word("What may") }{ field(someone) }{ word("do") }{ on }</> },
                    Tab::Compare => html! { <>{ word("What may") }{ field(someone) }{ word("do that") }{ field(other) }{ word("may not, or the other way round") }{ on }</> },
                } }
                <span class="question__word question__mark" aria-hidden="true">{ "?" }</span>
            </div>
            <div class="legs__form legs__form--ids" hidden={variables.is_empty()}>
                { for variables.into_iter().map(|name| html! {
                    <Variable key={name.clone()} name={name.clone()} value={asked.values.get(name).cloned().unwrap_or_default()} places={places.data.clone()} onchange={onvalue.clone()} />
                }) }
            </div>
        </div>
    }
}

/// What can be asked about: the operations, where they are wanted, and every permission of the tenant's products.
fn things(policy: &Policy, with_operations: bool) -> Vec<Choice> {
    let catalogue = policy.catalogue();
    let operations = catalogue.operations().iter().filter(|_| with_operations).map(|operation| Choice {
        label: operation.label.clone().into(),
        detail: format!("Operation {}", operation.id).into(),
        ..Choice::of([OPERATION, &operation.id].concat().into())
    });
    let handles = catalogue.handles().filter(|handle| policy.state().is_present(*handle));
    let permissions = handles.map(|handle| {
        let id = catalogue.id(handle);
        Choice {
            label: catalogue.permission_name(id).into(),
            detail: id.to_owned().into(),
            ..Choice::of(id.to_owned().into())
        }
    });
    permissions.chain(operations).collect()
}

fn chosen(catalogue: &Catalogue, asked: &Asked) -> Option<AttrValue> {
    if let Some(operation) = catalogue.operation(&asked.operation).filter(|_| asked.tab == Tab::Why) {
        return Some(operation.label.clone().into());
    }
    (!asked.permission.is_empty()).then(|| catalogue.permission_name(&asked.permission).into())
}

/// Where a permission has several levels above nothing: each with its words, and whether it is asked for.
fn levels(catalogue: &Catalogue, asked: &Asked) -> Vec<(String, String, bool)> {
    let Some(handle) = catalogue.handle(&asked.permission) else { return Vec::new() };
    let Some(scale) = catalogue.scale(handle) else { return Vec::new() };
    let wanted = scale.level(&asked.level).unwrap_or_else(|| scale.can());
    let above = (1..=scale.top().0).map(Level);
    let told: Vec<_> = above
        .map(|level| (scale.name(level).to_owned(), level_label(catalogue, handle, level), level == wanted))
        .collect();
    if told.len() > 1 { told } else { Vec::new() }
}
