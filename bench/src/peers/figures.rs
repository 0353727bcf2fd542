//! What the peers' own crates take natively.

use casbin::prelude::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use cedar_policy::{Authorizer, Context, Decision, Entities, PolicySet, Request};

use super::{CASBIN_MODEL, cedar_entities, cedar_policies, grants, roles};
use crate::measure::{figure, nanoseconds};
use crate::world::{Question, World};

/// Prints the native figures of both.
pub fn print(world: &World) {
    figure("small/cedar-policy", cedar(world, &world.questions(2_000)), "ns");
    figure("small/casbin-rs", casbin(world, &world.questions(200)), "ns");
}

/// The cedar-policy crate with prebuilt requests and entities.
fn cedar(world: &World, asked: &[Question]) -> f64 {
    let policies: PolicySet = cedar_policies(world).parse().expect("Cedar's policies");
    let authorizer = Authorizer::new();
    let entities: Vec<Entities> = (0..world.users.len())
        .map(|user| Entities::from_json_value(cedar_entities(world, user), None).expect("Cedar's entities"))
        .collect();
    let requests = asked.iter().map(|question| {
        let uid = |text: String| text.parse().expect("an entity's name");
        let request = Request::new(
            uid(format!("User::\"{}\"", world.users[question.user])),
            uid(format!("Action::\"{}\"", world.permission(question.permission))),
            uid("Tenant::\"bench\"".to_owned()),
            Context::empty(),
            None,
        );
        (request.expect("Cedar's request"), &entities[question.user], question.allowed)
    });
    nanoseconds(
        &requests.collect::<Vec<_>>(),
        10,
        |(.., allowed)| *allowed,
        |(request, entities, _)| {
            authorizer.is_authorized(request, &policies, entities).decision() == Decision::Allow
        },
    )
}

/// The casbin crate.
fn casbin(world: &World, asked: &[Question]) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let enforcer = runtime.block_on(async {
        let model = DefaultModel::from_str(CASBIN_MODEL).await.expect("Casbin's model");
        let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await.expect("an enforcer");
        let all = grants(world)
            .flat_map(|(role, permissions)| permissions.into_iter().map(move |it| vec![role.clone(), it]));
        enforcer.add_policies(all.collect()).await.expect("Casbin's policies");
        let mut links = std::collections::BTreeSet::new();
        for (user, id) in world.users.iter().enumerate() {
            links.extend(roles(world, user).map(|role| vec![id.clone(), role]));
        }
        enforcer.add_grouping_policies(links.into_iter().collect()).await.expect("Casbin's roles");
        enforcer
    });
    let named = asked.iter().map(|question| {
        (world.users[question.user].clone(), world.permission(question.permission), question.allowed)
    });
    nanoseconds(
        &named.collect::<Vec<_>>(),
        1,
        |(.., allowed)| *allowed,
        |(user, permission, _)| enforcer.enforce((user, permission)).expect("Casbin's answer"),
    )
}
