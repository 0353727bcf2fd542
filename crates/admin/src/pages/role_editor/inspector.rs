//! What the focused permission means: what it allows, what it brings, and which other roles give it.

use std::rc::Rc;

use rolewright_model::Level;
use rolewright_model::catalogue::{Only, Permission, PermissionHandle};
use rolewright_model::role::{Audience, RoleDocument};
use yew::prelude::*;

use super::effects::Effects;
use crate::access::use_access;
use crate::api::Query;
use crate::nav::Link;
use crate::policy::level_mark;
use crate::route::Route;
use crate::same::Same;
use crate::text;
use crate::tree::{Row, Tree};
use crate::widgets::Icon;

/// The inspector.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The permissions.
    pub tree: Rc<Tree>,
    /// What the draft comes to.
    pub effects: Rc<Effects>,
    /// Which permission.
    pub focus: Option<usize>,
    /// How many people hold the role.
    pub holders: Option<u64>,
    /// The role.
    pub role: Same<RoleDocument>,
}

/// The inspector.
#[component]
pub fn Inspector(props: &Props) -> Html {
    let access = use_access();
    let policy = access.as_ref().and_then(|access| access.policy());
    let Props { tree, effects, focus, holders, role } = props;
    let chosen = focus.and_then(|at| Some((at, tree.rows.get(at)?)));
    let held = holders.filter(|_| !role.id.is_empty()).map(|holders| {
        let query = Query::default().with("role", &role.id);
        let words = text::count(holders, "person holds this role", "people hold this role");
        html! {
            if access.as_ref().is_some_and(|access| access.may(rolewright_model::console::USERS_VIEW)) {
                <Link to={Route::Users} query={query.as_str().to_owned()} class="inspector__link"><Icon name="users" />{ words }</Link>
            } else {
                <p class="inspector__link"><Icon name="users" />{ words }</p>
            }
        }
    });
    let Some((at, row)) = chosen else {
        return html! {
            <aside class="inspector" aria-label="Permission" key="none">
                <p class="inspector__hint">{ "Choose a permission to see what it allows, what it brings and which roles give it." }</p>
                { held.unwrap_or_default() }
            </aside>
        };
    };
    let catalogue = policy.map(|policy| policy.catalogue());
    let permission = catalogue.and_then(|catalogue| catalogue.permission(row.handle));
    let named = |it: PermissionHandle| tree.rows.iter().find(|row| row.handle == it);
    let brings: Vec<(AttrValue, Vec<String>)> = row
        .levels
        .iter()
        .enumerate()
        .filter_map(|(n, level)| {
            let detail = permission?.detail(Level(u8::try_from(n).ok()?))?;
            let words: Vec<_> = detail
                .implies
                .iter()
                .filter_map(|(target, at)| {
                    let target: &Row = named(*target)?;
                    Some(if target.is_switch() {
                        target.full.to_string()
                    } else {
                        format!("{} ({})", target.full, target.level(*at))
                    })
                })
                .collect();
            (!words.is_empty()).then(|| (level.label.clone(), words))
        })
        .collect();
    let access_row =
        tree.rows.iter().find(|other| other.module == row.module && other.is_access && !row.is_access);
    let others: Vec<(String, String, AttrValue)> = policy
        .map(|policy| {
            policy
                .roles()
                .filter(|other| other.id != role.id && !other.superuser)
                .map(|other| (other, policy.reached(&other.id, row.handle)))
                .filter(|(_, level)| *level > Level::NONE)
                .map(|(other, level)| (other.id.clone(), other.name.clone(), row.level(level)))
                .collect()
        })
        .unwrap_or_default();
    let now = effects.reached(at).max(effects.base(at));
    let (class, icon) = level_mark(catalogue.map(|catalogue| (catalogue, row.handle)), now);
    let base = policy.and_then(|policy| policy.base()).map(|base| base.name.as_str());
    let described: Vec<_> = row.levels.iter().filter(|level| !level.description.is_empty()).collect();
    html! {
        <aside class="inspector" aria-label="Permission" key="chosen">
            <p class="inspector__module">{ tree.modules.get(row.module).map(|module| module.label.clone()).unwrap_or_default() }</p>
            <h2 class="inspector__title">{ row.label.clone() }</h2>
            <code class="inspector__id">{ row.id.clone() }</code>
            <p class="inspector__text">{ if row.description.is_empty() { "No description is given.".into() } else { row.description.clone() } }</p>
            <p class={classes!("level", class)}>
                <Icon name={icon} />
                { format!("Holders of this role: {}", row.level(now)) }
            </p>
            if let Some(permission) = permission {
                <dl class="inspector__levels">
                    <div key="type"><dt>{ "Type" }</dt><dd>{ audience(permission) }</dd></div>
                    <div key="roles"><dt>{ "Applicable roles" }</dt><dd>{ applicable(permission, base) }</dd></div>
                </dl>
                if let Some(help) = permission.help() {
                    <p><a href={help.to_owned()} target="_blank" rel="noopener noreferrer">{ "Help" }<span class="visually-hidden">{ format!(" with {}", row.label) }</span></a></p>
                }
            }
            if !described.is_empty() {
                <dl class="inspector__levels">
                    { for described.iter().map(|level| html! {
                        <div key={level.id.to_string()}><dt>{ level.label.clone() }</dt><dd>{ level.description.clone() }</dd></div>
                    }) }
                </dl>
            }
            if !brings.is_empty() || access_row.is_some() {
                <h3 class="inspector__heading">{ "Brings" }</h3>
                <ul class="plain-list">
                    { for brings.iter().flat_map(|(level, words)| words.iter().map(move |words| (level, words))).map(|(level, words)| html! {
                        <li key={format!("{level}-{words}")}>
                            <Icon name="arrow-down" />{ words.clone() }
                            if !row.is_switch() { <span class="muted">{ format!(" at {level}") }</span> }
                        </li>
                    }) }
                    if let Some(access_row) = access_row {
                        <li key="access"><Icon name="arrow-down" />{ access_row.full.clone() }</li>
                    }
                </ul>
            }
            <h3 class="inspector__heading">{ "Also given by" }</h3>
            if others.is_empty() {
                <p class="muted">{ "No other role, superusers apart." }</p>
            } else {
                <ul class="plain-list">
                    { for others.into_iter().map(|(id, name, level)| html! {
                        <li key={id.clone()}>
                            <Link to={Route::Role { id }}>{ name }</Link>
                            if !row.is_switch() { <span class="muted">{ format!(" {level}") }</span> }
                        </li>
                    }) }
                </ul>
            }
            { held.unwrap_or_default() }
        </aside>
    }
}

/// Whom a permission is meant for.
fn audience(permission: &Permission) -> &'static str {
    match permission.audience() {
        Audience::User => "User",
        Audience::Admin => "Administrator",
    }
}

/// Which roles may set it.
fn applicable(permission: &Permission, base: Option<&str>) -> String {
    match (permission.only(), base) {
        (Some(Only::Custom), _) => "Custom roles only".to_owned(),
        (Some(Only::Base), base) => format!("{} only", base.unwrap_or("The base role")),
        (None, Some(base)) => format!("{base} and custom roles"),
        (None, None) => "Every role".to_owned(),
    }
}
