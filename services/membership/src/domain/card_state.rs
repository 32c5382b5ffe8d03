//! Cards of a member over time: blocked, unblocked, replaced, handed over to another person.
//!
//! **A card that was blocked leads to nobody, and never to somebody else**: its number stays taken. Only a card that is merely
//! lost can be found again.

use contracts::membership::{CardHandedOver, IdentifierLinked};
use kernel::{Digest16, IdentifierKind, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::{card::CardNumber, member::CARDS_PER_MEMBER, rejection::Rejection};

/// The most cards that ever led to one member, blocked ones among them.
pub const CARDS_EVER: usize = 100;

/// Why a card was blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockReason {
    /// Nobody knows where it is; it may be found again.
    Lost,
    /// Somebody else has it.
    Stolen,
    /// It cannot be read any more.
    Damaged,
}

impl BlockReason {
    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::Damaged => "damaged",
        }
    }

    /// The reason behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Lost, Self::Stolen, Self::Damaged].into_iter().find(|why| why.word() == word)
    }
}

/// How a card was blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocked {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: BlockReason,
    /// The card that took its place.
    pub replaced_by: Option<Digest16>,
}

/// A card that leads to a member, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// By which it is named: the keyed hash of its number.
    pub id: Digest16,
    /// Whose it is.
    pub member: MemberId,
    /// Its number.
    pub number: CardNumber,
    /// When it came to lead to them.
    pub linked_at: Timestamp,
    /// How it was blocked; nothing while it leads to them.
    pub blocked: Option<Blocked>,
}

/// What cannot be done with a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CardRefusal {
    /// The card is blocked, and what was asked needs one that is not.
    #[error("the card is blocked")]
    Blocked,
    /// The card was stolen, damaged or replaced, and stays blocked.
    #[error("the card stays blocked")]
    StaysBlocked,
    /// The number is one that an app shows in place of a card, so no card has it.
    #[error("the number stands for a card, and is none")]
    IsToken,
    /// The number that an app showed in place of a card lapsed.
    #[error("the number in place of a card lapsed")]
    TokenLapsed,
    /// The number lies in the chain's own range and was never made.
    #[error("the number was never made")]
    NotMade,
    /// Who gets it is who has it.
    #[error("the card is theirs already")]
    HandedToSelf,
}

impl Card {
    /// What is told when it leads to its member from now on, or does no longer.
    #[must_use]
    pub const fn told(&self) -> IdentifierLinked {
        let active = self.blocked.is_none();
        IdentifierLinked {
            member_id: self.member,
            kind: IdentifierKind::Card,
            digest: self.id,
            active,
            former: None,
        }
    }

    /// Blocks it; `None` when that happened before, whatever the reason was.
    #[must_use]
    pub fn block(&self, why: BlockReason, now: Timestamp) -> Option<Self> {
        let blocked = Some(Blocked { at: now, why, replaced_by: None });
        self.blocked.is_none().then(|| Self { blocked, ..self.clone() })
    }

    /// Lets it lead to its member again, who has so many cards that do; `None` when it does.
    ///
    /// # Errors
    /// [`CardRefusal::StaysBlocked`], [`Rejection::CardsTooMany`].
    pub fn unblock(&self, cards: usize) -> Result<Option<Self>, Rejection> {
        match self.blocked {
            None => Ok(None),
            Some(Blocked { why: BlockReason::Lost, replaced_by: None, .. }) if cards < CARDS_PER_MEMBER => {
                Ok(Some(Self { blocked: None, ..self.clone() }))
            }
            Some(Blocked { why: BlockReason::Lost, replaced_by: None, .. }) => {
                Err(Rejection::CardsTooMany { limit: CARDS_PER_MEMBER })
            }
            Some(_) => Err(CardRefusal::StaysBlocked.into()),
        }
    }

    /// Lets another card take its place, of a member to whom `cards` cards lead and `ever` ever did. One that was blocked as
    /// lost before may still be replaced.
    ///
    /// # Errors
    /// [`CardRefusal::StaysBlocked`] when it was replaced before, [`Rejection::CardsTooMany`].
    pub fn replace(
        &self,
        (why, by): (BlockReason, Digest16),
        (cards, ever): (usize, usize),
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        if self.blocked.is_some_and(|blocked| blocked.replaced_by.is_some()) {
            return Err(CardRefusal::StaysBlocked.into());
        }
        let others = if self.blocked.is_none() { cards.saturating_sub(1) } else { cards };
        if others >= CARDS_PER_MEMBER {
            return Err(Rejection::CardsTooMany { limit: CARDS_PER_MEMBER });
        }
        if ever >= CARDS_EVER {
            return Err(Rejection::CardsTooMany { limit: CARDS_EVER });
        }
        let (at, why) = self.blocked.map_or((now, why), |blocked| (blocked.at, blocked.why));
        Ok(Self { blocked: Some(Blocked { at, why, replaced_by: Some(by) }), ..self.clone() })
    }

    /// Hands it over to another member, to whom `cards` cards lead and `ever` ever did: the card as it is then, and what is told
    /// of it.
    ///
    /// # Errors
    /// [`CardRefusal::HandedToSelf`], [`CardRefusal::Blocked`], [`Rejection::CardsTooMany`].
    pub fn hand_over(
        &self,
        to: MemberId,
        (cards, ever): (usize, usize),
        now: Timestamp,
    ) -> Result<(Self, CardHandedOver), Rejection> {
        if to == self.member {
            return Err(CardRefusal::HandedToSelf.into());
        }
        if self.blocked.is_some() {
            return Err(CardRefusal::Blocked.into());
        }
        for (count, limit) in [(cards, CARDS_PER_MEMBER), (ever, CARDS_EVER)] {
            if count >= limit {
                return Err(Rejection::CardsTooMany { limit });
            }
        }
        let told = CardHandedOver { from: self.member, to, digest: self.id };
        Ok((Self { member: to, linked_at: now, ..self.clone() }, told))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn card() -> Card {
        Card {
            id: Digest16([1; 16]),
            member: MemberId::from_uuid(Uuid::from_u128(1)),
            number: CardNumber::parse("4111111111111111").expect("a valid number"),
            linked_at: at(0),
            blocked: None,
        }
    }

    fn blocked(why: BlockReason) -> Card {
        card().block(why, at(5)).expect("it was not blocked")
    }

    #[test]
    fn a_card_is_blocked_once_and_found_again_when_it_was_lost() {
        for why in [BlockReason::Lost, BlockReason::Stolen, BlockReason::Damaged] {
            assert_eq!(BlockReason::from_word(why.word()), Some(why));
            assert!(!blocked(why).told().active);
            assert_eq!(blocked(why).block(why, at(6)), None);
        }
        assert_eq!(blocked(BlockReason::Lost).unblock(CARDS_PER_MEMBER - 1), Ok(Some(card())));
        let full = Err(Rejection::CardsTooMany { limit: CARDS_PER_MEMBER });
        assert_eq!(blocked(BlockReason::Lost).unblock(CARDS_PER_MEMBER), full);
        assert_eq!(card().unblock(CARDS_PER_MEMBER), Ok(None));
        for why in [BlockReason::Stolen, BlockReason::Damaged] {
            assert_eq!(blocked(why).unblock(0), Err(CardRefusal::StaysBlocked.into()));
        }
    }

    #[test]
    fn a_card_is_replaced_once_and_stays_blocked() {
        let by = Digest16([2; 16]);
        let full = (CARDS_PER_MEMBER, CARDS_PER_MEMBER);
        let replaced = card().replace((BlockReason::Lost, by), full, at(7)).expect("one goes, one comes");
        let expected = Blocked { at: at(7), why: BlockReason::Lost, replaced_by: Some(by) };
        assert_eq!(replaced.blocked, Some(expected));
        assert_eq!(replaced.unblock(0), Err(CardRefusal::StaysBlocked.into()));
        let again = replaced.replace((BlockReason::Lost, by), (0, 0), at(8));
        assert_eq!(again, Err(CardRefusal::StaysBlocked.into()));
        let before = blocked(BlockReason::Stolen).replace((BlockReason::Lost, by), (0, 1), at(7));
        let kept = before.expect("a blocked card is replaced").blocked.expect("it stays blocked");
        assert_eq!((kept.at, kept.why), (at(5), BlockReason::Stolen));
        let full = blocked(BlockReason::Lost).replace((BlockReason::Lost, by), full, at(7));
        assert_eq!(full, Err(Rejection::CardsTooMany { limit: CARDS_PER_MEMBER }));
        let ever = card().replace((BlockReason::Lost, by), (1, CARDS_EVER), at(7));
        assert_eq!(ever, Err(Rejection::CardsTooMany { limit: CARDS_EVER }));
    }

    #[test]
    fn a_card_that_leads_to_somebody_goes_over_to_another() {
        let other = MemberId::from_uuid(Uuid::from_u128(2));
        let (gone, told) = card().hand_over(other, (0, 0), at(9)).expect("it goes over");
        assert_eq!((gone.member, gone.linked_at, gone.told().active), (other, at(9), true));
        assert_eq!((told.from, told.to, told.digest), (card().member, other, card().id));
        let lost = blocked(BlockReason::Lost).hand_over(other, (0, 0), at(9));
        assert_eq!(lost, Err(CardRefusal::Blocked.into()));
        assert_eq!(card().hand_over(card().member, (0, 0), at(9)), Err(CardRefusal::HandedToSelf.into()));
        let full = card().hand_over(other, (CARDS_PER_MEMBER, CARDS_PER_MEMBER), at(9));
        assert_eq!(full, Err(Rejection::CardsTooMany { limit: CARDS_PER_MEMBER }));
    }
}
