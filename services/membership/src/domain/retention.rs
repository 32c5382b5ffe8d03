//! How long what is kept, and no longer: one table, which a job enforces.
//!
//! **Whatever is personal and not needed for ever has a line here.** What is kept for as long as somebody is a member goes when
//! they leave; see [`super::leaving`].

use super::code_window::DAY;

/// Something that is kept for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Messages with codes that did not get away.
    Messages,
    /// Codes that were asked for.
    Codes,
    /// How often codes were asked for.
    CodeWindows,
    /// Sessions of members, with their refresh tokens.
    Sessions,
    /// Failed attempts of the staff to sign in.
    StaffAttempts,
    /// Invitations of staff to make an account.
    StaffInvitations,
    /// Sessions of the staff, with their tokens.
    StaffSessions,
    /// Invitations into households.
    HouseholdInvitations,
    /// Numbers that a phone shows in place of a card.
    CardTokens,
    /// Codes that members told at tills.
    Vouchings,
    /// Codes by which tills bring their keys.
    TillEnrolments,
    /// Texts to the club's number.
    Texts,
    /// Codes that such texts were asked for.
    TextAskings,
    /// Consents of members who left.
    ConsentsOfThoseWhoLeft,
    /// Who referred whom.
    Referrals,
    /// Looks of the back office at members.
    Looks,
    /// Who had archives of members.
    Archives,
    /// Phones that members gave up: they rest, so that nobody else takes them.
    GivenUpPhones,
    /// Changes of phones that were asked for and did not come about.
    AskedPhoneChanges,
    /// Which phones led to a member before.
    PhoneChanges,
    /// Which memberships became one, and who saw to it.
    Merges,
    /// Checkouts that have ended; what was paid stays.
    Checkouts,
}

impl Kept {
    /// All of them, in the order in which they are forgotten: a message before the code that it brings.
    pub const ALL: [Self; 22] = [
        Self::Messages,
        Self::Codes,
        Self::CodeWindows,
        Self::Sessions,
        Self::StaffAttempts,
        Self::StaffInvitations,
        Self::StaffSessions,
        Self::HouseholdInvitations,
        Self::CardTokens,
        Self::Vouchings,
        Self::TillEnrolments,
        Self::Texts,
        Self::TextAskings,
        Self::ConsentsOfThoseWhoLeft,
        Self::Referrals,
        Self::Looks,
        Self::Archives,
        Self::GivenUpPhones,
        Self::AskedPhoneChanges,
        Self::PhoneChanges,
        Self::Merges,
        Self::Checkouts,
    ];

    /// The word in rows, answers and metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Messages => "sign_in_messages",
            Self::Codes => "sign_in_codes",
            Self::CodeWindows => "code_windows",
            Self::Sessions => "sessions",
            Self::StaffAttempts => "staff_attempts",
            Self::StaffInvitations => "staff_invitations",
            Self::StaffSessions => "staff_sessions",
            Self::HouseholdInvitations => "household_invitations",
            Self::CardTokens => "card_tokens",
            Self::Vouchings => "vouchings",
            Self::TillEnrolments => "till_enrolments",
            Self::Texts => "inbound_texts",
            Self::TextAskings => "text_askings",
            Self::ConsentsOfThoseWhoLeft => "consents_of_those_who_left",
            Self::Referrals => "referrals",
            Self::Looks => "looks",
            Self::Archives => "archives",
            Self::GivenUpPhones => "given_up_phones",
            Self::AskedPhoneChanges => "asked_phone_changes",
            Self::PhoneChanges => "phone_changes",
            Self::Merges => "merges",
            Self::Checkouts => "plan_checkouts",
        }
    }
}

/// How long it is known which texts came: longer than anybody may pass them on.
const TEXTS: i64 = 7 * DAY;

/// How long it is known who had archives: as long as somebody may ask what became of one.
const ARCHIVES: i64 = 365 * DAY;

/// How long it is known what became of a checkout: longer than a provider goes on telling of it.
const CHECKOUTS: i64 = 90 * DAY;

/// How long each is kept after it is over, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// What signing in leaves behind: long enough to look into an attack.
    pub sign_ins: i64,
    /// Sessions.
    pub sessions: i64,
    /// Consents after their member left: as long as somebody may ask whether there was one.
    pub consents: i64,
    /// Referrals: as long as what was bought may come back.
    pub referrals: i64,
    /// Looks of the back office: as long as a member may ask who looked.
    pub looks: i64,
    /// Phones that were given up: as long as a change can be called back.
    pub given_up_phones: i64,
    /// Which phones led to a member before: as long as somebody may ask who changed them.
    pub phone_changes: i64,
}

impl Retention {
    /// How long this is kept after it is over.
    #[must_use]
    pub const fn of(&self, kept: Kept) -> i64 {
        match kept {
            Kept::Messages
            | Kept::Codes
            | Kept::CodeWindows
            | Kept::StaffAttempts
            | Kept::StaffInvitations
            | Kept::TillEnrolments
            | Kept::AskedPhoneChanges => self.sign_ins,
            Kept::Sessions | Kept::StaffSessions => self.sessions,
            // They count for how many a member may make in a day.
            Kept::HouseholdInvitations => DAY,
            Kept::CardTokens | Kept::TextAskings | Kept::Vouchings => 0,
            Kept::Texts => TEXTS,
            Kept::Archives => ARCHIVES,
            Kept::Checkouts => CHECKOUTS,
            Kept::ConsentsOfThoseWhoLeft => self.consents,
            Kept::Referrals => self.referrals,
            Kept::Looks => self.looks,
            Kept::GivenUpPhones => self.given_up_phones,
            Kept::PhoneChanges | Kept::Merges => self.phone_changes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_word_of_its_own_and_a_time() {
        let retention = Retention {
            sign_ins: DAY,
            sessions: 30 * DAY,
            consents: 1_095 * DAY,
            referrals: 400 * DAY,
            looks: 1_095 * DAY,
            given_up_phones: 7 * DAY,
            phone_changes: 365 * DAY,
        };
        for (index, kept) in Kept::ALL.into_iter().enumerate() {
            assert!(Kept::ALL[..index].iter().all(|other| other.word() != kept.word()), "{kept:?}");
            assert!((0..=1_095 * DAY).contains(&retention.of(kept)), "{kept:?}");
        }
    }
}
