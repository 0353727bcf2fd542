//! What was sent, as the schema says it: names as they are written there, values of their kind. What there is no
//! attribute for is left out, and so is what only the server writes.

use serde_json::{Map, Value};

use super::error::{Result, ScimError, ScimType};
use super::filter::truth;
use super::schema::{Attribute, Kind, Scope, Type};

/// A resource as it was sent.
///
/// # Errors
/// `invalidSyntax` where it is no object; `invalidValue` where a value is not of its kind.
pub fn resource(kind: &'static Type, sent: &Value) -> Result<Map<String, Value>> {
    let Value::Object(sent) = sent else {
        return Err(ScimError::of(ScimType::InvalidSyntax, "the body must be an object"));
    };
    members(Scope::Of(kind), sent, "")
}

/// The value of an attribute; none where it says that there is none.
///
/// # Errors
/// `invalidValue` where it is not of its kind.
pub fn value(attribute: &'static Attribute, sent: &Value) -> Result<Option<Value>> {
    value_at(attribute, sent, attribute.name)
}

/// One value of an attribute that may have several.
///
/// # Errors
/// As [`value`].
pub fn one(attribute: &'static Attribute, sent: &Value) -> Result<Option<Value>> {
    one_at(attribute, sent, attribute.name)
}

fn members(scope: Scope, sent: &Map<String, Value>, at: &str) -> Result<Map<String, Value>> {
    let mut read = Map::new();
    for (name, sent) in sent {
        let Some(attribute) = scope.find(name).filter(|attribute| !attribute.is_read_only()) else {
            continue;
        };
        let at = if at.is_empty() { attribute.name.to_owned() } else { format!("{at}.{}", attribute.name) };
        if let Some(value) = value_at(attribute, sent, &at)? {
            read.insert(attribute.name.to_owned(), value);
        }
    }
    Ok(read)
}

fn value_at(attribute: &'static Attribute, sent: &Value, at: &str) -> Result<Option<Value>> {
    if !attribute.is_multi {
        // Entra has sent `[{ "value": "x" }]` where `"x"` is meant.
        let only = match sent {
            Value::Array(all) if all.len() == 1 => all.first().unwrap_or(sent),
            other => other,
        };
        let only = match (only, attribute.kind) {
            (Value::Object(parts), kind) if kind != Kind::Complex => parts.get("value").unwrap_or(only),
            (other, _) => other,
        };
        return one_at(attribute, only, at);
    }
    let all = match sent {
        Value::Null => return Ok(None),
        Value::Array(all) => all.iter().collect(),
        only => vec![only],
    };
    let mut read = Vec::with_capacity(all.len());
    for (n, sent) in all.into_iter().enumerate() {
        read.extend(one_at(attribute, sent, &format!("{at}[{n}]"))?);
    }
    Ok(Some(Value::Array(read)).filter(|read| *read != Value::Array(Vec::new())))
}

fn one_at(attribute: &'static Attribute, sent: &Value, at: &str) -> Result<Option<Value>> {
    let wrong = |expected: &str| Err(ScimError::invalid(format!("`{at}`: {expected} is expected")));
    match (attribute.kind, sent) {
        (_, Value::Null) => Ok(None),
        (Kind::Boolean, sent) => match truth(sent) {
            Some(is) => Ok(Some(is.into())),
            None => wrong("`true` or `false`"),
        },
        (Kind::Complex, Value::Object(parts)) => {
            let read = members(Scope::Within(attribute), parts, at)?;
            Ok(Some(Value::Object(read)).filter(|read| *read != Value::Object(Map::new())))
        }
        // A value alone, as `["ana@example.com"]`.
        (Kind::Complex, Value::String(text)) if attribute.is_multi => {
            Ok(Some(Value::Object(Map::from_iter([("value".to_owned(), text.clone().into())]))))
        }
        (Kind::Complex, _) => wrong("an object"),
        (_, Value::String(text)) if text.is_empty() => Ok(None),
        (_, Value::String(text)) => Ok(Some(text.clone().into())),
        _ => wrong("a string"),
    }
}
