//! The peers on the same world: the policy in their own formats, and their native figures.

#[cfg(feature = "peers")]
pub mod figures;

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::world::{Place, World};

const CASBIN_MODEL: &str = "[request_definition]
r = sub, act
[policy_definition]
p = sub, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.act == p.act
";

/// The roles of a user at the tenant: what a peer is told, since windows, groups and the base role are ours.
fn roles(world: &World, user: usize) -> impl Iterator<Item = String> {
    let base = std::iter::once("base".to_owned());
    world.roles_at(user, Place::Tenant).map(|role| world.role(role)).chain(base)
}

/// Every role with the permissions that it comes to.
fn grants(world: &World) -> impl Iterator<Item = (String, Vec<String>)> {
    let named = |grants: &[usize]| {
        world.reached(grants).into_iter().map(|permission| world.permission(permission)).collect()
    };
    let base = std::iter::once(("base".to_owned(), named(world.base())));
    world.grants.iter().enumerate().map(move |(role, grants)| (world.role(role), named(grants))).chain(base)
}

/// Casbin's model and policy.
pub fn casbin_files(world: &World) -> Value {
    let mut policy = String::new();
    for (role, permissions) in grants(world) {
        for permission in permissions {
            let _ = writeln!(policy, "p, {role}, {permission}");
        }
    }
    for (user, id) in world.users.iter().enumerate() {
        for role in roles(world, user) {
            let _ = writeln!(policy, "g, {id}, {role}");
        }
    }
    json!({ "model": CASBIN_MODEL, "policy": policy })
}

fn cedar_policies(world: &World) -> String {
    let mut policies = String::new();
    for (role, permissions) in grants(world) {
        let actions: Vec<String> =
            permissions.iter().map(|permission| format!("Action::\"{permission}\"")).collect();
        let actions = actions.join(", ");
        let _ = writeln!(policies, "permit(principal in Role::\"{role}\", action in [{actions}], resource);");
    }
    policies
}

fn cedar_entities(world: &World, user: usize) -> Value {
    let parents: Vec<Value> = roles(world, user).map(|id| json!({ "type": "Role", "id": id })).collect();
    let uid = json!({ "type": "User", "id": world.users[user] });
    let roles = parents.clone().into_iter().map(|uid| json!({ "uid": uid, "attrs": {}, "parents": [] }));
    let mut entities = vec![json!({ "uid": uid, "attrs": {}, "parents": parents })];
    for role in roles {
        if !entities.contains(&role) {
            entities.push(role);
        }
    }
    json!(entities)
}

/// Cedar's policies, and for each user the entities that a question about it needs.
pub fn cedar_files(world: &World) -> Value {
    let entities: Vec<Value> = (0..world.users.len()).map(|user| cedar_entities(world, user)).collect();
    json!({ "policies": cedar_policies(world), "entities": entities })
}
