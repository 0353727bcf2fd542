//! What could be better, those that matter most first, each with what mends it.

use std::collections::BTreeMap;
use std::rc::Rc;

use rolewright_model::Stamp;
use rolewright_model::lint::{About, Lint, Severity};
use rolewright_wire::question::{Found, RefusedFix};
use serde::Deserialize;
use serde_json::Value;
use yew::prelude::*;

use crate::access::{AccessHandle, permission_name, use_access};
use crate::api::{self, Query};
use crate::live::use_live;
use crate::nav::Link;
use crate::pages::fix::{Fix, FixDialog};
use crate::resource::use_resource;
use crate::route::Route;
use crate::states::use_text;
use crate::text;
use crate::widgets::{Button, Icon, Skeleton, failed};

/// How many of each kind are shown at first.
const EACH: usize = 5;

/// How many more of a kind are shown at a time.
const MORE: usize = 100;

/// As much of the findings as is shown; changes as they came.
#[derive(PartialEq, Deserialize)]
struct Findings {
    items: Vec<Finding>,
    counts: Vec<Found>,
    #[serde(default)]
    names: BTreeMap<String, String>,
    #[serde(default)]
    refused: Vec<RefusedFix>,
}

impl Findings {
    /// Why the person may not make the change that mends one.
    fn refusal(&self, finding: &Finding) -> Option<AttrValue> {
        let item = self.items.iter().position(|it| std::ptr::eq(it, finding))?;
        let refused = self.refused.iter().find(|refused| refused.item == item)?;
        Some(text::sentence(&text::plain(&refused.message)).into())
    }
}

#[derive(PartialEq, Deserialize)]
struct Finding {
    code: Lint,
    message: String,
    about: Vec<About>,
    #[serde(default)]
    fix: Option<Mend>,
}

#[derive(PartialEq, Deserialize)]
struct Mend {
    label: String,
    #[serde(default)]
    change: Option<Value>,
}

/// Findings, and where the tenant was before they were asked for: a fix is made only where it is there still.
type Told = (Stamp, Findings);

/// The findings, kind by kind.
#[component]
pub fn FindingList() -> Html {
    let live = use_live();
    let found = use_resource(live.at, |at: Stamp| async move {
        let findings = api::get::<Findings>(&format!("/findings?each={EACH}")).await?;
        Ok((at, findings.body))
    });
    if let Some(error) = &found.error {
        return html! {
            { failed(error, &found.reload) }
        };
    }
    let Some(told) = found.data.clone() else {
        // As many as there often are.
        let group = |at: usize| html! { <div key={at} class="finding"><Skeleton length="long" /></div> };
        return html! { <div class="findings" aria-busy="true">{ for (0..3).map(group) }</div> };
    };
    if told.1.counts.is_empty() {
        return html! {
            <div class="findings"><p class="findings__none"><Icon name="circle-check" />{ "Nothing to mend: no superuser without a second factor, no unused role, nothing held twice." }</p></div>
        };
    }
    let mut kinds = told.1.counts.clone();
    kinds.sort_by_key(|found| found.code.severity());
    html! {
        <ul class="findings">
            { for kinds.into_iter().map(|kind| html! { <OfKind key={words(kind.code).0} first={told.clone()} {kind} /> }) }
        </ul>
    }
}

#[derive(Properties, PartialEq)]
struct KindProps {
    /// The first of every kind.
    first: Rc<Told>,
    /// Which kind, and how many there are of it.
    kind: Found,
}

/// The findings of one kind: the first, and the others where somebody asks for them.
#[component]
fn OfKind(props: &KindProps) -> Html {
    let access = use_access();
    let KindProps { first, kind } = props;
    let most = use_state(|| EACH);
    let more = use_resource((first.0, kind.code, *most), |(at, code, most)| async move {
        if most <= EACH {
            return Ok(None);
        }
        let code = api::encoded(&code)?;
        let query = Query::default().with("code", code.trim_matches('"')).with("each", &most.to_string());
        let findings = api::get::<Findings>(&format!("/findings{}", query.as_str())).await?;
        Ok(Some((at, findings.body)))
    });
    let show_more = use_callback(most.clone(), |_: MouseEvent, most| most.set(**most + MORE));
    let chosen = use_text();
    let close = use_callback(chosen.setter(), |(), chosen| chosen.set(String::new()));
    let (at, findings) = more.data.as_deref().and_then(Option::as_ref).unwrap_or(first);
    let item = |finding: &Finding| {
        let shown = mend(finding, *at).map(|fix| {
            let (chosen, key) = (chosen.setter(), key(finding));
            let onclick = Callback::from(move |_: MouseEvent| chosen.set(key.clone()));
            let refused = findings.refusal(finding);
            html! { <Button small=true {refused} tip_end=true {onclick}>{ fix.label }</Button> }
        });
        html! {
            <li key={key(finding)} class="finding__item">
                <span class="finding__about">{ about(finding, &findings.names, access.as_ref()) }<span class="finding__message">{ text::sentence(&text::plain(&finding.message)) }</span></span>
                { for shown }
            </li>
        }
    };
    let items: Vec<&Finding> = findings.items.iter().filter(|it| it.code == kind.code).collect();
    let (class, icon, word) = severity(kind.code.severity());
    let (title, advice) = words(kind.code);
    let left = kind.count.saturating_sub(items.len());
    html! {
        <li class={classes!("finding", class)}>
            <details open={kind.code.severity() == Severity::Risk}>
                <summary class="finding__head">
                    <span class="finding__severity"><Icon name={icon} /><span class="visually-hidden">{ word }</span></span>
                    <span class="finding__title">{ title }</span>
                    <span class="finding__count">{ text::number(kind.count as u64) }</span>
                    <Icon name="chevron-down" class="finding__chevron" />
                </summary>
                <p class="finding__advice">{ advice }</p>
                { if items.iter().all(|it| it.fix.is_none() && it.message == items.first().map_or("", |first| &first.message)) && items.len() > 1 {
                    // All say the same: the advice says it once.
                    html! { <div class="finding__people chips chips--wrap">{ for items.iter().map(|finding| about(finding, &findings.names, access.as_ref())) }</div> }
                } else {
                    html! { <ul class="finding__items">{ for items.iter().map(|finding| item(finding)) }</ul> }
                } }
                if left > 0 {
                    <p class="finding__more muted">
                        <span role="status">{ format!("The first {} of {} are shown.", text::number(items.len() as u64), text::number(kind.count as u64)) }</span>
                        <Button small=true busy={more.stale && *most > EACH} onclick={show_more}>
                            { if left <= MORE { format!("Show all {}", text::number(kind.count as u64)) } else { format!("Show {MORE} more") } }<span class="visually-hidden">{ format!(": {title}") }</span>
                        </Button>
                    </p>
                }
                if let Some(error) = &more.error {
                    { failed(error, &more.reload) }
                }
            </details>
            <div class="slot">
                if let Some((fix, finding)) = items.iter().filter(|it| key(it) == *chosen).find_map(|it| Some((mend(it, *at)?, it))) {
                    <FixDialog {fix} onclose={close}><p>{ text::sentence(&text::plain(&finding.message)) }</p></FixDialog>
                }
            </div>
        </li>
    }
}

/// What tells a finding from the others, as long as it is there.
fn key(finding: &Finding) -> String {
    format!("{:?} {:?}", finding.code, finding.about)
}

fn mend(finding: &Finding, at: Stamp) -> Option<Fix> {
    let fix = finding.fix.as_ref()?;
    Some(Fix { label: text::title(&text::plain(&fix.label)), change: fix.change.clone()?, at })
}

/// Whom or what a finding is about, as links.
fn about(finding: &Finding, names: &BTreeMap<String, String>, access: Option<&AccessHandle>) -> Html {
    let named = |id: &String| names.get(id).cloned().unwrap_or_else(|| id.clone());
    let link = |to: Route, id: &String| html! { <Link key={id.clone()} {to} class="chip chip--link">{ named(id) }</Link> };
    let one = |about: &About| match about {
        About::Role(id) => link(Route::Role { id: id.clone() }, id),
        About::Package(id) => link(Route::Package { id: id.clone() }, id),
        About::Group(id) => link(Route::Group { id: id.clone() }, id),
        About::User(id) => link(Route::User { id: id.clone() }, id),
        About::Permission(id) => {
            let label = permission_name(access, id);
            html! { <span key={id.clone()} class="chip">{ label }</span> }
        }
        About::Assignment(_) | About::Key(_) => html! {},
    };
    html! { <span class="chips chips--wrap">{ for finding.about.iter().map(one) }</span> }
}

fn severity(severity: Severity) -> (&'static str, &'static str, &'static str) {
    match severity {
        Severity::Risk => ("finding--risk", "circle-alert", "Risk: "),
        Severity::Misleading => ("finding--misleading", "triangle-alert", "Misleading: "),
        Severity::Clutter => ("finding--clutter", "info", "Clutter: "),
    }
}

/// What a kind is called, and what to do about it.
fn words(code: Lint) -> (&'static str, &'static str) {
    match code {
        Lint::SeparationOfDuty => {
            ("One person holds roles that nobody shall hold together", "Take one of the roles away.")
        }
        Lint::SuperuserWithoutSecondFactor => (
            "Superusers without a second factor",
            "Ask them to set one up: whoever learns their password may do everything.",
        ),
        Lint::ProviderKeyHoldsLess => (
            "Keys of the identity provider that hold too little",
            "What the provider sends about these people is refused: let its key hold as much.",
        ),
        Lint::KeyOfSomebodyWhoLeft => {
            ("Keys of people who left", "They know the secret still: give the key a new one, or end it.")
        }
        Lint::UnusedRole => {
            ("Roles that nobody holds", "Delete what is not needed: fewer roles are easier to keep right.")
        }
        Lint::EqualRoles => ("Roles that give the same", "Keep one of them."),
        Lint::ContainedRole => {
            ("Roles within another", "Let the larger inherit the smaller, or keep both where that is meant.")
        }
        Lint::GrantWithoutEffect => (
            "Grants without effect",
            "Everybody has as much already: take the grant out, or it will surprise somebody when that changes.",
        ),
        Lint::CountsNowhere => {
            ("Grants that count nowhere", "They are never held at a place where they count.")
        }
        Lint::DuplicateSource => (
            "Roles held twice",
            "Taking one source away leaves the other: take away what is not meant to stay.",
        ),
        Lint::UnheldPermission => (
            "Permissions that nobody holds",
            "Only superusers have them. Grant each in a narrow role where somebody needs it.",
        ),
        Lint::EndedAssignment => {
            ("Roles whose time is over", "They count for nothing any more: take them away.")
        }
        Lint::EmptyGroup => ("Groups that nobody is in", "Put somebody in, or delete them."),
        Lint::EmptyPackage => ("Packages without a role", "Put a role on them, or delete them."),
        Lint::UnusedPackage => ("Packages that nobody is on", "Delete what is not needed."),
    }
}
