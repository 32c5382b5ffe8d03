//! Chance for the load generator.

/// Cheap chance (xorshift), the same in every run.
pub struct Chance(u64);

impl Chance {
    /// The chance of this seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % bound
    }
}
