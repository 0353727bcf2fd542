//! Faults: what was acknowledged outlasts a killed process, a full disk and a torn write-ahead log, and nothing is there
//! by half.

pub(crate) mod client;
mod full;
mod kill;
pub(crate) mod load;
mod torn;
mod truth;

/// Whether the long tests were asked for.
fn thorough() -> bool {
    std::env::var_os("ROLEWRIGHT_THOROUGH").is_some()
}
