//! What crosses to JavaScript: plain objects, never a `Map` or a `BigInt`.

use rolewright_model::Problem;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::json;

/// A refusal of an input, as JavaScript reads it.
#[derive(Debug, Serialize)]
pub(crate) struct Fault {
    /// Stable, for programs: `malformed`, `wrong_tenant`, `expired`, and so on.
    code: &'static str,
    /// One line for a person.
    message: String,
    /// Everything that is wrong, where it is a document.
    problems: Vec<Problem>,
}

impl Fault {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), problems: Vec::new() }
    }
}

impl From<Fault> for JsValue {
    fn from(fault: Fault) -> Self {
        plain(&fault).unwrap_or_else(|error| error)
    }
}

/// `value` as `JSON.parse` gives it.
pub(crate) fn plain<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    let text = json::text(value).map_err(|unwritable| JsValue::from(unwritable.to_string()))?;
    js_sys::JSON::parse(&text)
}
