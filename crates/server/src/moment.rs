//! Times and durations as they are read and told: `2027-01-31`, `2027-01-31T08:00:00Z`, `90d`.

use jiff::{Span, SpanRelativeTo};
use rolewright_model::Timestamp;

/// When something ends, as somebody writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// So many milliseconds from now.
    In(i64),
    /// Then.
    At(Timestamp),
}

impl Moment {
    /// A duration, or a date or a time as [`time`] reads it.
    ///
    /// # Errors
    /// What else to write.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(time) = Timestamp::parse(text) {
            return Ok(Self::At(time));
        }
        let hint = "write a duration such as 90d or 12h, a date such as 2027-01-31, or a time such as 2027-01-31T08:00:00Z";
        duration(text).map(Self::In).map_err(|_| format!("`{}` is no time: {hint}", text.escape_debug()))
    }

    /// When that is.
    #[must_use]
    pub fn from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::In(milliseconds) => now.plus(milliseconds),
            Self::At(time) => time,
        }
    }
}

/// A date, which is its start in UTC, or a time in RFC 3339.
///
/// # Errors
/// What else to write.
pub fn time(text: &str) -> Result<Timestamp, String> {
    let hint = "write a date such as 2027-01-31, or a time such as 2027-01-31T08:00:00Z";
    Timestamp::parse(text).ok_or_else(|| format!("`{}` is no time: {hint}", text.escape_debug()))
}

/// The milliseconds of a duration; a day has 24 hours, and months have no length.
///
/// # Errors
/// What else to write.
pub fn duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{}` is no duration: write for example 90d or 12h", text.escape_debug());
    let span: Span = text.parse().map_err(|_| wrong())?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    i64::try_from(length.as_millis()).ok().filter(|length| *length >= 0).ok_or_else(wrong)
}

/// A time in RFC 3339, to the millisecond.
#[must_use]
pub fn exact(time: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(time.0).map_or_else(|_| time.0.to_string(), |time| time.to_string())
}

/// A time in RFC 3339, always with its milliseconds: as texts such times sort as they are.
#[must_use]
pub fn sortable(time: Timestamp) -> String {
    let exact = jiff::Timestamp::from_millisecond(time.0);
    exact.map_or_else(|_| time.0.to_string(), |time| format!("{time:.3}"))
}

/// A time in RFC 3339, to the second.
#[must_use]
pub fn told(time: Timestamp) -> String {
    let second = jiff::Timestamp::from_second(time.0.div_euclid(1000));
    second.map_or_else(|_| time.0.to_string(), |second| second.to_string())
}

/// A time in words, `5 December 2026, 22:54 UTC`.
#[must_use]
pub fn in_words(time: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(time.0).unwrap_or_default();
    time.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_instants_are_those_of_rfc_3339() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("1970-01-02T00:00:00Z", Some(86_400_000)),
            ("1969-12-31T23:59:59.999Z", Some(-1)),
            ("2027-01-31T08:00:00+01:00", Some(1_801_378_800_000)),
            ("2027-01-31t07:00:00.0009z", Some(1_801_378_800_000)),
            ("2027-01-31 06:30:00.5-00:30", Some(1_801_378_800_500)),
            ("2024-02-29", Some(1_709_164_800_000)),
            ("2000-02-29", Some(951_782_400_000)),
            ("0000-01-01", Some(-62_167_219_200_000)),
            ("2016-12-31T23:59:60Z", Some(1_483_228_799_000)),
            ("2023-02-29", None),
            ("1900-02-29", None),
            ("2027-04-31", None),
            ("2027-13-01", None),
            ("2027-00-01", None),
            ("2027-01-00", None),
            ("2027-1-31", None),
            ("+027-01-31", None),
            ("2027-01-31T", None),
            ("2027-01-31T08:00Z", Some(1_801_382_400_000)),
            ("2027-01-31T08:00:00", None),
            ("2027-01-31T24:00:00Z", None),
            ("2027-01-31T08:60:00Z", None),
            ("2027-01-31T08:00:00.Z", None),
            ("9999-12-31T23:59:59Z", None),
            ("2027-01-31T08:00:00 01:00", None),
            ("2027-01-31T08:00:00+0100", Some(1_801_378_800_000)),
            ("2027-01-3\u{663}", None),
            ("\u{1F600}\u{1F600}\u{1F600}", None),
            ("2027-01-31TZ", None),
            ("", None),
        ] {
            assert_eq!(Timestamp::parse(text), expected.map(Timestamp), "{text}");
        }
    }

    #[test]
    fn times_and_durations_are_read() {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        for (text, expected) in [
            ("90d", Ok(Moment::In(90 * DAY))),
            ("12h", Ok(Moment::In(DAY / 2))),
            ("1d 12h", Ok(Moment::In(DAY + DAY / 2))),
            ("2w", Ok(Moment::In(14 * DAY))),
            ("1970-01-02T00:00:00Z", Ok(Moment::At(Timestamp(DAY)))),
            ("1970-01-02T01:00:00+01:00", Ok(Moment::At(Timestamp(DAY)))),
            ("", Err(())),
            ("90", Err(())),
            ("3 months", Err(())),
            ("-1d", Err(())),
            ("1970-01-02", Ok(Moment::At(Timestamp(DAY)))),
            ("86400000", Err(())),
            ("tomorrow", Err(())),
        ] {
            assert_eq!(Moment::parse(text).map_err(|_| ()), expected, "{text}");
        }
        assert_eq!(told(Timestamp(DAY)), "1970-01-02T00:00:00Z");
        assert_eq!(sortable(Timestamp(DAY + 70)), "1970-01-02T00:00:00.070Z");
        assert_eq!(in_words(Timestamp(DAY + 3_600_070)), "2 January 1970, 01:00 UTC");
    }
}
