//! A small world to change: a product with reports and mail, its people, and who may do what.
//! Tests of changes share it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    reason = "a test that cannot be set up fails"
)]

use std::collections::BTreeMap;

use rolewright_model::directory::AssignmentDocument;
use rolewright_model::documents::Documents;
use rolewright_model::{
    Actor, Change, Code, Context, Outcome, PolicyDocument, Refusal, ResourcePath, Stamp, State, Timestamp,
};
use serde_json::{Value, json};

use crate::table;

/// When everything happens.
pub const NOW: Timestamp = Timestamp(1_000_000);
/// A little later.
pub const SOON: i64 = 1_001_000;
/// Later still.
pub const LATER: i64 = 1_002_000;
/// The revision of the world.
pub const AT: Stamp = Stamp { epoch: 0, revision: 100 };

/// A product with reports and mail. `admin` runs it without mail; `root` is everything.
pub fn policy() -> Value {
    json!({
        "format": 1,
        "name": "World",
        "settings": { "products": ["core"] },
        "catalogue": {
            "modules": [
                { "id": "reports", "label": "Reports", "permissions": [{ "id": "reports.view", "label": "View" }, { "id": "reports.run", "label": "Run" }] },
                { "id": "mail", "label": "Mail", "permissions": [{ "id": "mail.view", "label": "View" }, { "id": "mail.manage", "label": "Manage" }] }
            ],
            "resource_types": [{ "id": "server", "pattern": "servers/{server}" }]
        },
        "roles": [
            { "id": "member", "name": "Member", "base": true, "grants": {} },
            { "id": "root", "name": "Root", "kind": "built_in", "audience": "admin", "superuser": true },
            { "id": "chief", "name": "Chief", "audience": "admin", "superuser": true },
            { "id": "deputy", "name": "Deputy", "audience": "admin", "inherits": ["root"] },
            { "id": "admin", "name": "Admin", "kind": "built_in", "audience": "admin", "grants": {
                "users.view": "allowed", "users.manage": "allowed", "users.assign_roles": "allowed", "roles.view": "allowed", "roles.manage": "allowed",
                "groups.manage": "allowed", "packages.manage": "allowed", "settings.manage": "allowed", "reports.view": "allowed", "reports.run": "allowed" } },
            { "id": "escalator", "name": "Escalator", "audience": "admin", "grants": {
                "users.assign_roles": "allowed", "roles.manage": "allowed", "roles.escalate": "allowed" } },
            { "id": "keeper", "name": "Keeper", "audience": "admin", "grants": { "audit.view": "allowed" } },
            { "id": "reporter", "name": "Reporter", "grants": { "reports.view": "allowed", "reports.run": "allowed" } },
            { "id": "poster", "name": "Poster", "grants": { "mail.view": "allowed", "mail.manage": "allowed" } },
            { "id": "stem", "name": "Stem", "grants": { "reports.view": "allowed" } },
            { "id": "leaf", "name": "Leaf", "inherits": ["stem"] },
            { "id": "spare", "name": "Spare" },
            { "id": "full", "name": "Full", "promotes": true, "grants": { "reports.view": "allowed" } }
        ],
        "packages": [
            { "id": "basic", "name": "Basic", "roles": [{ "role": "reporter", "link": "basic-1", "made": { "epoch": 0, "revision": 5 } }] },
            { "id": "post", "name": "Post", "roles": [{ "role": "poster", "link": "post-1", "made": { "epoch": 0, "revision": 6 } }] },
            { "id": "empty", "name": "Empty" }
        ]
    })
}

/// An assignment of the world, by its id.
pub fn assigned(id: &str, principal: Value, role: &str) -> (String, Value) {
    let made = json!({ "epoch": 0, "revision": 10 });
    (id.to_owned(), json!({ "id": id, "principal": principal, "role": role, "made": made }))
}

/// An active user, by id.
pub fn person(id: &str) -> (String, Value) {
    let user = json!({ "id": id, "email": format!("{id}@example.com"), "status": "active", "sign_in": true });
    (id.to_owned(), user)
}

/// The documents of the world.
pub fn documents() -> Documents {
    let policy = PolicyDocument::from_json(&policy().to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
    let mut documents = Documents::of_policy(&policy);
    let people = ["sam", "ada", "esc", "max", "rio", "pat", "guy", "ivo", "dis", "idle", "nil", "pete"];
    let mut users: BTreeMap<String, Value> = people.map(person).into();
    users.get_mut("ivo").unwrap()["status"] = json!("invited");
    users.get_mut("ivo").unwrap()["sign_in"] = json!(false);
    users.get_mut("dis").unwrap()["status"] = json!("disabled");
    let on = |package: &str, link: &str| json!({ "package": package, "link": link, "made": { "epoch": 0, "revision": 7 } });
    users.get_mut("pat").unwrap()["package"] = on("post", "pat-post");
    users.get_mut("rio").unwrap()["package"] = on("basic", "rio-basic");
    let groups = json!({
        "posters": { "id": "posters", "name": "Posters" }, "readers": { "id": "readers", "name": "Readers" },
        "void": { "id": "void", "name": "Void" }, "outer": { "id": "outer", "name": "Outer" },
        "staff": { "id": "staff", "name": "Staff", "source": "identity_provider" }
    });
    let made = json!({ "epoch": 0, "revision": 10 });
    let memberships = json!({
        "m-guy": { "id": "m-guy", "group": "posters", "member": { "user": "guy" }, "made": made },
        "m-idle": { "id": "m-idle", "group": "void", "member": { "user": "idle" }, "made": made },
        "m-nest": { "id": "m-nest", "group": "posters", "member": { "group": "outer" }, "made": made },
        "m-staff": { "id": "m-staff", "group": "staff", "member": { "user": "rio" }, "made": made }
    });
    let user = |id: &str| json!({ "user": id });
    let assignments: BTreeMap<String, Value> = [
        assigned("a-sam", user("sam"), "root"),
        assigned("a-ada", user("ada"), "admin"),
        assigned("a-esc", user("esc"), "escalator"),
        assigned("a-max", user("max"), "poster"),
        assigned("a-rio", user("rio"), "reporter"),
        assigned("a-dis", user("dis"), "poster"),
        assigned("a-ivo", user("ivo"), "reporter"),
        assigned("a-idle", user("idle"), "spare"),
        assigned("a-posters", json!({ "group": "posters" }), "poster"),
        assigned("a-readers", json!({ "group": "readers" }), "reporter"),
        assigned("a-leaf", user("rio"), "leaf"),
    ]
    .into();
    let directory = &mut documents.directory;
    directory.users = table(json!(users));
    directory.groups = table(groups);
    directory.memberships = table(memberships);
    directory.assignments = table(json!(assignments));
    documents
}

/// The world, with these assignments beside its own: id, principal, role, and whatever else.
pub fn world(more: &[Value]) -> State {
    let mut documents = documents();
    for assignment in more {
        let assignment: AssignmentDocument = serde_json::from_value(assignment.clone()).unwrap();
        documents.directory.assignments.insert(assignment.id.clone(), assignment);
    }
    build(documents)
}

/// The state of documents that are right.
pub fn build(documents: Documents) -> State {
    State::build(documents, AT).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A change.
pub fn parse(change: &Value) -> Change {
    serde_json::from_value(change.clone()).unwrap_or_else(|error| panic!("{change}: {error}"))
}

/// Now; the links that the world's first change makes are called `new.0`, `new.1` and so on, and
/// those of later ones by its revision.
pub fn context(state: &State) -> Context {
    let id = if state.at() == AT { "new".to_owned() } else { format!("new-{}", state.at().revision) };
    Context { now: NOW, id }
}

/// By a user, by `operator`, or by a key that holds `key:users.manage,...` or `believed:...`, at `...@servers/s1` there
/// alone, and with `...<1000` until then.
pub fn by(state: &State, actor: &str, change: &Value) -> Result<Outcome, Refusal> {
    by_session(state, actor, None, change)
}

/// As [`by`], in a session that began then.
pub fn by_session(
    state: &State,
    actor: &str,
    session: Option<Stamp>,
    change: &Value,
) -> Result<Outcome, Refusal> {
    let change = parse(change);
    let (key, until) = match actor.split_once('<') {
        Some((key, until)) => (key, Some(Timestamp(until.parse().unwrap()))),
        None => (actor, None),
    };
    let (key, scope) = key.split_once('@').unwrap_or((key, "/"));
    let scope = ResourcePath::parse(scope).unwrap();
    let held: Vec<String> =
        key.split_once(':').into_iter().flat_map(|(_, all)| all.split(',')).map(str::to_owned).collect();
    let actor = match actor {
        "operator" => Actor::Operator,
        key if key.starts_with("key:") || key.starts_with("believed:") => Actor::Key {
            permissions: &held,
            scope: &scope,
            until,
            for_provider: false,
            trusts_subject: key.starts_with("believed:"),
            told_to: &[],
        },
        key if key.starts_with("provider:") => Actor::Key {
            permissions: &held,
            scope: &scope,
            until,
            for_provider: true,
            trusts_subject: false,
            told_to: &[],
        },
        user => Actor::Subject { state, subject: state.subject(user).unwrap(), session },
    };
    let outcome = state.change(&change, &actor, &context(state));
    // What the admin app is told beforehand never contradicts the server.
    if let (Err(early), Ok(_)) = (change.permit(state, &actor, NOW), &outcome)
        && !matches!(change, Change::Batch { .. })
    {
        panic!("{change:?} is accepted, but refused beforehand: {early:?}");
    }
    outcome
}

/// What is asked: a name, who, what, and the rule that refuses, or none where it is accepted.
pub type Fact = (&'static str, &'static str, Value, Option<Code>);

/// Asks them all, and tells all that are wrong.
pub fn facts(state: &State, facts: Vec<Fact>) {
    let mut wrong = Vec::new();
    for (name, actor, change, expected) in facts {
        let found = by(state, actor, &change);
        if found.as_ref().err().map(|refusal| refusal.code) != expected {
            wrong.push(format!(
                "{name}: {actor} {change}\n    expected {expected:?}\n    found {:?}",
                found.err().map(|refusal| (refusal.code, refusal.message))
            ));
        }
    }
    assert!(wrong.is_empty(), "{} facts are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// `spare` is called Spare.
pub fn name_of(id: &str) -> String {
    let mut letters = id.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A role with these grants.
pub fn role(id: &str, grants: &[&str]) -> Value {
    let grants: BTreeMap<&str, &str> = grants.iter().map(|id| (*id, "allowed")).collect();
    json!({ "id": id, "name": name_of(id), "grants": grants })
}

/// Gives a role for the whole tenant.
pub fn assign(principal: Value, role: &str) -> Value {
    json!({ "change": "assign", "assignment": { "principal": principal, "role": role, "scope": "/" } })
}

/// Gives a role there, until then.
pub fn assign_within(user: &str, role: &str, scope: &str, until: Option<i64>) -> Value {
    let mut edit = json!({ "principal": { "user": user }, "role": role, "scope": scope });
    if let Some(until) = until {
        edit["until"] = json!(until);
    }
    json!({ "change": "assign", "assignment": edit })
}

/// A user as a principal or a member.
pub fn user(id: &str) -> Value {
    json!({ "user": id })
}

/// A change that names nothing but an id.
pub fn with_id(change: &str, id: &str) -> Value {
    json!({ "change": change, "id": id })
}

/// What an edit says of a user who is not there yet.
pub fn new_user(id: &str) -> Value {
    json!({ "id": id, "email": format!("{id}@example.com") })
}
