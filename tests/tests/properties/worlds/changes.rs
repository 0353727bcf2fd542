//! Random changes of a random world: any value of [`Change`] that a gene can say of what is
//! there. Many are refused; those that are accepted follow one another.

use proptest::prelude::*;
use rolewright_model::State;
use rolewright_model::catalogue::CatalogueDocument;
use rolewright_model::change::WindowEdit;
use rolewright_model::directory::{GroupSource, Member, Principal, Source, Status};
use rolewright_model::documents::Documents;
use rolewright_model::operation::OperationDocument;
use rolewright_model::policy::NewLinks;
use rolewright_model::resource::ResourceTypeDocument;
use rolewright_model::role::{LimitedGrant, RoleDocument, RoleKind};
use rolewright_model::scale::LevelDocument;
use rolewright_model::{Change, Timestamp};
use serde_json::json;

use super::{Gene, PRODUCT, SCOPES, TYPES, gene, pick};

/// What kind of change, and what it is about.
pub(crate) type ChangeGene = (Gene, [Gene; 4]);

pub(crate) fn change_genes() -> impl Strategy<Value = Vec<ChangeGene>> {
    prop::collection::vec((gene(), [gene(), gene(), gene(), gene()]), 0..6)
}

/// The change that a gene says of this state.
pub(crate) fn change_of(state: &State, (kind, [a, b, c, d]): ChangeGene) -> Change {
    let Documents { settings, catalogue, roles, packages, directory, tests: _ } = state.documents();
    let ids = |table: Vec<&String>, gene: Gene| match table.get(gene % (table.len() + 1)) {
        Some(id) => (*id).clone(),
        None => "none".to_owned(),
    };
    let role = |gene| ids(roles.keys().collect(), gene);
    let package = |gene| ids(packages.keys().collect(), gene);
    let user = |gene| ids(directory.users.keys().collect(), gene);
    let group = |gene| ids(directory.groups.keys().collect(), gene);
    let member = |gene: Gene| match gene % 3 {
        0 => Member::Group(group(gene / 3)),
        _ => Member::User(user(gene / 3)),
    };
    let permissions: Vec<(&str, &str)> = roles
        .values()
        .flat_map(|role| role.grants.iter().map(|(permission, level)| (permission.as_str(), level.as_str())))
        .collect();
    let edited = |role: &RoleDocument| {
        let mut role = role.clone();
        if c % 2 == 0 {
            role.grants.pop_first();
        }
        if !permissions.is_empty() {
            let (permission, level) = *pick(&permissions, b);
            role.grants.insert(permission.to_owned(), level.to_owned());
        }
        match d % 6 {
            0 => role.inherits.clear(),
            1 => role.inherits.push(ids(roles.keys().collect(), c)),
            2 if role.scope_types.is_empty() => role.scope_types.push(kind_of_place(c)),
            2 => role.scope_types.clear(),
            3 if !permissions.is_empty() => {
                let (permission, level) = *pick(&permissions, a);
                let at = kind_of_place(b);
                role.limited.retain(|limited| limited.permission != permission || limited.at != at);
                let limited = LimitedGrant { permission: permission.to_owned(), level: level.to_owned(), at };
                role.limited.push(limited);
            }
            4 => role.limited.clear(),
            _ => {}
        }
        role
    };
    match kind % 33 {
        0..=3 => assign(user(a), &group(b), role(c), d),
        4 => Change::Unassign { id: ids(directory.assignments.keys().collect(), a) },
        5 => {
            let edge = |gene: Gene| (!gene.is_multiple_of(3)).then(|| Timestamp(i64::try_from(gene % 7).unwrap_or_default()));
            let window = WindowEdit { from: edge(b), until: edge(c) };
            Change::SetWindow { id: ids(directory.assignments.keys().collect(), a), window }
        }
        6 | 7 => Change::AddMember { group: group(a), member: member(b) },
        8 => Change::RemoveMember { id: ids(directory.memberships.keys().collect(), a) },
        9 | 10 => match roles.get(&role(a)) {
            Some(role) => Change::UpdateRole { role: edited(role) },
            None => Change::DeleteRole { id: role(b) },
        },
        11 => {
            let from = roles.values().nth(a % roles.len().max(1)).cloned();
            let copy = from.unwrap_or_else(|| RoleDocument::new("none", "None"));
            let id = format!("n{}", b % 3);
            let name = format!("New {id}");
            let role = RoleDocument { id, name, kind: RoleKind::Custom, base: false, ..edited(&copy) };
            Change::CreateRole { role }
        }
        12 if d % 4 == 0 => Change::RemoveTestsOfRole { role: role(a) },
        12 => Change::DeleteRole { id: role(a) },
        13 => Change::ReplaceRoleInPackages {
            role: role(a),
            with: Some(role(b)).filter(|_| c % 3 > 0),
        },
        14 => package_edit("create_package", &format!("p{}", a % 2), &[role(b), role(c)]),
        15 => package_edit("update_package", &package(a), &[role(b), role(c)][..d % 3]),
        16 => Change::DeletePackage { id: package(a) },
        17 => {
            let id = format!("v{}", a % 3);
            let email = format!("{id}@example.com");
            let invited = json!({ "change": "invite_user", "user": { "id": id, "email": email }, "roles": [role(b)] });
            let created = json!({ "change": "create_user", "user": { "id": id, "email": email }, "sign_in": true });
            serde_json::from_value(if c % 2 == 0 { invited } else { created }).unwrap()
        }
        18 => match d % 2 {
            0 => Change::AcceptInvitation { id: user(a), inviter: None },
            _ => Change::DeleteUser { id: user(a) },
        },
        19 => {
            let status = if b % 2 == 0 { Status::Disabled } else { Status::Active };
            Change::SetStatus { id: user(a), status }
        }
        20 => Change::SetPackage { id: user(a), package: Some(package(b)).filter(|_| c % 4 > 0) },
        21 => match d % 3 {
            0 => Change::DeleteGroup { id: group(a) },
            _ => serde_json::from_value(
                json!({ "change": "create_group", "group": { "id": format!("h{}", a % 2), "name": format!("H {a}"), "source": GroupSource::Local } }),
            )
            .unwrap(),
        },
        22 => {
            let mut settings = settings.clone();
            if a % 2 == 0 && !settings.products.remove(PRODUCT) {
                settings.products.insert(PRODUCT.to_owned());
            }
            settings.new_links = if b % 2 == 0 { NewLinks::NextLogin } else { NewLinks::AtOnce };
            Change::UpdateSettings { settings }
        }
        23 => {
            let user = json!({ "id": user(a), "email": format!("{}@example.com", pick(&["v0", "v1", "w"], b)), "first_name": "New" });
            serde_json::from_value(json!({ "change": "update_user", "user": user })).unwrap()
        }
        24 => {
            let group = json!({ "id": group(a), "name": format!("Renamed {}", b % 2) });
            serde_json::from_value(json!({ "change": "update_group", "group": group })).unwrap()
        }
        25 => {
            let attributes = json!({ "region": pick(&["x", "y"], b), "rank": c % 3 });
            serde_json::from_value(json!({ "change": "set_attributes", "id": user(a), "attributes": attributes }))
                .unwrap()
        }
        26 => Change::SetEntitlement { role: role(a), on: b % 3 > 0 },
        27 => {
            let mut policy = state.policy_document();
            let roles = policy.roles.len().max(1);
            match d % 4 {
                0 => policy.roles.retain(|known| known.id != role(a)),
                1 => policy.auto_assign.extend((!policy.auto_assign.contains(&role(b))).then(|| role(b))),
                _ => {}
            }
            if let Some(role) = policy.roles.get_mut(a % roles) {
                *role = edited(role);
            }
            policy.packages.truncate(c % 4);
            Change::ImportPolicy { policy: Box::new(policy) }
        }
        // None of these is a batch itself.
        28 => Change::Batch {
            changes: vec![
                change_of(state, (a % 28, [b, c, d, a])),
                change_of(state, (c % 28, [d, a, b, c])),
            ],
        },
        _ => {
            let mut catalogue = CatalogueDocument::clone(catalogue);
            match d % 6 {
                0 | 3 | 4 => edit_scale(&mut catalogue, a, b, c),
                1 => edit_types(&mut catalogue, a, b),
                2 => edit_operations(&mut catalogue, a, b),
                _ => edit_module(&mut catalogue, a, b, c),
            }
            Change::UpdateCatalogue { catalogue }
        }
    }
}

/// A level comes, goes, changes places or its name, or another one is what `can` asks for.
fn edit_scale(catalogue: &mut CatalogueDocument, which: Gene, how: Gene, at: Gene) {
    let scales = catalogue.scales.len().max(1);
    let Some(scale) = catalogue.scales.values_mut().nth(which % scales) else { return };
    let at = 1 + at % (scale.levels.len() - 1);
    let level = |id: &str| LevelDocument { id: id.to_owned(), label: String::new(), ui: None };
    match how % 6 {
        0 => scale.levels.insert(at, level("between")),
        1 => scale.levels.push(level("above")),
        2 if scale.levels.len() > 2 => drop(scale.levels.remove(at)),
        3 => scale.levels[1..].reverse(),
        4 => scale.levels[at].id = "renamed".to_owned(),
        _ => scale.can = Some(scale.levels[at].id.clone()),
    }
}

fn edit_types(catalogue: &mut CatalogueDocument, which: Gene, how: Gene) {
    let types = &mut catalogue.resource_types;
    match how % 3 {
        0 if !types.is_empty() => drop(types.remove(which % types.len())),
        1 => {
            let pattern =
                *pick(&["servers/{server}/jobs/{job}", "pages/{page}", "sites/s/parts/{part}"], which);
            let known = types.iter().any(|kind| kind.id == "new");
            let kind = ResourceTypeDocument {
                id: "new".to_owned(),
                label: String::new(),
                pattern: pattern.to_owned(),
            };
            types.extend((!known).then_some(kind));
        }
        _ => {
            let types_of_this = types.len().max(1);
            let kind = types.get_mut(which % types_of_this);
            kind.into_iter().for_each(|kind| kind.pattern = kind.pattern.replacen("servers", "hosts", 1));
        }
    }
}

fn edit_operations(catalogue: &mut CatalogueDocument, which: Gene, how: Gene) {
    let operations = &mut catalogue.operations;
    if operations.is_empty() {
        return;
    }
    let at = which % operations.len();
    match how % 3 {
        0 => drop(operations.remove(at)),
        1 => operations[at].alternatives.reverse(),
        _ => {
            let copy = OperationDocument { id: "copy".to_owned(), ..operations[at].clone() };
            operations.push(copy);
        }
    }
}

fn edit_module(catalogue: &mut CatalogueDocument, which: Gene, requires: Gene, levels: Gene) {
    let modules = catalogue.modules.len().max(1);
    let Some(module) = catalogue.modules.get_mut(which % modules) else { return };
    if requires.is_multiple_of(2) {
        module.requires = module.requires.is_none().then(|| PRODUCT.to_owned());
    }
    if let Some(permission) = module.permissions.get_mut(0).filter(|_| levels.is_multiple_of(2)) {
        permission.levels.clear();
    }
}

fn kind_of_place(gene: Gene) -> String {
    let (kind, _) = pick(&TYPES, gene);
    (*kind).to_owned()
}

fn assign(user: String, group: &str, role: String, gene: Gene) -> Change {
    let principal = match gene % 5 {
        0 => Principal::Everyone,
        1 => Principal::Group(group.to_owned()),
        _ => Principal::User(user),
    };
    let source = if principal == Principal::Everyone { Source::AutoAssign } else { Source::Direct };
    let until = gene.is_multiple_of(7).then_some(Timestamp(4));
    let assignment = json!({ "principal": principal, "role": role, "scope": pick(&SCOPES, gene), "source": source, "until": until });
    serde_json::from_value(json!({ "change": "assign", "assignment": assignment })).unwrap()
}

fn package_edit(change: &str, id: &str, roles: &[String]) -> Change {
    let package = json!({ "id": id, "name": format!("Package of {id}"), "roles": roles });
    serde_json::from_value(json!({ "change": change, "package": package })).unwrap()
}
