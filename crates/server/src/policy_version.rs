//! The version of the policy as a whole, which no single document has: `"REVISION-DIGEST"`.
//!
//! The revision is the newest of its documents, so that a conflict can tell what changed since. A document that is gone has
//! none, nor has what is assigned to everyone by itself: so the digest of all that the policy says goes with it.

use std::sync::Arc;

use rolewright_model::change::{Kind, writes};
use rolewright_model::restore::ChangedSince;
use rolewright_model::{Stamp, State};

use crate::conditional::{IfMatch, etag};
use crate::past;
use crate::secret;
use crate::tenant::{Loaded, Tenant};

/// How much of the digest is told: 64 bits in hex.
const LENGTH: usize = 16;

/// The `ETag` of the policy. `O(documents of the policy)`.
#[must_use]
pub fn policy_etag(loaded: &Loaded) -> String {
    let policy = serde_json::to_vec(&loaded.state.policy_document()).unwrap_or_default();
    let digest = secret::sha256(&policy);
    let newest = etag(newest(loaded));
    format!("\"{}-{}\"", newest.trim_matches('"'), digest.get(..LENGTH).unwrap_or(&digest))
}

/// The newest revision of a document of the policy.
fn newest(loaded: &Loaded) -> Stamp {
    let documents = loaded.state.documents();
    let one = [Kind::Settings, Kind::Catalogue, Kind::Tests].map(|kind| loaded.revision(kind, Kind::ONLY));
    let roles = documents.roles.keys().map(|id| loaded.revision(Kind::Role, id));
    let packages = documents.packages.keys().map(|id| loaded.revision(Kind::Package, id));
    one.into_iter().chain(roles).chain(packages).flatten().max().unwrap_or_default()
}

/// Which documents of the policy are not as they were in the version that an edit names; none where it names no such
/// version, or the past cannot be read: it is a conflict all the same. `O(documents + changes since)`.
pub async fn changed_since(tenant: &Arc<Tenant>, named: &IfMatch) -> Vec<ChangedSince> {
    let loaded = tenant.loaded();
    let Some(at) = named.first().and_then(revision).filter(|at| is_past(*at, &loaded.state)) else {
        return Vec::new();
    };
    let Ok(then) = past::at_revision(tenant, at).await else { return Vec::new() };
    let since = tenant.work(move || {
        let since = writes(then.documents(), loaded.state.documents()).into_iter();
        let of_policy = since.filter(|write| write.kind.is_of_policy());
        let changed = of_policy.map(|write| ChangedSince {
            kind: write.kind,
            id: write.id,
            name: None,
            left: write.before,
            current: write.after,
        });
        changed.collect()
    });
    since.await.unwrap_or_default()
}

/// The revision that an `ETag` of the policy names.
fn revision(tag: &str) -> Option<Stamp> {
    let (revision, _) = tag.strip_prefix('"')?.strip_suffix('"')?.split_once('-')?;
    Stamp::parse(revision).or_else(|| Some(Stamp { epoch: 0, revision: revision.parse().ok()? }))
}

fn is_past(at: Stamp, state: &State) -> bool {
    at.epoch == state.at().epoch && (1..=state.at().revision).contains(&at.revision)
}
