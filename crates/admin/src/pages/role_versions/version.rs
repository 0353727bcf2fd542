//! One version of a role: the change that made it, what the role was then, and the way back to it.

use rolewright_model::change::Change;
use rolewright_model::role::RoleDocument;
use rolewright_wire::etag;
use yew::prelude::*;

use super::as_it_was::AsItWas;
use super::page::what_changed;
use super::restore::RestoreDialog;
use super::told;
use crate::access::use_access;
use crate::frame::{PageHead, use_title};
use crate::nav::Link;
use crate::pages::audit::actor;
use crate::resource::use_resource;
use crate::route::Route;
use crate::states::use_flag;
use crate::text;
use crate::widgets::{Button, Empty, Skeleton, Variant, failed};

/// Which version.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The role's id.
    pub id: AttrValue,
    /// The revision that made it.
    pub revision: AttrValue,
}

/// The page.
#[component]
pub fn VersionPage(props: &Props) -> Html {
    let access = use_access();
    let restoring = use_flag();
    let Props { id, revision } = props;
    let told = use_resource((id.clone(), revision.clone()), |(id, revision)| async move {
        let (step, newest) = (told::one(&id, &revision).await?, told::newest(&id).await?);
        Ok(step.zip(newest))
    });
    let open = use_callback(restoring.setter(), |_: MouseEvent, restoring| restoring.set(true));
    let close = use_callback(restoring.setter(), |(), restoring| restoring.set(false));
    let title = format!("Version {revision}");
    let document = told.fresh().and_then(|told| {
        let (step, _) = (**told).as_ref()?;
        step.version.document.as_ref().or(step.before.as_ref())
    });
    let name = document.and_then(|document| document.get("name")?.as_str()).unwrap_or(id).to_owned();
    let is_wrong = told.error.as_ref().is_some_and(|error| matches!(error.status(), 400 | 404 | 422));
    let is_none = is_wrong || told.fresh().is_some_and(|told| told.is_none());
    use_title(if is_none { "Not found".to_owned() } else { format!("{title} of {name}") });
    if is_none {
        return html! {
            <Empty key="gone" icon="search-x" title="There is no such version" text="No change of this number wrote this role." page=true>
                <Link to={Route::RoleVersions { id: id.to_string() }} class="button button--secondary">{ "Go to its versions" }</Link>
            </Empty>
        };
    }
    if let Some(error) = &told.error {
        return html! {
            { failed(error, &told.reload) }
        };
    }
    let Some((step, newest)) = told.fresh().and_then(|told| (**told).clone()) else {
        return html! {
            <div class="page__content" key="loading" aria-busy="true">
                <PageHead {title} text={html! { <Skeleton length="long" /> }} />
            </div>
        };
    };
    let version = &step.version;
    let role = access.as_ref().and_then(|access| access.policy()).and_then(|policy| policy.role(id));
    let refused: Option<AttrValue> = match &version.document {
        None => Some("It was deleted by this change: restore the version before it.".into()),
        then if *then == newest.document => Some("The role is like this now.".into()),
        Some(_) => access.as_ref().and_then(|access| {
            access.reason(&match role {
                Some(role) => Change::UpdateRole { role: role.clone() },
                None => Change::CreateRole { role: RoleDocument::new(id, &name) },
            })
        }),
    };
    let known = newest.document.is_some().then(|| AttrValue::from(etag(newest.at)));
    let (list, _) = what_changed(&step, usize::MAX, access.as_ref());
    html! {
        <div class="page__content" key="version">
            <PageHead {title} text={html! { <>{ step.verb() }{ " the role " }<strong>{ name.clone() }</strong></> }} actions={html! {
                <Button variant={Variant::Primary} icon="undo-2" {refused} tip_end=true onclick={open}>{ "Restore this version" }</Button>
            }} />
            <dl class="audit__facts">
                <div><dt>{ "By" }</dt><dd>{ actor(&version.actor, &version.actor_name) }</dd></div>
                <div><dt>{ "When" }</dt><dd>{ text::moment(version.time) }</dd></div>
                <div><dt>{ "Reason" }</dt><dd>{ version.reason.clone().map_or_else(|| html! { <span class="muted">{ "No reason was given" }</span> }, |reason| html! { { reason } }) }</dd></div>
                <div><dt>{ "In the audit log" }</dt><dd><Link to={Route::AuditEntry { revision: revision.to_string() }} class="text-link">{ format!("Change {revision}") }</Link></dd></div>
            </dl>
            <h2 class="section-title">{ "What changed" }</h2>
            <div class="way way--bare">{ list }</div>
            if let Some(document) = &version.document {
                <h2 class="section-title">{ "What it gave then" }</h2>
                <AsItWas document={document.clone()} />
            }
            <div class="slot">
                if let Some(then) = version.document.as_ref().filter(|_| *restoring) {
                    <RestoreDialog id={id.clone()} {name} revision={version.at.revision} now={newest.document.clone()} then={then.clone()} etag={known} onclose={close} />
                }
            </div>
        </div>
    }
}
