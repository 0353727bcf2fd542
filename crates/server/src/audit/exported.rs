//! What an export of the change log proves.

use std::io::BufRead;

use rolewright_store::log;
use rolewright_wire::audit::{
    ExportedAnchor, ExportedEntry, ExportedExcerpt, ExportedHead, LOG_EXCERPT_TYPE, LOG_HEAD_TYPE,
    LogAnchorClaims, LogExcerptClaims, LogHeadClaims,
};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::prune;
use crate::signing::{End, Signer};

/// What an export is, once all of it was found to be as the tenant signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proved {
    /// The whole log up to a head: a chain from the first entry, or from the log's anchor, to it, of which nothing is missing.
    Whole(LogHeadClaims),
    /// Some entries, each whole in itself, and no chain: that they are all that the filter takes, the tenant's signature
    /// says alone.
    Excerpt(LogExcerptClaims),
}

/// An export, and what an entry of it is called in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// What it is.
    pub proved: Proved,
    /// The revision and the hash of each entry.
    pub entries: Vec<(u64, String)>,
    /// What stands for the entries before the first, where the log was cut.
    pub anchor: Option<LogAnchorClaims>,
    /// How the key ended that signed it, where that was replaced.
    pub key_end: Option<End>,
}

/// Reads an export of a tenant whose key that is.
///
/// # Errors
/// The first line that is not as it was written, and why.
pub fn read(tenant: &str, signer: &Signer, lines: impl BufRead) -> Result<Exported, String> {
    let (mut entries, mut chain, mut said) = (Vec::new(), log::START.to_owned(), None);
    let mut is_chain = true;
    let mut previous_hash = log::START.to_owned();
    let mut anchor = None;
    for (number, line) in (1..).zip(lines.lines()) {
        let line = line.map_err(|error| format!("line {number} cannot be read: {error}"))?;
        let wrong = |why: &str| format!("line {number} {why}");
        if said.is_some() {
            return Err(wrong("stands behind the signed one: it was added"));
        }
        if let Some(ExportedAnchor { anchor: jws }) = written(&line) {
            let claims = prune::claims(tenant, signer, &jws);
            let claims = claims.filter(|_| number == 1);
            let claims = claims.ok_or_else(|| wrong("is no anchor that this tenant signed"))?;
            previous_hash.clone_from(&claims.log_hash);
            anchor = Some(claims);
        } else if let Some(head) = written::<ExportedHead>(&line) {
            said = Some((number, Last::Head(head.head)));
        } else if let Some(excerpt) = written::<ExportedExcerpt>(&line) {
            said = Some((number, Last::Excerpt(excerpt.excerpt)));
        } else {
            let entry: ExportedEntry = written(&line)
                .ok_or_else(|| wrong("is no entry of a log as one is written, and not signed"))?;
            if log::hash(&entry.previous, &entry.text) != entry.hash {
                return Err(wrong("is not as it was written: its hash is another"));
            }
            let ExportedEntry { revision, previous, hash, text } = entry;
            log::LogEntry::parse(tenant, revision, previous.clone(), hash.clone(), text)
                .map_err(|error| wrong(&format!("is not what it says: {error}")))?;
            is_chain &= previous == previous_hash;
            previous_hash.clone_from(&hash);
            chain = log::hash(&chain, &line);
            entries.push((revision, hash));
        }
    }
    let Some((number, last)) = said else {
        return Err("the last line is not signed: the export was cut short, so get it again".to_owned());
    };
    let unsigned = || format!("line {number} is not signed by tenant `{tenant}`");
    let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    let (proved, key_end) = match last {
        Last::Head(jws) => {
            let verified = signer.verified(LOG_HEAD_TYPE, &jws);
            let (claims, end): (LogHeadClaims, _) = verified.ok_or_else(unsigned)?;
            if claims.tenant != tenant {
                return Err(unsigned());
            }
            if !is_chain || claims.log_head != previous_hash {
                return Err(
                    "the entries are no chain that ends in the signed head: some are missing".to_owned()
                );
            }
            (Proved::Whole(claims), end)
        }
        Last::Excerpt(jws) => {
            let verified = signer.verified(LOG_EXCERPT_TYPE, &jws);
            let (claims, end): (LogExcerptClaims, _) = verified.ok_or_else(unsigned)?;
            if claims.tenant != tenant {
                return Err(unsigned());
            }
            if claims.entries != count || claims.lines != chain {
                return Err(
                    "the lines are not those that were signed: some are missing or were put in".to_owned()
                );
            }
            (Proved::Excerpt(claims), end)
        }
    };
    Ok(Exported { proved, entries, anchor, key_end })
}

/// What a line says, where an export writes it so, to the byte: what stands beside it was added.
fn written<T: DeserializeOwned + Serialize>(line: &str) -> Option<T> {
    let read: T = serde_json::from_str(line).ok()?;
    serde_json::to_string(&read).is_ok_and(|written| written == line).then_some(read)
}

enum Last {
    Head(String),
    Excerpt(String),
}
