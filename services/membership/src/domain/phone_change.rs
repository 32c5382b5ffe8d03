//! Another phone for a member (J8): who asks, what is shown first, and how it is called back.
//!
//! **A number leads to a member only after a code that was sent to it came back**: from a session that the former phone has
//! raised, or by way of the back office, where a second person looks at it. Whoever has the former phone is told, and calls
//! it back within some days; for as long the former number rests, so that nobody else takes it.

use kernel::{Digest16, MemberId, PhoneChangeId, SessionId, Timestamp};
use thiserror::Error;

use super::{code_window::DAY, enrolment::EnrolmentCode, identifier::Indexed, rejection::Rejection};

/// By which a change is called back: 60 random bits, made and read like the code of a till.
pub type RecallCode = EnrolmentCode;

/// How long a change waits for a second person, in microseconds.
pub const APPROVAL_LIFE: i64 = 3 * DAY;

/// The most changes of a member that are shown.
pub const CHANGES_SHOWN: u64 = 50;

/// Where a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeStatus {
    /// The code that went to the new phone has not come back.
    AwaitsCode,
    /// A second person has not looked at it.
    AwaitsApproval,
    /// The new phone leads to the member, or did.
    Done,
    /// Whoever has the former phone called it back.
    Recalled,
    /// It was given up, or another one took its place.
    Withdrawn,
    /// The code came back, and the number is another member's.
    OfOther,
}

impl ChangeStatus {
    const ALL: [Self; 6] =
        [Self::AwaitsCode, Self::AwaitsApproval, Self::Done, Self::Recalled, Self::Withdrawn, Self::OfOther];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AwaitsCode => "awaits_code",
            Self::AwaitsApproval => "awaits_approval",
            Self::Done => "done",
            Self::Recalled => "recalled",
            Self::Withdrawn => "withdrawn",
            Self::OfOther => "of_other",
        }
    }

    /// The status behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// Why a member has another phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeReason {
    /// They changed it themself, with both phones at hand.
    Own,
    /// The former phone is lost or broken.
    Lost,
    /// The former phone was stolen.
    Stolen,
    /// The former number is not theirs any more.
    NumberGone,
}

impl ChangeReason {
    const ALL: [Self; 4] = [Self::Own, Self::Lost, Self::Stolen, Self::NumberGone];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::NumberGone => "number_gone",
        }
    }

    /// The reason behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

/// Who asks for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedBy {
    /// The member, in this session.
    Member(SessionId),
    /// A person of the back office, as records name them.
    Office(String),
}

/// A change of a member's phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneChange {
    /// Its id.
    pub id: PhoneChangeId,
    /// Whose phone.
    pub member: MemberId,
    /// Who asked for it.
    pub asked_by: AskedBy,
    /// Why.
    pub reason: ChangeReason,
    /// The new phone.
    pub phone: Indexed,
    /// The phone before, once it was changed.
    pub former: Option<Indexed>,
    /// The keyed hash of the code that went to the new phone.
    pub code: [u8; 32],
    /// How many attempts are left.
    pub tries_left: u32,
    /// Where it stands.
    pub status: ChangeStatus,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Until when it waits for what it waits for.
    pub expires_at: Timestamp,
    /// When the code came back.
    pub confirmed_at: Option<Timestamp>,
    /// Who looked at it besides whoever asked.
    pub approved_by: Option<String>,
    /// When the new phone came to lead to the member.
    pub changed_at: Option<Timestamp>,
    /// The keyed hash of the code that calls it back, and until when it does.
    pub recall: Option<([u8; 32], Timestamp)>,
    /// Until when the account is guarded for it.
    pub guarded_until: Option<Timestamp>,
    /// When it was called back or given up.
    pub ended_at: Option<Timestamp>,
}

/// What cannot be done about a member's phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PhoneRefusal {
    /// The back office does not say why.
    #[error("there is no reason")]
    ReasonMissing,
    /// The phone leads to the member already.
    #[error("the phone is the member's own")]
    Own,
    /// The change was decided, given up or waits no longer.
    #[error("the change is over")]
    Over,
    /// Whoever asked for it cannot approve it.
    #[error("a second person is needed")]
    SecondPersonNeeded,
    /// The phone leads to another member: the person has two memberships, or somebody gave the number away.
    #[error("the phone leads to another member")]
    OfOther,
    /// A member gave the number up a few days ago.
    #[error("the number rests")]
    Resting,
    /// The code calls nothing back.
    #[error("the code calls nothing back")]
    RecallRefused,
}

impl PhoneChange {
    /// Whether the caller may go on with it: the member in the session that asked, or the back office with what it asked for.
    #[must_use]
    pub fn is_of(&self, caller: &AskedBy) -> bool {
        match (&self.asked_by, caller) {
            (AskedBy::Member(asked), AskedBy::Member(session)) => asked == session,
            (AskedBy::Office(_), AskedBy::Office(_)) => true,
            _ => false,
        }
    }

    /// Whether it still waits for something.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.status, ChangeStatus::AwaitsCode | ChangeStatus::AwaitsApproval)
            && now < self.expires_at
    }

    /// Judges an attempt at the code; `fits` says whether it is the one that was sent. Answers how many attempts a wrong one leaves.
    ///
    /// # Errors
    /// [`Rejection::CodeSpent`]: used, too old, or tried too often.
    pub fn attempt(&self, fits: bool, now: Timestamp) -> Result<Option<u32>, Rejection> {
        let waits = self.status == ChangeStatus::AwaitsCode && self.is_open(now);
        if !waits || self.tries_left == 0 {
            return Err(Rejection::CodeSpent);
        }
        Ok((!fits).then(|| self.tries_left - 1))
    }

    /// The change once its code came back: the member's own can be done now, one of the back office waits for a second person.
    #[must_use]
    pub fn confirmed(mut self, now: Timestamp) -> Self {
        self.confirmed_at = Some(now);
        if matches!(self.asked_by, AskedBy::Office(_)) {
            self.status = ChangeStatus::AwaitsApproval;
            self.expires_at = Timestamp::from_micros(now.micros().saturating_add(APPROVAL_LIFE));
        }
        self
    }

    /// The change as this second person approves it.
    ///
    /// # Errors
    /// [`PhoneRefusal::Over`], [`PhoneRefusal::SecondPersonNeeded`].
    pub fn approved(mut self, by: String, now: Timestamp) -> Result<Self, PhoneRefusal> {
        if self.status != ChangeStatus::AwaitsApproval || !self.is_open(now) {
            return Err(PhoneRefusal::Over);
        }
        if self.asked_by == AskedBy::Office(by.clone()) {
            return Err(PhoneRefusal::SecondPersonNeeded);
        }
        self.approved_by = Some(by);
        Ok(self)
    }

    /// Whether it can be called back.
    #[must_use]
    pub fn can_be_recalled(&self, now: Timestamp) -> bool {
        self.status == ChangeStatus::Done && self.recall.is_some_and(|(_, until)| now < until)
    }

    /// Since when it is over, or will be, as far as keeping it goes.
    #[must_use]
    pub fn over_at(&self) -> Timestamp {
        self.changed_at.or(self.ended_at).unwrap_or(self.expires_at)
    }

    /// The keyed hash of the phone before.
    #[must_use]
    pub fn former_digest(&self) -> Option<Digest16> {
        self.former.as_ref().map(|former| former.digest)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{identifier::Identifier, phone::Phone};

    fn change(asked_by: AskedBy) -> PhoneChange {
        let phone = Phone::parse("+989121234567").expect("a phone");
        PhoneChange {
            id: PhoneChangeId::from_uuid(Uuid::from_u128(1)),
            member: MemberId::from_uuid(Uuid::from_u128(2)),
            asked_by,
            reason: ChangeReason::Lost,
            phone: Indexed {
                identifier: Identifier::Phone(phone),
                digest: Digest16([1; 16]),
                also: Vec::new(),
            },
            former: None,
            code: [3; 32],
            tries_left: 2,
            status: ChangeStatus::AwaitsCode,
            asked_at: Timestamp::from_micros(0),
            expires_at: Timestamp::from_micros(100),
            confirmed_at: None,
            approved_by: None,
            changed_at: None,
            recall: None,
            guarded_until: None,
            ended_at: None,
        }
    }

    fn office(name: &str) -> AskedBy {
        AskedBy::Office(name.to_owned())
    }

    #[test]
    fn a_code_is_good_in_time_and_within_its_attempts() {
        let at = Timestamp::from_micros;
        let asked = change(office("zahra"));
        assert_eq!((asked.attempt(true, at(99)), asked.attempt(false, at(99))), (Ok(None), Ok(Some(1))));
        assert_eq!(asked.attempt(true, at(100)), Err(Rejection::CodeSpent));
        let tired = PhoneChange { tries_left: 0, ..asked.clone() };
        assert_eq!(tired.attempt(true, at(1)), Err(Rejection::CodeSpent));
        assert_eq!(asked.confirmed(at(1)).attempt(true, at(2)), Err(Rejection::CodeSpent));
    }

    #[test]
    fn what_the_office_asks_for_another_person_approves_in_time() {
        let at = Timestamp::from_micros;
        let asked = change(office("zahra"));
        let early = asked.clone().approved("maryam".to_owned(), at(1));
        assert_eq!(early, Err(PhoneRefusal::Over), "no code came back");
        let waits = asked.confirmed(at(1));
        let own = waits.clone().approved("zahra".to_owned(), at(2));
        assert_eq!(own, Err(PhoneRefusal::SecondPersonNeeded));
        let late = waits.clone().approved("maryam".to_owned(), at(1 + APPROVAL_LIFE));
        assert_eq!(late, Err(PhoneRefusal::Over));
        assert!(waits.approved("maryam".to_owned(), at(2)).is_ok());
    }

    #[test]
    fn only_the_session_that_asked_goes_on_with_a_members_own_change() {
        let session = |number| AskedBy::Member(SessionId::from_uuid(Uuid::from_u128(number)));
        let own = change(session(1));
        assert_eq!((own.is_of(&session(1)), own.is_of(&session(2))), (true, false));
        assert!(!own.is_of(&office("zahra")) && !change(office("zahra")).is_of(&session(1)));
        assert_eq!(own.confirmed(Timestamp::from_micros(1)).status, ChangeStatus::AwaitsCode);
    }
}
