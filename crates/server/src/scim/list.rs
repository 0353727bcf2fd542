//! Lists (RFC 7644, 3.4.2 and 3.4.3): what is asked for, in a query or in a body, and how pages are answered.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::MEDIA_TYPE;
use super::caller::{Body, Caller};
use super::error::{Result, ScimError, ScimType};
use super::filter::{Filter, Name, get};
use super::projection::Projection;
use super::schema::{GROUPS, Type, USERS};
use super::select::{self, Found, Wanted};
use crate::moment;

/// The schema of lists.
const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// How many resources an answer has at most.
pub const MOST: usize = 200;
/// How many where it is not said.
const USUAL: usize = 100;

/// What a list's query says. What is not known in it is passed over.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Query {
    filter: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
}

impl Query {
    /// What a body of a search says.
    ///
    /// # Errors
    /// `invalidValue` where something is not of its kind.
    pub fn of_body(body: &Value) -> Result<Self> {
        let said = |name: &str| -> Result<Option<String>> {
            match get(body, name) {
                None | Some(Value::Null) => Ok(None),
                Some(Value::String(text)) => Ok(Some(text.clone())),
                Some(Value::Number(number)) => Ok(Some(number.to_string())),
                Some(Value::Array(all)) if all.iter().all(Value::is_string) => {
                    Ok(Some(all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")))
                }
                Some(_) => Err(ScimError::invalid(format!(
                    "`{name}`: a text, a number or an array of texts is expected"
                ))),
            }
        };
        Ok(Self {
            filter: said("filter")?,
            start_index: said("startIndex")?,
            count: said("count")?,
            sort_by: said("sortBy")?,
            sort_order: said("sortOrder")?,
            attributes: said("attributes")?,
            excluded_attributes: said("excludedAttributes")?,
        })
    }

    /// Which attributes are answered.
    ///
    /// # Errors
    /// `invalidPath` where something is no attribute's name.
    pub fn projection(&self) -> Result<Projection> {
        let names = |all: &Option<String>| {
            all.as_deref().unwrap_or_default().split(',').map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        Projection::new(&names(&self.attributes), &names(&self.excluded_attributes))
    }

    fn wanted(&self, types: &'static [&'static Type]) -> Result<Wanted> {
        let filter = self.filter.as_deref().filter(|text| !text.trim().is_empty());
        let filter = filter.map(Filter::parse).transpose()?;
        if let Some(filter) = &filter {
            filter.check(types)?;
        }
        let sort = self.sort_by.as_deref().filter(|text| !text.trim().is_empty());
        let descending = match self.sort_order.as_deref().map(str::to_lowercase).as_deref() {
            None | Some("" | "ascending") => false,
            Some("descending") => true,
            Some(_) => {
                return Err(ScimError::invalid("`sortOrder`: `ascending` or `descending` is expected"));
            }
        };
        let sort = sort.map(Name::parse).transpose()?.map(|name| (name, descending));
        Ok(Wanted {
            types,
            filter,
            sort,
            // Less than 1 means 1, and less than 0 means 0 (RFC 7644, 3.4.2.4).
            skip: whole(self.start_index.as_deref(), "startIndex")?.unwrap_or(1).saturating_sub(1),
            take: whole(self.count.as_deref(), "count")?.unwrap_or(USUAL).min(MOST),
            projection: self.projection()?,
        })
    }
}

/// A whole number; none below 0.
fn whole(text: Option<&str>, name: &str) -> Result<Option<usize>> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = || ScimError::invalid(format!("`{name}`: a whole number is expected"));
    let number: i64 = text.parse().map_err(|_| wrong())?;
    Ok(Some(usize::try_from(number).unwrap_or_default()))
}

/// Both people and groups.
const BOTH: &[&Type] = &[&USERS, &GROUPS];
/// People.
pub const PEOPLE: &[&Type] = &[&USERS];
/// Groups.
pub const OF_GROUPS: &[&Type] = &[&GROUPS];

/// A search among people and groups.
///
/// # Errors
/// 403; what is wrong with the query.
pub async fn search_all(caller: Caller, Body(body): Body) -> Result<Response> {
    caller.sees_people()?;
    caller.sees_groups()?;
    answer(&caller, &Query::of_body(&body)?, BOTH).await
}

/// A page of what is asked for.
///
/// # Errors
/// What is wrong with the query.
pub async fn answer(caller: &Caller, query: &Query, types: &'static [&'static Type]) -> Result<Response> {
    let wanted = query.wanted(types)?;
    let known = caller.known().await?;
    let (loaded, base) = (caller.asker.loaded.clone(), caller.base.clone());
    let start = wanted.skip.saturating_add(1);
    let projection = wanted.projection.clone();
    let select = move || select::page(&loaded, &known, &wanted, &base);
    // What reads everybody has its turn.
    let page = caller.asker.tenant.work(select).await?;
    let mut resources = Vec::with_capacity(page.found.len());
    for found in page.found {
        resources.push(projection.of(dated(caller, found).await));
    }
    let body = json!({
        "schemas": [SCHEMA],
        "totalResults": page.total,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    Ok(told(StatusCode::OK, &body))
}

/// A resource with when it was last written: which the log says, and the record.
pub async fn dated(caller: &Caller, found: Found) -> Value {
    let Found { mut resource, at, modified, .. } = found;
    let written = caller.asker.tenant.time_of(at).await;
    let time = written.max(Some(modified).filter(|time| time.0 > 0));
    if let (Some(Value::Object(meta)), Some(time)) = (resource.get_mut("meta"), time) {
        meta.insert("lastModified".to_owned(), moment::sortable(time).into());
    }
    resource
}

/// One resource, with its version and its place.
pub async fn one(caller: &Caller, status: StatusCode, found: Found, projection: &Projection) -> Response {
    let (version, place) = (found.version.clone(), found.place());
    let body = projection.of(dated(caller, found).await);
    let mut response = told(status, &body);
    let headers = response.headers_mut();
    for (name, value) in [(header::ETAG, Some(version)), (header::LOCATION, place)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// An answer; no cache keeps it.
pub fn told(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

/// A query that cannot be read.
pub fn query(
    query: Result<axum::extract::Query<Query>, axum::extract::rejection::QueryRejection>,
) -> Result<Query> {
    match query {
        Ok(axum::extract::Query(query)) => Ok(query),
        Err(_) => {
            Err(ScimError::of(ScimType::InvalidSyntax, "the query cannot be read: say each thing once"))
        }
    }
}
