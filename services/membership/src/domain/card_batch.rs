//! Cards that are printed before anybody has them: batches of numbers.
//!
//! **A number of a batch leads to nobody until it is linked, once, and never after its batch was closed.** Numbers are drawn at
//! random, so that one that is known says nothing about the others.

use kernel::{BatchId, Timestamp};
use thiserror::Error;

use super::line::{LineFlaw, read_line};

/// The most cards of one batch.
pub const CARDS_PER_BATCH: u32 = 100_000;
/// The most characters of a batch's name.
pub const BATCH_NAME_CHARACTERS: usize = 80;
/// The most batches whose numbers are still being made.
pub const BATCHES_UNDER_WAY: u64 = 5;

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchStatus {
    /// Numbers are being made.
    Making,
    /// All numbers are made; they can be exported, printed, linked.
    Ready,
    /// Numbers that lead to nobody yet never will.
    Closed,
}

impl BatchStatus {
    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Ready => "ready",
            Self::Closed => "closed",
        }
    }

    /// The status behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Making, Self::Ready, Self::Closed].into_iter().find(|status| status.word() == word)
    }
}

/// What a batch is called: one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchName(String);

impl BatchName {
    /// Reads a name as it was typed.
    ///
    /// # Errors
    /// [`LineFlaw`].
    pub fn parse(text: &str) -> Result<Self, LineFlaw> {
        read_line(text, BATCH_NAME_CHARACTERS).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Cards that are printed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardBatch {
    /// Its id, made by who ordered it.
    pub id: BatchId,
    /// What it is called.
    pub name: BatchName,
    /// How many cards it has.
    pub size: u32,
    /// How many of their numbers are made.
    pub made: u32,
    /// Where it stands.
    pub status: BatchStatus,
    /// When it was ordered.
    pub ordered_at: Timestamp,
}

/// What cannot be done with a batch, or with a card of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BatchRefusal {
    /// Another batch has the id.
    #[error("the id names another batch")]
    Taken,
    /// So many batches are being made already.
    #[error("{limit} batches are being made already")]
    TooMany {
        /// Batches allowed.
        limit: u64,
    },
    /// Its numbers are still being made.
    #[error("the batch is being made")]
    NotReady,
    /// The card's batch was closed, or is not ready.
    #[error("the card's batch is not open")]
    CardNotOpen,
}

/// Decides what becomes of ordering a batch that was ordered `before`, while `under_way` are being made: `true` for a new one.
///
/// # Errors
/// [`BatchRefusal::Taken`], [`BatchRefusal::TooMany`].
pub fn order(before: Option<&CardBatch>, wanted: &CardBatch, under_way: u64) -> Result<bool, BatchRefusal> {
    match before {
        Some(before) if before.name == wanted.name && before.size == wanted.size => Ok(false),
        Some(_) => Err(BatchRefusal::Taken),
        None if under_way >= BATCHES_UNDER_WAY => Err(BatchRefusal::TooMany { limit: BATCHES_UNDER_WAY }),
        None => Ok(true),
    }
}

impl CardBatch {
    /// The batch after `more` of its numbers were made.
    #[must_use]
    pub fn with(&self, more: u32) -> Self {
        let made = self.made.saturating_add(more).min(self.size);
        let status = match self.status {
            BatchStatus::Making if made == self.size => BatchStatus::Ready,
            status => status,
        };
        Self { made, status, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn batch(name: &str, size: u32) -> CardBatch {
        CardBatch {
            id: BatchId::from_uuid(Uuid::from_u128(1)),
            name: BatchName::parse(name).expect("a name"),
            size,
            made: 0,
            status: BatchStatus::Making,
            ordered_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_batch_is_ordered_once_and_few_are_made_at_a_time() {
        let wanted = batch("Spring", 5);
        assert_eq!(order(None, &wanted, BATCHES_UNDER_WAY - 1), Ok(true));
        assert_eq!(order(Some(&wanted), &wanted, BATCHES_UNDER_WAY), Ok(false));
        for other in [batch("Autumn", 5), batch("Spring", 6)] {
            assert_eq!(order(Some(&other), &wanted, 0), Err(BatchRefusal::Taken));
        }
        let limit = BATCHES_UNDER_WAY;
        assert_eq!(order(None, &wanted, limit), Err(BatchRefusal::TooMany { limit }));
    }

    #[test]
    fn a_batch_is_ready_when_all_its_numbers_are_made_unless_it_was_closed() {
        let begun = batch("Spring", 5).with(4);
        assert_eq!((begun.made, begun.status), (4, BatchStatus::Making));
        assert_eq!((begun.with(1).made, begun.with(1).status), (5, BatchStatus::Ready));
        let closed = CardBatch { status: BatchStatus::Closed, ..begun };
        assert_eq!(closed.with(1).status, BatchStatus::Closed);
        for status in [BatchStatus::Making, BatchStatus::Ready, BatchStatus::Closed] {
            assert_eq!(BatchStatus::from_word(status.word()), Some(status));
        }
    }
}
