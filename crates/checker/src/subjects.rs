//! Subjects by handle: users of the snapshot and holders of passes.

use std::borrow::Cow;

use rolewright_model::pass::PassDocument;
use rolewright_model::snapshot::Compact;
use rolewright_model::{Stamp, Subject};

/// A place for one subject. Its handle is its position, and is good until it is closed.
#[derive(Debug)]
enum Slot {
    /// Nobody; the next to be given out after this one.
    Closed { next: Option<u32> },
    /// A user of the snapshot, by id: looked up each time, since snapshots change.
    User { id: String, session: Option<Stamp> },
    /// The holder of a pass, as the current snapshot sees it.
    Pass { pass: Box<PassDocument>, subject: Subject },
}

/// Every open subject.
#[derive(Debug, Default)]
pub(crate) struct Subjects {
    slots: Vec<Slot>,
    free: Option<u32>,
}

impl Subjects {
    pub(crate) fn open_user(&mut self, id: &str, session: Option<Stamp>) -> Option<u32> {
        self.open(Slot::User { id: id.to_owned(), session })
    }

    pub(crate) fn open_pass(&mut self, pass: PassDocument, snapshot: &Compact) -> Option<u32> {
        let subject = snapshot.index.subject_of_pass(&pass, &snapshot.revoked);
        self.open(Slot::Pass { pass: Box::new(pass), subject })
    }

    #[inline(never)]
    fn open(&mut self, slot: Slot) -> Option<u32> {
        if let Some(handle) = self.free
            && let Some(place) = self.slots.get_mut(handle as usize)
            && let Slot::Closed { next } = place
        {
            self.free = *next;
            *place = slot;
            return Some(handle);
        }
        let handle = u32::try_from(self.slots.len()).ok()?;
        self.slots.push(slot);
        Some(handle)
    }

    pub(crate) fn close(&mut self, handle: u32) {
        if let Some(place) = self.slots.get_mut(handle as usize)
            && !matches!(place, Slot::Closed { .. })
        {
            *place = Slot::Closed { next: self.free };
            self.free = Some(handle);
        }
    }

    /// The subject behind a handle, and the session it asks in.
    pub(crate) fn get<'s>(
        &'s self,
        handle: u32,
        snapshot: &'s Compact,
    ) -> Option<(Cow<'s, Subject>, Option<Stamp>)> {
        match self.slots.get(handle as usize)? {
            Slot::Closed { .. } => None,
            Slot::User { id, session } => Some((Cow::Owned(snapshot.index.subject(id)?), *session)),
            Slot::Pass { pass, subject } => Some((Cow::Borrowed(subject), Some(pass.session))),
        }
    }

    /// Sees every pass as a new snapshot does: what it revokes counts at once.
    #[inline(never)]
    pub(crate) fn adopt(&mut self, snapshot: &Compact) {
        for slot in &mut self.slots {
            if let Slot::Pass { pass, subject } = slot {
                *subject = snapshot.index.subject_of_pass(pass, &snapshot.revoked);
            }
        }
    }
}
