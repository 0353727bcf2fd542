//! The pages that hold the editor: of a role that there is, and of one that shall be.

use std::rc::Rc;

use rolewright_model::console;
use rolewright_model::role::{RoleDocument, RoleKind};
use rolewright_wire::role::RoleView;
use yew::prelude::*;

use super::draft::Draft;
use super::editor::{Editor, Subject};
use crate::access::use_access;
use crate::api;
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{Link, use_query};
use crate::resource::use_resource;
use crate::route::Route;
use crate::widgets::{Empty, Skeleton, failed};

/// Which role.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its id.
    pub id: AttrValue,
}

/// The editor of a role that there is.
#[component]
pub fn RolePage(props: &Props) -> Html {
    let role = use_resource(props.id.clone(), |id: AttrValue| async move {
        api::get::<RoleView>(&format!("/roles/{}", js_sys::encode_uri_component(&id))).await
    });
    let gone = role.error.as_ref().is_some_and(|error| error.status() == 404);
    use_title(match role.fresh() {
        Some(role) => role.body.role.name.clone(),
        None if gone => "Not found".to_owned(),
        None => String::new(),
    });
    match (role.fresh(), &role.error) {
        (Some(loaded), _) => {
            let draft = Draft::begun(loaded.body.role.clone());
            html! { <Editor key="editor" subject={Subject::Known(loaded.clone())} {draft} {gone} /> }
        }
        (None, Some(error)) if error.status() == 404 => html! { <Gone key="gone" id={props.id.clone()} /> },
        (None, Some(error)) if error.status() == 403 => html! {
            <Refused key="refused" permission={console::ROLES_VIEW} what="roles" />
        },
        (None, Some(error)) => html! {
            { failed(error, &role.reload) }
        },
        (None, None) => html! {
            <div class="page__content page__content--wide" key="loading" aria-busy="true">
                <PageHead title="" text={html! { <Skeleton length="medium" /> }} />
            </div>
        },
    }
}

/// A role that is not there.
#[component]
pub fn Gone(props: &Props) -> Html {
    let access = use_access();
    let sees_log = access.is_some_and(|access| access.may(console::AUDIT_VIEW));
    html! {
        <Empty icon="shield-x" title="There is no such role" text="It may have been deleted." page=true>
            <Link to={Route::Roles} class="button button--secondary">{ "Go to the roles" }</Link>
            if sees_log {
                <Link to={Route::RoleVersions { id: props.id.to_string() }} class="button button--ghost">{ "Look for its versions" }</Link>
            }
        </Empty>
    }
}

/// The editor of a role that shall be, empty or a copy, `?from=admin`.
#[component]
pub fn NewRolePage() -> Html {
    use_title("New role");
    let access = use_access();
    let query = use_query();
    let policy = access.as_ref().and_then(|access| access.policy());
    let Some(policy) = policy else {
        return html! {};
    };
    let before = RoleDocument::new("", "");
    let role = match policy.role(query.get("from")) {
        Some(from) => {
            let mut copy = RoleDocument {
                id: String::new(),
                name: format!("Copy of {}", from.name),
                kind: RoleKind::Custom,
                base: false,
                position: 0,
                ..from.clone()
            };
            // What only the base role may say stays there.
            let catalogue = policy.catalogue();
            copy.grants.retain(|id, level| {
                let handle = catalogue.handle(id);
                let permission = handle.and_then(|handle| catalogue.permission(handle));
                let scale = handle.and_then(|handle| catalogue.scale(handle));
                let base_only =
                    permission.is_some_and(|it| it.only() == Some(rolewright_model::catalogue::Only::Base));
                let nothing =
                    scale.and_then(|scale| scale.level(level)) == Some(rolewright_model::Level::NONE);
                !base_only && !nothing
            });
            copy
        }
        None => before.clone(),
    };
    html! { <Editor key={format!("new-{}", query.get("from"))} subject={Subject::New} draft={Draft::new(before.into(), role.into())} /> }
}

/// Keeps the props of the editor comparable.
pub type Loaded = Rc<api::Answer<RoleView>>;
