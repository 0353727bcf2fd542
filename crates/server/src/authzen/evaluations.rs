//! `POST /access/v1/evaluations`: several decisions in one request (section 7).

use axum::response::Response;
use rolewright_model::condition::{Attributes, RequestAttributes};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::entity::{Action, Entity, Properties, object};
use super::error::{Error, Result};
use super::evaluation::{Decision, Evaluation, Evaluator, evaluate, text};
use super::extract::{Sent, needed, read};
use crate::auth::Asker;

/// The most evaluations of one request.
pub const MOST: usize = 10_000;
/// A body of more bytes is answered beside the threads that answer requests.
const LARGE: usize = 64 * 1024;

/// Asks for decisions. What stands beside `evaluations` is what each of them has where it says nothing.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = authzen::Evaluations)]
pub struct Evaluations<'a> {
    /// Who would do it.
    #[serde(borrow, default, deserialize_with = "object")]
    #[schema(value_type = Option<Entity<'static>>)]
    subject: Option<Entity<'a>>,
    /// What would be done.
    #[serde(borrow, default, deserialize_with = "object")]
    #[schema(value_type = Option<Action<'static>>)]
    action: Option<Action<'a>>,
    /// On what.
    #[serde(borrow, default, deserialize_with = "object")]
    #[schema(value_type = Option<Entity<'static>>)]
    resource: Option<Entity<'a>>,
    /// Everything around.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    context: Option<Properties>,
    /// 10,000 at most; without any it is one evaluation of what stands beside.
    #[serde(borrow, default)]
    #[schema(value_type = Vec<Evaluation<'static>>)]
    evaluations: Option<Vec<&'a RawValue>>,
    /// How they are answered.
    #[serde(default, deserialize_with = "object")]
    #[schema(value_type = Option<Options>)]
    options: Option<Options>,
}

/// How a batch is answered.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = authzen::Options)]
pub struct Options {
    /// Which of them.
    #[serde(default)]
    evaluations_semantic: Semantic,
}

/// Which evaluations of a batch are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = authzen::Semantic)]
pub enum Semantic {
    /// All.
    #[default]
    ExecuteAll,
    /// Those up to the first that is refused, which is the last answer.
    DenyOnFirstDeny,
    /// Those up to the first that is permitted, which is the last answer.
    PermitOnFirstPermit,
}

impl Semantic {
    fn ends_with(self, decision: &Decision) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !decision.decision,
            Self::PermitOnFirstPermit => decision.decision,
        }
    }
}

/// Decisions in the order of what was asked.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = authzen::Decisions)]
pub struct Decisions {
    /// One each.
    evaluations: Vec<Decision>,
}

/// What a batch is answered: without evaluations, as one.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[schema(as = authzen::Answer)]
pub enum Answer {
    /// Of several.
    Several(Decisions),
    /// Of one.
    One(Decision),
}

/// Whether somebody may do something, of several questions in one request.
#[utoipa::path(
    post, path = "/access/v1/evaluations", tag = super::TAG, operation_id = "authzenEvaluateAll",
    request_body = Evaluations<'static>,
    responses((status = 200, body = Answer))
)]
pub async fn evaluations(Sent { asker, body }: Sent) -> Result<Response> {
    if body.len() <= LARGE {
        return answer(&asker, &body).map(text);
    }
    let tenant = std::sync::Arc::clone(&asker.tenant);
    tenant.work(move || answer(&asker, &body)).await?.map(text)
}

fn answer(asker: &Asker, body: &[u8]) -> Result<Vec<u8>> {
    let Evaluations { subject, action, resource, context, evaluations, options } = read(body)?;
    let (items, semantic) =
        (evaluations.unwrap_or_default(), options.unwrap_or_default().evaluations_semantic);
    if items.len() > MOST {
        return Err(Error::invalid(format!("{MOST} evaluations at most are asked at once: ask in parts")));
    }
    let mut all = Evaluation { subject, action, resource, context };
    let answer = if items.is_empty() {
        Answer::One(evaluate(asker, all)?)
    } else {
        let mut said = all.take_attributes();
        let mut evaluator = Evaluator::new(asker);
        let mut evaluations = Vec::with_capacity(items.len());
        for item in items {
            let decided = one(&mut evaluator, &all, &mut said, item.get());
            let decision = decided.unwrap_or_else(|error| Decision::failed(&error));
            let is_last = semantic.ends_with(&decision);
            evaluations.push(decision);
            if is_last {
                break;
            }
        }
        Answer::Several(Decisions { evaluations })
    };
    Ok(serde_json::to_vec(&answer).unwrap_or_default())
}

/// One of a batch: an entity that it names takes the whole place of the one beside, but for a type or an id
/// that it does not say. `said` is what is said beside, before and after.
fn one(
    evaluator: &mut Evaluator<'_>,
    all: &Evaluation<'_>,
    said: &mut RequestAttributes,
    item: &str,
) -> Result<Decision> {
    let Evaluation { subject, action, resource, context } = read(item.as_bytes())?;
    let subject = subject.map(|own| all.subject.iter().fold(own, Entity::or));
    let mut resource = resource.map(|own| all.resource.iter().fold(own, Entity::or));
    let mut action = action.map(|mut own| {
        own.name = own.name.or_else(|| all.action.as_ref()?.name.clone());
        own
    });
    let mut context = context.map(|own| own.0);
    swap(said, (&mut action, &mut resource, &mut context));
    let decided = decide(evaluator, all, (&subject, &action, &resource), said);
    swap(said, (&mut action, &mut resource, &mut context));
    decided
}

/// Puts an item's own attributes in the place of those beside, or back.
fn swap(
    said: &mut RequestAttributes,
    (action, resource, context): (&mut Option<Action<'_>>, &mut Option<Entity<'_>>, &mut Option<Attributes>),
) {
    let own = [
        (action.as_mut().map(|own| &mut own.properties.0), &mut said.action),
        (resource.as_mut().map(|own| &mut own.properties.0), &mut said.resource),
        (context.as_mut(), &mut said.context),
    ];
    for (own, beside) in own {
        own.into_iter().for_each(|own| std::mem::swap(own, beside));
    }
}

fn decide(
    evaluator: &mut Evaluator<'_>,
    all: &Evaluation<'_>,
    (subject, action, resource): (&Option<Entity<'_>>, &Option<Action<'_>>, &Option<Entity<'_>>),
    said: &mut RequestAttributes,
) -> Result<Decision> {
    let subject = needed(subject.as_ref().or(all.subject.as_ref()), "subject")?;
    let action = needed(action.as_ref().or(all.action.as_ref()), "action")?;
    let resource = needed(resource.as_ref().or(all.resource.as_ref()), "resource")?;
    evaluator.decide(subject, action, resource, said)
}
