//! What changed in something, newest first, each with its entry of the change log.

use rolewright_model::console;
use rolewright_wire::audit::AuditPage;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::{self, Query};
use crate::resource::use_resource;
use crate::states::use_text;
use crate::text;
use crate::widgets::{Banner, Button, Empty, Skeleton, Tone};

/// Of what.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The id that the changes are about: the document's own, and what links to it.
    pub about: AttrValue,
}

/// What changed in something.
#[component]
pub fn History(props: &Props) -> Html {
    let access = use_access();
    let may = access.is_some_and(|access| access.may(console::AUDIT_VIEW));
    let cursor = use_text();
    let asked = may.then(|| (props.about.clone(), (*cursor).clone()));
    let page = use_resource(asked, |asked| async move {
        let Some((about, cursor)) = asked else { return Ok(AuditPage { items: Vec::new(), next: None }) };
        let query = Query::default().with("about", &about).with("limit", "50").with("cursor", &cursor);
        api::get::<AuditPage>(&format!("/audit{}", query.as_str())).await.map(|answer| answer.body)
    });
    if !may {
        return html! { <Empty icon="lock" title="The change log is not for you" text="You need audit.view to see what changed. Ask an administrator." /> };
    }
    if let Some(error) = &page.error {
        return html! {
            <Banner tone={Tone::Problem} actions={html! { <Button small=true onclick={page.reload.reform(|_| ())}>{ "Try again" }</Button> }}>
                { error.to_string() }
            </Banner>
        };
    }
    let Some(entries) = page.fresh() else {
        return html! { <div class="table-box" aria-busy="true"><div class="history__entry"><Skeleton length="long" /></div></div> };
    };
    if entries.items.is_empty() {
        return html! { <Empty icon="history" title="No changes yet" text="Every change stands here, with who made it and why." /> };
    }
    let turn = |to: String| {
        let cursor = cursor.setter();
        Callback::from(move |_: MouseEvent| cursor.set(to.clone()))
    };
    html! {
        <>
            <ol class="table-box history">
                { for entries.items.iter().map(|entry| {
                    let who = if entry.actor_name.is_empty() { &entry.actor } else { &entry.actor_name };
                    html! {
                        <li key={entry.at.revision} class="history__entry">
                            <span>
                                { words(&entry.action) }
                                <span class="muted">{ format!(" by {who}") }</span>
                            </span>
                            <span class="muted">{ text::moment(entry.time) }</span>
                            if let Some(reason) = &entry.reason {
                                <span class="history__reason">{ reason.clone() }</span>
                            }
                        </li>
                    }
                }) }
            </ol>
            <div class="pager">
                <div class="pager__turn">
                    if !cursor.is_empty() {
                        <Button small=true onclick={turn(String::new())}>{ "Newest" }</Button>
                    }
                    if let Some(next) = &entries.next {
                        <Button small=true onclick={turn(next.clone())}>{ "Older" }</Button>
                    }
                </div>
            </div>
        </>
    }
}

fn words(action: &str) -> String {
    let known = match action {
        "create_group" | "create_package" => "Created",
        "update_group" => "Name or description edited",
        "update_package" => "Roles or name edited",
        "add_member" => "Member added",
        "remove_member" => "Member removed",
        "assign" => "Role given",
        "unassign" => "Role taken away",
        "set_window" => "Time of a role changed",
        "replace_role_in_packages" => "Role replaced in packages",
        "batch" => "Several changes at once",
        other => return text::sentence(&other.replace('_', " ")).trim_end_matches('.').to_owned(),
    };
    known.to_owned()
}
