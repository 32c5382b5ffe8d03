//! Which tickets win: a choice that everybody who has the list of tickets and the numbers can make again.
//!
//! **Every ticket is as likely as every other one, and nobody wins twice.** A number of 64 bits below the largest multiple of the count of
//! tickets names a ticket by its remainder; a larger one is passed over, since it would favour the first tickets. A ticket of somebody who
//! was chosen already is passed over, too. The numbers come from outside: here is no chance.

use std::collections::HashSet;

/// No more numbers than these are tried, so that every draw ends.
pub const MOST_TRIES: u64 = 10_000_000;

/// The tickets of a draw: who holds how many, in the order of the list.
#[derive(Clone, Debug, Default)]
pub struct Tickets {
    holders: Vec<u128>,
    /// For each entry the number of its last ticket, counted from 1.
    ends: Vec<u64>,
}

/// A ticket that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Its number, from 1.
    pub ticket: u64,
    /// The entry of the list that it belongs to, from 0.
    pub entry: usize,
    /// Who holds it.
    pub holder: u128,
}

impl Tickets {
    /// Adds the next entry; answers whether it fits: an entry has a ticket at least.
    pub fn push(&mut self, holder: u128, tickets: u64) -> bool {
        let end = self.total().checked_add(tickets).filter(|_| tickets > 0);
        if let Some(end) = end {
            self.holders.push(holder);
            self.ends.push(end);
        }
        end.is_some()
    }

    /// How many tickets there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.ends.last().copied().unwrap_or_default()
    }

    /// How many entries there are.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.holders.len()
    }

    /// Chooses so many holders at most, the first one first; `number` is asked for the number at 0, 1, 2 and so on.
    pub fn choose(&self, wanted: usize, mut number: impl FnMut(u64) -> u64) -> Vec<Pick> {
        let total = self.total();
        let everybody = self.holders.iter().collect::<HashSet<_>>().len();
        let (mut picks, mut chosen) = (Vec::new(), HashSet::new());
        let mut at = 0;
        while picks.len() < wanted.min(everybody) && at < MOST_TRIES {
            let drawn = number(at);
            at += 1;
            let Some(ticket) = ticket(drawn, total) else { continue };
            let entry = self.ends.partition_point(|end| *end < ticket);
            let holder = self.holders[entry];
            if chosen.insert(holder) {
                picks.push(Pick { ticket, entry, holder });
            }
        }
        picks
    }
}

/// The ticket that a number names; nothing where it is beyond the largest multiple of their count.
fn ticket(number: u64, total: u64) -> Option<u64> {
    // 2^64 modulo the total, without 2^64.
    let rest = (u64::MAX % total + 1) % total;
    let fair = rest == 0 || number <= u64::MAX - rest;
    fair.then(|| number % total + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tickets(counts: &[u64]) -> Tickets {
        let mut tickets = Tickets::default();
        for (holder, count) in (0..).zip(counts) {
            assert!(tickets.push(holder, *count));
        }
        tickets
    }

    /// Numbers that look like chance, and are the same each time.
    fn numbers(seed: u64) -> impl FnMut(u64) -> u64 {
        move |at| {
            let mut word = seed.wrapping_add(at.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^ (word >> 31)
        }
    }

    proptest! {
        #[test]
        fn nobody_wins_twice_and_every_pick_is_its_holders(
            counts in prop::collection::vec(1_u64..50, 1..60), wanted in 0_usize..80, seed in any::<u64>(),
        ) {
            let all = tickets(&counts);
            let picks = all.choose(wanted, numbers(seed));
            prop_assert_eq!(picks.len(), wanted.min(counts.len()));
            prop_assert_eq!(&picks, &all.choose(wanted, numbers(seed)), "the same again");
            let mut seen = HashSet::new();
            for pick in picks {
                let before: u64 = counts[..pick.entry].iter().sum();
                prop_assert!((before + 1..=before + counts[pick.entry]).contains(&pick.ticket));
                prop_assert_eq!(usize::try_from(pick.holder), Ok(pick.entry));
                prop_assert!(seen.insert(pick.holder));
            }
        }
    }

    #[test]
    fn every_ticket_is_as_likely_as_every_other_one() {
        let all = tickets(&[1, 2, 7]);
        let mut won = [0_u32; 3];
        for seed in 0..10_000 {
            won[all.choose(1, numbers(seed))[0].entry] += 1;
        }
        // One, two and seven tenths of 10,000, within five standard deviations.
        for (count, expected) in won.iter().zip([1_000_u32, 2_000, 7_000]) {
            assert!(count.abs_diff(expected) < 230, "{won:?}");
        }
    }

    #[test]
    fn numbers_that_would_favour_the_first_tickets_are_passed_over() {
        assert_eq!((ticket(u64::MAX, 3), ticket(u64::MAX - 1, 3), ticket(0, 3)), (None, Some(3), Some(1)));
        assert_eq!((ticket(u64::MAX, 1), ticket(u64::MAX, 1 << 63)), (Some(1), Some(1 << 63)));
        assert_eq!(ticket(u64::MAX, u64::MAX), None);
        assert!(Tickets::default().choose(5, |_| 0).is_empty());
        assert!(!Tickets::default().push(1, 0));
    }
}
