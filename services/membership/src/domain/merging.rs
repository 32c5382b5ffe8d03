//! Two memberships of one person become one (J1): who asks, what proves it, and what stands against it.
//!
//! **Nobody's membership goes into another one unless both phones answered, or one did and a second person looked.** It cannot be
//! undone: what was sealed for the one is sealed for the other afterwards, and nothing says any more what was whose.

use kernel::{MemberId, MergeId, Timestamp};
use thiserror::Error;

use super::{
    phone_change::{APPROVAL_LIFE, PhoneRefusal},
    rejection::Rejection,
};

/// The most merges of a member that are shown.
pub const MERGES_SHOWN: u64 = 50;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that stays.
    Survivor,
    /// The one that goes.
    Absorbed,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Survivor, Self::Absorbed];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Survivor => "survivor",
            Self::Absorbed => "absorbed",
        }
    }

    /// The side behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.word() == word)
    }
}

/// Why two memberships become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeReason {
    /// The person joined twice, with two phones.
    JoinedTwice,
    /// A change of the phone found the number with another membership.
    PhoneOfOther,
    /// A card was given out under a membership of its own.
    CardApart,
}

impl MergeReason {
    const ALL: [Self; 3] = [Self::JoinedTwice, Self::PhoneOfOther, Self::CardApart];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::JoinedTwice => "joined_twice",
            Self::PhoneOfOther => "phone_of_other",
            Self::CardApart => "card_apart",
        }
    }

    /// The reason behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

/// Where a merge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeStatus {
    /// Not every code came back that was sent.
    AwaitsCodes,
    /// A second person has not looked at it.
    AwaitsApproval,
    /// The two are one.
    Done,
    /// It was given up, or another one took its place.
    Withdrawn,
}

impl MergeStatus {
    const ALL: [Self; 4] = [Self::AwaitsCodes, Self::AwaitsApproval, Self::Done, Self::Withdrawn];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AwaitsCodes => "awaits_codes",
            Self::AwaitsApproval => "awaits_approval",
            Self::Done => "done",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The status behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// A code that went to one side's phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// Its keyed hash.
    pub code: [u8; 32],
    /// How many attempts are left.
    pub tries_left: u32,
    /// When it came back.
    pub came_at: Option<Timestamp>,
}

/// A merge that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Its id.
    pub id: MergeId,
    /// Who stays.
    pub survivor: MemberId,
    /// Whose membership goes into the other one.
    pub absorbed: MemberId,
    /// Why.
    pub reason: MergeReason,
    /// The person of the back office who asked.
    pub asked_by: String,
    /// The codes, of the one that stays and of the one that goes; one of them is absent where that phone is lost.
    pub proofs: [Option<Proof>; 2],
    /// Where it stands.
    pub status: MergeStatus,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Until when it waits.
    pub expires_at: Timestamp,
    /// Who looked at it besides whoever asked, where one phone is lost.
    pub approved_by: Option<String>,
    /// When the two became one.
    pub merged_at: Option<Timestamp>,
    /// When it was given up.
    pub ended_at: Option<Timestamp>,
}

/// Why two memberships do not become one, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MergeRefusal {
    /// Both are one already.
    #[error("both are the same member")]
    Same,
    /// The member is a part of another one since a merge.
    #[error("the member is {into} now")]
    Absorbed {
        /// Who has everything of them.
        into: MemberId,
    },
    /// It was decided, given up or waits no longer.
    #[error("the merge is over")]
    Over,
    /// The phone of one of them is being changed, or the change can still be called back.
    #[error("a phone is being changed")]
    PhoneChanging,
    /// Both pay for a plan that runs.
    #[error("both have a plan that runs")]
    Plans,
    /// Both head a household to which others belong.
    #[error("both head households of others")]
    Heads,
}

/// What has to be known of two members before they become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// The phone of one of them is being changed, or the change can still be called back.
    pub phone_changing: bool,
    /// Both pay for a plan that runs.
    pub plans: bool,
    /// They head two households to which others belong.
    pub heads: bool,
}

impl Standing {
    /// What stands against it first.
    #[must_use]
    pub fn refusal(self) -> Option<MergeRefusal> {
        let guards = [
            (self.phone_changing, MergeRefusal::PhoneChanging),
            (self.plans, MergeRefusal::Plans),
            (self.heads, MergeRefusal::Heads),
        ];
        guards.into_iter().find(|(stands, _)| *stands).map(|(_, refusal)| refusal)
    }
}

impl Merge {
    /// The side whose phone is lost.
    #[must_use]
    pub fn lost(&self) -> Option<Side> {
        let [survivor, absorbed] = &self.proofs;
        match (survivor, absorbed) {
            (None, _) => Some(Side::Survivor),
            (_, None) => Some(Side::Absorbed),
            _ => None,
        }
    }

    /// The member of a side.
    #[must_use]
    pub const fn member(&self, side: Side) -> MemberId {
        match side {
            Side::Survivor => self.survivor,
            Side::Absorbed => self.absorbed,
        }
    }

    /// Whether it still waits for something.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.status, MergeStatus::AwaitsCodes | MergeStatus::AwaitsApproval) && now < self.expires_at
    }

    /// Judges an attempt at the code of a side; `fits` says whether it is the one that was sent. Answers how many attempts a wrong one
    /// leaves; the right one is noted.
    ///
    /// # Errors
    /// [`Rejection::CodeSpent`]: used, too old, tried too often, or never sent to that side.
    pub fn attempt(&mut self, side: Side, fits: bool, now: Timestamp) -> Result<Option<u32>, Rejection> {
        let waits = self.status == MergeStatus::AwaitsCodes && self.is_open(now);
        let proof = self.proofs[usize::from(side == Side::Absorbed)].as_mut();
        let open = |proof: &&mut Proof| waits && proof.came_at.is_none() && proof.tries_left > 0;
        let proof = proof.filter(open).ok_or(Rejection::CodeSpent)?;
        if fits {
            proof.came_at = Some(now);
            return Ok(None);
        }
        proof.tries_left -= 1;
        Ok(Some(proof.tries_left))
    }

    /// The merge once a code came back: `true` when it can be done now. Where a phone is lost it waits for a second person.
    pub fn proved(&mut self, now: Timestamp) -> bool {
        let all = self.proofs.iter().flatten().all(|proof| proof.came_at.is_some());
        if !all {
            return false;
        }
        if self.lost().is_none() {
            return true;
        }
        self.status = MergeStatus::AwaitsApproval;
        self.expires_at = Timestamp::from_micros(now.micros().saturating_add(APPROVAL_LIFE));
        false
    }

    /// The merge as this second person approves it.
    ///
    /// # Errors
    /// [`MergeRefusal::Over`], [`PhoneRefusal::SecondPersonNeeded`].
    pub fn approved(mut self, by: String, now: Timestamp) -> Result<Self, Rejection> {
        if self.status != MergeStatus::AwaitsApproval || !self.is_open(now) {
            return Err(MergeRefusal::Over.into());
        }
        if self.asked_by == by {
            return Err(PhoneRefusal::SecondPersonNeeded.into());
        }
        self.approved_by = Some(by);
        Ok(self)
    }

    /// Since when it is over, or will be, as far as keeping it goes.
    #[must_use]
    pub fn over_at(&self) -> Timestamp {
        self.merged_at.or(self.ended_at).unwrap_or(self.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn merge(lost: Option<Side>) -> Merge {
        let proof =
            |side| (lost != Some(side)).then_some(Proof { code: [1; 32], tries_left: 2, came_at: None });
        Merge {
            id: MergeId::from_uuid(Uuid::from_u128(1)),
            survivor: MemberId::from_uuid(Uuid::from_u128(2)),
            absorbed: MemberId::from_uuid(Uuid::from_u128(3)),
            reason: MergeReason::JoinedTwice,
            asked_by: "zahra".to_owned(),
            proofs: Side::ALL.map(proof),
            status: MergeStatus::AwaitsCodes,
            asked_at: Timestamp::from_micros(0),
            expires_at: Timestamp::from_micros(100),
            approved_by: None,
            merged_at: None,
            ended_at: None,
        }
    }

    #[test]
    fn both_phones_prove_it_in_either_order_and_each_once() {
        let at = Timestamp::from_micros;
        let mut asked = merge(None);
        assert_eq!(asked.attempt(Side::Absorbed, false, at(1)), Ok(Some(1)));
        assert_eq!(asked.attempt(Side::Absorbed, true, at(2)), Ok(None));
        assert!(!asked.proved(at(2)), "one phone is not both");
        assert_eq!(asked.attempt(Side::Absorbed, true, at(3)), Err(Rejection::CodeSpent));
        assert_eq!(asked.clone().attempt(Side::Survivor, true, at(100)), Err(Rejection::CodeSpent));
        assert_eq!(asked.attempt(Side::Survivor, true, at(4)), Ok(None));
        assert!(asked.proved(at(4)));
        let early = asked.approved("maryam".to_owned(), at(5));
        assert_eq!(early, Err(MergeRefusal::Over.into()), "nobody is needed where both phones answered");
    }

    #[test]
    fn with_a_lost_phone_another_person_approves() {
        let at = Timestamp::from_micros;
        let mut asked = merge(Some(Side::Absorbed));
        assert_eq!(
            asked.attempt(Side::Absorbed, true, at(1)),
            Err(Rejection::CodeSpent),
            "no code went there"
        );
        assert_eq!(asked.attempt(Side::Survivor, true, at(1)), Ok(None));
        assert!(!asked.proved(at(1)) && asked.status == MergeStatus::AwaitsApproval);
        let own = asked.clone().approved("zahra".to_owned(), at(2));
        assert_eq!(own, Err(PhoneRefusal::SecondPersonNeeded.into()));
        let late = asked.clone().approved("maryam".to_owned(), at(1 + APPROVAL_LIFE));
        assert_eq!(late, Err(MergeRefusal::Over.into()));
        assert!(asked.approved("maryam".to_owned(), at(2)).is_ok());
    }

    #[test]
    fn what_stands_against_it_is_said_in_order() {
        let all = Standing { phone_changing: true, plans: true, heads: true };
        assert_eq!(all.refusal(), Some(MergeRefusal::PhoneChanging));
        assert_eq!(Standing { phone_changing: false, ..all }.refusal(), Some(MergeRefusal::Plans));
        assert_eq!(Standing { heads: true, ..Standing::default() }.refusal(), Some(MergeRefusal::Heads));
        assert_eq!(Standing::default().refusal(), None);
    }
}
