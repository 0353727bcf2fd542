//! The headers of requests that are read here.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

/// What `IfMatchHeader` and `HeadHeader` are called.
pub(super) const IF_MATCH: &str = "If-Match";
/// The header with which what is held already is not sent again.
pub(super) const IF_NONE_MATCH: &str = "If-None-Match";

/// The header that every edit of an existing document needs.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatchHeader {
    /// The `ETag` of the document's GET.
    #[param(rename = "If-Match")]
    #[expect(dead_code, reason = "it is only described here; `IfMatch` reads it")]
    if_match: String,
}

/// The header of a change that may be made only where the tenant is as it was.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct HeadHeader {
    /// The `ETag` of the whole tenant, its revision in quotes, and after a restore from backup `"EPOCH.REVISION"`: it is made
    /// only where the tenant is at that revision still.
    #[param(rename = "If-Match")]
    #[expect(dead_code, reason = "it is only described here; `IfMatch` reads it")]
    if_match: Option<String>,
}

/// The header with which a snapshot that is held already is not sent again.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfNoneMatchHeader {
    /// The `ETag` of what is held.
    #[param(rename = "If-None-Match")]
    #[expect(dead_code, reason = "it is only described here; `IfNoneMatch` reads it")]
    if_none_match: Option<String>,
}

/// The header with which a stream of events goes on.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub struct LastEventIdHeader {
    /// The `id` of the last event that came, `EPOCH.REVISION`: what came after it is told, or that it is to be fetched anew.
    #[param(rename = "Last-Event-ID")]
    #[expect(dead_code, reason = "it is only described here; the stream reads it")]
    last_event_id: Option<String>,
}

/// A header that many operations take, described once.
pub(super) struct Shared {
    /// What it is called among the components.
    pub(super) component: &'static str,
    name: &'static str,
    about: &'static str,
    longest: usize,
}

/// The header that has a write made once.
pub(super) const IDEMPOTENCY_KEY: Shared = Shared {
    component: "IdempotencyKey",
    name: "Idempotency-Key",
    about: "A UUID of yours: sent again within a day, the write is made once and answered alike.",
    longest: 255,
};

/// The header that names a request.
pub(super) const REQUEST_ID: Shared = Shared {
    component: "RequestId",
    name: "X-Request-ID",
    about: "What the request is called in the answer and in the server's log: letters, digits, `-`, `_` and `.`. Of another \
            the server makes one of its own; AuthZEN takes any text, and makes none.",
    longest: 128,
};

impl Shared {
    /// The header itself.
    pub(super) fn parameter(&self) -> Parameter {
        ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(self.about))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(self.longest))))
            .build()
    }
}
