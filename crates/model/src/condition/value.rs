//! Values: what attributes are and what literals say.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::OperandDocument;

/// A value of an attribute, or a literal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match OperandDocument::deserialize(deserializer)? {
            OperandDocument::Literal(value) => Ok(value),
            OperandDocument::Attribute { .. } => Err(D::Error::custom(
                "an object is not a value: write a text, a number, true, false or a list",
            )),
        }
    }
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
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() <= LARGEST_WHOLE {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
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
