//! What the server signs: JWS with Ed25519 (RFC 8037), compact, or detached from a payload that is not encoded (RFC 7797).

use std::collections::HashMap;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;
use serde_json::Value;

/// Public keys by id.
#[derive(Debug)]
pub(crate) struct Keys(HashMap<String, VerifyingKey>);

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl Keys {
    /// The Ed25519 keys of a JWK set.
    pub(crate) fn read(set: &[u8]) -> Result<Self> {
        let set: KeySet = serde_json::from_slice(set).context("the key set")?;
        let key = |key: &Value| {
            let bytes = URL_SAFE_NO_PAD.decode(key.get("x")?.as_str()?).ok()?;
            let key_of = VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()?;
            Some((key.get("kid")?.as_str()?.to_owned(), key_of))
        };
        Ok(Self(set.keys.iter().filter_map(key).collect()))
    }

    /// The payload of a compact JWS of that type.
    pub(crate) fn compact(&self, token: &str, typ: &str) -> Result<Vec<u8>> {
        let (signed, signature) = token.rsplit_once('.').context("it is no JWS")?;
        let (header, payload) = signed.split_once('.').context("it is no JWS")?;
        self.verify(header, typ, signed.as_bytes(), signature)?;
        URL_SAFE_NO_PAD.decode(payload).context("it is no JWS")
    }

    /// The payload after `HEADER..SIGNATURE` and a line feed.
    pub(crate) fn detached(&self, bytes: &[u8], typ: &str) -> Result<Vec<u8>> {
        let end = bytes.iter().position(|byte| *byte == b'\n').context("it is not signed")?;
        let (line, payload) = bytes.split_at(end);
        let payload = payload.get(1..).unwrap_or_default();
        let (header, signature) = std::str::from_utf8(line)?.split_once("..").context("it is not signed")?;
        self.verify(header, typ, &[header.as_bytes(), b".", payload].concat(), signature)?;
        Ok(payload.to_vec())
    }

    fn verify(&self, header: &str, typ: &str, signed: &[u8], signature: &str) -> Result<()> {
        let read: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header)?)?;
        let says = |name: &str| read.get(name).and_then(Value::as_str).unwrap_or_default();
        ensure!(says("alg") == "EdDSA" && says("typ") == typ, "it is not a {typ}");
        let key = self.0.get(says("kid")).context("it is signed by a key that is not in the key set")?;
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature)?)?;
        key.verify_strict(signed, &signature).context("it was changed after it was signed")
    }
}
