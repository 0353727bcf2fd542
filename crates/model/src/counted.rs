//! How many of something, in words.

use std::fmt::Display;

/// `1 entry`, `2 entries`: a number and what there is so many of, in the form that goes with it.
#[must_use]
pub fn counted<N: Display + PartialEq + From<u8>>(number: N, one: &str, many: &str) -> String {
    let what = if number == N::from(1) { one } else { many };
    format!("{number} {what}")
}

/// A number with its thousands apart: `12,345`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
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
}
