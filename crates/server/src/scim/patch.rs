//! PATCH (RFC 7644, 3.5.2): operations on a resource, one after the other.
//!
//! Read as widely as the providers write: operations in any case, `True` as a text, paths as keys of a value, members
//! to remove in a value instead of the path. What there is no attribute for is passed over.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::error::{Result, ScimError, ScimType};
use super::filter::{self, Filter, Path};
use super::normal;
use super::schema::{Attribute, Kind, Mutability, Scope, Type};

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
    Remove,
}

/// Makes the operations of a body on a resource of that type, whose names are as the schema writes them.
///
/// # Errors
/// `invalidSyntax`, `invalidPath`, `invalidValue`, `mutability` or `noTarget`, with the operation's place.
pub fn apply(resource: &mut Map<String, Value>, kind: &'static Type, body: &Value) -> Result<()> {
    let operations = match filter::get(body, "Operations") {
        Some(Value::Array(all)) if !all.is_empty() => all,
        _ => {
            let detail = "`Operations`: an array with one operation at least is expected";
            return Err(ScimError::of(ScimType::InvalidSyntax, detail));
        }
    };
    for (n, operation) in operations.iter().enumerate() {
        one(resource, kind, operation).map_err(|error| error.at(&format!("Operations[{n}]")))?;
    }
    Ok(())
}

fn one(resource: &mut Map<String, Value>, kind: &'static Type, operation: &Value) -> Result<()> {
    let text = |name| filter::get(operation, name).and_then(Value::as_str);
    let op = match text("op").map(str::to_lowercase).as_deref() {
        Some("add") => Op::Add,
        Some("replace") => Op::Replace,
        Some("remove") => Op::Remove,
        _ => {
            let detail = "`op`: `add`, `replace` or `remove` is expected";
            return Err(ScimError::of(ScimType::InvalidSyntax, detail));
        }
    };
    let value = filter::get(operation, "value").unwrap_or(&Value::Null);
    match text("path").filter(|path| !path.is_empty()) {
        Some(path) => at_path(resource, kind, op, (path, true), value),
        None if op == Op::Remove => {
            Err(ScimError::of(ScimType::NoTarget, "`path`: say what shall be removed"))
        }
        // Without a path each key is one (Okta), also one that chooses among values (Entra).
        None => match value {
            Value::Object(all) => {
                all.iter().try_for_each(|(path, value)| at_path(resource, kind, op, (path, false), value))
            }
            _ => Err(ScimError::invalid("`value`: without a `path` an object is expected")),
        },
    }
}

/// `is_named` says that the path stands on its own: what only the server writes is then refused, where among others
/// it is passed over.
fn at_path(
    resource: &mut Map<String, Value>,
    kind: &'static Type,
    op: Op,
    (path, is_named): (&str, bool),
    value: &Value,
) -> Result<()> {
    let path = Path::parse(path)?;
    let Some(attribute) = Scope::Of(kind).find(&path.attribute) else { return Ok(()) };
    let part = match &path.part {
        None => None,
        Some(name) => match Scope::Within(attribute).find(name) {
            None => return Ok(()),
            part => part,
        },
    };
    let is_kept = part.is_some_and(|part| part.mutability != Mutability::ReadWrite);
    if attribute.is_read_only() || is_kept {
        return match is_named {
            true => Err(read_only(part.unwrap_or(attribute))),
            false => Ok(()),
        };
    }
    if let Some(filter) = &path.filter {
        if !attribute.is_multi {
            let detail = format!("`{}` has one value: name it without a filter", attribute.name);
            return Err(ScimError::of(ScimType::InvalidPath, detail));
        }
        filter.check_within(attribute)?;
    }
    if attribute.is_multi {
        return several(resource, attribute, op, (path.filter.as_ref(), part), value);
    }
    match part {
        Some(part) => parts_of(resource, attribute.name, |parts| set(parts, part, op, value)),
        None => set(resource, attribute, op, value),
    }
}

fn read_only(attribute: &Attribute) -> ScimError {
    let detail = format!("`{}` is not written from outside: leave it out", attribute.name);
    ScimError::of(ScimType::Mutability, detail)
}

/// Edits the parts of a complex attribute; one without parts is not there.
fn parts_of(
    resource: &mut Map<String, Value>,
    name: &str,
    edit: impl FnOnce(&mut Map<String, Value>) -> Result<()>,
) -> Result<()> {
    let mut parts = match resource.remove(name) {
        Some(Value::Object(parts)) => parts,
        _ => Map::new(),
    };
    let edited = edit(&mut parts);
    if !parts.is_empty() {
        resource.insert(name.to_owned(), Value::Object(parts));
    }
    edited
}

/// Sets an attribute that has one value: what a complex one does not say of its parts stays.
fn set(
    resource: &mut Map<String, Value>,
    attribute: &'static Attribute,
    op: Op,
    value: &Value,
) -> Result<()> {
    let value = if op == Op::Remove { None } else { normal::value(attribute, value)? };
    match (attribute.kind, value) {
        // RFC 7644, 3.5.2.2.
        (_, None) if attribute.is_required => {
            let detail = format!("`{}` is always there: say what it shall be", attribute.name);
            return Err(ScimError::of(ScimType::Mutability, detail));
        }
        (_, None) => {
            resource.remove(attribute.name);
        }
        (Kind::Complex, Some(Value::Object(said))) => {
            parts_of(resource, attribute.name, |parts| {
                parts.extend(said);
                Ok(())
            })?;
        }
        (_, Some(value)) => {
            resource.insert(attribute.name.to_owned(), value);
        }
    }
    Ok(())
}

/// Edits an attribute that may have several values.
fn several(
    resource: &mut Map<String, Value>,
    attribute: &'static Attribute,
    op: Op,
    (filter, part): (Option<&Filter>, Option<&'static Attribute>),
    value: &Value,
) -> Result<()> {
    let mut all = match resource.remove(attribute.name) {
        Some(Value::Array(all)) => all,
        _ => Vec::new(),
    };
    let written = match (filter, part) {
        (None, None) => whole(&mut all, attribute, op, value)?,
        (filter, part) => chosen(&mut all, attribute, op, (filter, part), value)?,
    };
    all.retain(|value| *value != Value::Object(Map::new()));
    one_primary(&mut all, &written);
    if !all.is_empty() {
        resource.insert(attribute.name.to_owned(), Value::Array(all));
    }
    Ok(())
}

/// All values at once; answers with the positions of those that were written.
fn whole(all: &mut Vec<Value>, attribute: &'static Attribute, op: Op, value: &Value) -> Result<Vec<usize>> {
    let sent = match normal::value(attribute, value)? {
        Some(Value::Array(sent)) => sent,
        _ => Vec::new(),
    };
    match op {
        Op::Replace => {
            *all = sent;
            Ok(Vec::new())
        }
        Op::Add => {
            let mut known: HashMap<String, usize> =
                all.iter().enumerate().filter_map(|(n, value)| Some((key(value)?, n))).collect();
            let mut written = Vec::new();
            for value in sent {
                let key = key(&value);
                let same = key.as_ref().and_then(|key| known.get(key)).copied();
                let position = same.unwrap_or(all.len());
                // What is there already is not there twice.
                match (all.get_mut(position), value) {
                    (Some(Value::Object(here)), Value::Object(parts)) => here.extend(parts),
                    (_, value) => all.push(value),
                }
                known.extend(key.map(|key| (key, position)));
                written.push(position);
            }
            Ok(written)
        }
        // Entra says in a value which members go.
        Op::Remove if !value.is_null() => {
            let gone: HashSet<String> = sent.iter().filter_map(key).collect();
            all.retain(|value| key(value).is_none_or(|key| !gone.contains(&key)));
            Ok(Vec::new())
        }
        Op::Remove => {
            all.clear();
            Ok(Vec::new())
        }
    }
}

/// What tells a value from the others.
fn key(value: &Value) -> Option<String> {
    let text = |name| filter::get(value, name).and_then(Value::as_str).map(ToOwned::to_owned);
    let kind = text("type").map(|kind| kind.to_lowercase());
    // A member is one whatever is said of its type.
    let kind = kind.filter(|kind| kind != "user" && kind != "group").unwrap_or_default();
    Some(format!("{kind}\n{}", text("value")?))
}

/// The values that the filter chooses, or all; answers with the positions of those that were written.
fn chosen(
    all: &mut Vec<Value>,
    attribute: &'static Attribute,
    op: Op,
    (filter, part): (Option<&Filter>, Option<&'static Attribute>),
    value: &Value,
) -> Result<Vec<usize>> {
    let scope = Scope::Within(attribute);
    let is_chosen = |value: &Value| filter.is_none_or(|filter| filter.is_true_of(value, scope));
    if op == Op::Remove && part.is_none() {
        all.retain(|value| !is_chosen(value));
        return Ok(Vec::new());
    }
    let mut positions: Vec<usize> =
        all.iter().enumerate().filter(|(_, value)| is_chosen(value)).map(|(n, _)| n).collect();
    if positions.is_empty() && op != Op::Remove {
        // Entra replaces `emails[type eq "work"].value` where there is none yet: what it asks for is made.
        let made = filter.map_or(Some(Map::new()), |filter| from_filter(filter, attribute));
        let Some(made) = made else {
            let detail = format!("`path`: there is no such value of `{}`", attribute.name);
            return Err(ScimError::of(ScimType::NoTarget, detail));
        };
        positions.push(all.len());
        all.push(Value::Object(made));
    }
    for position in &positions {
        let Some(Value::Object(here)) = all.get_mut(*position) else { continue };
        match part {
            Some(part) => set(here, part, op, value)?,
            None => match normal::one(attribute, value)? {
                Some(Value::Object(parts)) if op == Op::Add => here.extend(parts),
                Some(Value::Object(parts)) => *here = parts,
                _ => return Err(ScimError::invalid("`value`: an object is expected")),
            },
        }
    }
    Ok(positions)
}

/// The value that a filter of nothing but `eq` describes.
fn from_filter(filter: &Filter, attribute: &'static Attribute) -> Option<Map<String, Value>> {
    let mut made = Map::new();
    for (name, value) in filter.equalities()? {
        let part = Scope::Within(attribute).find(name)?;
        made.insert(part.name.to_owned(), normal::value(part, value).ok().flatten()?);
    }
    Some(made)
}

/// A value that becomes the primary one takes that from the others (RFC 7644, 3.5.2).
fn one_primary(all: &mut [Value], written: &[usize]) {
    let is_primary = |value: &Value| value.get("primary") == Some(&Value::Bool(true));
    let Some(newest) = written.iter().rev().find(|n| all.get(**n).is_some_and(is_primary)).copied() else {
        return;
    };
    for (n, value) in all.iter_mut().enumerate() {
        if n != newest
            && is_primary(value)
            && let Value::Object(parts) = value
        {
            parts.insert("primary".to_owned(), false.into());
        }
    }
}
