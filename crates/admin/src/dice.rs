//! Cases that are drawn: the same every time.

/// A small generator.
pub struct Dice(u64);

impl Dice {
    /// One that throws what that seed makes it throw.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below that.
    pub fn throw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }
}
