//! One Ed25519 key, and what it signs, as JWS.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::secret::{base64url, sha256_bytes};

/// A key that verifies, under its thumbprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public {
    key: VerifyingKey,
    kid: String,
}

impl Public {
    fn new(key: VerifyingKey) -> Self {
        // RFC 7638: the required members, in lexical order, without spaces.
        let thumbprint = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, base64url(key.as_bytes()));
        Self { key, kid: base64url(&sha256_bytes(thumbprint.as_bytes())) }
    }

    /// The key of a JWK's `x`; none where that is no key.
    pub(super) fn read(x: &str) -> Option<Self> {
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(x).ok()?.try_into().ok()?;
        VerifyingKey::from_bytes(&bytes).ok().map(Self::new)
    }

    /// Its thumbprint (RFC 7638).
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// As a JWK.
    #[must_use]
    pub fn jwk(&self) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": self.x(), "kid": self.kid, "use": "sig", "alg": "EdDSA" })
    }

    pub(super) fn x(&self) -> String {
        base64url(self.key.as_bytes())
    }

    /// The claims of a compact JWS of that type, if this key signed it.
    pub(super) fn verified<T: DeserializeOwned>(&self, typ: &str, jws: &str) -> Option<T> {
        let (signed, signature) = jws.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
        if header != json!({ "alg": "EdDSA", "kid": self.kid, "typ": typ }) {
            return None;
        }
        let signature = Signature::from_slice(&decode(signature)?).ok()?;
        self.key.verify_strict(signed.as_bytes(), &signature).ok()?;
        serde_json::from_slice(&decode(claims)?).ok()
    }
}

/// A key that signs.
pub(super) struct Private {
    key: SigningKey,
    public: Public,
}

impl Private {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let public = Public::new(key.verifying_key());
        Self { key, public }
    }

    /// The key of a JWK's `d`; none where that is no key.
    pub(super) fn read(d: &str) -> Option<Self> {
        let seed: [u8; 32] = URL_SAFE_NO_PAD.decode(d).ok()?.try_into().ok()?;
        Some(Self::new(&seed))
    }

    /// What verifies what it signs.
    pub(super) fn public(&self) -> &Public {
        &self.public
    }

    pub(super) fn compact(&self, typ: &str, claims: &impl Serialize) -> serde_json::Result<String> {
        let header = json!({ "alg": "EdDSA", "kid": self.public.kid, "typ": typ }).to_string();
        let claims = serde_json::to_vec(claims)?;
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(&claims));
        let signature = self.key.sign(signed.as_bytes()).to_bytes();
        Ok(format!("{signed}.{}", base64url(&signature)))
    }

    pub(super) fn detached(&self, typ: &str, payload: &[u8]) -> String {
        let kid = &self.public.kid;
        let header = json!({ "alg": "EdDSA", "b64": false, "crit": ["b64"], "kid": kid, "typ": typ });
        let header = base64url(header.to_string().as_bytes());
        let mut signed = Vec::with_capacity(header.len() + 1 + payload.len());
        signed.extend_from_slice(header.as_bytes());
        signed.push(b'.');
        signed.extend_from_slice(payload);
        format!("{header}..{}", base64url(&self.key.sign(&signed).to_bytes()))
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
        let key = Private::new(&SEED);
        assert_eq!(key.public().kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(key.public().jwk()["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(Public::read(&key.public().x()).as_ref(), Some(key.public()));
    }

    #[test]
    fn a_compact_signature_verifies() {
        let key = Private::new(&SEED);
        let jws = key.compact("test", &json!({ "a": 1 })).unwrap();
        let verified = |key: &Private, typ: &str, jws: &str| key.public().verified::<Value>(typ, jws);
        assert_eq!(verified(&key, "test", &jws), Some(json!({ "a": 1 })));
        assert_eq!(verified(&key, "other", &jws), None);
        assert_eq!(verified(&Private::new(&[7; 32]), "test", &jws), None);
        assert_eq!(verified(&key, "test", &jws.replacen('.', "A.", 1)), None);
    }
}
