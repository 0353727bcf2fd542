//! Standing: what users reach whatever is asked, where keeping it is cheap. Most questions are then
//! one look.

use std::sync::{Arc, OnceLock};

use crate::people::CHUNK;

/// What a user may have for it in bytes, whatever the number of users.
const SMALL: usize = 64;
/// What all users may have for it together in bytes: what a processor keeps at hand.
const TOGETHER: usize = 4 << 20;
/// How many cells an edit copies.
const BLOCK: usize = 128;

/// For some users the bits that each reaches everywhere and always, and those that each reaches
/// somewhere, at some time or where a condition is true. One pair of words for 64 bits, user by user;
/// worked out when one of the users is first asked about.
type Cell = OnceLock<Arc<[(u64, u64)]>>;

/// What users reach, by position. A copy shares what was worked out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    blocks: Vec<Arc<[Cell]>>,
    /// How many pairs a user has.
    words: usize,
}

/// What a user's standing says of a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Held everywhere and always.
    Always,
    /// That hangs on the place, the time or the request; or nothing is kept.
    Perhaps,
    /// Held nowhere, at no time.
    Never,
}

impl Standing {
    /// Of so many users, with so many words of bits each; of nobody where that would be much, nor where
    /// code is downloaded: who asks there asks for every permission at once.
    pub(crate) fn new(users: u32, words: usize) -> Self {
        let each = words * size_of::<(u64, u64)>();
        if cfg!(target_family = "wasm") || each > SMALL && each.saturating_mul(users as usize) > TOGETHER {
            return Self::default();
        }
        let mut cells = (users as usize).div_ceil(CHUNK);
        let mut blocks = Vec::with_capacity(cells.div_ceil(BLOCK));
        while cells > 0 {
            let some = cells.min(BLOCK);
            blocks.push((0..some).map(|_| Cell::new()).collect());
            cells -= some;
        }
        Self { blocks, words }
    }

    /// Whether so many users have their place here.
    pub(crate) fn has_room(&self, users: u32) -> bool {
        let cells = self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + last.len());
        !cfg!(target_family = "wasm") && users as usize <= cells * CHUNK
    }

    /// Forgets the users of a chunk.
    pub(crate) fn forget(&mut self, chunk: usize) {
        if let Some(cell) =
            self.blocks.get_mut(chunk / BLOCK).and_then(|block| Arc::make_mut(block).get_mut(chunk % BLOCK))
        {
            *cell = Cell::new();
        }
    }

    /// What stands of a bit for a user; `work_out` says it of all users of a chunk.
    #[inline]
    pub(crate) fn of(
        &self,
        user: u32,
        bit: u32,
        work_out: impl FnOnce(usize) -> Arc<[(u64, u64)]>,
    ) -> Stands {
        let (chunk, place) = (user as usize / CHUNK, user as usize % CHUNK);
        let Some(cell) = self.blocks.get(chunk / BLOCK).and_then(|block| block.get(chunk % BLOCK)) else {
            return Stands::Perhaps;
        };
        let words = cell.get_or_init(|| work_out(chunk));
        let Some((always, ever)) = words.get(place * self.words + (bit / 64) as usize) else {
            return Stands::Perhaps;
        };
        match (always >> (bit % 64) & 1, ever >> (bit % 64) & 1) {
            (1, _) => Stands::Always,
            (_, 1) => Stands::Perhaps,
            _ => Stands::Never,
        }
    }
}
