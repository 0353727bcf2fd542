//! How names are hashed in tables.

#[cfg(any(test, target_family = "wasm"))]
mod small;

#[cfg(not(target_family = "wasm"))]
pub(crate) use ahash::RandomState as Keyed;

#[cfg(target_family = "wasm")]
pub(crate) use self::small::Small as Keyed;

/// Values by name. One hash to look one up.
pub(crate) type ByName<V> = hashbrown::HashMap<String, V, Keyed>;

/// A fast hasher with keys of its own, which nobody outside can guess.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn seeded() -> Keyed {
    use std::hash::BuildHasher as _;

    let seed = std::hash::RandomState::new();
    let key = |n: u64| seed.hash_one(n);
    Keyed::with_seeds(key(1), key(2), key(3), key(4))
}

/// A small hasher: there is no randomness here that keys could be made of.
#[cfg(target_family = "wasm")]
pub(crate) fn seeded() -> Keyed {
    small::Small
}
