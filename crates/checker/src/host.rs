//! What is asked of JavaScript itself.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// What JSON text says. It throws where that is not JSON: only for what was written here.
    #[wasm_bindgen(js_namespace = JSON)]
    pub(crate) fn parse(text: &str) -> JsValue;

    /// The number that a text is. What reads one is much to download.
    #[wasm_bindgen(js_name = Number)]
    pub(crate) fn number(text: &str) -> f64;

    /// Bytes, as a copy.
    pub(crate) type Uint8Array;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new(bytes: &[u8]) -> Uint8Array;
}
