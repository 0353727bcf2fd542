//! What crosses to JavaScript: plain objects, never a `Map` or a `BigInt`.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::{host, json};

/// A refusal of an input, as JavaScript reads it.
#[derive(Debug, Serialize)]
pub(crate) struct Fault {
    /// Stable, for programs: `malformed`, `wrong_tenant`, `expired`, and so on.
    code: &'static str,
    /// One line for a person.
    message: String,
    /// Everything that is wrong with a document. None is read here: it is what tells a fault from what else is thrown.
    problems: &'static [&'static str],
}

impl Fault {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), problems: &[] }
    }
}

impl From<Fault> for JsValue {
    fn from(fault: Fault) -> Self {
        plain(&fault)
    }
}

/// What is answered, or why it is not: JavaScript tells which. An engine takes a module whose functions
/// answer one value each in half the time of one where some answer two.
pub(crate) fn either<T: Into<JsValue>>(answer: Result<T, Fault>) -> JsValue {
    answer.map_or_else(JsValue::from, T::into)
}

/// `value` as `JSON.parse` gives it; `undefined` where it is of a shape that no answer has.
pub(crate) fn plain<T: Serialize + ?Sized>(value: &T) -> JsValue {
    json::text(value).map_or(JsValue::UNDEFINED, |text| host::parse(&text))
}
