//! The page that sets two to four roles side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rolewright_model::compare::{Comparison, SIDE_BY_SIDE};
use rolewright_model::role::RoleDocument;
use rolewright_model::{Level, console};
use yew::prelude::*;

use crate::access::{use_access, use_tree};
use crate::api::{self, Query};
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, COMMA, QueryMap, use_query};
use crate::pages::role_editor::{Effects, Ground, Note, Sources};
use crate::pages::side_by_side::{Side, SideBySide, differs, toggled};
use crate::policy::Policy;
use crate::resource::use_resource;
use crate::route::Route;
use crate::text;
use crate::tree::Tree;
use crate::widgets::{Banner, Choice, Combobox, Empty, RemovableChip, Segment, Segmented, Tone, failed};

/// What the address says.
#[derive(Clone, Debug, Default, PartialEq)]
struct Wanted {
    roles: Vec<String>,
    /// Also what they have alike.
    all: bool,
    /// Ids of modules that are folded.
    folded: Vec<String>,
}

impl Wanted {
    fn of(query: &QueryMap) -> Self {
        let mut roles = query.list("roles");
        let mut known = BTreeSet::new();
        roles.retain(|id| known.insert(id.clone()));
        Self { roles, all: query.get("all") == "1", folded: query.list("folded") }
    }

    /// Goes to the address that says it.
    fn set(&self) {
        let query = Query::default()
            .with("roles", &self.roles.join(COMMA))
            .with("all", if self.all { "1" } else { "" })
            .with("folded", &self.folded.join(COMMA));
        nav::set_query(&Route::CompareRoles, query.as_str());
    }
}

/// The page.
#[component]
pub fn ComparePage() -> Html {
    use_title("Compare roles");
    let (access, tree) = (use_access(), use_tree());
    let wanted = Wanted::of(&use_query());
    let policy = access.as_ref().and_then(|access| access.policy());
    // Roles that are gone, and more than are set side by side, are passed over.
    let known = wanted.roles.iter().filter_map(|id| policy?.role(id));
    let chosen: Vec<&RoleDocument> = known.take(*SIDE_BY_SIDE.end()).collect();
    let ids: Vec<String> = chosen.iter().map(|role| role.id.clone()).collect();
    let passed_over = wanted.roles.len().saturating_sub(chosen.len());
    let is_enough = SIDE_BY_SIDE.contains(&chosen.len());
    let question = is_enough.then(|| ids.join(COMMA));
    let compared = use_resource(question, |roles| async move {
        let Some(roles) = roles else { return Ok(None) };
        let path = format!("/compare{}", Query::default().with("roles", &roles).as_str());
        Ok(Some(Rc::new(api::get::<Comparison>(&path).await?.body)))
    });
    let sides = use_memo((access.clone(), tree.clone(), ids.clone()), |(access, tree, ids)| -> Rc<[Side]> {
        let Some(policy) = access.as_ref().and_then(|access| access.policy()) else { return Rc::from([]) };
        ids.iter().filter_map(|id| policy.role(id)).map(|role| side(policy, tree, role)).collect()
    });
    let now = Wanted { roles: ids.clone(), ..wanted.clone() };
    let onpick = {
        let now = now.clone();
        Callback::from(move |id: AttrValue| {
            let mut next = now.clone();
            next.roles.push(id.to_string());
            next.set();
        })
    };
    let onshow = {
        let now = now.clone();
        Callback::from(move |which: AttrValue| Wanted { all: which == "all", ..now.clone() }.set())
    };
    let onfold = {
        let now = now.clone();
        Callback::from(move |id: String| Wanted { folded: toggled(&now.folded, &id), ..now.clone() }.set())
    };
    if compared.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::ROLES_VIEW} what="roles" /> };
    }
    let left: Rc<[Choice]> = policy
        .into_iter()
        .flat_map(|policy| policy.roles())
        .filter(|role| !ids.contains(&role.id))
        .map(|role| Choice {
            label: role.name.clone().into(),
            detail: role.description.clone().into(),
            ..Choice::of(role.id.clone().into())
        })
        .collect();
    let told = compared.fresh().and_then(|told| (**told).clone());
    let counts =
        told.as_ref().map(|told| (told.rows.iter().filter(|row| differs(row)).count(), told.rows.len()));
    let segments: Rc<[Segment]> = [("differences", "Differences"), ("all", "All")]
        .map(|(id, label)| Segment {
            id: id.into(),
            label: label.into(),
            description: "".into(),
            inherited: false,
        })
        .into();
    html! {
        <div class="page__content page__content--wide">
            <PageHead title="Compare roles" text={html! { "What each role gives by itself and by what it inherits, side by side." }} />
            <div class="compare__roles">
                if chosen.len() < *SIDE_BY_SIDE.end() {
                    <div class="compare__add" key="add">
                        <Combobox label="Add a role" choices={left} placeholder="Find a role" none="No other role fits." {onpick} />
                    </div>
                }
                <div class="chips chips--wrap" key="chosen" role="group" aria-label="Compared">
                    { for chosen.iter().map(|role| {
                        let next = Wanted { roles: toggled(&ids, &role.id), ..wanted.clone() };
                        let onremove = Callback::from(move |()| next.set());
                        html! { <RemovableChip key={role.id.clone()} label={role.name.clone()} {onremove} /> }
                    }) }
                </div>
            </div>
            <div class="slot">
                if passed_over > 0 {
                    <Banner tone={Tone::Note}>{ "The address names roles that are not shown: they are not there any more, or are more than four." }</Banner>
                }
            </div>
            if let Some(error) = &compared.error {
                { failed(error, &compared.reload) }
            } else if !is_enough {
                <Empty icon="columns-2" title="Choose two to four roles" text="What one gives and another does not stands here, permission by permission." />
            } else {
                <div class="filters">
                    <Segmented label="Shown" {segments} value={if wanted.all { "all" } else { "differences" }} onchange={onshow} />
                    <p class="filters__count" role="status">
                        { counts.map(|(differing, all)| format!("{differing} of {} differ", text::count(all as u64, "permission", "permissions"))).unwrap_or_default() }
                    </p>
                </div>
                if counts.is_some_and(|(differing, _)| differing == 0) && !wanted.all {
                    <Empty icon="check" title="Nothing differs" text="These roles give the same." />
                } else {
                    <SideBySide sides={(*sides).clone()} compared={told} all={wanted.all} folded={Rc::<[String]>::from(wanted.folded.clone())} {onfold} />
                }
            }
        </div>
    }
}

/// A role as it stands beside others, with where what it gives comes from.
fn side(policy: &Policy, tree: &Tree, role: &RoleDocument) -> Side {
    let everything = role.superuser;
    let ground = Ground::of(policy, tree, role);
    let effects = ground.map(|ground| Effects::of(&ground, tree, role)).unwrap_or_default();
    let own = tree.own(&role.grants);
    let base_name = policy.base().filter(|_| !role.base).map(|base| base.name.as_str()).unwrap_or_default();
    let sources = Sources { tree, effects: &effects, own: &own, base_name };
    let notes = tree.rows.iter().enumerate().filter(|_| !everything).map(|(at, row)| {
        let mut notes = sources.notes(at, row);
        let has_more_from_base = effects.base(at) > effects.reached(at);
        if sources.follows_base(row) && has_more_from_base && sources.own(at) == Level::NONE {
            notes.push(Note { words: sources.without_grant(at, row).into(), strong: true });
        }
        (row.id.to_string(), notes)
    });
    let notes: BTreeMap<String, Vec<Note>> = notes.filter(|(_, notes)| !notes.is_empty()).collect();
    let to = Some(Route::Role { id: role.id.clone() });
    Side { name: role.name.clone().into(), to, everything, notes }
}
