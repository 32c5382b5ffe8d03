//! What the business says no to, in order of precedence.

use thiserror::Error;

use super::{
    archive::ArchiveRefusal, card_batch::BatchRefusal, card_state::CardRefusal, checkout::CheckoutRefusal,
    household::HouseholdRefusal, merging::MergeRefusal, partner::PartnerRefusal, phone_change::PhoneRefusal,
    provider_sign_in::ProviderRefusal, question::ProfileRefusal, referral::ReferralRefusal,
    subscription::PlanRefusal, texted_name::TextRefusal,
};

/// A command that is well formed, of things that exist, and still not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Rejection {
    /// The till has as many valid keys as it may have; one must be revoked first.
    #[error("the till has {limit} valid keys already")]
    TillKeysTooMany {
        /// Keys allowed.
        limit: usize,
    },
    /// The member has as many cards as they may have.
    #[error("the member has {limit} cards already")]
    CardsTooMany {
        /// Cards allowed.
        limit: usize,
    },
    /// The card leads to another member.
    #[error("the card leads to another member")]
    CardTaken,
    /// The member belongs to another household, and must leave it first.
    #[error("the member belongs to another household")]
    InOtherHousehold,
    /// The household has as many members as it may have.
    #[error("the household has {limit} members already")]
    HouseholdFull {
        /// Members allowed.
        limit: u32,
    },
    /// Codes were asked for too often, for this phone or from this place.
    #[error("too many codes; the next one in {seconds} s")]
    CodesTooMany {
        /// When to ask again.
        seconds: u64,
    },
    /// What the chain spends on messages in a day is spent.
    #[error("no more messages; the next one in {seconds} s")]
    CodesExhausted {
        /// When to ask again.
        seconds: u64,
    },
    /// The code is not the one that was sent.
    #[error("a wrong code, {left} attempts are left")]
    CodeWrong {
        /// Attempts left.
        left: u32,
    },
    /// The code was used, is too old, or was tried too often.
    #[error("the code is not good any more")]
    CodeSpent,
    /// The refresh token continues no session.
    #[error("the refresh token continues no session")]
    RefreshRefused,
    /// The refresh token was used before, and so its session was ended.
    #[error("the refresh token was used before")]
    RefreshReused,
    /// The till's code is wrong, used, too old, or was tried too often.
    #[error("the till's code is not good")]
    EnrolmentRefused,
    /// The public key is another till's, or was revoked.
    #[error("the public key is taken")]
    PublicKeyTaken,
    /// Only a key that signs can name its successor.
    #[error("the present key does not sign")]
    TillKeyPlain,
    /// The session is over.
    #[error("the session is over")]
    SessionOver,
    /// The invitation was followed, is too old, or never was.
    #[error("the invitation is not good")]
    InvitationRefused,
    /// The password is too short or too long.
    #[error("the password is too short or too long")]
    PasswordLength,
    /// The password is among the first that anybody would try.
    #[error("the password is easily guessed")]
    PasswordGuessable,
    /// The code is not the one that the app shows.
    #[error("a wrong code of the second factor")]
    FactorWrong,
    /// User name, password and code do not belong together.
    #[error("the sign-in is refused")]
    SignInRefused,
    /// There were too many failures under the user name.
    #[error("too many failures; the next attempt in {seconds} s")]
    SignInDelayed {
        /// When to try again.
        seconds: u64,
    },
    /// More people sign in than can be served in time.
    #[error("too many passwords at once")]
    SignInsBusy,
    /// Somebody else of the staff has the user name.
    #[error("the user name is taken")]
    UserNameTaken,
    /// People do not change what concerns themselves: their roles, and whether they may come in.
    #[error("it concerns the person who asks")]
    StaffOwnAffair,
    /// The person may not come in, and so gets no role.
    #[error("the person is disabled")]
    StaffDisabled,
    /// The person has as many roles as one may have.
    #[error("the person has {limit} roles already")]
    GrantsTooMany {
        /// Roles allowed.
        limit: usize,
    },
    /// The back office does not say why a member leaves.
    #[error("there is no reason")]
    ReasonMissing,
    /// The chain has as many purposes as it may have.
    #[error("there are {limit} purposes already")]
    PurposesTooMany {
        /// Purposes allowed.
        limit: u64,
    },
    /// The words that were shown are not those of now.
    #[error("the words of now are version {version}")]
    ConsentTextOutdated {
        /// The version of now.
        version: u32,
    },
    /// What cannot be made of a text message.
    #[error(transparent)]
    Text(TextRefusal),
    /// What cannot be done with questions and answers.
    #[error(transparent)]
    Profile(ProfileRefusal),
    /// What members may not do about their household.
    #[error(transparent)]
    Household(HouseholdRefusal),
    /// What cannot be done with a card.
    #[error(transparent)]
    Card(CardRefusal),
    /// What cannot be done with a batch of cards.
    #[error(transparent)]
    Batch(BatchRefusal),
    /// What cannot be done with a partner's key.
    #[error(transparent)]
    Partner(PartnerRefusal),
    /// What cannot be done about a member's phone.
    #[error(transparent)]
    Phone(PhoneRefusal),
    /// Why two memberships do not become one.
    #[error(transparent)]
    Merge(MergeRefusal),
    /// Why somebody does not come in by the identity provider, or by a password beside it.
    #[error(transparent)]
    Provider(ProviderRefusal),
    /// Why a referral code does not count.
    #[error(transparent)]
    Referral(ReferralRefusal),
    /// Why no archive is handed out.
    #[error(transparent)]
    Archive(ArchiveRefusal),
    /// Why a plan cannot be paid for, cancelled or kept.
    #[error(transparent)]
    Plan(PlanRefusal),
    /// Why nothing is paid in the app.
    #[error(transparent)]
    Checkout(CheckoutRefusal),
}

impl From<HouseholdRefusal> for Rejection {
    fn from(refusal: HouseholdRefusal) -> Self {
        Self::Household(refusal)
    }
}

impl From<CardRefusal> for Rejection {
    fn from(refusal: CardRefusal) -> Self {
        Self::Card(refusal)
    }
}

impl From<BatchRefusal> for Rejection {
    fn from(refusal: BatchRefusal) -> Self {
        Self::Batch(refusal)
    }
}

impl From<ProfileRefusal> for Rejection {
    fn from(refusal: ProfileRefusal) -> Self {
        Self::Profile(refusal)
    }
}

impl From<TextRefusal> for Rejection {
    fn from(refusal: TextRefusal) -> Self {
        Self::Text(refusal)
    }
}

impl From<PartnerRefusal> for Rejection {
    fn from(refusal: PartnerRefusal) -> Self {
        Self::Partner(refusal)
    }
}

impl From<ProviderRefusal> for Rejection {
    fn from(refusal: ProviderRefusal) -> Self {
        Self::Provider(refusal)
    }
}

impl From<ReferralRefusal> for Rejection {
    fn from(refusal: ReferralRefusal) -> Self {
        Self::Referral(refusal)
    }
}

impl From<PhoneRefusal> for Rejection {
    fn from(refusal: PhoneRefusal) -> Self {
        Self::Phone(refusal)
    }
}

impl From<MergeRefusal> for Rejection {
    fn from(refusal: MergeRefusal) -> Self {
        Self::Merge(refusal)
    }
}

impl From<PlanRefusal> for Rejection {
    fn from(refusal: PlanRefusal) -> Self {
        Self::Plan(refusal)
    }
}

impl From<CheckoutRefusal> for Rejection {
    fn from(refusal: CheckoutRefusal) -> Self {
        Self::Checkout(refusal)
    }
}
