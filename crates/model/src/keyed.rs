//! How names are hashed in tables.

use std::hash::BuildHasher as _;

pub(crate) use ahash::RandomState as Keyed;

/// Values by name. One hash to look one up; where code is downloaded, a list in order is less of it.
#[cfg(not(target_family = "wasm"))]
pub(crate) type ByName<V> = hashbrown::HashMap<String, V, Keyed>;

#[cfg(target_family = "wasm")]
pub(crate) type ByName<V> = crate::named::Named<V>;

/// No values yet.
pub(crate) fn by_name<V>() -> ByName<V> {
    #[cfg(not(target_family = "wasm"))]
    return ByName::with_hasher(seeded());
    #[cfg(target_family = "wasm")]
    return ByName::new();
}

/// A fast hasher with keys of its own, which nobody outside can guess.
pub(crate) fn seeded() -> Keyed {
    // The standard library's keys are random where the platform has randomness.
    let seed = std::hash::RandomState::new();
    let key = |n: u64| seed.hash_one(n);
    Keyed::with_seeds(key(1), key(2), key(3), key(4))
}
