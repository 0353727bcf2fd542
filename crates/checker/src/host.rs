//! What is asked of JavaScript itself.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// An array.
    pub(crate) type List;

    /// What JSON text says. It throws where that is not JSON: only for what was written here.
    #[wasm_bindgen(js_namespace = JSON)]
    pub(crate) fn parse(text: &str) -> JsValue;

    #[wasm_bindgen(js_namespace = Array, js_name = isArray)]
    pub(crate) fn is_list(value: &JsValue) -> bool;

    /// The names and values of an object, each a list of the two.
    #[wasm_bindgen(js_namespace = Object)]
    pub(crate) fn entries(object: &JsValue) -> List;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn length(this: &List) -> u32;

    #[wasm_bindgen(method, indexing_getter)]
    pub(crate) fn get(this: &List, at: u32) -> JsValue;
}
