//! What the JavaScript side reads: the same world, in our format and in its peers'.

use std::fs;
use std::path::Path;

use rolewright_model::PolicyDocument;
use rolewright_model::documents::Documents;
use serde_json::{Value, json};

use crate::ours;
use crate::peers;
use crate::world::{BY_USERS, LARGE, Question, Size, World};

/// Writes the files of one world into a folder.
pub fn write(world: &World, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    fs::create_dir_all(folder)?;
    let save = |name: &str, value: &Value| fs::write(folder.join(name), value.to_string());
    let state = ours::state(ours::documents(world));
    fs::write(folder.join("world.snapshot"), state.encode("bench", &[]))?;
    save("questions.json", &questions(world))?;
    save("casbin.json", &peers::casbin_files(world))?;
    save("cedar.json", &peers::cedar_files(world))?;
    fs::write(folder.join("template.snapshot"), largest_template()?)?;
    fs::write(folder.join("matrix.snapshot"), matrix(world.now)?)?;
    Ok(())
}

/// The full and the policy snapshots of tenants of each size, `full-1000` and `policy-1000`, and which there are: `sizes.json`.
pub fn write_snapshots(folder: &Path, now: i64, large: bool) -> Result<(), Box<dyn std::error::Error>> {
    fs::create_dir_all(folder)?;
    let sizes: Vec<Size> = BY_USERS.into_iter().chain(large.then_some(LARGE)).collect();
    for size in &sizes {
        let state = ours::state(ours::documents(&World::draw(*size, now)));
        fs::write(folder.join(format!("full-{}", size.users)), state.encode("bench", &[]))?;
        fs::write(folder.join(format!("policy-{}", size.users)), state.encode_policy("bench", &[]))?;
    }
    let users: Vec<usize> = sizes.iter().map(|size| size.users).collect();
    fs::write(folder.join("sizes.json"), json!(users).to_string())?;
    Ok(())
}

/// The questions, each user's permissions for who holds them in a `Map`, and every name.
fn questions(world: &World) -> Value {
    let listed = |questions: Vec<Question>| -> Vec<Value> {
        let one = |asked: Question| json!([asked.user, asked.permission, asked.place.path(), asked.allowed]);
        questions.into_iter().map(one).collect()
    };
    let held = |user: usize| -> Vec<usize> {
        let mut held = world.reached(world.base());
        for role in world.roles_at(user, crate::world::Place::Tenant) {
            held.extend(world.reached(&world.grants[role]));
        }
        held.into_iter().collect()
    };
    json!({
        "users": world.users,
        "permissions": (0..world.size.permissions).map(|position| world.permission(position)).collect::<Vec<_>>(),
        "held": (0..world.size.users).map(held).collect::<Vec<_>>(),
        "asked": listed(world.questions(100_000)),
        "placed": listed(world.placed_questions(100_000)),
    })
}

/// The policy snapshot of the largest template that is shipped.
fn largest_template() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/server/templates");
    let mut largest = Vec::new();
    for entry in fs::read_dir(folder)? {
        let policy: PolicyDocument = serde_json::from_str(&fs::read_to_string(entry?.path())?)?;
        let snapshot = ours::state(Documents::of_policy(&policy)).encode_policy("bench", &[]);
        if snapshot.len() > largest.len() {
            largest = snapshot;
        }
    }
    Ok(largest)
}

/// The policy snapshot of 2,000 roles by 5,000 permissions, a tenth of the cells granted.
fn matrix(now: i64) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let size = Size { users: 1, groups: 1, roles: 2_000, permissions: 5_000, assignments: 1, servers: 1 };
    let policy: PolicyDocument = serde_json::from_value(World::draw(size, now).policy())?;
    Ok(ours::state(Documents::of_policy(&policy)).encode_policy("bench", &[]))
}
