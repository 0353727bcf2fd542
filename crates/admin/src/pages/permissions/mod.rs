//! Every role with to whom it is assigned: users, groups and everyone.

mod assign;
mod auto_assign;
mod everyone;
mod holders;
mod page;
mod role;
mod unassign;
pub mod ways;

use rolewright_model::change::{AssignmentEdit, Change};
use rolewright_model::console;
use rolewright_model::directory::{Principal, Source};
use rolewright_model::refusal::Code;
use rolewright_model::role::RoleDocument;
use rolewright_wire::assignment::PrincipalKind;
use yew::prelude::*;

use crate::access::{AccessHandle, in_words};
use crate::api::Query;
use crate::route::Route;
use crate::text;

pub use assign::{AssignDialog, Known};
pub use holders::source;
pub use page::PermissionsPage;
pub use role::AssignedPage;
pub use unassign::UnassignDialog;

/// What the address says where the dialog shall be open.
const ASSIGN: &str = "assign";

/// What the address says of a kind of principals.
fn name_of(of: PrincipalKind) -> &'static str {
    match of {
        PrincipalKind::Users => "users",
        PrincipalKind::Groups => "groups",
        PrincipalKind::Everyone => "everyone",
    }
}

/// "3 users".
fn count(of: PrincipalKind, n: usize) -> String {
    let (one, many) = match of {
        PrincipalKind::Users => ("user", "users"),
        PrincipalKind::Groups => ("group", "groups"),
        PrincipalKind::Everyone => ("assignment to everyone", "assignments to everyone"),
    };
    text::count(n as u64, one, many)
}

/// The role to everyone, for as long as a switch is on.
fn auto_assignment(role: &str) -> AssignmentEdit {
    AssignmentEdit { source: Source::AutoAssign, ..AssignmentEdit::for_good(Principal::Everyone, role) }
}

/// Why the person may not give the role at that scope, as far as a browser can say. It takes the same for each principal:
/// the browser has nobody to ask about.
pub fn refused(access: Option<&AccessHandle>, role: &str, scope: &str) -> Option<AttrValue> {
    let assignment =
        AssignmentEdit { scope: scope.to_owned(), ..AssignmentEdit::for_good(Principal::Everyone, role) };
    access?.reason(&Change::Assign { assignment })
}

/// Why the person may not give that role to anybody, as far as a browser can say: what it comes to at a place is for the server
/// to say, and where it may be given at all for the model here.
pub fn refused_to_give(access: Option<&AccessHandle>, role: &RoleDocument) -> Option<AttrValue> {
    match (role.base, role.scope_types.is_empty()) {
        (true, _) => Some(AttrValue::Static("Every active user holds this role by itself.")),
        (false, true) => refused(access, &role.id, "/"),
        (false, false) => refused_everywhere(access),
    }
}

/// Where the role is assigned to users, with the dialog open.
pub fn to_assign(role: &str) -> (Route, Query) {
    (Route::Assigned { role: role.to_owned() }, Query::default().with(ASSIGN, "1"))
}

/// Why the person may not take an assignment away, as far as a browser can say. It takes what giving it does; but what would
/// be wrong with it, as that it counts nowhere, is no reason to keep it.
pub fn refused_to_take(access: Option<&AccessHandle>, assignment: AssignmentEdit) -> Option<AttrValue> {
    let refusal = access?.permit(&Change::Assign { assignment }).err()?;
    (refusal.code != Code::Invalid).then(|| in_words(&refusal))
}

/// Whether the person may not say of an assignment that it stays, as far as a browser can say: that takes the permission to give
/// and take roles where it is, and of a superuser role nothing more.
pub fn refused_to_keep(access: Option<&AccessHandle>, assignment: AssignmentEdit) -> bool {
    let refusal = access.and_then(|access| access.permit(&Change::Assign { assignment }).err());
    refusal.is_some_and(|refusal| refusal.code == Code::MissingPermission)
}

/// Why the person may give and take roles at no place at all, where that is so.
pub fn refused_everywhere(access: Option<&AccessHandle>) -> Option<AttrValue> {
    let access = access?;
    let somewhere = access.held_back().is_none() && access.may_somewhere(console::USERS_ASSIGN_ROLES);
    if somewhere { None } else { refused(Some(access), "", "/") }
}

/// When what is assigned here counts, where that is not at once.
pub fn waiting(access: Option<&AccessHandle>, of: PrincipalKind) -> Option<&'static str> {
    let policy = access?.policy()?;
    policy.state().waits_for_next_login().then_some(match of {
        PrincipalKind::Groups => "Members of the groups will be assigned the role at their next login.",
        PrincipalKind::Users | PrincipalKind::Everyone => {
            "The users will be assigned the role at their next login."
        }
    })
}
