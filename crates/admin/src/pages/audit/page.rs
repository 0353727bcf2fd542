//! The page: the changes, newest first, and which of them.

use std::rc::Rc;

use rolewright_model::change::Topic;
use rolewright_wire::audit::{AuditEntry, AuditPage as Entries};
use yew::prelude::*;

use super::filters::{Filters, Wanted};
use super::line::{actor, line, reason};
use crate::access::{permission_name, use_access};
use crate::api;
use crate::frame::{PageHead, use_title};
use crate::nav::{self, Link, use_query};
use crate::resource::use_resource;
use crate::route::Route;
use crate::scrolled::use_scrolled_back;
use crate::widgets::{AfterRows, Button, Empty, Icon, SkeletonRows, Tip, failed, use_known_cursor};
use crate::{tenant, text};

/// The page.
#[component]
pub fn AuditPage() -> Html {
    use_title("Audit log");
    let access = use_access();
    let query = use_query();
    let get = |name: &str| query.get(name).to_owned();
    let kind = get("kind");
    let wanted = Rc::new(Wanted {
        actor: get("actor"),
        // What an address says that means nothing here is passed over.
        kind: if Topic::all().any(|topic| topic.as_str() == kind) { kind } else { String::new() },
        about: get("about"),
        from: get("from"),
        to: get("to"),
        search: get("search"),
        cursor: get("cursor"),
    });
    let page = use_resource((*wanted).clone(), |wanted: Wanted| async move {
        if wanted.is_backwards() {
            return Ok(Entries { items: Vec::new(), next: None });
        }
        let query = wanted.question().with("cursor", &wanted.cursor).with("brief", "true");
        api::get::<Entries>(&format!("/audit{}", query.as_str())).await.map(|answer| answer.body)
    });
    use_scrolled_back(page.data.is_some());
    let onwanted = Callback::from(move |wanted: Wanted| {
        nav::set_query(&Route::Audit, wanted.address().as_str());
    });
    let turn = |cursor: String| {
        let wanted = (*wanted).clone();
        Callback::from(move |_: MouseEvent| {
            let wanted = Wanted { cursor: cursor.clone(), ..wanted.clone() };
            nav::turn_to(&Route::Audit, wanted.address().as_str());
        })
    };
    // A cursor that leads nowhere leads to the newest.
    let first = Wanted { cursor: String::new(), ..(*wanted).clone() };
    let error = use_known_cursor(page.error.as_ref(), onwanted.reform(move |()| first.clone()));
    let entries = page.data.as_ref().map(|page| &page.items[..]).unwrap_or_default();
    let made_by = entries.iter().find(|entry| entry.actor == wanted.actor && !entry.actor_name.is_empty());
    let policy = access.as_ref().and_then(|access| access.policy());
    let about = entries.iter().find_map(|entry| entry.names.get(&wanted.about).cloned()).or_else(|| {
        let policy = policy?;
        let role = policy.role(&wanted.about).map(|role| role.name.clone());
        role.or_else(|| policy.state().policy().package(&wanted.about).map(|package| package.name.clone()))
    });
    let names = [made_by.map(|entry| entry.actor_name.clone().into()), about.map(AttrValue::from)];
    // An export has all kinds in it.
    let mut needed = Topic::all().map(Topic::permission_to_see);
    let lacks = needed.find(|needed| !access.as_ref().is_some_and(|access| access.may(needed)));
    let export = match lacks {
        Some(lacks) => {
            let name = permission_name(access.as_ref(), lacks);
            html! {
                <Button icon="download" tip_end=true refused={format!("An export has every kind of document in it: you need {name} too.")}>{ "Export" }</Button>
            }
        }
        None if wanted.is_backwards() => html! {
            <Button icon="download" tip_end=true refused="The last day is before the first, so there is nothing to export.">{ "Export" }</Button>
        },
        None => html! {
            <Tip text={if wanted.is_filtered() { "What the filters leave, signed as an excerpt" } else { "The whole log, with its signed head" }} end=true>
                <a class="button button--secondary" download="" href={tenant::api(&format!("/audit/export{}", wanted.question().as_str()))}>
                    <Icon name="download" />{ "Export" }
                </a>
            </Tip>
        },
    };
    let none = page.fresh().is_some_and(|page| page.items.is_empty());
    html! {
        <div class="page__content page__content--wide audit">
            <PageHead title="Audit log" actions={export}
                text={html! { "Every change, with who made it and why; a change that is undone is one more. Entries of long ago are taken out by the server's operator alone." }} />
            <Filters wanted={wanted.clone()} {names} {onwanted} />
            if let Some(error) = &error {
                { failed(error, &page.reload) }
            }
            if none {
                <Empty icon="search-x" title="No change fits" text="Take a filter away, or choose other days. What is done from now on stands here the moment it is done." />
            } else {
                <div class={classes!("table-box", page.stale.then_some("table-box--stale"))} aria-busy={page.stale.to_string()}>
                    <table class="table table--stack">
                        <caption class="visually-hidden">{ "Changes, newest first" }</caption>
                        <thead>
                            <tr>
                                <th scope="col">{ "Change" }</th>
                                <th scope="col">{ "What" }</th>
                                <th scope="col">{ "By" }</th>
                                <th scope="col">{ "Reason" }</th>
                                <th scope="col">{ "When" }</th>
                            </tr>
                        </thead>
                        <tbody>
                            if page.data.is_some() {
                                { for entries.iter().map(|entry| {
                                    let revision = entry.at.revision.to_string();
                                    html! {
                                        <tr key={entry.at.revision}>
                                            <td class="audit__revision">
                                                <Link to={Route::AuditEntry { revision: revision.clone() }} class="table__link" label={format!("Open change {revision}")}>{ format!("#{revision}") }</Link>
                                            </td>
                                            <td class="audit__what">{ line(entry, access.as_ref()) }</td>
                                            <td data-label="By"><div class="audit__by" title={by(entry)}>{ actor(&entry.actor, &entry.actor_name) }</div></td>
                                            <td class="audit__why" data-label={entry.reason.is_some().then_some("Why")}>{ reason(entry).unwrap_or_default() }</td>
                                            <td class="table__muted audit__when" data-label="When">{ text::moment(entry.time) }</td>
                                        </tr>
                                    }
                                }) }
                            } else {
                                <SkeletonRows key="skeleton" rows={12} cells={5} />
                            }
                        </tbody>
                    </table>
                </div>
            }
            <div class="slot">
                if page.data.is_some() {
                    <AfterRows>
                        <div class="pager">
                            <div class="pager__turn">
                                if !wanted.cursor.is_empty() {
                                    <Button small=true onclick={turn(String::new())}>{ "Newest" }</Button>
                                }
                                if let Some(next) = page.fresh().and_then(|page| page.next.clone()) {
                                    <Button small=true onclick={turn(next)}>{ "Older" }</Button>
                                }
                            </div>
                        </div>
                    </AfterRows>
                }
            </div>
        </div>
    }
}

/// Who made a change, in full: a long name is cut short in the table.
fn by(entry: &AuditEntry) -> Option<String> {
    let kind = if entry.actor.starts_with("key:") { "API key " } else { "" };
    (!entry.actor_name.is_empty()).then(|| [kind, &entry.actor_name].concat())
}
