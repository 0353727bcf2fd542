//! What can be done with a role.

use std::rc::Rc;

use rolewright_model::Viewed;
use rolewright_model::change::Change;
use rolewright_model::refusal::Code;
use rolewright_model::role::{RoleDocument, RoleKind};
use rolewright_wire::role::RoleView;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::Query;
use crate::nav;
use crate::pages::view_as::{self, ViewAsDialog};
use crate::route::Route;
use crate::states::use_flag;
use crate::widgets::{Menu, MenuItem};

/// What can be done.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// With which role.
    pub view: RoleView,
    /// Told that it shall be deleted.
    pub ondelete: Callback<RoleView>,
}

/// What can be done.
#[component]
pub fn RowMenu(props: &Props) -> Html {
    let access = use_access();
    let role = &props.view.role;
    let reason = |change: Change| access.as_ref().and_then(|access| access.reason(&change));
    let edit_refused = reason(Change::UpdateRole { role: role.clone() });
    let copy = RoleDocument { kind: RoleKind::Custom, base: false, ..role.clone() };
    let go = |route: Route, query: Query| {
        Callback::from(move |()| {
            nav::go_with(&route, query.as_str().to_owned());
        })
    };
    // A role that packages carry can be offered for deletion: the dialog says what is in the way, and mends it.
    let delete_refused = access.as_ref().and_then(|access| {
        let change = Change::DeleteRole { id: role.id.clone() };
        let refusal = access.permit(&change).err()?;
        (!matches!(refusal.code, Code::RoleInPackage | Code::RoleInherited))
            .then(|| access.reason(&change))?
    });
    let ondelete = {
        let (ondelete, view) = (props.ondelete.clone(), props.view.clone());
        Callback::from(move |()| ondelete.emit(view.clone()))
    };
    let viewing = use_flag();
    let onview = use_callback(viewing.setter(), |(), viewing| viewing.set(true));
    let onclose = use_callback(viewing.setter(), |(), viewing| viewing.set(false));
    let whom = Viewed::Role(role.id.clone());
    let item = |label: &'static str, icon: &'static str, refused, onpick| MenuItem {
        label: label.into(),
        icon: icon.into(),
        danger: label == "Delete",
        refused,
        onpick,
    };
    let items = [
        match &edit_refused {
            None => item("Edit", "pencil", None, go(Route::Role { id: role.id.clone() }, Query::default())),
            Some(_) => item("View", "eye", None, go(Route::Role { id: role.id.clone() }, Query::default())),
        },
        item(
            "Duplicate",
            "copy",
            reason(Change::CreateRole { role: copy }),
            go(Route::NewRole, Query::default().with("from", &role.id)),
        ),
        item(
            "Compare with...",
            "columns-2",
            None,
            go(Route::CompareRoles, Query::default().with("roles", &role.id)),
        ),
        view_as::item(access.as_deref(), &whom, None, onview),
        item("Delete", "trash-2", delete_refused, ondelete),
    ];
    html! {
        <>
            <Menu label={format!("Actions for {}", role.name)} items={Rc::from(items)} />
            <div class="slot">
                if *viewing {
                    <ViewAsDialog {whom} name={role.name.clone()} {onclose} />
                }
            </div>
        </>
    }
}
