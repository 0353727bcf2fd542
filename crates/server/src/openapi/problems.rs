//! Which problems a path can answer, as its operation shows: each status stands in the description, so that one that
//! does not is a fault. What many operations answer is described once, among the components.

use axum::http::Method;
use rolewright_wire::problem::{MEDIA_TYPE, ProblemDetails};
use utoipa::ToSchema as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{
    Components, Content, ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema,
    SecurityRequirement, Type,
};

use super::request_headers::IF_MATCH;
use super::{Place, needs, response_headers, takes, takes_query};
use crate::{authzen, scim};

/// A problem that many operations answer.
#[derive(Clone, Copy)]
struct Shared {
    name: &'static str,
    status: &'static str,
    why: &'static str,
}

const fn shared(name: &'static str, status: &'static str, why: &'static str) -> Shared {
    Shared { name, status, why }
}

const BAD_REQUEST: Shared =
    shared("BadRequest", "400", "What was sent is malformed, or a header is not what it can be");
const UNAUTHENTICATED: Shared =
    shared("Unauthenticated", "401", "There is no session and no key, or one that is no longer good");
const FORBIDDEN: Shared = shared("Forbidden", "403", "You may not, or another site sent this");
const CROSS_SITE: Shared = shared("CrossSite", "403", "Another site sent this");
const NOT_FOUND: Shared = shared("NotFound", "404", "There is no such thing here, or you may not see it");
const TIMED_OUT: Shared = shared("TimedOut", "408", "The body came too slowly");
const CONFLICT: Shared =
    shared("Conflict", "409", "A rule is against it, as the tenant is, or a name is taken");
const VERSION_MISMATCH: Shared = shared("VersionMismatch", "412", "It was changed meanwhile");
const TOO_LARGE: Shared = shared("TooLarge", "413", "The body is too large");
const URI_TOO_LONG: Shared =
    shared("UriTooLong", "414", "The path and the query have more than 64 kB; the answer has no body");
const UNSUPPORTED_MEDIA_TYPE: Shared =
    shared("UnsupportedMediaType", "415", "The body is of another media type");
const INVALID: Shared = shared("Invalid", "422", "What was sent is not valid");
const PRECONDITION_REQUIRED: Shared = shared("PreconditionRequired", "428", "There is no `If-Match`");
const INTERNAL: Shared =
    shared("Internal", "500", "A fault of the server's: its log says more under the request's id");
const UNAVAILABLE: Shared = shared("Unavailable", "503", "The server cannot answer now: try again");
const STORAGE_FULL: Shared = shared("StorageFull", "507", "The server's disk is full: nothing was written");

/// How errors are told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As problem details (RFC 9457).
    Problem,
    /// As SCIM has them (RFC 7644, 3.12).
    Scim,
    /// As a text (AuthZEN 1.0, 10.1.7).
    Text,
}

impl Form {
    fn of(operation: &Operation) -> Self {
        let is = |tag: &str| operation.tags.iter().flatten().any(|one| one == tag);
        match () {
            () if is(authzen::TAG) => Self::Text,
            () if is(super::scim::TAG) => Self::Scim,
            () => Self::Problem,
        }
    }

    /// What the names of its components begin with.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Problem => "",
            Self::Scim => "Scim",
            Self::Text => "Authzen",
        }
    }

    /// Whether it has that problem: AuthZEN knows 400 for whatever is wrong with what was sent, and SCIM for what is not
    /// valid; questions keep nothing.
    fn knows(self, status: &str) -> bool {
        match self {
            Self::Problem => true,
            Self::Scim => !matches!(status, "422" | "428"),
            Self::Text => !matches!(status, "415" | "422" | "507"),
        }
    }

    fn content(self) -> (&'static str, Content) {
        let of = |schema: RefOr<Schema>| ContentBuilder::new().schema(Some(schema)).build();
        match self {
            Self::Problem => (MEDIA_TYPE, of(Ref::from_schema_name(ProblemDetails::name()).into())),
            Self::Scim => (scim::MEDIA_TYPE, of(ObjectBuilder::new().schema_type(Type::Object).into())),
            Self::Text => ("text/plain", of(ObjectBuilder::new().schema_type(Type::String).into())),
        }
    }

    /// The answer to a problem of that status, and why it comes.
    fn response(self, status: &str, why: &str) -> Response {
        let mut response = ResponseBuilder::new().description(why);
        // Too long a path is refused before anything is known of the request.
        if status != URI_TOO_LONG.status {
            let (media_type, content) = self.content();
            response = response.content(media_type, content);
            // Another site's request is refused before it is known of what.
            if self == Self::Scim && status == FORBIDDEN.status {
                let (media_type, content) = Self::Problem.content();
                response = response.content(media_type, content);
            }
        }
        let mut response = response.build();
        if status != URI_TOO_LONG.status {
            response_headers::add(&mut response, &[response_headers::REQUEST_ID]);
            response_headers::add(&mut response, response_headers::of_problem(status));
        }
        response
    }
}

/// Adds the problems that the operation shares with others like it; those of its own stand beside its route.
pub(super) fn describe(of: &Place<'_>, operation: &mut Operation, components: &mut Components) {
    let form = Form::of(operation);
    let shared = shared_by(of, operation, form).into_iter().filter(|one| form.knows(one.status));
    for Shared { name, status, why } in shared {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| {
            let name = format!("{}{name}", form.prefix());
            let define = || RefOr::T(form.response(status, why));
            components.responses.entry(name.clone()).or_insert_with(define);
            RefOr::Ref(Ref::from_response_name(name))
        });
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if status.starts_with(['4', '5']) && response.content.is_empty() {
            let headers = std::mem::take(&mut response.headers);
            *response = form.response(status, &response.description);
            response.headers.extend(headers);
        }
    }
}

fn shared_by(of: &Place<'_>, operation: &Operation, form: Form) -> Vec<Shared> {
    let is_open = operation.security.iter().flatten().any(|one| *one == SecurityRequirement::default());
    let has_variable = of.path.contains('{');
    let has_body = operation.request_body.is_some();
    let keeps = of.keeps(operation);

    let mut all = vec![INTERNAL, UNAVAILABLE];
    if !is_open {
        all.extend([BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN]);
    } else if of.method != Method::GET {
        all.push(CROSS_SITE);
    }
    if has_variable {
        all.push(NOT_FOUND);
    }
    if has_body {
        all.extend([BAD_REQUEST, TIMED_OUT, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE]);
    }
    if takes_query(operation) {
        all.push(URI_TOO_LONG);
    }
    // Also of a query where none is taken.
    if has_body || has_variable {
        all.push(INVALID);
    }
    if takes(operation, "reason") || form == Form::Scim && keeps {
        all.push(CONFLICT);
    }
    if takes(operation, IF_MATCH) {
        all.push(VERSION_MISMATCH);
    }
    if needs(operation, IF_MATCH) {
        all.push(PRECONDITION_REQUIRED);
    }
    if keeps {
        // Also of an idempotency key where none is taken.
        all.extend([BAD_REQUEST, STORAGE_FULL]);
    }
    all
}
