//! Moments as people write them: a date or an instant of RFC 3339, or milliseconds. What travels and is kept is
//! milliseconds alone, so a reader that knows no dates reads all that is written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::stamp::Timestamp;

const DAY: i64 = 24 * 60 * 60 * 1000;
/// What to write.
const HINT: &str = "write a date such as 2027-01-31, which is its start in UTC, a time such as 2027-01-31T08:00:00Z, or milliseconds since 1970";

impl Timestamp {
    /// The moment that a date says, its start in UTC, or an instant of RFC 3339: `2027-01-31`, `2027-01-31T08:00:00.5+01:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let midnight = days(date)?.checked_mul(DAY)?;
        if rest.is_empty() {
            return Some(Self(midnight));
        }
        let time = rest.strip_prefix(['T', 't', ' '])?;
        let (clock, offset) = match time.strip_suffix(['Z', 'z']) {
            Some(clock) => (clock, 0),
            None => {
                let (clock, offset) = time.split_at_checked(time.len().checked_sub(6)?)?;
                (clock, minutes(offset)?)
            }
        };
        let (seconds, fraction) = clock.split_once('.').map_or((clock, None), |(s, f)| (s, Some(f)));
        let within = seconds_of(seconds)?.checked_mul(1000)?.checked_add(thousandths(fraction)?)?;
        Some(Self(midnight.checked_add(within)?.checked_sub(offset.checked_mul(60_000)?)?))
    }
}

/// The days from 1970-01-01 to a date, `2027-01-31`, in the Gregorian calendar.
fn days(date: &str) -> Option<i64> {
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(is_leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years that begin in March end with the leap day.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let of_year = (153 * month + 2) / 5 + day - 1;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    Some(365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468)
}

/// The seconds of `08:00:00`. A leap second is the first of the next minute.
fn seconds_of(clock: &str) -> Option<i64> {
    let [hours, minutes, seconds] = numbers(clock, ':', [2, 2, 2])?;
    let is_time = hours < 24 && minutes < 60 && seconds <= 60;
    is_time.then_some((hours * 60 + minutes) * 60 + seconds)
}

/// The thousandths that the digits after a point say; the rest is cut off.
fn thousandths(fraction: Option<&str>) -> Option<i64> {
    let Some(digits) = fraction else { return Some(0) };
    number(digits)?;
    let first: String = digits.chars().chain("000".chars()).take(3).collect();
    number(&first)
}

/// The minutes of an offset, `+01:00`.
fn minutes(offset: &str) -> Option<i64> {
    let (sign, rest) = match offset.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, offset.strip_prefix('+')?),
    };
    let [hours, minutes] = numbers(rest, ':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Numbers of so many digits each, with that between them.
fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut numbers = [0; N];
    for (value, length) in numbers.iter_mut().zip(digits) {
        *value = parts.next().filter(|part| part.len() == length).and_then(number)?;
    }
    parts.next().is_none().then_some(numbers)
}

fn number(digits: &str) -> Option<i64> {
    let is_number =
        !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
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
