//! Which problems a path can answer, as its operation shows: each status stands in the description, so that one that
//! does not is a fault.

use rolewright_wire::problem::{MEDIA_TYPE, ProblemDetails};
use utoipa::ToSchema as _;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type};

use crate::authzen;

/// Adds the problems that the operation shares with others like it; those of its own stand beside its route.
pub(super) fn describe(path: &str, operation: &mut Operation, is_write: bool) {
    let shared = shared(path, operation, is_write);
    // AuthZEN knows 400 for whatever is wrong with what was sent, keeps nothing, and says errors as text.
    let is_authzen = operation.tags.iter().flatten().any(|tag| tag == authzen::TAG);
    let responses = &mut operation.responses.responses;
    if is_authzen {
        for (status, why) in
            shared.into_iter().filter(|(status, _)| !matches!(*status, "415" | "422" | "507"))
        {
            responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(message(why)));
        }
        return;
    }
    for (status, why) in shared {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(why)));
    }
    for (status, response) in responses {
        let RefOr::T(response) = response else { continue };
        if status.starts_with(['4', '5']) && response.content.is_empty() {
            *response = problem(&response.description);
        }
    }
}

fn problem(why: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemDetails::name()))).build();
    ResponseBuilder::new().description(why).content(MEDIA_TYPE, content).build()
}

fn message(why: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).build();
    ResponseBuilder::new().description(why).content("text/plain", content).build()
}

fn shared(path: &str, operation: &Operation, is_write: bool) -> Vec<(&'static str, &'static str)> {
    let takes = |of: &ParameterIn, name: Option<&str>| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|one| match one {
            RefOr::T(one) => one.parameter_in == *of && name.is_none_or(|name| one.name == name),
            RefOr::Ref(_) => false,
        })
    };
    let is_open = operation.security.is_some();
    let is_of_tenant = path.contains("/{tenant}");
    let has_body = operation.request_body.is_some();
    // Questions are asked by POST too; what they ask is kept nowhere.
    let tags = operation.tags.as_deref().unwrap_or_default();
    let keeps = is_write && !tags.iter().any(|tag| matches!(tag.as_str(), "Questions" | "Decisions"));

    let mut all = vec![("503", "The server cannot answer now: try again")];
    if !is_open {
        all.push(("400", "A header is not what it can be"));
        all.push(("401", "There is no session and no key, or one that is no longer good"));
        all.push(("403", "You may not, or another site sent this"));
    } else if is_write {
        all.push(("403", "Another site sent this"));
    }
    if is_of_tenant {
        all.push(("404", "There is no such thing here, or you may not see it"));
    }
    if has_body {
        all.push(("400", "The body is malformed, or a header is not what it can be"));
        all.push(("408", "The body came too slowly"));
        all.push(("413", "The body is too large"));
        all.push(("415", "The body is of another media type"));
    }
    // Also of a query where none is taken.
    if has_body || is_of_tenant {
        all.push(("422", "What was sent is not valid"));
    }
    if takes(&ParameterIn::Query, Some("reason")) {
        all.push(("409", "A rule is against it, as the tenant is"));
    }
    if super::takes_version(operation) {
        all.push(("412", "The document was changed meanwhile"));
        all.push(("428", "There is no `If-Match`"));
    }
    if keeps {
        all.push(("507", "The server's disk is full: nothing was written"));
    }
    all
}
