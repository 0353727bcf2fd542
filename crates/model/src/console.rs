//! Rolewright's own permissions: one fixed fragment that validation adds to every catalogue.
//! A template may place and label its modules, never redefine them.

use crate::catalogue::{ModuleDocument, PermissionDocument};
use crate::problem::{Path, Problems};
use crate::role::Audience;

/// See people and what they hold.
pub const USERS_VIEW: &str = "users.view";
/// Invite, edit, disable and delete people.
pub const USERS_MANAGE: &str = "users.manage";
/// Give roles to people, groups and everyone, and take them away.
pub const USERS_ASSIGN_ROLES: &str = "users.assign_roles";
/// See roles and the catalogue.
pub const ROLES_VIEW: &str = "roles.view";
/// Create, edit and delete roles.
pub const ROLES_MANAGE: &str = "roles.manage";
/// Give more of the product than one holds.
pub const ROLES_ESCALATE: &str = "roles.escalate";
/// See groups and their members.
pub const GROUPS_VIEW: &str = "groups.view";
/// Create, edit and delete groups, and change who is in them.
pub const GROUPS_MANAGE: &str = "groups.manage";
/// See packages.
pub const PACKAGES_VIEW: &str = "packages.view";
/// Create, edit and delete packages, and put people on them.
pub const PACKAGES_MANAGE: &str = "packages.manage";
/// Ask whether somebody may do something.
pub const ACCESS_CHECK: &str = "access.check";
/// Ask why somebody may or may not do something.
pub const ACCESS_EXPLAIN: &str = "access.explain";
/// Read the change log.
pub const AUDIT_VIEW: &str = "audit.view";
/// See API keys.
pub const API_KEYS_VIEW: &str = "api_keys.view";
/// Create and revoke API keys.
pub const API_KEYS_MANAGE: &str = "api_keys.manage";
/// Fetch the policy snapshot: the policy, no people.
pub const SNAPSHOT_POLICY: &str = "snapshot.policy";
/// Fetch the full snapshot: the policy and everybody's ids and links.
pub const SNAPSHOT_FULL: &str = "snapshot.full";
/// Issue passes for any subject.
pub const PASSES_ISSUE: &str = "passes.issue";
/// See the tenant's settings.
pub const SETTINGS_VIEW: &str = "settings.view";
/// Change the tenant's settings, and import a policy.
pub const SETTINGS_MANAGE: &str = "settings.manage";

struct Fragment {
    id: &'static str,
    label: &'static str,
    description: &'static str,
    permissions: &'static [(&'static str, &'static str, &'static str)],
}

const FRAGMENTS: &[Fragment] = &[
    Fragment {
        id: "users",
        label: "Users",
        description: "People and what they hold",
        permissions: &[
            (USERS_VIEW, "View", "See people and what they hold"),
            (USERS_MANAGE, "Manage", "Invite, edit, disable and delete people"),
            (
                USERS_ASSIGN_ROLES,
                "Assign roles",
                "Give roles to people, groups and everyone, and take them away",
            ),
        ],
    },
    Fragment {
        id: "roles",
        label: "Roles",
        description: "What each role grants",
        permissions: &[
            (ROLES_VIEW, "View", "See roles and the catalogue"),
            (ROLES_MANAGE, "Manage", "Create, edit and delete roles"),
            (ROLES_ESCALATE, "Escalate", "Give more of the product than one holds oneself"),
        ],
    },
    Fragment {
        id: "groups",
        label: "Groups",
        description: "Sets of people who hold roles together",
        permissions: &[
            (GROUPS_VIEW, "View", "See groups and their members"),
            (GROUPS_MANAGE, "Manage", "Create, edit and delete groups, and change who is in them"),
        ],
    },
    Fragment {
        id: "packages",
        label: "Packages",
        description: "Plans that carry roles",
        permissions: &[
            (PACKAGES_VIEW, "View", "See packages and the roles they carry"),
            (PACKAGES_MANAGE, "Manage", "Create, edit and delete packages, and put people on them"),
        ],
    },
    Fragment {
        id: "access",
        label: "Access explorer",
        description: "Why somebody may or may not do something",
        permissions: &[
            (ACCESS_CHECK, "Check", "Ask whether somebody may do something"),
            (ACCESS_EXPLAIN, "Explain", "Ask why somebody may or may not do something"),
        ],
    },
    Fragment {
        id: "audit",
        label: "Audit log",
        description: "Who changed what, and when",
        permissions: &[(AUDIT_VIEW, "View", "Read the change log")],
    },
    Fragment {
        id: "api_keys",
        label: "API keys",
        description: "Keys with which machines ask",
        permissions: &[
            (API_KEYS_VIEW, "View", "See API keys, never their secrets"),
            (API_KEYS_MANAGE, "Manage", "Create and revoke API keys"),
        ],
    },
    Fragment {
        id: "snapshot",
        label: "Snapshots",
        description: "What checkers read",
        permissions: &[
            (SNAPSHOT_POLICY, "Policy", "Fetch the policy snapshot: the policy, no people"),
            (SNAPSHOT_FULL, "Full", "Fetch the full snapshot: the policy and everybody's ids and links"),
        ],
    },
    Fragment {
        id: "passes",
        label: "Passes",
        description: "Signed tokens that name what one person holds",
        permissions: &[(PASSES_ISSUE, "Issue", "Issue passes for any person")],
    },
    Fragment {
        id: "settings",
        label: "Settings",
        description: "The tenant's own settings",
        permissions: &[
            (SETTINGS_VIEW, "View", "See the tenant's settings"),
            (SETTINGS_MANAGE, "Manage", "Change the tenant's settings, and import a policy"),
        ],
    },
];

/// The ids of Rolewright's own permissions.
pub fn ids() -> impl Iterator<Item = &'static str> {
    FRAGMENTS.iter().flat_map(|fragment| fragment.permissions).map(|(id, ..)| *id)
}

/// What people call one of Rolewright's own permissions where no template labels it otherwise: "Users: View". `None` where it is
/// none.
#[must_use]
pub fn name(id: &str) -> Option<String> {
    FRAGMENTS.iter().find_map(|fragment| {
        let (_, label, _) = fragment.permissions.iter().find(|(known, ..)| *known == id)?;
        Some(format!("{}: {label}", fragment.label))
    })
}

/// Whether a module id is Rolewright's own.
#[must_use]
pub fn is_reserved(module: &str) -> bool {
    FRAGMENTS.iter().any(|fragment| fragment.id == module)
}

/// Rolewright's own modules, as documents.
#[must_use]
pub fn modules() -> Vec<ModuleDocument> {
    FRAGMENTS.iter().map(module).collect()
}

fn module(fragment: &Fragment) -> ModuleDocument {
    let permission = |(id, label, description): &(&str, &str, &str)| PermissionDocument {
        id: (*id).to_owned(),
        label: (*label).to_owned(),
        description: (*description).to_owned(),
        audience: Audience::Admin,
        ..PermissionDocument::default()
    };
    ModuleDocument {
        id: fragment.id.to_owned(),
        label: fragment.label.to_owned(),
        description: fragment.description.to_owned(),
        console: true,
        requires: None,
        access: None,
        permissions: fragment.permissions.iter().map(permission).collect(),
        sections: Vec::new(),
    }
}

/// One of Rolewright's own modules with a template's labels and order. Permissions that the
/// template does not mention come last. `None` where there is no such module.
pub(crate) fn place(
    document: &ModuleDocument,
    at: &Path<'_>,
    problems: &mut Problems,
) -> Option<ModuleDocument> {
    let mut placed = module(FRAGMENTS.iter().find(|fragment| fragment.id == document.id)?);
    placed.label.clone_from(&document.label);
    if !document.description.is_empty() {
        placed.description.clone_from(&document.description);
    }
    if document.requires.is_some() || document.access.is_some() || !document.sections.is_empty() {
        problems.add(at, "Rolewright's own module can be placed and labelled, not redefined: keep `label`, `description` and `permissions` only");
    }
    let permissions_at = at.key("permissions");
    let mut rest = std::mem::take(&mut placed.permissions);
    for (item, permission) in document.permissions.iter().enumerate() {
        let item_at = permissions_at.item(item);
        let Some(position) = rest.iter().position(|known| known.id == permission.id) else {
            problems.add(
                &item_at.key("id"),
                format!(
                    "`{}` is not one of Rolewright's own permissions, or stands here twice",
                    permission.id
                ),
            );
            continue;
        };
        let mut known = rest.remove(position);
        let labelled = PermissionDocument {
            id: permission.id.clone(),
            label: permission.label.clone(),
            description: permission.description.clone(),
            audience: permission.audience,
            ..PermissionDocument::default()
        };
        if *permission != labelled {
            problems.add(&item_at, "Rolewright's own permission can be labelled, not redefined: keep `id`, `label` and `description` only");
        }
        known.label.clone_from(&permission.label);
        if !permission.description.is_empty() {
            known.description.clone_from(&permission.description);
        }
        placed.permissions.push(known);
    }
    placed.permissions.extend(rest);
    Some(placed)
}
