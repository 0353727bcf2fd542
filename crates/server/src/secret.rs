//! Tokens, and the hashes under which they are stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes: {0}")]
pub struct NoEntropy(#[from] getrandom::Error);

/// Random bytes.
///
/// # Errors
/// [`NoEntropy`].
pub fn random<const N: usize>() -> Result<[u8; N], NoEntropy> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A token of 256 random bits, in base64url.
///
/// # Errors
/// [`NoEntropy`].
pub fn token() -> Result<String, NoEntropy> {
    Ok(base64url(&random::<32>()?))
}

/// A fresh id: the prefix and 80 random bits, in hex.
///
/// # Errors
/// [`NoEntropy`].
pub fn fresh_id(prefix: &str) -> Result<String, NoEntropy> {
    Ok(format!("{prefix}{}", hex(&random::<10>()?)))
}

/// What a token of 256 random bits is stored as. Nobody finds the token from it, so it needs no
/// salt and no slow hash.
#[must_use]
pub fn stored(token: &str) -> String {
    sha256(token.as_bytes())
}

/// SHA-256, in hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256, as its 32 bytes.
#[must_use]
pub fn sha256_bytes(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Whether that is what a token is [stored] as, in a time that does not say where they differ.
#[must_use]
pub fn is_stored_as(token: &str, stored: &str) -> bool {
    let digest = sha256_bytes(token.as_bytes());
    stored.len() == 2 * digest.len() && digits(&digest).zip(stored.bytes()).fold(0, differ) == 0
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    digits(bytes).map(char::from).collect()
}

fn digits(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' - 10 + value };
    bytes.iter().flat_map(move |byte| [digit(byte >> 4), digit(byte & 0xf)])
}

fn differ(so_far: u8, (a, b): (u8, u8)) -> u8 {
    so_far | (a ^ b)
}

/// Base64url without padding.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether two secrets are the same, in a time that does not say where they differ.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, differ) == 0
}
