//! A tenant at one revision, as it is read and as changes lead on from it.

use std::sync::Arc;

use rolewright_model::change::Kind;
use rolewright_model::documents::Reader;
use rolewright_model::{Outcome, Problem, Stamp, State, Timestamp};
use rolewright_store::{Document, Head, Store};

use super::Error;
use crate::created::Created;
use crate::listing::Listing;
use crate::revisions::Revisions;

/// How many changes of other processes are looked at before everything is read anew.
const FOLLOWED: u32 = 64;

/// A tenant at one revision.
#[derive(Debug)]
pub struct Loaded {
    /// What it says.
    pub state: State,
    /// How far it is.
    pub head: Head,
    revisions: Revisions,
    created: Created,
    /// What people are searched and sorted by.
    pub listing: Listing,
}

impl Loaded {
    fn read(
        tenant: &str,
        head: Head,
        documents: Reader,
        (revisions, created): (Revisions, Created),
    ) -> Result<Self, Error> {
        let unreadable = |problems: Vec<Problem>| Error::Unreadable {
            tenant: tenant.to_owned(),
            problem: problems.first().map(ToString::to_string).unwrap_or_default(),
        };
        let documents = documents.finish().map_err(unreadable)?;
        let state = State::build(documents, head.at).map_err(unreadable)?;
        Ok(Self::of(state, head, revisions, created))
    }

    /// A state, which change last wrote each of its documents, and when its roles were made.
    #[must_use]
    pub fn of(state: State, head: Head, revisions: Revisions, created: Created) -> Self {
        Self { state, head, revisions, created, listing: Listing::default() }
    }

    /// The same after a change.
    pub(super) fn after(&self, outcome: Outcome, head: Head) -> Self {
        let (mut revisions, mut created) = (self.revisions.clone(), self.created.clone());
        let edits_people = outcome.writes.iter().any(|write| write.kind == Kind::User);
        let listing = if edits_people { Listing::default() } else { self.listing.clone() };
        for write in outcome.writes {
            created.wrote(&write, head.changed);
            revisions.wrote(write.kind, write.id, write.after.as_ref(), head.at);
        }
        Self { state: outcome.state, head, revisions, created, listing }
    }

    /// The same at that head, where what was made since wrote no document: what another process did to a key is
    /// no reason to read everything anew. None where it may have, or is much.
    pub(super) async fn follow(
        &self,
        store: &Arc<dyn Store>,
        id: &str,
        head: Head,
    ) -> Result<Option<Self>, Error> {
        let (was, is) = (self.head.at, head.at);
        let since = is.revision.checked_sub(was.revision).and_then(|since| u32::try_from(since).ok());
        let Some(since) = since.filter(|since| was.epoch == is.epoch && *since <= FOLLOWED) else {
            return Ok(None);
        };
        let entries = store.log(id, Some(was.revision), since).await?;
        let follows = entries.first().is_some_and(|first| first.previous == self.head.log_hash);
        let leads = entries.last().is_some_and(|last| last.hash == head.log_hash);
        if !follows || !leads || entries.iter().any(|sealed| !sealed.entry.writes.is_empty()) {
            return Ok(None);
        }
        Ok(Some(Self {
            state: self.state.at_stamp(is),
            head,
            revisions: self.revisions.clone(),
            created: self.created.clone(),
            listing: self.listing.clone(),
        }))
    }

    /// The change that last wrote a document, if it is there.
    #[must_use]
    pub fn revision(&self, kind: Kind, id: &str) -> Option<Stamp> {
        self.revisions.of(&self.state, kind, id)
    }

    /// When a role was made, if it is there and that is known.
    #[must_use]
    pub fn created(&self, role: &str) -> Option<Timestamp> {
        self.created.of(role)
    }
}

/// Reads a tenant. `O(documents)`.
///
/// # Errors
/// As [`Tenant::open`](super::Tenant::open).
pub(super) async fn load(store: &Arc<dyn Store>, id: &str) -> Result<Loaded, Error> {
    let mut documents = Reader::default();
    let (mut revisions, mut created) = (Revisions::default(), Created::default());
    let mut add = |document: Document| {
        documents.add(document.kind, &document.id, &document.body);
        created.found(document.kind, &document.id, document.created);
        revisions.wrote(document.kind, document.id, Some(&document.body), document.at);
    };
    let head = store.each_document(id, &mut add).await?;
    let tenant = id.to_owned();
    let read =
        tokio::task::spawn_blocking(move || Loaded::read(&tenant, head, documents, (revisions, created)));
    read.await.map_err(|_| Error::Stopped)?
}
