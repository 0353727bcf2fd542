//! Conditions: small total predicates over the attributes of a request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// A value of an attribute, or a literal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(no_recursion))]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Boolean(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// Texts, numbers and booleans; not lists.
    List(Vec<Value>),
}

/// A finite number, as JSON and JavaScript have them: 1 and 1.0 are the same.
#[derive(Clone, Copy, Debug)]
pub struct Number(f64);

impl Number {
    /// The number, unless it is infinite or none. Minus nought is nought.
    #[must_use]
    pub fn new(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self(number + 0.0))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The largest whole number that every JSON reader holds exactly, 2^53 - 1 (RFC 8259, 6).
const LARGEST_WHOLE: f64 = 9_007_199_254_740_991.0;

impl Serialize for Number {
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() <= LARGEST_WHOLE {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| serde::de::Error::custom("not a finite number"))
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Number {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        f64::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Number {}

/// Attributes by name, without the root: `region`, `device.managed`.
pub type Attributes = BTreeMap<String, Value>;

/// What an enforcement point says of a request beside who, what and when. The attributes of the
/// subject are not here: they come from the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestAttributes {
    /// Of the resource that a question about a permission names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resource: Attributes,
    /// Of an operation's resources, by their names in the operation: a need on one of them sees
    /// its attributes as `resource`; a need on the tenant sees none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: BTreeMap<String, Attributes>,
    /// Of what is being done.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub action: Attributes,
    /// Of everything around: the network, the device, the hour.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub context: Attributes,
}

impl RequestAttributes {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
