//! Signatures: Ed25519, as JWS. The key is made once for a tenant and kept with its records.

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use rolewright_model::Timestamp;
use rolewright_store::{Record, Store};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::secret::{base64url, random, sha256_bytes};
use crate::tenant::Error;

/// The kind of the record, and its key.
const KIND: &str = "signing_key";
const CURRENT: &str = "current";

/// A tenant's signing key.
pub struct Signer {
    key: SigningKey,
    kid: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Signer {
    /// The tenant's key; made where there is none. Of two processes that make one at the same
    /// time, both use the one that was kept.
    ///
    /// # Errors
    /// Where the store or the randomness fails.
    pub async fn of(store: &dyn Store, tenant: &str, now: Timestamp) -> Result<Self, Error> {
        if let Some(kept) = store.record(tenant, KIND, CURRENT, now).await? {
            return Self::read(tenant, &kept.body);
        }
        let seed: [u8; 32] = random().map_err(|_| Error::Stopped)?;
        let made = json!({ "kty": "OKP", "crv": "Ed25519", "d": base64url(&seed) });
        if store.insert_record(tenant, KIND, CURRENT, Record::new(made.clone()), now).await? {
            return Self::read(tenant, &made);
        }
        match store.record(tenant, KIND, CURRENT, now).await? {
            Some(kept) => Self::read(tenant, &kept.body),
            None => Err(Error::Stopped),
        }
    }

    fn read(tenant: &str, kept: &Value) -> Result<Self, Error> {
        let seed = kept.get("d").and_then(Value::as_str);
        let seed = seed.and_then(|seed| URL_SAFE_NO_PAD.decode(seed).ok());
        let seed: Option<[u8; 32]> = seed.and_then(|seed| seed.try_into().ok());
        let unreadable = || Error::Unreadable {
            tenant: tenant.to_owned(),
            problem: "its signing key cannot be read".to_owned(),
        };
        Ok(Self::from_seed(&seed.ok_or_else(unreadable)?))
    }

    fn from_seed(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let x = base64url(key.verifying_key().as_bytes());
        // RFC 7638: the required members, in lexical order, without spaces.
        let thumbprint = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        Self { key, kid: base64url(&sha256_bytes(thumbprint.as_bytes())) }
    }

    /// The public key, as a JWK.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let x = base64url(self.key.verifying_key().as_bytes());
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.kid, "use": "sig", "alg": "EdDSA" })
    }

    /// The claims as a compact JWS.
    ///
    /// # Errors
    /// Where the claims are not JSON.
    pub fn compact(&self, typ: &str, claims: &impl Serialize) -> serde_json::Result<String> {
        let header = json!({ "alg": "EdDSA", "kid": self.kid, "typ": typ }).to_string();
        let claims = serde_json::to_vec(claims)?;
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(&claims));
        let signature = self.key.sign(signed.as_bytes()).to_bytes();
        Ok(format!("{signed}.{}", base64url(&signature)))
    }

    /// The claims of a compact JWS of that type, if this key signed it.
    #[must_use]
    pub fn verified<T: DeserializeOwned>(&self, typ: &str, jws: &str) -> Option<T> {
        let (signed, signature) = jws.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
        if header != json!({ "alg": "EdDSA", "kid": self.kid, "typ": typ }) {
            return None;
        }
        let signature = Signature::from_slice(&decode(signature)?).ok()?;
        self.key.verifying_key().verify_strict(signed.as_bytes(), &signature).ok()?;
        serde_json::from_slice(&decode(claims)?).ok()
    }

    /// A JWS over exactly these bytes, without them: `HEADER..SIGNATURE` (RFC 7797).
    #[must_use]
    pub fn detached(&self, typ: &str, payload: &[u8]) -> String {
        let header = json!({ "alg": "EdDSA", "b64": false, "crit": ["b64"], "kid": self.kid, "typ": typ });
        let header = base64url(header.to_string().as_bytes());
        let mut signed = Vec::with_capacity(header.len() + 1 + payload.len());
        signed.extend_from_slice(header.as_bytes());
        signed.push(b'.');
        signed.extend_from_slice(payload);
        format!("{header}..{}", base64url(&self.key.sign(&signed).to_bytes()))
    }

    /// The bytes as they travel: [`Signer::detached`], a line feed, and themselves.
    #[must_use]
    pub fn attached(&self, typ: &str, payload: &[u8]) -> Bytes {
        let mut body = self.detached(typ, payload).into_bytes();
        body.push(b'\n');
        body.extend_from_slice(payload);
        body.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8037, appendix A.
    const SEED: [u8; 32] = [
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44,
        0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
    ];

    #[test]
    fn the_key_id_is_the_thumbprint_of_rfc_8037() {
        let signer = Signer::from_seed(&SEED);
        assert_eq!(signer.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(signer.jwk()["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    }

    #[test]
    fn a_compact_signature_verifies() {
        let signer = Signer::from_seed(&SEED);
        let jws = signer.compact("test", &json!({ "a": 1 })).unwrap();
        assert_eq!(signer.verified::<Value>("test", &jws), Some(json!({ "a": 1 })));
        assert_eq!(signer.verified::<Value>("other", &jws), None);
        assert_eq!(Signer::from_seed(&[7; 32]).verified::<Value>("test", &jws), None);
        assert_eq!(signer.verified::<Value>("test", &jws.replacen('.', "A.", 1)), None);
        let (signed, signature) = jws.rsplit_once('.').unwrap();
        let signature: [u8; 64] = URL_SAFE_NO_PAD.decode(signature).unwrap().try_into().unwrap();
        let signature = ed25519_dalek::Signature::from_bytes(&signature);
        assert!(signer.key.verifying_key().verify_strict(signed.as_bytes(), &signature).is_ok());
    }
}
