//! How many of something, in words.

use std::fmt::Display;

/// `1 entry`, `2 entries`: a number and what there is so many of, in the form that goes with it.
#[must_use]
pub fn counted<N: Display + PartialEq + From<u8>>(number: N, one: &str, many: &str) -> String {
    let what = if number == N::from(1) { one } else { many };
    format!("{number} {what}")
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
