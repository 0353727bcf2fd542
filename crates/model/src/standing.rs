//! Standing: what users reach whatever is asked, where keeping it is cheap. Most questions are then
//! one look.

use std::sync::{Arc, OnceLock};

use crate::people::{CHUNK, Counts};

/// What a user may have for it in bytes, whatever the number of users.
const SMALL: usize = 96;
/// What all users may have for it together in bytes: what a processor keeps at hand.
const TOGETHER: usize = 4 << 20;

/// What a user reaches, of 64 bits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reach {
    /// Everywhere and always.
    always: u64,
    /// At the tenant, perhaps: at some time, or where a condition is true.
    at_tenant: u64,
    /// Somewhere, perhaps.
    somewhere: u64,
}

impl Reach {
    /// Adds what is reached by something that counts there: surely, and where every condition is true.
    #[inline]
    pub(crate) fn see(&mut self, counts: Counts, surely: u64, possibly: u64) {
        self.somewhere |= possibly;
        if counts != Counts::Somewhere {
            self.at_tenant |= possibly;
        }
        if counts == Counts::Always {
            self.always |= surely;
        }
    }
}

/// What the users of a chunk reach, one after the other; worked out when one of them is first asked
/// about.
type Cell = OnceLock<Arc<[Reach]>>;

/// What users reach, by position. A copy shares what was worked out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    cells: Vec<Cell>,
    /// How many [`Reach`]es a user has.
    words: usize,
}

impl Standing {
    /// Of so many users, with so many words of bits each; of nobody where that would be much, nor where
    /// code is downloaded: who asks there asks for every permission at once.
    pub(crate) fn new(users: u32, words: usize) -> Self {
        let each = words * size_of::<Reach>();
        if cfg!(target_family = "wasm") || each > SMALL && each.saturating_mul(users as usize) > TOGETHER {
            return Self::default();
        }
        Self { cells: vec![Cell::new(); (users as usize).div_ceil(CHUNK)], words }
    }

    /// Whether so many users have their place here.
    pub(crate) fn has_room(&self, users: u32) -> bool {
        !cfg!(target_family = "wasm") && users as usize <= self.cells.len() * CHUNK
    }

    /// Forgets the users of a chunk.
    pub(crate) fn forget(&mut self, chunk: usize) {
        if let Some(cell) = self.cells.get_mut(chunk) {
            *cell = Cell::new();
        }
    }

    /// Whether a user has a bit, at the tenant or at another place; none where that hangs on the
    /// place, the time or the request, or nothing is kept. `work_out` says it of all users of a chunk.
    #[inline]
    pub(crate) fn of(
        &self,
        user: u32,
        bit: u32,
        is_tenant: bool,
        work_out: impl FnOnce(usize) -> Arc<[Reach]>,
    ) -> Option<bool> {
        let (chunk, place) = (user as usize / CHUNK, user as usize % CHUNK);
        let reaches = self.cells.get(chunk)?.get_or_init(|| work_out(chunk));
        let Reach { always, at_tenant, somewhere } =
            *reaches.get(place * self.words + (bit / 64) as usize)?;
        let perhaps = if is_tenant { at_tenant } else { somewhere };
        let (always, perhaps) = (always >> (bit % 64) & 1, perhaps >> (bit % 64) & 1);
        (always == perhaps).then_some(always == 1)
    }
}
