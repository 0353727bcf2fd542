//! What can be done with people in the table, with many who are chosen or with one by the menu of a row: each has its dialog.

use std::rc::Rc;

use rolewright_model::change::{AssignmentEdit, Change};
use rolewright_model::directory::{Principal, Status};
use yew::prelude::*;

use super::bulk::{InvitationsDialog, PackageDialog, RolesDialog, StatusDialog};
use super::chosen::Chosen;
use crate::access::use_access;

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Roles are given and taken.
    Roles,
    /// They come to be on a package.
    Package,
    /// They are disabled.
    Disable,
    /// They are activated.
    Activate,
    /// They are sent a link.
    Invite,
}

/// Why what can be done may not be, the same of each person, as far as a browser can say: what hangs on the person is told by the
/// dialogs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acts {
    /// Whether there are packages.
    pub has_packages: bool,
    roles: Option<AttrValue>,
    package: Option<AttrValue>,
    disable: Option<AttrValue>,
    activate: Option<AttrValue>,
    invite: Option<AttrValue>,
}

impl Acts {
    /// Why not.
    pub fn refused(&self, act: Act) -> Option<AttrValue> {
        match act {
            Act::Roles => &self.roles,
            Act::Package => &self.package,
            Act::Disable => &self.disable,
            Act::Activate => &self.activate,
            Act::Invite => &self.invite,
        }
        .clone()
    }
}

/// What may be done with somebody.
#[hook]
pub fn use_acts() -> Rc<Acts> {
    let access = use_access();
    use_memo(access, |access| {
        let Some(access) = access else { return Acts::default() };
        let of = || "new".to_owned();
        let assignment = AssignmentEdit::for_good(Principal::User(of()), String::new());
        let policy = access.policy();
        Acts {
            has_packages: policy.is_some_and(|policy| !policy.state().documents().packages.is_empty()),
            roles: access.reason(&Change::Assign { assignment }),
            package: access.reason(&Change::SetPackage { id: of(), package: None }),
            disable: access.reason(&Change::SetStatus { id: of(), status: Status::Disabled }),
            activate: access.reason(&Change::SetStatus { id: of(), status: Status::Active }),
            invite: access.reason(&Change::SendInvitation { id: of() }),
        }
    })
}

/// The dialog of what is done with those who are chosen.
pub fn dialog(act: Act, chosen: Rc<Chosen>, onclose: Callback<()>, ondone: Callback<()>) -> Html {
    match act {
        Act::Roles => html! { <RolesDialog key="roles" {chosen} {onclose} {ondone} /> },
        Act::Package => html! { <PackageDialog key="package" {chosen} {onclose} {ondone} /> },
        Act::Disable => html! { <StatusDialog key="disable" disable=true {chosen} {onclose} {ondone} /> },
        Act::Activate => html! { <StatusDialog key="activate" disable=false {chosen} {onclose} {ondone} /> },
        Act::Invite => html! { <InvitationsDialog key="invite" {chosen} {onclose} {ondone} /> },
    }
}
