//! What a provider finds out by itself (RFC 7644, 4): what is supported, and what people and groups are.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::error::{Result, ScimError};
use super::list::{self, MOST};
use super::schema::{Attribute, GROUPS, Kind, Type, USERS};
use crate::extract::{At, Id};

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const PROVIDER: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// What is supported.
///
/// # Errors
/// 401.
pub async fn provider(caller: Caller) -> Result<Response> {
    let body = json!({
        "schemas": [PROVIDER],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MOST },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "API key",
            "description": "An API key of Rolewright as a bearer token",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{}/ServiceProviderConfig", caller.base),
        },
    });
    Ok(list::told(StatusCode::OK, &body))
}

/// The kinds of resources.
///
/// # Errors
/// 401.
pub async fn types(caller: Caller) -> Result<Response> {
    Ok(listed([&USERS, &GROUPS].map(|kind| type_of(kind, &caller.base))))
}

/// One kind of resources.
///
/// # Errors
/// 401, 404.
pub async fn of_type(caller: Caller, At(path): At<Id>) -> Result<Response> {
    let kind = [&USERS, &GROUPS].into_iter().find(|kind| kind.name == path.id);
    let kind = kind.ok_or_else(|| ScimError::not_found("kind of resource", &path.id))?;
    Ok(list::told(StatusCode::OK, &type_of(kind, &caller.base)))
}

/// The schemas.
///
/// # Errors
/// 401.
pub async fn schemas(caller: Caller) -> Result<Response> {
    Ok(listed([&USERS, &GROUPS].map(|kind| schema_of(kind, &caller.base))))
}

/// One schema.
///
/// # Errors
/// 401, 404.
pub async fn schema(caller: Caller, At(path): At<Id>) -> Result<Response> {
    let kind = [&USERS, &GROUPS].into_iter().find(|kind| kind.schema == path.id);
    let kind = kind.ok_or_else(|| ScimError::not_found("schema", &path.id))?;
    Ok(list::told(StatusCode::OK, &schema_of(kind, &caller.base)))
}

fn listed(all: [Value; 2]) -> Response {
    let body = json!({
        "schemas": [LIST], "totalResults": all.len(), "startIndex": 1, "itemsPerPage": all.len(), "Resources": all,
    });
    list::told(StatusCode::OK, &body)
}

fn type_of(kind: &Type, base: &str) -> Value {
    json!({
        "schemas": [RESOURCE_TYPE],
        "id": kind.name,
        "name": kind.name,
        "endpoint": kind.endpoint,
        "description": kind.description,
        "schema": kind.schema,
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", kind.name) },
    })
}

fn schema_of(kind: &Type, base: &str) -> Value {
    json!({
        "schemas": [SCHEMA],
        "id": kind.schema,
        "name": kind.name,
        "description": kind.description,
        "attributes": kind.attributes.iter().map(attribute).collect::<Vec<_>>(),
        "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{}", kind.schema) },
    })
}

fn attribute(attribute: &Attribute) -> Value {
    let mut told = Map::new();
    let mut tell = |name: &str, value: Value| told.insert(name.to_owned(), value);
    tell("name", attribute.name.into());
    tell("type", attribute.kind.as_str().into());
    tell("multiValued", attribute.is_multi.into());
    tell("description", attribute.description.into());
    tell("required", attribute.is_required.into());
    tell("mutability", attribute.mutability.as_str().into());
    tell("returned", "default".into());
    if !matches!(attribute.kind, Kind::Complex | Kind::Boolean) {
        tell("caseExact", attribute.is_exact.into());
    }
    if attribute.kind != Kind::Boolean {
        tell("uniqueness", if attribute.is_unique { "server" } else { "none" }.into());
    }
    if !attribute.canonical.is_empty() {
        tell("canonicalValues", attribute.canonical.into());
    }
    if !attribute.refers_to.is_empty() {
        tell("referenceTypes", attribute.refers_to.into());
    }
    if !attribute.parts.is_empty() {
        let parts: Vec<Value> = attribute.parts.iter().map(self::attribute).collect();
        tell("subAttributes", parts.into());
    }
    Value::Object(told)
}
