//! The headers of answers that say something of Rolewright's: each described once, and which answers carry it, by rules.
//! The few that are of single operations stand beside their routes, by name.

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Components, ObjectBuilder, Ref, RefOr, Response, Type};

use super::{Place, takes, takes_idempotency_key};

pub(super) const REQUEST_ID: &str = "X-Request-ID";
pub(super) const ETAG: &str = "ETag";
pub(super) const LOCATION: &str = "Location";
const REPLAYED: &str = "Idempotency-Replayed";
const RETRY_AFTER: &str = "Retry-After";
const REVISION: &str = "Rolewright-Revision";
const WWW_AUTHENTICATE: &str = "WWW-Authenticate";

/// What each says.
const ALL: [(&str, &str); 10] = [
    (
        REQUEST_ID,
        "The request's id in the server's log: as it was sent, or a new one. AuthZEN answers only what was sent.",
    ),
    (ETAG, "The version of what is answered, for `If-Match` and `If-None-Match`; of the past there is none."),
    (LOCATION, "Where the resource is."),
    (
        REPLAYED,
        "`true` where the same request was made before, with the same `Idempotency-Key`: nothing was made now.",
    ),
    (RETRY_AFTER, "In how many seconds to try again."),
    (REVISION, "Where the tenant is after the write, `EPOCH.REVISION`; none in a dry run."),
    (WWW_AUTHENTICATE, "How a program shows who it is."),
    ("Content-Disposition", "What the file is called."),
    ("Rolewright-Stamp", "The freshness stamp of the snapshot: a signed `StampClaims`, as a compact JWS."),
    ("Set-Cookie", "The session, which a browser keeps; empty where it ended."),
];

/// Adds what each header says.
pub(super) fn define(components: &mut Components) {
    for (name, about) in ALL {
        let of = if name == RETRY_AFTER { Type::Integer } else { Type::String };
        let header = HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(of)));
        let header = header.description(Some(about)).build();
        components.headers.insert(name.to_owned(), RefOr::T(header));
    }
}

/// The headers of a problem of that status.
pub(super) fn of_problem(status: &str) -> &'static [&'static str] {
    match status {
        "401" => &[WWW_AUTHENTICATE],
        "409" => &[REPLAYED],
        "412" => &[ETAG],
        "429" | "503" => &[RETRY_AFTER],
        _ => &[],
    }
}

/// Adds the headers that the answers of an operation carry, but for problems, which have theirs.
pub(super) fn describe(of: &Place<'_>, operation: &mut Operation) {
    let carried: Vec<&str> = [
        (REQUEST_ID, true),
        (REVISION, takes(operation, "reason")),
        (REPLAYED, takes_idempotency_key(operation)),
        (ETAG, of.tells_version(operation)),
    ]
    .into_iter()
    .filter_map(|(name, is_carried)| is_carried.then_some(name))
    .collect();
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['2', '3'])
        {
            add(response, &carried);
        }
    }
}

/// Names headers in an answer; also those that its route names, which are described here.
pub(super) fn add(response: &mut Response, names: &[&str]) {
    let known: Vec<String> =
        response.headers.keys().filter(|name| ALL.iter().any(|(known, _)| known == name)).cloned().collect();
    for name in known.iter().map(String::as_str).chain(names.iter().copied()) {
        response.headers.insert(name.to_owned(), reference(name));
    }
}

fn reference(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}
