//! As of when a question is asked: a time in the past, or a revision of the change log.

use std::fmt;

use rolewright_model::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::moment;

/// A point of the past: `2027-01-31`, `2027-01-31T08:00:00Z`, milliseconds since 1970, or `r42`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// As the last change made then or before left it, and at that time.
    Time(Timestamp),
    /// As the change that made this revision left it, and at the time of that change.
    Revision(u64),
}

impl AsOf {
    /// A revision as it is written here, or a time as [`moment::time`] reads it.
    ///
    /// # Errors
    /// What else to write.
    pub fn parse(text: &str) -> Result<Self, String> {
        match revision(text) {
            Some(revision) => Ok(Self::Revision(revision)),
            None => moment::time(text).map(Self::Time).map_err(or_a_revision),
        }
    }

    /// The point where it is past; none where now is, which no point or this very moment says.
    ///
    /// # Errors
    /// Where it is yet to come: nobody knows what will be so then.
    pub fn past(asked: Option<Self>, now: Timestamp) -> Result<Option<Self>, String> {
        match asked {
            Some(Self::Time(time)) if time > now => Err(format!(
                "`{}` is not in the past: leave it out to ask about now, or name a time that is over",
                moment::exact(time)
            )),
            Some(Self::Time(time)) if time == now => Ok(None),
            asked => Ok(asked),
        }
    }
}

/// A revision by itself: it is written `r42`, as a point of the past is, and read so or as `42`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevisionSaid(pub u64);

impl RevisionSaid {
    /// A revision.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        revision(text).or_else(|| text.parse().ok()).map(Self)
    }
}

impl fmt::Display for RevisionSaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

impl<'de> Deserialize<'de> for RevisionSaid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;

        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("a revision is expected, such as r42"))
    }
}

/// The number in `r42`.
fn revision(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('r')?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

fn or_a_revision(message: impl fmt::Display) -> String {
    format!("{message}, or a revision such as r42")
}

/// As in a message, and as [`AsOf::parse`] reads it.
impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => f.write_str(&moment::told(*time)),
            Self::Revision(revision) => RevisionSaid(*revision).fmt(f),
        }
    }
}

/// Of a query, where all is text: milliseconds too.
impl<'de> Deserialize<'de> for AsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::{Error as _, IntoDeserializer as _, value::Error};

        let text = String::deserialize(deserializer)?;
        if let Some(revision) = revision(&text) {
            return Ok(Self::Revision(revision));
        }
        let time: Result<_, Error> = Timestamp::deserialize(text.into_deserializer());
        time.map(Self::Time).map_err(|error| D::Error::custom(or_a_revision(error)))
    }
}

impl utoipa::PartialSchema for AsOf {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::Ref;
        use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Type};

        let revision = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^r[0-9]+$"));
        let any = AnyOfBuilder::new()
            .item(Ref::from_schema_name("Timestamp"))
            .item(revision)
            .description(Some("A point of the past: a time, or a revision of the change log as `r42`."));
        any.into()
    }
}

impl utoipa::ToSchema for AsOf {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_a_time_or_a_revision() {
        for (text, expected) in [
            ("r42", Some(AsOf::Revision(42))),
            ("r0", Some(AsOf::Revision(0))),
            ("1970-01-02", Some(AsOf::Time(Timestamp(86_400_000)))),
            ("1970-01-01T00:00:01Z", Some(AsOf::Time(Timestamp(1000)))),
            ("r", None),
            ("r-1", None),
            ("r+1", None),
            ("R42", None),
            ("42", None),
            ("r99999999999999999999", None),
            ("", None),
        ] {
            let parsed = AsOf::parse(text);
            assert_eq!(parsed.clone().ok(), expected, "{text}");
            if let Err(message) = parsed {
                assert!(message.ends_with("or a revision such as r42"), "{text}: {message}");
            }
        }
    }
}
