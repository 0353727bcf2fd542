//! Names: the users by id.

#[cfg(not(target_family = "wasm"))]
mod hashed;
#[cfg(any(test, target_family = "wasm"))]
#[cfg_attr(not(target_family = "wasm"), allow(dead_code, reason = "here it is only tested"))]
mod listed;

#[cfg(not(target_family = "wasm"))]
pub(super) use self::hashed::Names;
#[cfg(target_family = "wasm")]
pub(super) use self::listed::Names;
