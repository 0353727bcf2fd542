//! One change: what differs, whom it reached, and the way back.

use std::collections::BTreeSet;

use rolewright_wire::audit::AuditEntry;
use rolewright_wire::reach::Reach;
use yew::prelude::*;

use super::line::{actor, change, line, reason};
use super::undo::{UNDONE_WITH, UndoDialog};
use super::written::written;
use crate::access::{use_access, use_tree};
use crate::api;
use crate::frame::{PageHead, use_title};
use crate::live::use_live;
use crate::nav::{self, Link, use_query};
use crate::pages::by_person::ByPerson;
use crate::pages::reached::reach_words;
use crate::resource::use_resource;
use crate::route::Route;
use crate::states::use_flag;
use crate::text;
use crate::widgets::{Banner, Button, Empty, Icon, Skeleton, Tone, failed};

/// Which change.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The revision that it made.
    pub revision: AttrValue,
}

/// The page.
#[component]
pub fn EntryPage(props: &Props) -> Html {
    let access = use_access();
    let undoing = use_flag();
    let live = use_live();
    let entry = use_resource(props.revision.clone(), |revision: AttrValue| async move {
        let path = format!("/audit/{}", js_sys::encode_uri_component(&revision));
        api::get::<AuditEntry>(&path).await.map(|answer| answer.body)
    });
    // A path that is no number is no revision either.
    let is_none = entry.error.as_ref().is_some_and(|error| matches!(error.status(), 400 | 404 | 422));
    use_title(if is_none { "Not found".to_owned() } else { format!("Change {}", props.revision) });
    // A link says which are undone with it: those of one bulk edit.
    let with = use_query().list(UNDONE_WITH);
    let close = use_callback(
        (undoing.setter(), props.revision.clone(), with.clone()),
        |(), (undoing, revision, with)| {
            undoing.set(false);
            if !with.is_empty() {
                nav::set_query(&Route::AuditEntry { revision: revision.to_string() }, "");
            }
        },
    );
    let open = use_callback(undoing.setter(), |_: MouseEvent, undoing| undoing.set(true));
    if let Some(error) = &entry.error {
        return match is_none {
            true => html! {
                <Empty key="gone" icon="search-x" title="There is no such change" text="The log has no entry of this number." page=true>
                    <Link to={Route::Audit} class="button button--secondary">{ "Go to the audit log" }</Link>
                </Empty>
            },
            false => html! {
                { failed(error, &entry.reload) }
            },
        };
    }
    let Some(told) = entry.fresh() else {
        return html! {
            <div class="page__content" key="loading" aria-busy="true">
                <PageHead title={format!("Change {}", props.revision)} text={html! { <Skeleton length="long" /> }} />
            </div>
        };
    };
    let revision = told.at.revision;
    let undone: BTreeSet<u64> =
        with.iter().filter_map(|other| other.parse().ok()).chain([revision]).collect();
    let undone_never = match revision {
        ..=1 => Some("It made the tenant, so there is nothing before it to go back to."),
        _ if told.writes.is_empty() => Some("It wrote no document, so there is nothing to put back."),
        _ => None,
    };
    let undone_by = told.undone_by.map(|by| html! {
        <p class="audit__undone"><Icon name="undo-2" />{ "Undone by " }<Link to={change(by)} class="text-link">{ format!("change {by}") }</Link></p>
    });
    let refused = access.as_ref().and_then(|access| access.held_back());
    let refused = refused.or(undone_never.map(AttrValue::Static));
    html! {
        <div class="page__content audit" key="entry">
            <PageHead title={format!("Change {revision}")} text={line(told, access.as_ref())} actions={html! {
                <>
                    if revision > 1 {
                        <Link to={change(revision - 1)} class="button button--ghost" label="The change before"><Icon name="chevron-left" />{ "Before" }</Link>
                    }
                    if revision < live.at.revision {
                        <Link to={change(revision + 1)} class="button button--ghost" label="The change after">{ "After" }<Icon name="chevron-right" /></Link>
                    }
                    if let Some(undone_by) = &undone_by {
                        { undone_by.clone() }
                    } else {
                        <Button icon="undo-2" {refused} tip_end=true onclick={open}>{ "Undo this" }</Button>
                    }
                </>
            }} />
            <dl class="audit__facts">
                <div><dt>{ "By" }</dt><dd>{ actor(&told.actor, &told.actor_name) }</dd></div>
                <div><dt>{ "When" }</dt><dd>{ text::moment(told.time) }</dd></div>
                <div><dt>{ "Reason" }</dt><dd>{ reason(told).unwrap_or_else(|| html! { <span class="muted">{ "No reason was given" }</span> }) }</dd></div>
                if !told.undoes.is_empty() {
                    <div><dt>{ "Undoes" }</dt><dd class="audit__undoes">{ for told.undoes.iter().map(|undone| html! {
                        <Link key={*undone} to={change(*undone)} class="text-link">{ format!("Change {undone}") }</Link>
                    }) }</dd></div>
                }
                // What the operator does is no request.
                if !told.request.is_empty() {
                    <div><dt>{ "Request" }</dt><dd><code>{ told.request.clone() }</code></dd></div>
                }
            </dl>
            if told.hidden {
                <Banner tone={Tone::Note}>{ "Something of this change is not told: you may not see documents of that kind." }</Banner>
            }
            <h2 class="section-title">{ "What changed" }</h2>
            if told.writes.is_empty() && told.kept.is_empty() {
                <p class="muted">{ "It wrote no document: it is about how somebody signs in, as whom they view, an API key, or what a review of access kept. So there is nothing to undo." }</p>
            }
            { written(told, access.as_ref()) }
            <h2 class="section-title">{ "Whom it reached" }</h2>
            <Reached revision={props.revision.clone()} />
            <details class="audit__proof">
                <summary>{ "Proof" }</summary>
                <p class="muted">{ "Each change carries the hash of the one before it, so that none can be taken out or rewritten unseen." }</p>
                <dl class="audit__facts audit__facts--wide">
                    <div><dt>{ "Hash" }</dt><dd><code>{ told.hash.clone() }</code></dd></div>
                    <div><dt>{ "Before it" }</dt><dd><code>{ told.previous.clone() }</code></dd></div>
                </dl>
            </details>
            <div class="slot">
                if (*undoing || !with.is_empty()) && undone_by.is_none() {
                    <UndoDialog revisions={undone} wrote={if with.is_empty() { told.writes.len() } else { usize::MAX }} onclose={close} />
                }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ReachedProps {
    revision: AttrValue,
}

/// Who gained and lost what by it.
#[component]
fn Reached(props: &ReachedProps) -> Html {
    let reach = use_resource(props.revision.clone(), |revision: AttrValue| async move {
        let path = format!("/audit/{}/reach", js_sys::encode_uri_component(&revision));
        api::get::<Reach>(&path).await.map(|answer| answer.body)
    });
    let tree = use_tree();
    match (reach.fresh(), &reach.error) {
        (Some(reach), _) => html! {
            <>
                <p>{ if reach.is_nobody() { "Nobody holds anything otherwise by it.".to_owned() } else { reach_words(reach) } }</p>
                if !reach.people.is_empty() {
                    <ByPerson tree={tree.clone()} reach={reach.clone()} />
                }
            </>
        },
        (None, Some(error)) if error.status() == 404 => {
            html! { <p class="muted">{ "It made the tenant: there is nothing before it to compare with." }</p> }
        }
        (None, Some(error)) => html! {
            { failed(error, &reach.reload) }
        },
        (None, None) => html! { <div aria-busy="true"><Skeleton length="long" /></div> },
    }
}
