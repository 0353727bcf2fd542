//! What is asked of the server, put together before it is sent.

use std::rc::Rc;

use serde::Serialize;
use wasm_bindgen::JsValue;

use super::client::{Encoded, Query, encoded};

/// A request. What it says is written already, so it is kept, compared and sent in one way, whatever it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<Body>,
    pub(super) etag: Option<String>,
    pub(super) once: Option<Rc<str>>,
}

/// Where something new is made.
const MAKES: [&str; 7] = ["/assignments", "/batch", "/groups", "/keys", "/packages", "/roles", "/users"];

/// What a request says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    /// JSON. Copies of a request share it.
    Json(Rc<str>),
    /// A table, byte by byte as it stands in a file: what is no text is the server's to tell.
    Csv(JsValue),
}

impl Request {
    /// GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), body: None, etag: None, once: None }
    }

    /// POST.
    pub fn post<B: Serialize>(path: impl Into<String>, body: &B) -> Self {
        // What cannot be written is sent as nothing, and refused by the server.
        Self::written("POST", path.into(), encoded(body).unwrap_or_default().into())
    }

    /// POST of what is written already.
    pub fn of(path: impl Into<String>, body: Encoded) -> Self {
        Self::written("POST", path.into(), body.0)
    }

    /// PUT, with the `ETag` of the GET.
    pub fn put<B: Serialize>(path: impl Into<String>, body: &B, etag: Option<&str>) -> Self {
        Self::written("PUT", path.into(), encoded(body).unwrap_or_default().into()).at(etag)
    }

    /// PUT of what is written already, with the `ETag` of the GET.
    pub fn put_of(path: impl Into<String>, body: Encoded, etag: Option<&str>) -> Self {
        Self::written("PUT", path.into(), body.0).at(etag)
    }

    /// DELETE, with the `ETag` of the GET where the document has one.
    pub fn delete(path: impl Into<String>, etag: Option<&str>) -> Self {
        Self { method: "DELETE", ..Self::get(path) }.at(etag)
    }

    /// DELETE of what it takes a body to delete.
    pub fn delete_with<B: Serialize>(path: impl Into<String>, body: &B) -> Self {
        Self::written("DELETE", path.into(), encoded(body).unwrap_or_default().into())
    }

    /// POST of a table, its bytes in a buffer of JavaScript.
    pub fn table(path: impl Into<String>, table: JsValue) -> Self {
        Self { method: "POST", path: path.into(), body: Some(Body::Csv(table)), etag: None, once: None }
    }

    fn written(method: &'static str, path: String, body: Rc<str>) -> Self {
        Self { method, path, body: Some(Body::Json(body)), etag: None, once: None }
    }

    /// The same, of what counts only where something is as it was: a document, or with [`rolewright_wire::etag`] the tenant.
    #[must_use]
    pub fn at(self, etag: Option<&str>) -> Self {
        Self { etag: etag.map(str::to_owned), ..self }
    }

    /// The same, under a key by which the server makes it once, however often it is sent.
    #[must_use]
    pub fn once(self, key: Rc<str>) -> Self {
        Self { once: Some(key), ..self }
    }

    /// Whether the server takes a key with it: where it makes something new, or edits what it names a version of.
    pub fn takes_key(&self) -> bool {
        let path = self.path.split_once('?').map_or(self.path.as_str(), |(path, _)| path);
        match self.method {
            "POST" => MAKES.contains(&path),
            "PUT" | "DELETE" => self.etag.is_some(),
            _ => false,
        }
    }

    /// The same, with why it is asked for; an empty reason is none.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        self.asking(&Query::default().with("reason", reason))
    }

    /// The same, only tried.
    #[must_use]
    pub fn tried(self) -> Self {
        self.extended("dry_run=true")
    }

    /// The same, with more in its query.
    #[must_use]
    pub fn asking(self, query: &Query) -> Self {
        match query.as_str().strip_prefix('?') {
            Some(more) => self.extended(more),
            None => self,
        }
    }

    fn extended(self, more: &str) -> Self {
        let sign = if self.path.contains('?') { "&" } else { "?" };
        Self { path: [&*self.path, sign, more].concat(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_is_asked_for_in_the_same_words() {
        for (path, tried) in [
            ("/roles/a", "/roles/a?dry_run=true"),
            ("/roles/a?replace_with=b", "/roles/a?replace_with=b&dry_run=true"),
        ] {
            assert_eq!(Request::delete(path, None).tried().path, tried);
        }
    }

    #[test]
    fn a_key_goes_with_what_makes_something_new_or_edits_a_version() {
        let nothing = crate::api::Nothing {};
        for (request, takes_key) in [
            (Request::post("/groups", &nothing), true),
            (Request::post("/groups?reason=moved", &nothing), true),
            (Request::put("/roles/a", &nothing, Some("1")), true),
            (Request::delete("/roles/a", Some("1")), true),
            (Request::post("/setup", &nothing), false),
            (Request::post("/session", &nothing), false),
            (Request::put("/session/view", &nothing, None), false),
            (Request::delete("/session", None), false),
            (Request::get("/groups"), false),
        ] {
            assert_eq!(request.takes_key(), takes_key, "{request:?}");
        }
    }

    #[test]
    fn what_is_asked_besides_goes_with_what_is_said_already() {
        for (path, said) in [
            ("/roles/a", "/roles/a?reason=moved"),
            ("/roles/a?replace_with=b", "/roles/a?replace_with=b&reason=moved"),
        ] {
            assert_eq!(Request::delete(path, None).extended("reason=moved").path, said);
        }
    }
}
