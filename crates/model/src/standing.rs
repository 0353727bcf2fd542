//! Standing: what users reach whatever is asked, where keeping it is cheap. Most questions are then
//! one look.

use std::sync::{Arc, OnceLock};

use crate::people::{CHUNK, Extent, Span};
use crate::rows::Bits;
use crate::stamp::Timestamp;

/// What a user may have for it in bytes, in all periods, whatever the number of users.
const SMALL: usize = 96;
/// What all users may have for it together in bytes, in all periods: of one a processor keeps it at hand.
const TOGETHER: usize = 16 << 20;
/// How many periods are kept of a chunk until something changes: to look through many is no faster than
/// to go by its links.
const PERIODS: usize = 4;

/// What a user reaches at the tenant at some time, of 64 bits: where every condition is false, and
/// where every condition is true.
#[derive(Clone, Copy, Debug, Default)]
struct Reach {
    surely: u64,
    perhaps: u64,
}

/// What the users of a chunk reach while no window of theirs begins or ends: for 64 bits all of them,
/// one after the other, then for the next.
#[derive(Debug)]
pub(crate) struct Period {
    span: Span,
    at: Timestamp,
    reaches: Arc<[Reach]>,
    /// Another one, of another time, that was asked about after this one.
    later: Cell,
}

/// A period, worked out when something at that time is first asked.
type Cell = OnceLock<Arc<Period>>;

impl Period {
    /// Of users who reach nothing yet, at that time, with so many words of bits.
    pub(crate) fn new(at: Timestamp, words: usize) -> Self {
        let reaches = std::iter::repeat_n(Reach::default(), words * CHUNK).collect();
        Self { span: Span::ALWAYS, at, reaches, later: Cell::new() }
    }

    /// Adds what a user reaches by something that counts there and then: surely, and where every
    /// condition is true.
    pub(crate) fn see(&mut self, place: usize, extent: Extent, surely: &Bits, perhaps: &Bits) {
        let Extent { everywhere, window } = extent;
        if !everywhere {
            return;
        }
        self.span.part_at(self.at, window);
        if !window.holds(self.at) {
            return;
        }
        let Some(reaches) = Arc::get_mut(&mut self.reaches) else { return };
        let own = reaches.iter_mut().skip(place).step_by(CHUNK);
        for (reach, (surely, perhaps)) in own.zip(surely.0.iter().zip(&perhaps.0)) {
            reach.surely |= surely;
            reach.perhaps |= perhaps;
        }
    }

    /// The same beside no other one.
    fn alone(&self) -> Self {
        Self { reaches: Arc::clone(&self.reaches), later: Cell::new(), ..*self }
    }

    /// Whether a user has a bit surely, and perhaps.
    #[inline]
    fn reach(&self, place: usize, bit: u32) -> Option<(bool, bool)> {
        let Reach { surely, perhaps } = *self.reaches.get((bit / 64) as usize * CHUNK + place)?;
        Some((surely >> (bit % 64) & 1 == 1, perhaps >> (bit % 64) & 1 == 1))
    }
}

/// What users reach, by position. A copy shares what was worked out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    cells: Vec<Cell>,
}

impl Standing {
    /// Of so many users, with so many words of bits each; of nobody where that would be much, nor where
    /// code is downloaded: who asks there asks for every permission at once.
    pub(crate) fn new(users: u32, words: usize) -> Self {
        let each = PERIODS * words * size_of::<Reach>();
        let chunks = (users as usize).div_ceil(CHUNK);
        if cfg!(target_family = "wasm") || each > SMALL && each.saturating_mul(chunks * CHUNK) > TOGETHER {
            return Self::default();
        }
        Self { cells: vec![Cell::new(); chunks] }
    }

    /// Whether so many users have their place here.
    pub(crate) fn has_room(&self, users: u32) -> bool {
        !cfg!(target_family = "wasm") && users as usize <= self.cells.len() * CHUNK
    }

    /// The same with the latest period alone of each chunk: what was asked before is seldom asked again.
    pub(crate) fn renewed(&self) -> Self {
        let latest = |cell: &Cell| {
            let Some(first) = cell.get() else { return Cell::new() };
            let last =
                std::iter::successors(Some(first), |period| period.later.get()).last().unwrap_or(first);
            Cell::from(match Arc::ptr_eq(first, last) {
                true => Arc::clone(first),
                false => Arc::new(last.alone()),
            })
        };
        Self { cells: self.cells.iter().map(latest).collect() }
    }

    /// Forgets the users of a chunk.
    pub(crate) fn forget(&mut self, chunk: usize) {
        if let Some(cell) = self.cells.get_mut(chunk) {
            *cell = Cell::new();
        }
    }

    /// Whether a user has a bit at the tenant at that time; none where that hangs on the request, or was
    /// not worked out yet.
    #[inline]
    pub(crate) fn of(&self, user: u32, bit: u32, at: Timestamp) -> Option<bool> {
        let (chunk, place) = (user as usize / CHUNK, user as usize % CHUNK);
        let period = self.cells.get(chunk)?.get()?;
        let (surely, perhaps) = period.reach(place, bit)?;
        (surely == perhaps && period.span.holds(at)).then_some(surely)
    }

    /// Whether a user has a bit at the tenant surely, and perhaps; none where it is not kept. `work_out` says
    /// what a chunk reaches at the time.
    pub(crate) fn worked_out(
        &self,
        user: u32,
        bit: u32,
        at: Timestamp,
        work_out: impl Fn(usize) -> Period,
    ) -> Option<(bool, bool)> {
        let (chunk, place) = (user as usize / CHUNK, user as usize % CHUNK);
        let mut cell = self.cells.get(chunk)?;
        for _ in 0..PERIODS {
            // Another thread may be faster, with another time.
            let period = cell.get_or_init(|| Arc::new(work_out(chunk)));
            if period.span.holds(at) {
                return period.reach(place, bit);
            }
            cell = &period.later;
        }
        None
    }
}
