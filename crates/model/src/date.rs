//! Moments as people write them: a date or an instant of RFC 3339, or milliseconds. What travels and is kept is
//! milliseconds alone, so a reader that knows no dates reads all that is written.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::stamp::Timestamp;

/// What to write.
const HINT: &str = "write a date such as 2027-01-31, which is its start in UTC, a time such as 2027-01-31T08:00:00Z, or milliseconds since 1970";

/// How many letters a date has.
const DATE: usize = "2027-01-31".len();

impl Timestamp {
    /// The moment that a date says, its start in UTC, or an instant of RFC 3339: `2027-01-31`, `2027-01-31T08:00:00.5+01:00`.
    /// What is less than a millisecond is cut off.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let instant = match text.len() {
            DATE => TimeZone::UTC.to_timestamp(text.parse::<Date>().ok()?.at(0, 0, 0, 0)).ok()?,
            _ => text.parse().ok()?,
        };
        Some(Self(instant.as_millisecond()))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Moment;
        impl Visitor<'_> for Moment {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time")
            }

            fn visit_i64<E: Error>(self, milliseconds: i64) -> Result<Timestamp, E> {
                Ok(Timestamp(milliseconds))
            }

            fn visit_u64<E: Error>(self, milliseconds: u64) -> Result<Timestamp, E> {
                i64::try_from(milliseconds)
                    .map(Timestamp)
                    .map_err(|_| E::custom(wrong(&milliseconds.to_string())))
            }

            // A query says numbers in text too.
            fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
                let milliseconds = || text.parse().ok().map(Timestamp);
                Timestamp::parse(text).or_else(milliseconds).ok_or_else(|| E::custom(wrong(text)))
            }
        }
        deserializer.deserialize_any(Moment)
    }
}

fn wrong(text: &str) -> String {
    format!("`{}` is no time: {HINT}", text.escape_debug())
}
