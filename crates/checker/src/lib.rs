//! The permission model for JavaScript: the model crate behind one class.
//!
//! No cryptography, no network and no clock: the npm package verifies signatures with the
//! host's cryptography before anything comes here, and says what time it is. JavaScript decides
//! nothing: it looks up what was worked out here.
//!
//! Texts are put together of their parts, not formatted: what formats is much to download.

mod answer;
mod checker;
mod host;
mod input;
mod json;
mod pass;
mod subjects;
mod tables;

pub use checker::Checker;

/// A third of the size of the standard library's own allocator, and as good at giving memory back.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
