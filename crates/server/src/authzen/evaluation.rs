//! `POST /access/v1/evaluation`: one decision (section 6).

use std::cell::OnceCell;
use std::collections::HashMap;
use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::http::{self, HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::TryFutureExt as _;
use rolewright_model::authzen::{self, Doing, Meaning};
use rolewright_model::condition::{Attributes, RequestAttributes};
use rolewright_model::{Reason, Request, ResourcePath, State, Subject, UserHandle, console};
use serde::{Deserialize, Serialize};

use super::entity::{Action, Entity, Properties, object};
use super::error::{Error, Result};
use super::extract::{Sent, may_check, needed, read};
use crate::app::Shared;
use crate::auth::actor::Who;
use crate::auth::client::address_of;
use crate::auth::{Asker, TenantOf};
use crate::config::DEFAULT_TENANT;
use crate::extract::Sending;
use crate::problem::Failure;
use crate::request::{self, Asked, By};

/// Asks for a decision.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = authzen::Evaluation)]
pub struct Evaluation<'a> {
    /// Who would do it.
    #[serde(borrow, default, deserialize_with = "object")]
    #[schema(value_type = Entity<'static>)]
    pub subject: Option<Entity<'a>>,
    /// What would be done.
    #[serde(borrow, default, deserialize_with = "object")]
    #[schema(value_type = Action<'static>)]
    pub action: Option<Action<'a>>,
    /// On what.
    #[serde(borrow, default, deserialize_with = "object")]
    #[schema(value_type = Entity<'static>)]
    pub resource: Option<Entity<'a>>,
    /// Everything around: what conditions read as `context`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub context: Option<Properties>,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = authzen::Decision)]
pub struct Decision {
    /// Whether it is permitted.
    pub decision: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Why>,
}

/// Why something is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[schema(as = authzen::Why)]
pub enum Why {
    /// The decision is no.
    Refused(Refused),
    /// It was not asked as it must be; in a batch alone.
    Failed {
        /// What is wrong.
        error: Failed,
    },
}

/// Why a decision is no, as the specification's example says it (section 6.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = authzen::Refused)]
pub struct Refused {
    /// The reason, as `POST .../check` says it.
    id: Reason,
    /// For administrators.
    reason_admin: Words,
    /// For whoever is refused: nothing of what is there or not.
    reason_user: Words,
}

/// Words by language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = authzen::Words)]
pub struct Words {
    /// In English.
    en: &'static str,
}

/// What is wrong with one evaluation of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = authzen::Failed)]
pub struct Failed {
    /// The status that it would have alone.
    status: u16,
    /// What is wrong, and what to do.
    message: String,
}

/// Whether somebody may do something.
#[utoipa::path(
    post, path = "/access/v1/evaluation", tag = super::TAG, operation_id = "authzenEvaluate",
    request_body = Evaluation<'static>,
    responses((status = 200, body = Decision))
)]
pub async fn evaluation(sent: Sent) -> Result<Response> {
    let asked: Evaluation<'_> = read(&sent.body)?;
    let decision = evaluate(&sent.asker, asked)?;
    if decision == Decision::YES {
        return Ok(text(Bytes::from_static(Decision::YES_IN_JSON)));
    }
    json(&decision)
}

/// Where it is asked, below a tenant or alone.
pub(crate) const PATH: &str = "/access/v1/evaluation";

/// Whether a request asks for a decision, at a path that is as plain as can be.
#[must_use]
pub fn is_asked<B>(request: &http::Request<B>) -> bool {
    request.method() == Method::POST && tenant_of(request.uri().path()).is_some()
}

fn tenant_of(path: &str) -> Option<&str> {
    match path.strip_suffix(PATH)?.strip_prefix('/') {
        Some(tenant) => Some(tenant).filter(|it| !it.is_empty() && !it.contains(['/', '%'])),
        None => (path == PATH).then_some(DEFAULT_TENANT),
    }
}

/// Answers it before the router, as the router would.
pub(crate) fn answer<B: Sending>(
    app: &Shared,
    from: Option<SocketAddr>,
    request: http::Request<B>,
) -> impl Future<Output = Response> {
    let (head, body) = request.into_parts();
    let given = head.headers.get(request::ID_HEADER).cloned();
    let route = if head.uri.path() == PATH { PATH } else { "/{tenant}/access/v1/evaluation" };
    let client = address_of(from, &head.headers, &app.config.trusted_proxies);
    let asked = Asked { method: Method::POST, route: route.into(), client, by: By::Points };
    let decide = async move {
        let tenant = tenant_of(head.uri.path()).ok_or_else(|| Failure::not_found("such path"))?;
        let TenantOf(tenant) = TenantOf::named(app, tenant).await?;
        evaluation(Sent::of(app, tenant, head, body).await?).await
    };
    // Apart, since what is large must not be moved through all that is around it.
    let decide = Box::pin(decide).unwrap_or_else(Error::into_response);
    request::decision(app, given, asked, decide)
}

/// One evaluation alone.
pub(super) fn evaluate(asker: &Asker, mut asked: Evaluation<'_>) -> Result<Decision> {
    let mut said = asked.take_attributes();
    let subject = needed(asked.subject.as_ref(), "subject")?;
    let action = needed(asked.action.as_ref(), "action")?;
    let resource = needed(asked.resource.as_ref(), "resource")?;
    Evaluator::new(asker).decide(subject, action, resource, &mut said)
}

/// The answer.
pub(super) fn json<T: Serialize>(answer: &T) -> Result<Response> {
    Ok(text(serde_json::to_vec(answer).unwrap_or_default()))
}

/// The answer, written already.
pub(super) fn text(body: impl Into<Body>) -> Response {
    let media = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, media)], body.into()).into_response()
}

impl Evaluation<'_> {
    /// What conditions read, out of the entities; a subject's stays with it.
    pub(super) fn take_attributes(&mut self) -> RequestAttributes {
        RequestAttributes {
            resource: self
                .resource
                .as_mut()
                .map(|it| std::mem::take(&mut it.properties.0))
                .unwrap_or_default(),
            action: self.action.as_mut().map(|it| std::mem::take(&mut it.properties.0)).unwrap_or_default(),
            context: self.context.take().unwrap_or_default().0,
            ..RequestAttributes::default()
        }
    }
}

impl Decision {
    const YES: Self = Self { decision: true, context: None };
    /// As it is answered, every time the same.
    const YES_IN_JSON: &[u8] = br#"{"decision":true}"#;

    /// A refusal, and why.
    fn no(reason: Reason) -> Self {
        const YOURS: Words = Words { en: "You may not do this. Ask an administrator." };
        let en = match reason {
            Reason::UnknownSubject => {
                "there is no such user: a subject has type `user`, and an id or an email"
            }
            Reason::InactiveSubject => "the user is invited or disabled",
            Reason::UnknownPermission => {
                "the action is neither a permission nor an operation of the catalogue"
            }
            Reason::UnknownLevel => "the permission's scale has no such level above nothing",
            Reason::UnknownOperation => "there is no such operation in the catalogue",
            Reason::NotAPlace => "the resource is not a place of this catalogue, or none for this operation",
            Reason::ProductAbsent => "the tenant lacks the product that the permission's module needs",
            Reason::NotGranted => "nothing that the user holds here gives it",
            Reason::LevelTooLow => "what the user holds here gives it at a lower level",
            Reason::ConditionFalse => "what the user holds here gives it on a condition that is false now",
        };
        let why = Refused { id: reason, reason_admin: Words { en }, reason_user: YOURS };
        Self { decision: false, context: Some(Why::Refused(why)) }
    }

    /// A refusal of what was not asked as it must be.
    pub(super) fn failed(error: &Error) -> Self {
        let error = Failed { status: error.status().as_u16(), message: error.message().to_owned() };
        Self { decision: false, context: Some(Why::Failed { error }) }
    }
}

/// The user that a subject is: named by id, or by email in any case.
pub(super) fn user(state: &State, kind: &str, id: &str) -> Option<UserHandle> {
    if kind == authzen::USER { state.user_named(id) } else { None }
}

/// Decides for one who asks, at one state; each user is resolved once.
pub(super) struct Evaluator<'a> {
    asker: &'a Asker,
    state: &'a State,
    /// Whether whoever asks may ask about all, everywhere.
    everywhere: bool,
    /// Whether whoever asks may learn who is known here, once that was needed.
    sees_people: OnceCell<bool>,
    /// Who was looked for last: a batch is mostly about one.
    last: Option<UserHandle>,
    resolved: HashMap<UserHandle, Option<Subject>>,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(asker: &'a Asker) -> Self {
        let everywhere = asker.may_at(console::ACCESS_CHECK, &ResourcePath::tenant());
        let (state, sees_people) = (&asker.loaded.state, OnceCell::new());
        Self { asker, state, everywhere, sees_people, last: None, resolved: HashMap::new() }
    }

    fn user(&mut self, kind: &str, id: &str) -> Option<UserHandle> {
        let is_last = |last: &UserHandle| kind == authzen::USER && self.state.user_id(*last) == id;
        self.last = self.last.filter(is_last).or_else(|| user(self.state, kind, id));
        self.last
    }

    /// The model's decision. `said` is as it was afterwards.
    ///
    /// # Errors
    /// 400 where something is missing; 403 where the asker may not ask that.
    pub(super) fn decide(
        &mut self,
        subject: &Entity<'_>,
        action: &Action<'_>,
        resource: &Entity<'_>,
        said: &mut RequestAttributes,
    ) -> Result<Decision> {
        let decision = self.work_out(subject, action, resource, said)?;
        self.asker.metrics().decided(decision.decision);
        Ok(decision)
    }

    fn work_out(
        &mut self,
        subject: &Entity<'_>,
        action: &Action<'_>,
        resource: &Entity<'_>,
        said: &mut RequestAttributes,
    ) -> Result<Decision> {
        let (state, catalogue) = (self.state, self.state.catalogue());
        let (kind, id) =
            (needed(subject.kind.as_ref(), "subject.type")?, needed(subject.id.as_ref(), "subject.id")?);
        let name = needed(action.name.as_ref(), "action.name")?.as_str();
        let (of, on) =
            (needed(resource.kind.as_ref(), "resource.type")?, needed(resource.id.as_ref(), "resource.id")?);
        let user = self.user(kind.as_str(), id.as_str());
        let on = (of.as_str(), on.as_str());
        let meaning = Meaning::of(catalogue, self.asker.tenant.id(), name, on, &said.action);
        let is_own = user.is_some_and(|user| self.asker.who.user() == Some(state.user_id(user)));
        if !is_own && !self.everywhere {
            may_ask(self.asker, &meaning, &said.action)?;
        }
        let is_believed = is_believed(self.asker, subject);
        let request = Request::new(self.asker.now);
        if let (Some(user), Some(Doing::Permission(permission)), Some(place)) =
            (user, meaning.doing, &meaning.place)
            && !is_believed
            && let Some(asked) = authzen::level(catalogue, permission, &said.action)
            && state.allowed(user, permission, asked, place, request.with(said))
        {
            return Ok(Decision::YES);
        }
        let known =
            user.and_then(|user| self.resolved.entry(user).or_insert_with(|| state.resolve(user)).as_ref());
        let believed = known.filter(|_| is_believed).map(|known| believe(self.asker, known.clone(), subject));
        let is_discreet = !is_own && !self.sees_people.get_or_init(|| self.asker.sees_people());
        let answer = state.evaluate(believed.as_ref().or(known), &meaning, said, request, is_discreet);
        if let Some(own) = meaning.bound.and_then(|bound| bound.own) {
            said.resource = said.resources.remove(own).unwrap_or_default();
        }
        Ok(answer.map_or_else(Decision::no, |()| Decision::YES))
    }
}

/// Whether the asker may ask what others may do there, by the rule of `POST .../check`: at every place that the
/// question names, and for the whole tenant where it asks something of that or names what is no place.
fn may_ask(asker: &Asker, meaning: &Meaning<'_>, action: &Attributes) -> Result<()> {
    let tenant = ResourcePath::tenant();
    let Meaning { doing, place, bound } = meaning;
    let operation = match doing {
        Some(Doing::Operation(operation)) => Some(operation),
        _ => None,
    };
    if let (Some(operation), Some(bound), Some(place)) = (operation, bound, place) {
        for (name, _) in operation.resources() {
            let Some(path) = bound.path(name, place, action) else { continue };
            may_check(asker, &ResourcePath::parse(path).unwrap_or_else(|_| tenant.clone()))?;
        }
    }
    let asks_tenant = operation.is_some_and(|operation| operation.asks_tenant() || bound.is_none());
    may_check(asker, place.as_ref().filter(|_| !asks_tenant).unwrap_or(&tenant))
}

/// Whether what is told of the subject counts: something is, by a key that is believed.
fn is_believed(asker: &Asker, told: &Entity<'_>) -> bool {
    !told.properties.0.is_empty() && matches!(&asker.who, Who::Key { key, .. } if key.trusts_subject)
}

fn believe(asker: &Asker, known: Subject, told: &Entity<'_>) -> Subject {
    // What no condition reads need not be copied.
    known.believed(asker.loaded.state.catalogue().read_of(&told.properties.0))
}

/// The subject with what is told of it, where whoever asks is believed.
pub(super) fn told(asker: &Asker, known: Subject, told: &Entity<'_>) -> Subject {
    if is_believed(asker, told) { believe(asker, known, told) } else { known }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_that_is_written_already_is_as_it_would_be_written() {
        assert_eq!(serde_json::to_vec(&Decision::YES).unwrap(), Decision::YES_IN_JSON);
    }
}
