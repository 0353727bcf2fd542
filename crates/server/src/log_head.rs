//! Heads of the log that others know: by them it is seen whether the history here is still theirs.

use rolewright_model::Stamp;

use crate::past;
use crate::tenant::{Error, Loaded, Tenant};

/// A revision, and the hash of the log's entry that made it.
#[derive(Debug, PartialEq, Eq)]
pub struct LogHead {
    /// The revision.
    pub at: Stamp,
    /// In hex.
    pub hash: String,
}

impl LogHead {
    /// What `EPOCH.REVISION.HASH` says.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, hash) = text.rsplit_once('.')?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then_some(())?;
        Some(Self { at: Stamp::parse(at)?, hash: hash.to_owned() })
    }
}

/// Whether the history here leads on from a known head: the log reaches it and is the same there, or a restore began a
/// later epoch. Of what was removed from the log nothing is known against it. At most one row is read.
///
/// # Errors
/// Where the store fails.
pub async fn leads_on(tenant: &Tenant, loaded: &Loaded, known: &LogHead) -> Result<bool, Error> {
    let head = &loaded.head;
    if known.at.epoch < head.at.epoch {
        return Ok(true);
    }
    if known.at >= head.at {
        return Ok(known.at == head.at && known.hash == head.log_hash);
    }
    let hash = past::log_hash(tenant, known.at.revision).await?;
    Ok(hash.is_none_or(|hash| hash == known.hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_a_revision_and_a_hash() {
        let hash = "0a".repeat(32);
        let at = Stamp { epoch: 1, revision: 26 };
        assert_eq!(LogHead::parse(&format!("1.26.{hash}")), Some(LogHead { at, hash: hash.clone() }));
        for wrong in [
            hash.clone(),
            format!("26.{hash}"),
            format!("1.26.{hash}0"),
            "1.26.".into(),
            "1.26".into(),
            format!("1.26.{}", "g".repeat(64)),
        ] {
            assert_eq!(LogHead::parse(&wrong), None, "{wrong}");
        }
    }
}
