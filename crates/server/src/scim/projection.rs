//! Which attributes an answer has: `attributes` and `excludedAttributes` (RFC 7644, 3.9).

use serde_json::{Map, Value};

use super::error::Result;
use super::filter::Name;

/// What every answer has (RFC 7643, 3.1: `returned` is `always`).
const ALWAYS: [&str; 2] = ["schemas", "id"];

/// Which attributes an answer has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Projection {
    /// All.
    #[default]
    All,
    /// These, and those that are always there.
    Only(Vec<Name>),
    /// All but these.
    Without(Vec<Name>),
}

impl Projection {
    /// What a query or a body names.
    ///
    /// # Errors
    /// `invalidPath` where something is no name.
    pub fn new(attributes: &[String], excluded: &[String]) -> Result<Self> {
        let names = |all: &[String]| -> Result<Vec<Name>> {
            let all = all.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
            all.map(Name::parse).collect()
        };
        let (attributes, excluded) = (names(attributes)?, names(excluded)?);
        Ok(match (attributes.is_empty(), excluded.is_empty()) {
            (false, _) => Self::Only(attributes),
            (true, false) => Self::Without(excluded),
            (true, true) => Self::All,
        })
    }

    /// Whether an answer may have anything of that attribute, in small letters.
    #[must_use]
    pub fn wants(&self, attribute: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name.attribute == attribute),
            Self::Without(names) => {
                !names.iter().any(|name| name.attribute == attribute && name.part.is_none())
            }
        }
    }

    /// What of a resource is answered.
    #[must_use]
    pub fn of(&self, resource: Value) -> Value {
        let Value::Object(all) = resource else { return resource };
        let mut kept = Map::new();
        for (name, value) in all {
            if ALWAYS.contains(&name.as_str()) {
                kept.insert(name, value);
                continue;
            }
            let lower = name.to_lowercase();
            let named = |names: &[Name]| {
                let parts = names.iter().filter(|known| known.attribute == lower);
                parts.map(|known| known.part.clone()).collect::<Vec<_>>()
            };
            let value = match self {
                Self::All => Some(value),
                Self::Only(names) => {
                    let parts = named(names);
                    let is_whole = parts.contains(&None);
                    let is_kept = |part: &str| is_whole || parts.iter().flatten().any(|known| known == part);
                    if parts.is_empty() { None } else { with_parts(value, &is_kept) }
                }
                Self::Without(names) => {
                    let parts = named(names);
                    let is_kept = |part: &str| !parts.iter().flatten().any(|known| known == part);
                    if parts.contains(&None) { None } else { with_parts(value, &is_kept) }
                }
            };
            kept.extend(value.map(|value| (name, value)));
        }
        Value::Object(kept)
    }
}

/// A value with those of its parts alone; none where none is left.
fn with_parts(value: Value, is_kept: &dyn Fn(&str) -> bool) -> Option<Value> {
    match value {
        Value::Object(parts) => {
            let parts: Map<String, Value> =
                parts.into_iter().filter(|(name, _)| is_kept(&name.to_lowercase())).collect();
            (!parts.is_empty()).then_some(Value::Object(parts))
        }
        Value::Array(all) => {
            let all: Vec<Value> = all.into_iter().filter_map(|one| with_parts(one, is_kept)).collect();
            (!all.is_empty()).then_some(Value::Array(all))
        }
        value => Some(value),
    }
}
