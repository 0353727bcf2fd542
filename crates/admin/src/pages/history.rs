//! What changed in something, newest first, each with its entry of the change log.

use rolewright_model::console;
use rolewright_wire::audit::AuditPage;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::{self, Query};
use crate::nav::Link;
use crate::pages::audit::{actor, line};
use crate::resource::use_resource;
use crate::route::Route;
use crate::text;
use crate::widgets::{Empty, Skeleton, failed};

/// Of what, and how much of it.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The id that the changes are about: the document's own, and what links to it; everything where it is empty.
    #[prop_or_default]
    pub about: AttrValue,
    /// How many.
    #[prop_or(20)]
    pub limit: u32,
}

/// What changed in something.
#[component]
pub fn History(props: &Props) -> Html {
    let access = use_access();
    let may = access.as_ref().is_some_and(|access| access.may(console::AUDIT_VIEW));
    let asked = may.then(|| (props.about.clone(), props.limit));
    let page = use_resource(asked, |asked| async move {
        let Some((about, limit)) = asked else { return Ok(AuditPage { items: Vec::new(), next: None }) };
        let query =
            Query::default().with("about", &about).with("limit", &limit.to_string()).with("brief", "true");
        api::get::<AuditPage>(&format!("/audit{}", query.as_str())).await.map(|answer| answer.body)
    });
    if !may {
        return html! { <Empty icon="lock" title="The change log is not for you" text="You need audit.view to see what changed. Ask an administrator." /> };
    }
    if let Some(error) = &page.error {
        return html! {
            { failed(error, &page.reload) }
        };
    }
    let Some(entries) = page.fresh() else {
        return html! { <div class="table-box" aria-busy="true"><div class="history__entry"><Skeleton length="long" /></div></div> };
    };
    if entries.items.is_empty() {
        return html! { <Empty icon="history" title="No changes yet" text="Every change stands here, with who made it and why." /> };
    }
    let all = Query::default().with("about", &props.about);
    html! {
        <>
            <ol class="table-box history">
                { for entries.items.iter().map(|entry| html! {
                    <li key={entry.at.revision} class="history__entry">
                        <span>{ line(entry, access.as_ref()) }<span class="muted">{ " by " }{ actor(&entry.actor, &entry.actor_name) }</span></span>
                        <Link to={Route::AuditEntry { revision: entry.at.revision.to_string() }} class="history__when table__link" label={format!("Change {}, {}", entry.at.revision, text::moment(entry.time))}>{ text::moment(entry.time) }</Link>
                        if let Some(reason) = &entry.reason {
                            <span class="history__reason">{ reason.clone() }</span>
                        }
                    </li>
                }) }
            </ol>
            <p class="history__all">
                <Link to={Route::Audit} query={all.as_str().to_owned()} class="text-link">{ "All of it in the audit log" }</Link>
            </p>
        </>
    }
}
