//! Conditions: small total predicates over the attributes of a request.

mod predicate;
mod value;

use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::catalogue::is_slug;
use crate::named::Named;
use crate::problem::{Path, Problems};
pub use predicate::{Atom, Attribute, Condition, Facts, Known, Operand, Operator, Root};
pub use value::{Number, Value};

/// A condition as a document says it: `{"eq": [{"attribute": "subject.region"}, "emea"]}`.
/// A missing attribute or a mismatch of types makes a comparison false; nothing can fail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(no_recursion))]
#[serde(rename_all = "snake_case")]
pub enum ConditionDocument {
    /// Every one of these; one at least.
    All(Vec<ConditionDocument>),
    /// One of these; one at least.
    Any(Vec<ConditionDocument>),
    /// Two texts, two numbers or two booleans that are the same. Lists are never the same.
    Eq([OperandDocument; 2]),
    /// Two texts, two numbers or two booleans that are not the same.
    Ne([OperandDocument; 2]),
    /// A text, number or boolean that is one of a list's.
    In([OperandDocument; 2]),
    /// Two numbers of which the first is less.
    Lt([OperandDocument; 2]),
    /// Two numbers of which the first is not more.
    Le([OperandDocument; 2]),
}

/// What a comparison compares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum OperandDocument {
    /// An attribute of the request: `subject`, `resource`, `action` or `context`, a dot, and a
    /// name: a slug, or slugs joined by dots. `subject.id` is always the subject's id.
    Attribute {
        /// `subject.region`.
        attribute: String,
    },
    /// A value.
    Literal(Value),
}

impl<'de> Deserialize<'de> for OperandDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadOperand)
    }
}

/// Reads an operand. An object is an attribute and has no other key, which an untagged enum would
/// pass over.
struct ReadOperand;

impl<'de> Visitor<'de> for ReadOperand {
    type Value = OperandDocument;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, a boolean, a list of these or an attribute")
    }

    fn visit_bool<E>(self, value: bool) -> Result<OperandDocument, E> {
        Ok(OperandDocument::Literal(Value::Boolean(value)))
    }

    #[expect(clippy::cast_precision_loss, reason = "a number is what JavaScript has")]
    fn visit_i64<E: Error>(self, value: i64) -> Result<OperandDocument, E> {
        self.visit_f64(value as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "a number is what JavaScript has")]
    fn visit_u64<E: Error>(self, value: u64) -> Result<OperandDocument, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<OperandDocument, E> {
        let number = Number::new(value).ok_or_else(|| E::custom("a number is finite"))?;
        Ok(OperandDocument::Literal(Value::Number(number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<OperandDocument, E> {
        Ok(OperandDocument::Literal(Value::Text(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<OperandDocument, E> {
        Ok(OperandDocument::Literal(Value::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<OperandDocument, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(OperandDocument::Literal(Value::List(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<OperandDocument, A::Error> {
        let mut attribute = None;
        while let Some(key) = entries.next_key::<String>()? {
            if key != "attribute" || attribute.is_some() {
                return Err(A::Error::custom(format!(
                    "`{key}` cannot stand here: an operand that is an object is `{{\"attribute\": \"subject.region\"}}`"
                )));
            }
            attribute = Some(entries.next_value()?);
        }
        let attribute = attribute.ok_or_else(|| A::Error::missing_field("attribute"))?;
        Ok(OperandDocument::Attribute { attribute })
    }
}

/// How deep a condition may be nested; a comparison alone is one deep.
pub(crate) const DEEPEST: usize = 8;
/// How many comparisons, `all` and `any` a condition may hold.
const MOST: usize = 64;

impl ConditionDocument {
    /// The condition, or every problem that it has. `O(size)`.
    pub(crate) fn build(&self, at: &Path<'_>, problems: &mut Problems) -> Option<Condition> {
        let (depth, nodes) = self.measure();
        if depth > DEEPEST || nodes > MOST {
            let message = format!(
                "a condition is at most {DEEPEST} deep and holds at most {MOST} comparisons, `all` and `any`; this one is {depth} deep and holds {nodes}"
            );
            problems.add(at, message);
            return None;
        }
        self.read(at, problems)
    }

    /// A condition that is always true, or never: two values compared.
    pub(crate) fn constant(holds: bool) -> Self {
        Self::Eq([true, holds].map(|value| OperandDocument::Literal(Value::Boolean(value))))
    }

    /// How deep it is, and how many nodes it has.
    fn measure(&self) -> (usize, usize) {
        let parts = match self {
            Self::All(parts) | Self::Any(parts) => parts.as_slice(),
            _ => &[],
        };
        parts
            .iter()
            .map(Self::measure)
            .fold((1, 1), |(depth, nodes), (inner, more)| (depth.max(inner + 1), nodes + more))
    }

    fn read(&self, at: &Path<'_>, problems: &mut Problems) -> Option<Condition> {
        let (name, comparison) = match self {
            Self::All(parts) => {
                return read_parts(parts, &at.key("all"), problems).map(Condition::All);
            }
            Self::Any(parts) => {
                return read_parts(parts, &at.key("any"), problems).map(Condition::Any);
            }
            Self::Eq(operands) => ("eq", (Operator::Eq, operands)),
            Self::Ne(operands) => ("ne", (Operator::Ne, operands)),
            Self::In(operands) => ("in", (Operator::In, operands)),
            Self::Lt(operands) => ("lt", (Operator::Lt, operands)),
            Self::Le(operands) => ("le", (Operator::Le, operands)),
        };
        let at = at.key(name);
        let (operator, [left, right]) = comparison;
        let is_list = |operand: &OperandDocument| matches!(operand, OperandDocument::Literal(Value::List(_)));
        if is_list(left) {
            problems.add(&at.item(0), "a list stands only on the right of `in`");
        }
        if operator != Operator::In && is_list(right) {
            problems.add(&at.item(1), "a list stands only on the right of `in`");
        } else if operator == Operator::In && matches!(right, OperandDocument::Literal(_)) && !is_list(right)
        {
            problems.add(&at.item(1), "`in` has a list on its right, or an attribute that is one");
        }
        let left = left.read(&at.item(0), problems);
        let right = right.read(&at.item(1), problems);
        Some(Condition::Atom(Atom { operator, left: left?, right: right? }))
    }
}

fn read_parts(parts: &[ConditionDocument], at: &Path<'_>, problems: &mut Problems) -> Option<Vec<Condition>> {
    if parts.is_empty() {
        problems.add(at, "one condition at least stands here");
    }
    let read: Vec<_> = (0..).zip(parts).map(|(item, part)| part.read(&at.item(item), problems)).collect();
    read.into_iter().collect()
}

impl OperandDocument {
    fn read(&self, at: &Path<'_>, problems: &mut Problems) -> Option<Operand> {
        match self {
            Self::Attribute { attribute } => {
                let known = Attribute::parse(attribute);
                if known.is_none() {
                    let message = format!(
                        "`{attribute}` is no attribute: write `subject`, `resource`, `action` or `context`, a dot and a name, slugs joined by dots, as in `subject.region`"
                    );
                    problems.add(&at.key("attribute"), message);
                }
                known.map(Operand::Attribute)
            }
            Self::Literal(value) => {
                check_value(value, at, problems);
                Some(Operand::Literal(value.clone()))
            }
        }
    }
}

fn check_value(value: &Value, at: &Path<'_>, problems: &mut Problems) {
    let Value::List(items) = value else { return };
    for (position, _) in items.iter().enumerate().filter(|(_, item)| matches!(item, Value::List(_))) {
        problems.add(&at.item(position), "a list holds texts, numbers and booleans, not lists");
    }
}

/// Whether `name` can be an attribute's: slugs joined by dots.
fn is_name(name: &str) -> bool {
    name.split('.').all(is_slug)
}

/// The most attributes that a request says of one thing, and the most things of which it says any: what a condition
/// may read is far less.
pub const MOST_SAID: usize = 256;
/// The most attributes that are kept of one user.
const MOST_ATTRIBUTES: usize = 64;
/// The longest name of an attribute and the longest text in one, in bytes.
const LONGEST_TEXT: usize = 1024;
/// The longest list in an attribute.
const LONGEST_LIST: usize = 256;

/// Checks the attributes that are kept of a user: their names and sizes, and that no list holds a
/// list.
pub(crate) fn check_attributes(attributes: &Attributes, at: &Path<'_>, problems: &mut Problems) {
    if attributes.len() > MOST_ATTRIBUTES {
        problems.add(at, format!("a user has {MOST_ATTRIBUTES} attributes at most"));
    }
    for (name, value) in attributes {
        let at = at.key(name);
        if name == "id" {
            problems.add(&at, "`subject.id` is always the user's id: choose another name");
        }
        if is_long(value) || name.len() > LONGEST_TEXT {
            let message =
                format!("an attribute holds {LONGEST_TEXT} bytes of text at most, or {LONGEST_LIST} of them");
            problems.add(&at, message);
        }
        if !is_name(name) {
            problems.add(&at, format!("`{}` is not the name of an attribute: slugs joined by dots, as in `region` or `device.managed`", name.escape_debug()));
        }
        check_value(value, &at, problems);
    }
}

fn is_long(value: &Value) -> bool {
    match value {
        Value::Boolean(_) | Value::Number(_) => false,
        Value::Text(text) => text.len() > LONGEST_TEXT,
        Value::List(items) => items.len() > LONGEST_LIST || items.iter().any(is_long),
    }
}

/// Attributes by name, without the root: `region`, `device.managed`.
pub type Attributes = Named<Value>;

/// What an enforcement point says of a request beside who, what and when. The attributes of the
/// subject are not here: they come from the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestAttributes {
    /// Of the resource that a question about a permission names.
    #[serde(default, skip_serializing_if = "Named::is_empty", deserialize_with = "few")]
    pub resource: Attributes,
    /// Of an operation's resources, by their names in the operation: a need on one of them sees
    /// its attributes as `resource`; a need on the tenant sees none.
    #[serde(default, skip_serializing_if = "Named::is_empty", deserialize_with = "few_each")]
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, Attributes>))]
    pub resources: Named<Attributes>,
    /// Of what is being done.
    #[serde(default, skip_serializing_if = "Named::is_empty", deserialize_with = "few")]
    pub action: Attributes,
    /// Of everything around: the network, the device, the hour.
    #[serde(default, skip_serializing_if = "Named::is_empty", deserialize_with = "few")]
    pub context: Attributes,
}

impl RequestAttributes {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == NOTHING_SAID
    }
}

/// No more than [`MOST_SAID`].
fn few<'de, D: Deserializer<'de>, V: Deserialize<'de>>(deserializer: D) -> Result<Named<V>, D::Error> {
    let said = Named::deserialize(deserializer)?;
    if said.len() > MOST_SAID { Err(too_many()) } else { Ok(said) }
}

/// No more than [`MOST_SAID`] of each.
fn few_each<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Named<Attributes>, D::Error> {
    let said: Named<Attributes> = few(deserializer)?;
    if said.values().any(|of| of.len() > MOST_SAID) { Err(too_many()) } else { Ok(said) }
}

fn too_many<E: serde::de::Error>() -> E {
    E::custom(format_args!("{MOST_SAID} attributes are said of one thing at most"))
}

/// What an enforcement point that says nothing says.
pub(crate) static NOTHING_SAID: RequestAttributes = RequestAttributes {
    resource: Attributes::new(),
    resources: Named::new(),
    action: Attributes::new(),
    context: Attributes::new(),
};

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn what_a_request_says_of_one_thing_is_little() {
        let named = |count: usize, value: &serde_json::Value| {
            (0..count).map(|n| (format!("a{n}"), value.clone())).collect::<serde_json::Map<_, _>>()
        };
        let (one, none) = (json!(1), json!({}));
        for (said, is_read) in [
            (json!({ "resource": named(MOST_SAID, &one), "context": named(MOST_SAID, &one) }), true),
            (json!({ "resources": named(MOST_SAID, &none) }), true),
            (json!({ "resource": named(MOST_SAID + 1, &one) }), false),
            (json!({ "action": named(MOST_SAID + 1, &one) }), false),
            (json!({ "context": named(MOST_SAID + 1, &one) }), false),
            (json!({ "resources": named(MOST_SAID + 1, &none) }), false),
            (json!({ "resources": { "task": named(MOST_SAID + 1, &one) } }), false),
        ] {
            let read = from_value::<RequestAttributes>(said);
            assert_eq!(read.is_ok(), is_read, "{:?}", read.map_err(|wrong| wrong.to_string()));
        }
    }
}
