//! A hasher of a few instructions, for what is downloaded.

use std::hash::{BuildHasher, Hasher};

/// FNV-1a, stirred at the end: tables tell their entries apart by the bits at both ends.
#[derive(Clone, Debug)]
pub(crate) struct Small;

pub(crate) struct Hashing(u64);

impl BuildHasher for Small {
    type Hasher = Hashing;

    fn build_hasher(&self) -> Hashing {
        Hashing(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Hashing {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        let stirred = (self.0 ^ self.0 >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        stirred ^ stirred >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_alike_differ_at_both_ends() {
        let hashes: Vec<u64> = (0..4096).map(|n| Small.hash_one(format!("user-{n:06}"))).collect();
        for ends in [|hash: &u64| hash & 63, |hash: &u64| hash >> 58, |hash: &u64| hash >> 20 & 63] {
            let mut counts = [0_u32; 64];
            hashes.iter().for_each(|hash| counts[usize::try_from(ends(hash)).unwrap()] += 1);
            assert!(counts.iter().all(|count| (24..=112).contains(count)), "{counts:?}");
        }
    }
}
