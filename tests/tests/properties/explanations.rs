//! Explanations: what is told of a decision, and fixes that are enough and no more than that.

use std::collections::BTreeSet;

use rolewright_model::fix::{Remedy, Step};
use rolewright_model::{Question, State};
use rolewright_tests::steps::{change_of, gained, made};
use serde_json::json;

use crate::in_every_world;
use crate::worlds::{Ask, Visit};

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
                for fix in fixes.iter().take(FIXES) {
                    try_fix(state, visit, ask, fix)?;
                }
            }
        }
        Ok(asked)
    });
}
