//! Explanations: what is told of a decision, and fixes that are enough and no more than that.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::documents::Documents;
use rolewright_model::explain::{Idle, NotCounting, SourceOf};
use rolewright_model::fix::{Remedy, Step};
use rolewright_model::subject::Via;
use rolewright_model::{Question, State};
use rolewright_tests::naive::Told;
use rolewright_tests::steps::{change_of, gained, gains, made};
use serde_json::json;

use crate::worlds::{Ask, Visit};
use crate::{Naive, in_every_world, reading};

/// How many refusals of a world are explained, and how many fixes of each are tried.
const REFUSALS: usize = 3;
const FIXES: usize = 3;

/// A question about a permission; for an operation nothing but who and when is read.
fn question<'v>(visit: &'v Visit, ask: &'v Ask) -> Question<'v> {
    let (permission, resource, asked) = match ask {
        Ask::Permission { permission, resource, asked } => {
            (permission.as_str(), resource.as_str(), asked.as_deref())
        }
        Ask::Operation { .. } => ("", "/", None),
    };
    Question { subject: &visit.subject, permission, resource, asked, request: visit.request() }
}

/// Whether that user may do what is asked, in a session begun now.
fn is_allowed(state: &State, user: &str, visit: &Visit, ask: &Ask) -> bool {
    let request = visit.request().in_session(None);
    match ask {
        Ask::Permission { .. } => {
            state.decide(&Question { subject: user, request, ..question(visit, ask) }).allowed
        }
        Ask::Operation { operation, resources } => state
            .subject(user)
            .is_some_and(|subject| state.check(&subject, operation, resources, request).allowed),
    }
}

fn try_fix(state: &State, visit: &Visit, ask: &Ask, fix: &Remedy) -> Result<(), String> {
    let allowed = |state: &State, user: &str| is_allowed(state, user, visit, ask);
    let told = |what: &str| Err(format!("{}\n{what}: {}", json!(visit.check(ask)), json!(fix)));
    let Some(after) = made(state, &fix.change, visit.at) else { return told("is not accepted") };
    if !allowed(&after, &visit.subject) {
        return told("is not enough");
    }
    let others = gained(state, &after, &visit.subject, &allowed);
    if others != fix.others {
        return told(&format!("lets {others} others in"));
    }
    // Of an operation the places are those of its needs.
    if let Ask::Permission { resource, .. } = ask {
        let given = gains(state, &after, &visit.subject, &[resource], visit.at);
        if given != (fix.superuser, fix.gains) {
            return told(&format!("gives {given:?}"));
        }
    }
    // Another package takes away what the one before gave: less may be enough where more is not.
    let all = (1_usize << fix.steps.len()) - 1;
    for part in 1..all {
        let chosen = fix.steps.iter().enumerate().filter(|(at, _)| part >> at & 1 == 1);
        let fewer: BTreeSet<&Step> = chosen.map(|(_, step)| step).collect();
        let change = change_of(state, &visit.subject, &fewer);
        let after = change.and_then(|change| made(state, &change, visit.at));
        if after.is_some_and(|after| allowed(&after, &visit.subject)) {
            return told(&format!("{fewer:?} is enough"));
        }
    }
    Ok(())
}

#[test]
fn an_explanation_tells_the_decision_and_fixes_that_are_just_enough() {
    in_every_world(|world, state| {
        let (mut asked, mut refused) = (0, 0);
        for visit in &world.visits {
            for ask in &visit.asks {
                let question = question(visit, ask);
                let told = |what: &str| Err(format!("{}\n{what}", json!(visit.check(ask))));
                let fixes = match ask {
                    Ask::Permission { .. } => {
                        let subject = state.subject(&visit.subject);
                        let explanation = subject.map_or_else(
                            || state.explain(&question),
                            |subject| state.explain_for(&subject, &question),
                        );
                        let decision = state.decide(&question);
                        if explanation.decision != decision
                            || explanation.diagnosis.is_some() == decision.allowed
                            || decision.allowed && explanation.sources.is_empty()
                            || explanation.sources.iter().any(|source| source.level != decision.level)
                        {
                            return told(&format!("is explained by {}", json!(explanation)));
                        }
                        asked += 1;
                        if decision.allowed || refused >= REFUSALS {
                            continue;
                        }
                        state.explain(&question).fixes
                    }
                    Ask::Operation { operation, resources } => {
                        let explanation = state.explain_operation(&question, operation, resources);
                        let subject = state.subject(&visit.subject);
                        let request = visit.request();
                        let decision =
                            subject.map(|subject| state.check(&subject, operation, resources, request));
                        if decision.is_some_and(|decision| decision != explanation.decision) {
                            return told(&format!("is explained by {}", json!(explanation)));
                        }
                        asked += 1;
                        if explanation.decision.allowed || refused >= REFUSALS {
                            continue;
                        }
                        explanation.fixes
                    }
                };
                refused += usize::from(!fixes.is_empty());
                let rank =
                    |fix: &Remedy| (fix.others, fix.steps.len(), fix.superuser, fix.gains, fix.steps.clone());
                if !fixes.iter().is_sorted_by_key(rank) {
                    return told(&format!("has fixes in another order: {}", json!(fixes)));
                }
                for fix in fixes.iter().take(FIXES) {
                    try_fix(state, visit, ask, fix)?;
                }
            }
        }
        Ok(asked)
    });
}

/// What a source is called: see [`Told`].
fn name(source: &SourceOf) -> String {
    match &source.via {
        Via::Direct { assignment }
        | Via::Entitlement { assignment }
        | Via::Group { assignment, .. }
        | Via::Everyone { assignment } => assignment.clone(),
        Via::Package { .. } => format!("package > {}", source.role),
        Via::Base => "base".to_owned(),
        Via::Untold => String::new(),
    }
}

/// Whether each step of a derivation is one that the documents say.
fn is_sound(documents: &Documents, source: &SourceOf, permission: &str) -> bool {
    let mut role = &source.role;
    for inherited in &source.inherited {
        let inherits = documents.roles.get(role).is_some_and(|role| role.inherits.contains(inherited));
        if !inherits {
            return false;
        }
        role = inherited;
    }
    let Some(role) = documents.roles.get(role) else { return false };
    let Some(granted) = &source.granted else { return role.superuser };
    let limited =
        role.limited.iter().any(|it| it.permission == granted.permission && it.level == granted.level);
    if role.grants.get(&granted.permission) != Some(&granted.level) && !limited {
        return false;
    }
    let mut from = granted;
    for step in &source.implied {
        let module = |id: &str| id.split('.').next().map(str::to_owned);
        let opens =
            step.permission.ends_with(".access") && module(&step.permission) == module(&from.permission);
        let known = documents.catalogue.modules.iter().flat_map(|module| {
            module.permissions.iter().chain(module.sections.iter().flat_map(|section| &section.permissions))
        });
        let mut levels = known.filter(|it| it.id == from.permission).flat_map(|it| it.levels.values());
        if !opens && !levels.any(|level| level.implies.contains_key(&step.permission)) {
            return false;
        }
        from = step;
    }
    from.permission == permission
}

/// Complete both ways: what is held and not told could be what somebody looks for.
#[test]
fn everything_held_is_told_that_gives_it_and_with_why_it_does_not_count_that_would() {
    let seen = RefCell::new(BTreeMap::<String, usize>::new());
    in_every_world(|world, state| {
        let naive = Naive::of(&world.documents);
        let mut asked = 0;
        for visit in &world.visits {
            let Some(subject) = state.subject(&visit.subject) else { continue };
            for ask in &visit.asks {
                let Ask::Permission { permission, resource, .. } = ask else { continue };
                let question = question(visit, ask);
                let explanation = state.explain_for(&subject, &question);
                let is_unanswerable = explanation.diagnosis.as_ref().is_some_and(|it| it.chain.is_empty());
                if is_unanswerable {
                    continue;
                }
                let request = reading::Request {
                    subject: &visit.subject,
                    at: visit.at,
                    session: visit.session,
                    attributes: &visit.attributes,
                };
                let expected = naive.told(permission, resource, request);
                let mut told = Told::default();
                told.sources.extend(explanation.sources.iter().map(name));
                for Idle { source, not_counting } in &explanation.idle {
                    // What is held by way of two groups may wait by one and count by the other.
                    let may_count =
                        matches!(source.via, Via::Group { .. }) && *not_counting == NotCounting::NextLogin;
                    if !may_count || expected.waits(&name(source)) {
                        told.put(&name(source), *not_counting);
                    }
                }
                if told != expected {
                    let question = json!(visit.check(ask));
                    return Err(format!("{question}\nexpected {expected:?}\ntold {told:?}"));
                }
                let idle = explanation.idle.iter().map(|idle| &idle.source);
                if let Some(wrong) = explanation
                    .sources
                    .iter()
                    .chain(idle)
                    .find(|source| !is_sound(&world.documents, source, permission))
                {
                    return Err(format!("{}\ndoes not follow: {}", json!(visit.check(ask)), json!(wrong)));
                }
                for (_, why) in told.idle {
                    *seen.borrow_mut().entry(why).or_default() += 1;
                }
                asked += 1;
            }
        }
        Ok(asked)
    });
    let seen = seen.into_inner();
    assert!(seen.len() == 8 && seen.values().all(|times| *times >= 20), "{seen:?}");
}
