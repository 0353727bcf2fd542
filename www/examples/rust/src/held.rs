//! A state that the server signed, and how long it is good.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use rolewright_model::snapshot::{Compact, Content, SnapshotKind};
use rolewright_model::{Stamp, Timestamp};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::signed::Keys;

/// What is known.
#[derive(Debug)]
pub(crate) struct Held {
    /// What decisions read.
    pub(crate) snapshot: Arc<Compact>,
    /// The SHA-256 of its bytes, in hex: the server's ETag.
    pub(crate) content: String,
    /// The revision that it is confirmed for.
    at: Stamp,
    /// Until when it may answer.
    pub(crate) expires: Timestamp,
}

/// What a freshness stamp says, as far as it is needed here.
#[derive(Deserialize)]
struct Fresh {
    tenant: String,
    kind: SnapshotKind,
    at: Stamp,
    content: String,
    expires: Timestamp,
}

impl Held {
    /// A signed snapshot and its stamp.
    pub(crate) fn read(bytes: &[u8], stamp: &str, keys: &Keys, tenant: &str) -> Result<Self> {
        let payload = keys.detached(bytes, "rolewright-snapshot").context("the snapshot")?;
        let snapshot = Compact::decode(&payload).context("the snapshot")?;
        ensure!(
            snapshot.tenant == tenant && snapshot.kind == SnapshotKind::Full,
            "the snapshot is another one"
        );
        let content = Content(Sha256::digest(&payload).into()).hex();
        let at = snapshot.index.at();
        let read = Self { snapshot: Arc::new(snapshot), content, at, expires: Timestamp(0) };
        read.confirmed(stamp, keys)
    }

    /// The same, confirmed by another stamp; an error where it is not of this state, or goes back.
    pub(crate) fn confirmed(&self, stamp: &str, keys: &Keys) -> Result<Self> {
        let payload = keys.compact(stamp, "rolewright-stamp").context("the stamp")?;
        let fresh: Fresh = serde_json::from_slice(&payload).context("the stamp")?;
        let is_ours = fresh.tenant == self.snapshot.tenant && fresh.kind == self.snapshot.kind;
        ensure!(is_ours && fresh.content == self.content, "the stamp is of another snapshot");
        ensure!(fresh.at >= self.at, "the stamp is older than the snapshot");
        Ok(Self {
            snapshot: Arc::clone(&self.snapshot),
            content: self.content.clone(),
            at: fresh.at,
            expires: fresh.expires,
        })
    }

    /// This, unless it would go back from what was known or is good no more.
    pub(crate) fn after(self, known: Option<&Self>, now: Timestamp) -> Result<Self> {
        ensure!(now < self.expires, "the stamp has expired");
        ensure!(known.is_none_or(|known| known.at <= self.at), "the server answered an older revision");
        Ok(self)
    }
}
