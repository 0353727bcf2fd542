//! May somebody do something, and why: the verdict, what leads to it, and for a refusal what would change it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rolewright_model::explain::{Cause, Check as Needed, Diagnosis, NotCounting};
use rolewright_model::subject::Via;
use rolewright_model::{Stamp, console};
use rolewright_wire::check::Check;
use rolewright_wire::group::GroupView;
use yew::prelude::*;

use super::asked::Asked;
use super::chain::{Person, chains};
use super::explained::{Explained, ExplainedOperation, Remedy, Source};
use super::fixes::Fixes;
use super::words;
use crate::access::use_access;
use crate::api::{self, ApiError, Request};
use crate::live::use_live;
use crate::nav::Link;
use crate::pages::resources::ways;
use crate::policy::Policy;
use crate::resource::use_resource;
use crate::route::Route;
use crate::widgets::{Banner, Empty, Icon, Skeleton, Tone, failed};

/// What is asked, and about whom.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is asked.
    pub asked: Rc<Asked>,
    /// What a person reads of the one who is asked about.
    pub name: AttrValue,
}

/// What the server said of a question.
struct Answer {
    /// Where the tenant was when it was asked.
    at: Stamp,
    what: What,
    /// What groups are called that stand in it.
    groups: BTreeMap<String, String>,
}

enum What {
    Permission(Explained),
    Operation(ExplainedOperation),
}

impl What {
    fn allowed(&self) -> bool {
        match self {
            Self::Permission(told) => told.decision.allowed,
            Self::Operation(told) => told.decision.allowed,
        }
    }

    fn fixes(&self) -> &[Remedy] {
        match self {
            Self::Permission(told) => &told.fixes,
            Self::Operation(told) => &told.fixes,
        }
    }

    fn sources(&self) -> impl Iterator<Item = &Source> {
        let (one, legs) = match self {
            Self::Permission(told) => (Some(told), &[][..]),
            Self::Operation(told) => (None, &told.legs[..]),
        };
        let told = one.into_iter().chain(legs.iter().flatten().flatten());
        told.flat_map(|told| told.sources.iter().chain(&told.idle))
    }
}

async fn explain(check: Check, at: Stamp, sees_groups: bool) -> Result<Answer, ApiError> {
    let request = Request::post("/explain", &check);
    let what = if check.operation.is_some() {
        What::Operation(api::asked::<ExplainedOperation>(request).await?.body)
    } else {
        What::Permission(api::asked::<Explained>(request).await?.body)
    };
    let mut groups = BTreeMap::new();
    let named = what.sources().filter_map(|source| match &source.via {
        Via::Group { groups, .. } => Some(groups),
        _ => None,
    });
    let ids: BTreeSet<String> = named.flatten().filter(|_| sees_groups).cloned().collect();
    for id in ids {
        let path = format!("/groups/{}", js_sys::encode_uri_component(&id));
        // Who goes without a name is told by id.
        if let Ok(answer) = api::get::<GroupView>(&path).await {
            groups.insert(id, answer.body.group.name);
        }
    }
    Ok(Answer { at, what, groups })
}

/// The answer.
#[component]
pub fn Why(props: &Props) -> Html {
    let access = use_access();
    let live = use_live();
    let sees_groups = access.as_ref().is_some_and(|access| access.may(console::GROUPS_VIEW));
    let policy = access.as_ref().and_then(|access| access.policy());
    let check = policy.and_then(|policy| props.asked.check(policy.catalogue()));
    // A fix is made only where the tenant is as it was: each answer goes with where that was.
    let answer = use_resource((check.clone(), live.at), move |(check, at)| async move {
        let Some(check) = check else { return Ok(None) };
        let told = explain(check.clone(), at, sees_groups).await?;
        Ok(Some((check, told)))
    });
    let Some(policy) = policy else { return html! {} };
    let Some(check) = check else {
        return html! { <Empty icon="waypoints" title="Who, and what?" text="Choose a person and what they would do. The answer comes with everything that leads to it, and for a no with the smallest changes that would make it a yes." /> };
    };
    if let Some(error) = &answer.error {
        return html! {
            { failed(error, &answer.reload) }
        };
    }
    let told = answer.data.as_ref().and_then(|data| (**data).as_ref()).filter(|(asked, _)| *asked == check);
    let Some((_, told)) = told else {
        return html! { <div class="answer" aria-busy="true"><Skeleton length="long" /></div> };
    };
    let person = Person { id: props.asked.subject.clone(), name: props.name.to_string() };
    let done = done_words(policy, &props.asked);
    let allowed = told.what.allowed();
    let groups = &told.groups;
    let group = |id: &str| groups.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let operation = policy.catalogue().operation(&props.asked.operation);
    html! {
        <div class={classes!("answer", answer.stale.then_some("answer--stale"))} aria-busy={answer.stale.to_string()}>
            <div class={classes!("answer__verdict", if allowed { "answer__verdict--yes" } else { "answer__verdict--no" })} role="status">
                <Icon name={if allowed { "circle-check" } else { "circle-slash" }} />
                <p class="answer__large">{ if allowed { "Yes" } else { "No" } }</p>
                <p class="answer__words">
                    { format!("{} may{} {done}.", person.name, if allowed { "" } else { " not" }) }
                    { " " }{ reason(&told.what, &person.name) }
                </p>
            </div>
            { match &told.what {
                What::Permission(told) => why(policy, &person, told, &group),
                What::Operation(told) => html! { <section class="answer__part stack"><h2 class="section-title">{ "What it takes" }</h2>{ ways(Some(policy), operation, &told.decision, &|way, leg| {
                    let told = told.legs.get(way).and_then(|legs| legs.get(leg)).and_then(Option::as_ref);
                    told.map_or_else(|| html! {}, |told| html! {
                        <details class="leg__why">
                            <summary>{ "Why" }</summary>
                            { why(policy, &person, told, &group) }
                        </details>
                    })
                }) }</section> },
            } }
            <Fixes fixes={Rc::from(told.what.fixes())} at={told.at} />
        </div>
    }
}

fn done_words(policy: &Policy, asked: &Asked) -> String {
    let catalogue = policy.catalogue();
    let on = if asked.place.is_empty() {
        String::new()
    } else {
        format!(" on {}", catalogue.place_name(&asked.place))
    };
    match catalogue.operation(&asked.operation) {
        Some(operation) => format!("do \u{201c}{}\u{201d}{on}", operation.label),
        None => format!("do {}{on}", catalogue.permission_name(&asked.permission)),
    }
}

/// The verdict's reason in a sentence.
fn reason(what: &What, who: &str) -> String {
    match what {
        What::Permission(told) if told.decision.allowed && told.sources.len() > 1 => {
            format!("{} things give it: taking one away leaves the others.", told.sources.len())
        }
        What::Permission(told) => {
            told.diagnosis.as_ref().map(|diagnosis| words::cause(diagnosis.cause, who)).unwrap_or_default()
        }
        What::Operation(told) if !told.decision.allowed && !told.decision.alternatives.is_empty() => {
            "Each way to do it misses something.".to_owned()
        }
        What::Operation(_) => String::new(),
    }
}

/// What leads to a decision about one permission.
fn why(policy: &Policy, person: &Person, told: &Explained, group: &dyn Fn(&str) -> String) -> Html {
    html! {
        <>
            if let Some(diagnosis) = &told.diagnosis {
                { steps(policy, person, diagnosis) }
                { advice(person, diagnosis.cause, told.idle.iter().any(|idle| idle.not_counting == Some(NotCounting::InactiveSubject))) }
            }
            if !(told.sources.is_empty() && told.idle.is_empty()) {
                <section class="answer__part">
                    <h2 class="section-title">{ if told.sources.is_empty() { "What is held and does not count" } else { "What leads to it" } }</h2>
                    { chains(policy, person, &told.sources, &told.idle, group) }
                </section>
            }
        </>
    }
}

/// What would have to be so, in order: permission in a role, role on a package, package on the person. Where what stops it is
/// none of these, as a role that no package can carry, it stands after those that are so.
fn steps(policy: &Policy, person: &Person, diagnosis: &Diagnosis) -> Html {
    let in_chain = diagnosis.chain.iter().any(|needed| needed.cause == diagnosis.cause);
    let last = (!in_chain).then(|| Needed { cause: diagnosis.cause, holds: false, found: Vec::new() });
    let rows: Vec<&Needed> =
        diagnosis.chain.iter().filter(|needed| in_chain || needed.holds).chain(&last).collect();
    html! {
        if !diagnosis.chain.is_empty() {
            <section class="answer__part">
                <h2 class="section-title">{ "Where it stops" }</h2>
                <ol class="stops">{ for rows.into_iter().map(|needed| stop(policy, person, needed, needed.cause == diagnosis.cause)) }</ol>
            </section>
        }
    }
}

/// How many roles or packages one step names.
const SHOWN: usize = 6;

fn stop(policy: &Policy, person: &Person, needed: &Needed, stops: bool) -> Html {
    let found = |id: &String| match needed.cause {
        Cause::PermissionNotGranted | Cause::RoleNotHeld => {
            html! { <Link to={Route::Role { id: id.clone() }} class="chip chip--link">{ policy.role_name(id).to_owned() }</Link> }
        }
        Cause::RoleNotOnPackage | Cause::PackageNotOnUser => {
            html! { <Link to={Route::Package { id: id.clone() }} class="chip chip--link">{ policy.package_name(id).to_owned() }</Link> }
        }
        _ => html! { <span class="chip">{ id.clone() }</span> },
    };
    let (class, icon, word) = match (needed.holds, stops) {
        (true, _) => ("stop--yes", "check", "Yes"),
        (false, true) => ("stop--no", "x", "No, here it stops"),
        (false, false) => ("stop--after", "minus", "Not either"),
    };
    html! {
        <li key={words::step(needed.cause)} class={classes!("stop", class)} aria-current={stops.then_some("step")}>
            <Icon name={icon} />
            <span class="stop__words">
                <span>{ words::step(needed.cause).replace("The person", &person.name).replace("the person", &person.name) }</span>
                <span class="chips chips--wrap">
                    { for needed.found.iter().take(SHOWN).map(found) }
                    if needed.found.len() > SHOWN {
                        <span class="muted">{ format!("and {} more", needed.found.len() - SHOWN) }</span>
                    }
                </span>
            </span>
            <span class="stop__word">{ word }</span>
        </li>
    }
}

/// What to do where no change of the policy would help; `holds` says whether they hold what would give it.
fn advice(person: &Person, cause: Cause, holds: bool) -> Html {
    let to = Route::User { id: person.id.clone() };
    let (words, link) = match cause {
        Cause::NextLogin => (
            "Have them sign out and in again. Or end their sessions: then it counts as soon as they are back.",
            "End their sessions on their page",
        ),
        Cause::InactiveSubject if !holds => (
            "Nothing that they hold gives it: it takes a role that does, and that they accept the invitation or are activated again.",
            "Go to their page",
        ),
        Cause::InactiveSubject => (
            "Once they accept the invitation, or are activated again, what they hold counts.",
            "Go to their page",
        ),
        _ => return html! {},
    };
    html! { <Banner tone={Tone::Caution} actions={html! { <Link {to} class="button button--secondary button--small">{ link }</Link> }}>{ words }</Banner> }
}
