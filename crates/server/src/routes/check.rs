//! Decisions, for enforcement points that hold no snapshot.

use axum::response::Response;
use rolewright_model::operation::{Operation, OperationDecision};
use rolewright_model::{Question, Reason, Request, ResourcePath, State, console};
use rolewright_wire::check::{Check, CheckAnswer};

use super::private;
use crate::as_of::AsOf;
use crate::auth::Asker;
use crate::extract::{Ask, Json, When};
use crate::problem::{Failure, Result};
use crate::request;

/// Whether somebody may do something: about a permission, or about an operation.
///
/// Who may not see people (`users.view` or `access.explain`) is told of others whether, at which level and what is
/// missing, and not whether there is such a person: whatever hangs on the person is `not_granted`.
#[utoipa::path(
    post, path = "/check", tag = "Decisions", operation_id = "checkAccess",
    params(When), request_body = Check,
    responses((status = 200, body = CheckAnswer))
)]
pub async fn check(asker: Asker, Ask(when): Ask<When>, Json(mut check): Json<Check>) -> Result<Response> {
    let is_own = is_own(&asker, &mut check);
    if !is_own {
        let places = places(&check, &asker.loaded.state);
        asker.need_at(console::ACCESS_CHECK, &places, "ask what others may do here")?;
    }
    is_of_one_time(when.as_of, &check)?;
    let (state, now) = asker.asked_of(when.as_of).await?;
    name_by_id(&state, &mut check);
    let sees_people = is_own || asker.sees_people();
    let answer =
        answer(&state, &check, now, sees_people).map_err(|(path, why)| Failure::invalid_at(path, why))?;
    request::count(|metrics| metrics.decided(answer.allowed()));
    private(answer)
}

/// Whether a question is about whoever asks, whose id it then names.
pub(super) fn is_own(asker: &Asker, check: &mut Check) -> bool {
    let state = &asker.loaded.state;
    let Some(own) = asker.who.user() else { return false };
    let is_own = state.user_named(&check.subject).is_some_and(|user| state.user_id(user) == own);
    if is_own {
        own.clone_into(&mut check.subject);
    }
    is_own
}

/// Refuses a question that says twice when it is asked of.
pub(super) fn is_of_one_time(as_of: Option<AsOf>, check: &Check) -> Result<()> {
    if as_of.is_none() || check.at.is_none() {
        return Ok(());
    }
    let message = "`as_of` says already when: leave `at` out, or `as_of` to ask of what is so today";
    Err(Failure::invalid_at("$.at", message))
}

/// Names the subject of a question by id, where it is named by email.
pub(crate) fn name_by_id(state: &State, check: &mut Check) {
    if let Some(user) = state.user_named(&check.subject) {
        state.user_id(user).clone_into(&mut check.subject);
    }
}

/// Where a question is asked: whoever may ask at each may ask it. The whole tenant where it names no
/// resource, or what is no path, and where an operation is not known or needs something there.
pub(super) fn places(check: &Check, state: &State) -> Vec<ResourcePath> {
    let named: Vec<&String> = check.resource.iter().chain(check.resources.values()).collect();
    let operation = check.operation.as_ref().map(|id| state.catalogue().operation(id));
    let asks_tenant = |operation: Option<&Operation>| operation.is_none_or(Operation::asks_tenant);
    if named.is_empty() || operation.is_some_and(asks_tenant) {
        return vec![ResourcePath::tenant()];
    }
    named.into_iter().map(|path| place(path)).collect()
}

/// Where a question about a path is asked: the whole tenant where it is none.
pub(super) fn place(path: &str) -> ResourcePath {
    ResourcePath::parse(path).unwrap_or_else(|_| ResourcePath::tenant())
}

/// The model's answer; to whoever does not see people it does not say who there is.
///
/// # Errors
/// Which field of the question does not fit the others, and why.
pub fn answer(
    state: &State,
    check: &Check,
    now: rolewright_model::Timestamp,
    sees_people: bool,
) -> Result<CheckAnswer, (&'static str, &'static str)> {
    Ok(match Asked::of(check, now)? {
        Asked::Permission(question) => CheckAnswer::Permission(match sees_people {
            true => state.decide(&question),
            false => state.decide_discreetly(&question),
        }),
        Asked::Operation { operation, request } => {
            let subject = match sees_people {
                true => state.subject(&check.subject),
                false => Some(state.discreet_subject(&check.subject)),
            };
            let decision = match subject {
                Some(subject) => state.check(&subject, operation, &check.resources, request),
                None => OperationDecision {
                    allowed: false,
                    reason: Some(Reason::UnknownSubject),
                    alternatives: Vec::new(),
                },
            };
            CheckAnswer::Operation(decision)
        }
    })
}

/// What a question is about.
#[derive(Debug)]
pub enum Asked<'c> {
    /// A permission.
    Permission(Question<'c>),
    /// An operation.
    Operation {
        /// Its id.
        operation: &'c str,
        /// When, and what is said of it.
        request: Request<'c>,
    },
}

impl<'c> Asked<'c> {
    /// What a question asks, now where it does not say when.
    ///
    /// # Errors
    /// Which field does not fit the others, and why.
    pub fn of(
        check: &'c Check,
        now: rolewright_model::Timestamp,
    ) -> Result<Self, (&'static str, &'static str)> {
        let request = Request::new(check.at.unwrap_or(now)).in_session(check.session).with(&check.attributes);
        match (&check.permission, &check.operation) {
            (Some(permission), None) => {
                if !check.resources.is_empty() {
                    return Err(("$.resources", "a question about a permission names one `resource`"));
                }
                if !check.attributes.resources.is_empty() {
                    return Err((
                        "$.attributes.resources",
                        "a question about a permission names its one resource's attributes in `resource`",
                    ));
                }
                Ok(Self::Permission(Question {
                    subject: &check.subject,
                    permission,
                    resource: check.resource.as_deref().unwrap_or("/"),
                    asked: check.asked.as_deref(),
                    request,
                }))
            }
            (None, Some(operation)) => {
                if check.resource.is_some() {
                    return Err(("$.resource", "a question about an operation names its `resources`"));
                }
                if check.asked.is_some() {
                    return Err(("$.asked", "an operation has no levels: leave `asked` out"));
                }
                if !check.attributes.resource.is_empty() {
                    return Err((
                        "$.attributes.resource",
                        "a question about an operation names its resources' attributes in `resources`",
                    ));
                }
                Ok(Self::Operation { operation, request })
            }
            (Some(_), Some(_)) => {
                Err(("$.operation", "ask about a permission or about an operation, not both"))
            }
            (None, None) => Err(("$.permission", "name a permission or an operation")),
        }
    }
}
