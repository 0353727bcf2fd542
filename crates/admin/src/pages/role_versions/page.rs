//! The page: each change of a role, newest first, with who made it, when, why, and what it did.

use yew::prelude::*;

use super::told::{self, Step};
use crate::access::{AccessHandle, use_access};
use crate::api::Query;
use crate::frame::{PageHead, use_title};
use crate::nav::{self, Link, use_query};
use crate::pages::audit::actor;
use crate::pages::differences::{Words, differences};
use crate::pages::role_editor::{marks, tabs};
use crate::resource::use_resource;
use crate::route::Route;
use crate::text;
use crate::widgets::{Button, Empty, Icon, Skeleton, failed, use_known_cursor};

/// How many fields of one change are told here; its own page tells all.
const MOST: usize = 6;

/// Of which role.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its id.
    pub id: AttrValue,
}

/// The page.
#[component]
pub fn VersionsPage(props: &Props) -> Html {
    let access = use_access();
    let query = use_query();
    let cursor = query.get("cursor").to_owned();
    let steps = use_resource((props.id.clone(), cursor.clone()), |(id, cursor)| async move {
        told::page(&id, &cursor).await
    });
    let id = &*props.id;
    let role = access.as_ref().and_then(|access| access.policy()).and_then(|policy| policy.role(id));
    let items = steps.fresh().map(|steps| &steps.items[..]).unwrap_or_default();
    let name = role.map_or_else(|| name_in(items).unwrap_or(id).to_owned(), |role| role.name.clone());
    let gone = steps.error.as_ref().is_some_and(|error| error.status() == 404);
    use_title(if gone { "Not found".to_owned() } else { format!("Versions of {name}") });
    let route = Route::RoleVersions { id: id.to_owned() };
    // A cursor that leads nowhere leads to the newest.
    let first = {
        let route = route.clone();
        Callback::from(move |()| nav::set_query(&route, ""))
    };
    let error = use_known_cursor(steps.error.as_ref(), first);
    if gone {
        return html! {
            <Empty key="gone" icon="search-x" title="There was no such role" text="The change log knows none of this id." page=true>
                <Link to={Route::Roles} class="button button--secondary">{ "Go to the roles" }</Link>
            </Empty>
        };
    }
    let turn = |cursor: &str| {
        let (route, query) = (route.clone(), Query::default().with("cursor", cursor));
        Callback::from(move |_: MouseEvent| nav::turn_to(&route, query.as_str()))
    };
    let newest = items.first().filter(|_| cursor.is_empty() && role.is_some());
    let text = match role {
        Some(_) => "Each change of this role, newest first. Any of them can be gone back to.",
        None => "This role was deleted. It can be restored as it was at any of these changes.",
    };
    html! {
        <div class="page__content page__content--wide versions" key="versions">
            <PageHead title={name} beside={role.map(marks).unwrap_or_default()} text={html! { { text } }} />
            if role.is_some() {
                { tabs(access.as_ref(), id, &route) }
            }
            if let Some(error) = &error {
                { failed(error, &steps.reload) }
            }
            <ol class="stack" aria-busy={steps.stale.to_string()}>
                if steps.fresh().is_none() && error.is_none() {
                    { for (0..3).map(|at| html! {
                        <li class="way" key={at} aria-hidden="true"><div class="way__head"><Skeleton length="medium" /></div><p class="way__note"><Skeleton length="long" /></p></li>
                    }) }
                }
                { for items.iter().map(|step| entry(id, step, newest == Some(step), access.as_ref())) }
            </ol>
            <div class="pager">
                <div class="pager__turn">
                    if !cursor.is_empty() {
                        <Button small=true onclick={turn("")}>{ "Newest" }</Button>
                    }
                    if let Some(next) = steps.fresh().and_then(|steps| steps.next.as_deref()) {
                        <Button small=true onclick={turn(next)}>{ "Older" }</Button>
                    }
                </div>
            </div>
            <p class="history__all">
                <Link to={Route::Audit} query={Query::default().with("about", id).as_str().to_owned()} class="text-link">{ "All about it in the audit log, also to whom it was given" }</Link>
            </p>
        </div>
    }
}

/// What a role was called last.
fn name_in(steps: &[Step]) -> Option<&str> {
    steps.iter().find_map(|step| {
        let document = step.version.document.as_ref().or(step.before.as_ref())?;
        document.get("name")?.as_str()
    })
}

/// One change.
fn entry(id: &str, step: &Step, is_newest: bool, access: Option<&AccessHandle>) -> Html {
    let version = &step.version;
    let revision = version.at.revision.to_string();
    let to = Route::RoleVersion { id: id.to_owned(), revision: revision.clone() };
    let (list, count) = what_changed(step, MOST, access);
    html! {
        <li class="way" key={revision.clone()}>
            <div class="way__head">
                <h2><Link to={to.clone()} class="text-link">{ format!("Version {revision}") }</Link></h2>
                if is_newest {
                    <span class="badge badge--granted"><Icon name="check" />{ "Now" }</span>
                }
                <span class="way__about muted">{ step.verb() }{ " \u{b7} " }{ actor(&version.actor, &version.actor_name) }{ " \u{b7} " }{ text::moment(version.time) }</span>
            </div>
            if let Some(reason) = &version.reason {
                <p class="way__note">{ reason.clone() }</p>
            }
            { list }
            if count > MOST {
                <p class="way__note"><Link {to} class="text-link" label={format!("{} more of version {revision}", count - MOST)}>{ format!("{} more", count - MOST) }</Link></p>
            }
        </li>
    }
}

/// What a change did, `most` lines of it at most, and how many there are.
pub fn what_changed(step: &Step, most: usize, access: Option<&AccessHandle>) -> (Html, usize) {
    let unknown =
        html! { <p class="way__note muted">{ "What it was before is not in the change log any more." }</p> };
    match step.is_cut() {
        true => (unknown, 0),
        false => between(step.before.as_ref(), step.version.document.as_ref(), most, access),
    }
}

/// What differs in a role between two documents of it, `most` lines at most, and how many there are.
pub fn between(
    before: Option<&serde_json::Value>,
    after: Option<&serde_json::Value>,
    most: usize,
    access: Option<&AccessHandle>,
) -> (Html, usize) {
    let policy = access.and_then(|access| access.policy());
    let words = Words {
        kind: "role",
        name: &|id| policy?.role(id).map(|role| role.name.clone()),
        catalogue: policy.map(|policy| policy.catalogue()),
    };
    differences(before, after, most, &words)
}
