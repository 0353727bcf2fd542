//! Which rows are looked through: what the address says, and the filters.

use std::rc::Rc;

use rolewright_model::{Timestamp, console};
use yew::prelude::*;

use crate::access::{AccessHandle, use_access};
use crate::api::Query;
use crate::browser;
use crate::nav::QueryMap;
use crate::policy::Policy;
use crate::text;
use crate::typing::use_typing;
use crate::widgets::{Checkbox, SearchField, Ticked, use_id};

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// After how many days without a sign-in somebody counts as not seen.
const AWAY: i64 = 90;

/// What the address says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In who holds it, what it is called, and where.
    pub search: String,
    /// Of this role only.
    pub role: String,
    /// Only what is privileged.
    pub privileged: bool,
    /// Only of people who were not seen for long.
    pub away: bool,
    /// A column, with a leading `-` turned round.
    pub sort: String,
    /// Where the page begins.
    pub cursor: String,
}

impl Wanted {
    /// What a query says. What means nothing here is passed over.
    pub fn of(query: &QueryMap, policy: Option<&Policy>) -> Self {
        let get = |name: &str| query.get(name).to_owned();
        let is_role = policy.is_none_or(|policy| policy.role(query.get("role")).is_some());
        let sorts = ["principal", "-principal", "since", "-since"];
        Self {
            search: get("search"),
            role: if is_role { get("role") } else { String::new() },
            privileged: query.get("privileged") == "1",
            away: query.get("away") == "1",
            sort: if sorts.contains(&query.get("sort")) { get("sort") } else { String::new() },
            cursor: get("cursor"),
        }
    }

    /// As the address says it.
    pub fn address(&self) -> Query {
        let flag = |on: bool| if on { "1" } else { "" };
        Query::default()
            .with("search", &self.search)
            .with("role", &self.role)
            .with("privileged", flag(self.privileged))
            .with("away", flag(self.away))
            .with("sort", &self.sort)
            .with("cursor", &self.cursor)
    }

    /// As the server is asked. Who may not see the log is not told who gave what.
    pub fn question(&self, access: Option<&AccessHandle>) -> String {
        let flag = |on: bool| if on { "true" } else { "" };
        let sees_log = access.is_some_and(|access| access.may(console::AUDIT_VIEW));
        // The same all day, so that the question is.
        let Timestamp(now) = browser::now();
        let since = (now / DAY - AWAY) * DAY;
        Query::default()
            .with("search", self.search.trim())
            .with("role", &self.role)
            .with("privileged", flag(self.privileged))
            .with("not_signed_in_since", &if self.away { since.to_string() } else { String::new() })
            .with("origin", flag(sees_log))
            .with("sort", &self.sort)
            .with("cursor", &self.cursor)
            .as_str()
            .to_owned()
    }

    /// Whether some rows are left out.
    pub fn is_filtered(&self) -> bool {
        self.privileged || self.away || !self.search.is_empty() || !self.role.is_empty()
    }
}

/// The filters.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the address says.
    pub wanted: Rc<Wanted>,
    /// Told what is wanted instead.
    pub onwanted: Callback<Wanted>,
    /// How many rows fit.
    pub total: Option<u64>,
}

/// The filters.
#[component]
pub fn Filters(props: &Props) -> Html {
    let access = use_access();
    let id = use_id();
    let set = |change: fn(&mut Wanted, String)| {
        let (wanted, onwanted) = (props.wanted.clone(), props.onwanted.clone());
        Callback::from(move |value: String| {
            let mut next = (*wanted).clone();
            change(&mut next, value);
            onwanted.emit(next);
        })
    };
    let (value, oninput) = use_typing(&props.wanted.search, set(|wanted, search| wanted.search = search));
    let onrole = set(|wanted, role| wanted.role = role).reform(browser::chosen_in);
    let flag = |change: fn(&mut Wanted, bool)| {
        let (wanted, onwanted) = (props.wanted.clone(), props.onwanted.clone());
        Callback::from(move |on: bool| {
            let mut next = (*wanted).clone();
            change(&mut next, on);
            onwanted.emit(next);
        })
    };
    let policy = access.as_ref().and_then(|access| access.policy());
    let role = &props.wanted.role;
    html! {
        <div class="filters review__filters">
            <SearchField label="Search" placeholder="Search by name, role or place" {value} {oninput} />
            if let Some(policy) = policy {
                <label class="visually-hidden" for={id.clone()}>{ "Role" }</label>
                <select class="select select--small" {id} onchange={onrole}>
                    <option value="" selected={role.is_empty()}>{ "Every role" }</option>
                    { for policy.roles().filter(|role| !role.base).map(|it| html! {
                        <option key={it.id.clone()} value={it.id.clone()} selected={it.id == *role}>{ it.name.clone() }</option>
                    }) }
                </select>
            }
            <Checkbox ticked={Ticked::from(props.wanted.privileged)} onchange={flag(|wanted, on| wanted.privileged = on)}>{ "Privileged only" }</Checkbox>
            if access.as_ref().is_some_and(|access| access.may(console::USERS_VIEW)) {
                <Checkbox ticked={Ticked::from(props.wanted.away)} onchange={flag(|wanted, on| wanted.away = on)}>{ format!("Not seen for {AWAY} days") }</Checkbox>
            }
            <p class="filters__count" role="status">
                { props.total.map(|total| text::count(total, "assignment", "assignments")).unwrap_or_default() }
            </p>
        </div>
    }
}
