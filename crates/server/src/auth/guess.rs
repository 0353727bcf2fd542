//! What is tried, and from where: under what it is counted.

use std::net::IpAddr;

use rolewright_model::directory::folded_email;
use sha2::{Digest as _, Sha256};

/// From where a try comes.
#[derive(Clone, Copy)]
pub enum Origin<'a> {
    /// An address, where it is known.
    Address(Option<IpAddr>),
    /// A browser with which the account's owner signed in before: its token. Others at its address do
    /// not hold it up.
    Known(&'a str),
}

impl Origin<'_> {
    /// What is counted for it whatever is tried.
    pub(super) fn as_a_whole(self) -> Option<Guesser> {
        match self {
            Self::Address(_) => Some(guesser(self, None)),
            Self::Known(_) => None,
        }
    }
}

/// What a try is for.
#[derive(Clone, Copy, Debug)]
pub enum Guess<'a> {
    /// The password of an account: its email, in any case.
    Email(&'a str),
    /// The token of a link.
    Link(&'a str),
    /// Not a guess, but as cheap: a mail to whoever has that email, in any case.
    Reset(&'a str),
}

/// SHA-256 of from where and for what; for an address as a whole, of the address alone.
pub(super) type Guesser = [u8; 32];

/// Under what a try is counted.
pub(super) fn guesser(from: Origin<'_>, guess: Option<Guess<'_>>) -> Guesser {
    let mut hash = Sha256::new();
    match from {
        Origin::Known(token) => {
            hash.update([1]);
            hash.update(Sha256::digest(token));
        }
        Origin::Address(None) => hash.update([0]),
        Origin::Address(Some(address)) => match address.to_canonical() {
            IpAddr::V4(address) => {
                hash.update([4]);
                hash.update(address.octets());
            }
            // Whoever has an IPv6 address has the 2^64 beside it too.
            IpAddr::V6(address) => {
                hash.update([6]);
                hash.update((address.to_bits() >> 64).to_be_bytes());
            }
        },
    }
    match guess {
        None => {}
        Some(Guess::Email(email)) => {
            hash.update([1]);
            hash.update(folded_email(email));
        }
        Some(Guess::Link(token)) => {
            hash.update([2]);
            hash.update(token);
        }
        Some(Guess::Reset(email)) => {
            hash.update([3]);
            hash.update(folded_email(email));
        }
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_ipv6_are_one_address() {
        let of = |text: &str| guesser(Origin::Address(Some(text.parse().unwrap())), None);
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
