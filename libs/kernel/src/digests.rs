//! What one identifier is found by while the key of the blind index changes: a keyed hash for each key.

use crate::Digest16;

/// The keyed hashes of one identifier: those under which it may be found, and those under which nobody is found any more.
///
/// It has no list on the heap, so that a purchase can carry it about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digests {
    hashes: [Digest16; Self::MOST],
    sought: u8,
    all: u8,
}

impl Digests {
    /// How many keys there can be at a time, with those that are not looked up by.
    pub const MOST: usize = 4;

    /// Under one key alone.
    #[must_use]
    pub const fn one(digest: Digest16) -> Self {
        Self { hashes: [digest; Self::MOST], sought: 1, all: 1 }
    }

    /// Those that are looked for, and then the others; what is more than [`Self::MOST`] together is left out.
    #[must_use]
    pub fn new(sought: impl Iterator<Item = Digest16>, others: impl Iterator<Item = Digest16>) -> Self {
        let mut made = Self { hashes: [Digest16([0; 16]); Self::MOST], sought: 0, all: 0 };
        for digest in sought {
            made.sought += u8::from(made.push(digest));
        }
        for digest in others {
            made.push(digest);
        }
        made
    }

    fn push(&mut self, digest: Digest16) -> bool {
        let slot = self.hashes.get_mut(usize::from(self.all));
        let fits = slot.is_some();
        if let Some(slot) = slot {
            *slot = digest;
            self.all += 1;
        }
        fits
    }

    /// Those under which the identifier may be found: one, or two while the key changes.
    #[must_use]
    pub fn sought(&self) -> &[Digest16] {
        &self.hashes[..usize::from(self.sought)]
    }

    /// The first one.
    #[must_use]
    pub const fn first(&self) -> Digest16 {
        self.hashes[0]
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn has(&self, digest: Digest16) -> bool {
        self.all().contains(&digest)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Digest16] {
        &self.hashes[..usize::from(self.all)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sought_comes_first_and_too_many_are_left_out() {
        let digest = |n: u8| Digest16([n; 16]);
        let two = Digests::new([digest(2), digest(1)].into_iter(), [digest(9)].into_iter());
        assert_eq!(two.sought(), [digest(2), digest(1)]);
        assert_eq!(two.all(), [digest(2), digest(1), digest(9)]);
        let many = Digests::new((1..=3).map(digest), (4..=9).map(digest));
        assert_eq!((many.sought().len(), many.all().len()), (3, 4));
        assert_eq!(Digests::one(digest(5)).all(), [digest(5)]);
    }
}
