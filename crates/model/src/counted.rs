//! How many of something, in words.

use std::fmt::Display;

/// `1 entry`, `12,345 entries`: a number and what there is so many of, in the form that goes with it.
#[must_use]
pub fn counted<N: Display + PartialEq + From<u8>>(number: N, one: &str, many: &str) -> String {
    let what = if number == N::from(1) { one } else { many };
    format!("{} {what}", apart(&number.to_string()))
}

/// A number with its thousands apart: `12,345`.
#[must_use]
pub fn grouped(number: u64) -> String {
    apart(&number.to_string())
}

fn apart(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len().saturating_add(digits.len() / 3));
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && digits.len().saturating_sub(position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_as_one() {
        for (number, told) in [(0_u64, "0 entries"), (1, "1 entry"), (2, "2 entries"), (11, "11 entries")] {
            assert_eq!(counted(number, "entry", "entries"), told);
        }
    }

    #[test]
    fn thousands_are_apart() {
        for (number, told) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (123_456, "123,456"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), told);
            assert_eq!(counted(number, "entry", "entries"), format!("{told} entries"));
        }
    }
}
