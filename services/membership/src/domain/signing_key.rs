//! The keys that sign access tokens, and their turns.
//!
//! A key is shown to those who verify before it signs, and for as long afterwards as its last token may live: **at every
//! moment each token that has not lapsed is signed with a key that is shown.**

use kernel::Timestamp;

/// One key's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Its number, from 1 without a gap; it makes two replicas make one key, not two.
    pub number: i64,
    /// From when on it signs, until the next one does.
    pub signs_from: Timestamp,
}

/// How keys take turns, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turns {
    /// How long a key signs.
    pub every: i64,
    /// How long it is shown before it signs.
    pub shown_before: i64,
    /// How long it is shown after it signed: the life of a token and some more.
    pub shown_after: i64,
}

impl Turns {
    /// The key to be made now; nothing while the newest one is young enough. Where none can sign, as at the very first
    /// start or when the data key that sealed them is lost, the next one signs at once.
    #[must_use]
    pub fn next(&self, turns: &[Turn], one_signs: bool, now: Timestamp) -> Option<Turn> {
        let newest = turns.iter().max_by_key(|turn| turn.number);
        let Some(newest) = newest.filter(|_| one_signs) else {
            let number = newest.map_or(1, |newest| newest.number + 1);
            return Some(Turn { number, signs_from: now });
        };
        let due = newest.signs_from.micros().saturating_add(self.every).saturating_sub(self.shown_before);
        let signs_from = Timestamp::from_micros(now.micros().saturating_add(self.shown_before));
        (now.micros() >= due).then_some(Turn { number: newest.number + 1, signs_from })
    }

    /// Whether a key is still shown.
    #[must_use]
    pub fn shows(&self, turn: Turn, turns: &[Turn], now: Timestamp) -> bool {
        let after = turns.iter().filter(|other| other.number > turn.number).min_by_key(|other| other.number);
        after.is_none_or(|next| now.micros() < next.signs_from.micros().saturating_add(self.shown_after))
    }
}

/// The key that signs now.
#[must_use]
pub fn signs(turns: &[Turn], now: Timestamp) -> Option<Turn> {
    turns.iter().filter(|turn| turn.signs_from <= now).max_by_key(|turn| turn.number).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURNS: Turns = Turns { every: 1_000, shown_before: 100, shown_after: 50 };

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    #[test]
    fn the_next_key_is_shown_before_it_signs_and_the_last_one_after() {
        let mut turns = vec![TURNS.next(&[], false, at(0)).expect("the first key")];
        assert_eq!((turns[0].number, signs(&turns, at(0))), (1, Some(turns[0])));
        assert_eq!(TURNS.next(&turns, true, at(899)), None);
        turns.push(TURNS.next(&turns, true, at(900)).expect("the second key"));
        assert_eq!(turns[1], Turn { number: 2, signs_from: at(1_000) });
        assert_eq!(TURNS.next(&turns, true, at(901)), None);
        assert_eq!(signs(&turns, at(999)), Some(turns[0]));
        assert_eq!(signs(&turns, at(1_000)), Some(turns[1]));
        let shown = |now| turns.iter().filter(|turn| TURNS.shows(**turn, &turns, at(now))).count();
        assert_eq!((shown(950), shown(1_049), shown(1_050)), (2, 2, 1));
    }

    #[test]
    fn where_no_key_can_sign_the_next_one_does_at_once() {
        let lost = [Turn { number: 4, signs_from: at(0) }];
        assert_eq!(TURNS.next(&lost, false, at(7)), Some(Turn { number: 5, signs_from: at(7) }));
    }
}
