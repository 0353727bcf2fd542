//! Where what is wrong with a changed document stands in what was sent.

use super::{Change, Context};
use crate::documents::Documents;
use crate::problem::{Path, Problem};

/// The paths of the documents that a change edits, each with the path in what was sent.
pub(super) fn sent(change: &Change, documents: &Documents, context: &Context) -> Vec<(String, String)> {
    let root = Path::ROOT;
    let keyed = |kind: &str, id: &str| root.key(kind).key(id).to_string();
    let link = |kind: &str, n: usize| keyed(kind, &format!("{}.{n}", context.id));
    let whole = |path: String| vec![(path, "$".to_owned())];
    let of_user = |id: &str, what: &str| {
        let users = root.key("users");
        vec![(users.key(id).key(what).to_string(), format!("$.{what}"))]
    };
    match change {
        Change::CreateRole { role } | Change::UpdateRole { role } => {
            let position = documents.roles_in_order().iter().position(|other| other.id == role.id);
            let listed = format!("$.roles[{}]", position.unwrap_or_default());
            whole(keyed("roles", &role.id)).into_iter().chain(whole(listed)).collect()
        }
        Change::CreatePackage { package } | Change::UpdatePackage { package } => {
            let at = keyed("packages", &package.id);
            let role = |n: usize| (format!("{at}.roles[{n}].role"), format!("$.roles[{n}]"));
            (0..package.roles.len()).map(role).chain(whole(at.clone())).collect()
        }
        Change::InviteUser { user, roles } => {
            let role = |n: usize| (format!("{}.role", link("assignments", n)), format!("$.roles[{n}]"));
            (0..roles.len()).map(role).chain(whole(keyed("users", &user.id))).collect()
        }
        Change::CreateUser { user, .. } | Change::UpdateUser { user } => whole(keyed("users", &user.id)),
        Change::SetName { id, .. } | Change::SetEmail { id, .. } => whole(keyed("users", id)),
        Change::SetAttributes { id, .. } => of_user(id, "attributes"),
        Change::SetPackage { id, .. } => of_user(id, "package"),
        Change::CreateGroup { group } | Change::UpdateGroup { group } => whole(keyed("groups", &group.id)),
        Change::Assign { .. } => whole(link("assignments", 0)),
        Change::SetWindow { id, .. } => {
            let kept = whole(keyed("assignments", id));
            kept.into_iter().chain(whole(link("assignments", 0))).collect()
        }
        Change::AddMember { .. } => whole(link("memberships", 0)),
        Change::UpdateCatalogue { .. } => whole("$.catalogue".to_owned()),
        Change::UpdateSettings { .. } => whole("$.settings".to_owned()),
        Change::SetEntitlement { role, .. } => {
            let entitlements = root.key("settings");
            let entitlements = entitlements.key("entitlements");
            vec![(entitlements.key(role).to_string(), "$.role".to_owned())]
        }
        _ => Vec::new(),
    }
}

/// Problems as paths in what was sent. What is then wrong elsewhere only follows from it.
pub(super) fn told(problems: Vec<Problem>, sent: &[(String, String)]) -> Vec<Problem> {
    let relative = |problem: &Problem| {
        sent.iter().find_map(|(stored, sent)| {
            let rest = problem.path.strip_prefix(stored.as_str())?;
            // `$.roles.editor` is not where `$.roles.editor_2` is.
            if !rest.is_empty() && !rest.starts_with(['.', '[']) {
                return None;
            }
            let path = format!("{sent}{rest}");
            Some(Problem { path, message: problem.message.clone() })
        })
    };
    let own: Vec<Problem> = problems.iter().filter_map(relative).collect();
    if own.is_empty() { problems } else { own }
}
