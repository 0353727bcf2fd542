//! Rolewright's own figures. One small function a figure: when the model's API changes, it changes here alone.

use rolewright_model::change::{AssignmentEdit, Outcome};
use rolewright_model::diff::diff;
use rolewright_model::directory::{
    AssignmentDocument, GroupDocument, Member, MembershipDocument, Principal, UserDocument,
};
use rolewright_model::documents::Documents;
use rolewright_model::{
    Actor, Change, Context, Level, PolicyDocument, Question as Asked, Request, ResourcePath, Stamp, State,
    Timestamp,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::measure::{figure, held, milliseconds, nanoseconds};
use crate::plain;
use crate::world::{Holder, Question, World};

const AT: Stamp = Stamp { epoch: 1, revision: 1 };

fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the documents of the benchmark have the model's shape")
}

/// The world as documents.
pub fn documents(world: &World) -> Documents {
    let policy: PolicyDocument = of(world.policy());
    let mut documents = Documents::of_policy(&policy);
    let directory = &mut documents.directory;
    let user: UserDocument = of(json!({ "id": "", "status": "active" }));
    let group: GroupDocument = of(json!({ "id": "" }));
    let member: MembershipDocument =
        of(json!({ "id": "", "group": "", "member": { "user": "" }, "made": AT }));
    let assigned: AssignmentDocument =
        of(json!({ "id": "", "principal": "everyone", "role": "", "scope": "/", "made": AT }));
    directory.users =
        world.users.iter().map(|id| (id.clone(), UserDocument { id: id.clone(), ..user.clone() })).collect();
    directory.groups = (0..world.size.groups)
        .map(|position| world.group(position))
        .map(|id| (id.clone(), GroupDocument { id: id.clone(), name: id, ..group.clone() }))
        .collect();
    let members = world.group_of.iter().zip(&world.users).enumerate();
    directory.memberships = members
        .filter_map(|(number, (group, user))| {
            let id = format!("m{number:07}");
            let (group, member_) = (world.group((*group)?), Member::User(user.clone()));
            Some((id.clone(), MembershipDocument { id, group, member: member_, ..member.clone() }))
        })
        .collect();
    let assignments = world.assignments.iter().enumerate().map(|(number, drawn)| {
        let id = format!("a{number:07}");
        let principal = match drawn.holder {
            Holder::User(user) => Principal::User(world.users[user].clone()),
            Holder::Group(group) => Principal::Group(world.group(group)),
        };
        let document = AssignmentDocument {
            id: id.clone(),
            principal,
            role: world.role(drawn.role),
            scope: drawn.place.path(),
            from: drawn.from.map(Timestamp),
            until: drawn.until.map(Timestamp),
            ..assigned.clone()
        };
        (id, document)
    });
    directory.assignments = assignments.collect();
    documents
}

/// The world's state.
pub fn state(documents: Documents) -> State {
    match State::build(documents, AT) {
        Ok(state) => state,
        Err(problems) => panic!("{} problems, the first: {}", problems.len(), problems[0]),
    }
}

/// Prints every figure of one world; `case` is `small` or `large`.
pub fn figures(world: &World, case: &str) {
    let name = |name: &str| format!("{case}/{name}");
    let documents = documents(world);
    let mut built = None;
    figure(&name("index built"), milliseconds(1, || built = Some(state(documents.clone()))), "ms");
    let Some(state) = built else { return };
    figure(&name("index memory"), memory(world, &state), "bytes/user");

    let asked = world.questions(200_000);
    let placed = world.placed_questions(200_000);
    figure(&name("allowed by name"), by_name(world, &state, &asked), "ns");
    figure(&name("allowed by handle"), by_handle(world, &state, &asked), "ns");
    figure(&name("allowed by name, at a resource"), by_name(world, &state, &placed), "ns");
    figure(&name("allowed by handle, at a resource"), by_handle(world, &state, &placed), "ns");
    plain::figures(world, case, &asked);
    figure(&name("one change applied"), one_change(world, &state), "ms");
    figure(&name("who_can"), who_can(world, &state, false), "ms");
    figure(&name("who_can on a condition"), who_can(world, &state, true), "ms");
    figure(&name("diff of a role edit"), role_edit(world, &state), "ms");
}

/// The index alone, beside the text of the ids of users and links: what is freed where nothing else holds it.
fn memory(world: &World, state: &State) -> f64 {
    let index = State::build(state.documents().clone(), AT).map(|state| state.index().clone());
    let before = held();
    drop(std::hint::black_box(index));
    let directory = &state.documents().directory;
    let links = directory.assignments.keys().chain(directory.memberships.keys());
    let ids: usize = world.users.iter().chain(links).map(String::len).sum();
    (before - held()).saturating_sub(ids) as f64 / world.users.len() as f64
}

fn by_name(world: &World, state: &State, asked: &[Question]) -> f64 {
    let named = asked.iter().map(|question| {
        let user = world.users[question.user].clone();
        (user, world.permission(question.permission), question.place.path(), question.allowed)
    });
    let request = Request::new(Timestamp(world.now));
    nanoseconds(
        &named.collect::<Vec<_>>(),
        10_000,
        |(.., allowed)| *allowed,
        |(subject, permission, resource, _)| {
            state.allows(&Asked { subject, permission, resource, asked: None, request })
        },
    )
}

fn by_handle(world: &World, state: &State, asked: &[Question]) -> f64 {
    let request = Request::new(Timestamp(world.now));
    let handled = asked.iter().filter_map(|question| {
        let permission = state.catalogue().handle(&world.permission(question.permission))?;
        let can = state.catalogue().scale(permission)?.can();
        let resource = ResourcePath::parse(&question.place.path()).ok()?;
        Some((state.user(&world.users[question.user])?, permission, can, resource, question.allowed))
    });
    nanoseconds(
        &handled.collect::<Vec<_>>(),
        100_000,
        |(.., allowed)| *allowed,
        |(user, permission, can, resource, _)| {
            state.index().allowed(*user, *permission, *can, resource, request)
        },
    )
}

fn made(state: &State, change: &Change, context: &Context) -> Outcome {
    match state.change(change, &Actor::Operator, context) {
        Ok(outcome) => outcome,
        Err(refusal) => panic!("{refusal:?}"),
    }
}

/// One more assignment, accepted and applied.
fn one_change(world: &World, state: &State) -> f64 {
    let change = Change::Assign {
        assignment: of::<AssignmentEdit>(json!({
            "principal": { "user": world.users[17] }, "role": world.role(3), "scope": "/",
        })),
    };
    let context = Context { now: Timestamp(world.now), id: "c1".to_owned() };
    milliseconds(9, || made(state, &change, &context))
}

/// Everybody who may do something at the tenant, that a condition decides or not.
fn who_can(world: &World, state: &State, conditional: bool) -> f64 {
    let asked = (3..world.size.permissions).find(|position| world.is_conditional(*position) == conditional);
    let permission = state.catalogue().handle(&world.permission(asked.expect("one")));
    let permission = permission.expect("a permission");
    let request = Request::new(Timestamp(world.now));
    milliseconds(5, || state.who_can(permission, Level(1), &ResourcePath::tenant(), request))
}

/// What differs for whom after one more grant of a role that a tenth of the users hold.
fn role_edit(world: &World, state: &State) -> f64 {
    let context = Context { now: Timestamp(world.now), id: "c1".to_owned() };
    let held = world.users.len() / 10;
    let given = (0..held).map(|user| Change::Assign {
        assignment: of::<AssignmentEdit>(json!({
            "principal": { "user": world.users[user] }, "role": world.role(0), "scope": "/",
        })),
    });
    let mut documents = state.documents().clone();
    for (number, change) in given.enumerate() {
        let Change::Assign { assignment } = change else { continue };
        let id = format!("d{number:07}");
        let document = of(json!({
            "id": id, "principal": assignment.principal, "role": assignment.role, "scope": "/", "made": AT,
        }));
        documents.directory.assignments.insert(id, document);
    }
    let before = self::state(documents);
    let mut role = before.role(&world.role(0)).expect("a role").clone();
    let free = (0..world.size.permissions).filter(|position| !world.is_conditional(*position));
    let added = free.map(|position| world.permission(position)).find(|id| !role.grants.contains_key(id));
    role.grants.insert(added.expect("a permission that it lacks"), "allowed".to_owned());
    let after = made(&before, &Change::UpdateRole { role }, &context).state;
    let at = Timestamp(world.now);
    let found = diff(&before, &after, at).users.len();
    assert!(found * 2 > held, "only {found} users differ");
    milliseconds(5, || diff(&before, &after, at))
}
