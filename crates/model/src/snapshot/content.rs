//! The hash by which a snapshot is known.

use std::fmt;

/// The SHA-256 of a snapshot's exact bytes, worked out by whoever holds them: this crate has no
/// cryptography. Freshness stamps and deltas name snapshots by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Content(pub [u8; 32]);

impl Content {
    /// The hash that hexadecimal digits in small letters say.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        let mut digits = hex.bytes().map(|digit| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        });
        let mut content = [0; 32];
        for byte in &mut content {
            *byte = digits.next()?? << 4 | digits.next()??;
        }
        digits.next().is_none().then_some(Self(content))
    }

    /// The hash in hexadecimal digits, in small letters.
    #[must_use]
    pub fn hex(&self) -> String {
        let digit = |digit: u8| char::from_digit(digit.into(), 16);
        self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect()
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({self})")
    }
}
