//! What members may not do about households, cards and their profile, as problems.

use axum::http::header::RETRY_AFTER;
use web::Problem;

use crate::{
    domain::{
        card_batch::BatchRefusal, card_state::CardRefusal, checkout::CheckoutRefusal,
        household::HouseholdRefusal, partner::PartnerRefusal, phone_change::PhoneRefusal,
        provider_sign_in::ProviderRefusal, question::ProfileRefusal, referral::ReferralRefusal,
        subscription::PlanRefusal, texted_name::TextRefusal,
    },
    error::{
        ANSWER_GIVEN, CARD_BATCH_NOT_READY, CARD_BATCH_TAKEN, CARD_BATCHES_TOO_MANY, CARD_BLOCKED,
        CARD_IS_TOKEN, CARD_NOT_MADE, CARD_NOT_OPEN, CARD_STAYS_BLOCKED, CARD_TO_SELF, CARD_TOKEN_LAPSED,
        CHECKOUT_OPEN, CHECKOUTS_CLOSED, HOUSEHOLD_CHILD_HEAD, HOUSEHOLD_HEAD_ONLY, HOUSEHOLD_HEAD_STAYS,
        INVITATION_OVER, INVITATION_SELF, INVITATIONS_TOO_MANY, KEY_REUSED, LOGIN_INVALID, PARTNER_KEY_OVER,
        PARTNER_KEYS_TOO_MANY, PASSWORD_SIGN_IN_CLOSED, PHONE_CHANGE_OVER, PHONE_CHANGE_REASON,
        PHONE_OF_OTHER, PHONE_OWN, PHONE_RECALL_REFUSED, PHONE_RESTING, PLAN_AMOUNT_WRONG, PLAN_CLOSED,
        PLAN_NONE, PLAN_NOT_DUE, PLAN_OTHER, PLANS_TOO_MANY, PROVIDER_REFUSED, QUESTION_BIRTHDAY_ASKED,
        QUESTION_KIND_FIXED, QUESTION_RETIRED, QUESTIONS_TOO_MANY, RECEIPT_TAKEN, REFERRAL_ATTEMPTS_TOO_MANY,
        REFERRAL_CODE_UNKNOWN, REFERRAL_GIVEN, REFERRAL_HOUSEHOLD, REFERRAL_LATE, REFERRAL_OWN,
        REFERRAL_SAME_DEVICE, REFERRALS_CLOSED, REFERRALS_TOO_MANY, SECOND_PERSON_NEEDED, STRAY_SETTLED,
        SUBJECT_TAKEN, SUBJECT_UNKNOWN, TEXT_NO_NAME, TEXT_TAKEN, TEXTS_TOO_MANY, limited,
    },
};

impl From<HouseholdRefusal> for Problem {
    fn from(refusal: HouseholdRefusal) -> Self {
        match refusal {
            HouseholdRefusal::HeadOnly => Self::new(&HOUSEHOLD_HEAD_ONLY),
            HouseholdRefusal::HeadStays => Self::new(&HOUSEHOLD_HEAD_STAYS),
            HouseholdRefusal::ChildCannotLead => Self::new(&HOUSEHOLD_CHILD_HEAD).pointer("/role"),
            HouseholdRefusal::InvitedSelf => Self::new(&INVITATION_SELF),
            HouseholdRefusal::InvitationsTooMany { limit, seconds } => Self::new(&INVITATIONS_TOO_MANY)
                .arg("limit", limit)
                .arg("seconds", seconds)
                .extension("limit", limit)
                .header(RETRY_AFTER, seconds.into()),
            HouseholdRefusal::InvitationOver => Self::new(&INVITATION_OVER),
        }
    }
}

impl From<CardRefusal> for Problem {
    fn from(refusal: CardRefusal) -> Self {
        match refusal {
            CardRefusal::Blocked => Self::new(&CARD_BLOCKED),
            CardRefusal::StaysBlocked => Self::new(&CARD_STAYS_BLOCKED),
            CardRefusal::IsToken => Self::new(&CARD_IS_TOKEN),
            CardRefusal::TokenLapsed => Self::new(&CARD_TOKEN_LAPSED),
            CardRefusal::NotMade => Self::new(&CARD_NOT_MADE),
            CardRefusal::HandedToSelf => Self::new(&CARD_TO_SELF),
        }
    }
}

impl From<BatchRefusal> for Problem {
    fn from(refusal: BatchRefusal) -> Self {
        match refusal {
            BatchRefusal::Taken => Self::new(&CARD_BATCH_TAKEN),
            BatchRefusal::TooMany { limit } => limited(&CARD_BATCHES_TOO_MANY, limit),
            BatchRefusal::NotReady => Self::new(&CARD_BATCH_NOT_READY),
            BatchRefusal::CardNotOpen => Self::new(&CARD_NOT_OPEN),
        }
    }
}

impl From<ProfileRefusal> for Problem {
    fn from(refusal: ProfileRefusal) -> Self {
        match refusal {
            ProfileRefusal::KindFixed => Self::new(&QUESTION_KIND_FIXED).pointer("/kind"),
            ProfileRefusal::TooMany { limit } => limited(&QUESTIONS_TOO_MANY, limit),
            ProfileRefusal::BirthdayAsked => Self::new(&QUESTION_BIRTHDAY_ASKED).pointer("/kind"),
            ProfileRefusal::Retired => Self::new(&QUESTION_RETIRED),
            ProfileRefusal::AnswerGiven => Self::new(&ANSWER_GIVEN),
        }
    }
}

impl From<TextRefusal> for Problem {
    fn from(refusal: TextRefusal) -> Self {
        match refusal {
            TextRefusal::Taken => Self::new(&TEXT_TAKEN).pointer("/message_id"),
            TextRefusal::TooMany { seconds } => {
                Self::new(&TEXTS_TOO_MANY).arg("seconds", seconds).header(RETRY_AFTER, seconds.into())
            }
            TextRefusal::NoName(flaw) => {
                Self::new(&TEXT_NO_NAME).extension("reason", flaw.to_string()).pointer("/text")
            }
        }
    }
}

impl From<PartnerRefusal> for Problem {
    fn from(refusal: PartnerRefusal) -> Self {
        match refusal {
            PartnerRefusal::KeysTooMany { limit } => limited(&PARTNER_KEYS_TOO_MANY, limit),
            PartnerRefusal::KeyOver => Self::new(&PARTNER_KEY_OVER),
        }
    }
}

impl From<ProviderRefusal> for Problem {
    fn from(refusal: ProviderRefusal) -> Self {
        Self::new(match refusal {
            ProviderRefusal::PasswordSignInClosed => &PASSWORD_SIGN_IN_CLOSED,
            ProviderRefusal::LoginInvalid => &LOGIN_INVALID,
            ProviderRefusal::ProviderRefused => &PROVIDER_REFUSED,
            ProviderRefusal::SubjectUnknown => &SUBJECT_UNKNOWN,
            ProviderRefusal::SubjectTaken => &SUBJECT_TAKEN,
        })
    }
}

impl From<ReferralRefusal> for Problem {
    fn from(refusal: ReferralRefusal) -> Self {
        match refusal {
            ReferralRefusal::Given => Self::new(&REFERRAL_GIVEN).pointer("/code"),
            ReferralRefusal::Closed => Self::new(&REFERRALS_CLOSED),
            ReferralRefusal::Attempts { seconds } => Self::new(&REFERRAL_ATTEMPTS_TOO_MANY)
                .arg("seconds", seconds)
                .header(RETRY_AFTER, seconds.into()),
            ReferralRefusal::Unknown => Self::new(&REFERRAL_CODE_UNKNOWN).pointer("/code"),
            ReferralRefusal::Own => Self::new(&REFERRAL_OWN).pointer("/code"),
            ReferralRefusal::Late => Self::new(&REFERRAL_LATE),
            ReferralRefusal::Household => Self::new(&REFERRAL_HOUSEHOLD),
            ReferralRefusal::SameDevice => Self::new(&REFERRAL_SAME_DEVICE),
            ReferralRefusal::TooMany { limit } => limited(&REFERRALS_TOO_MANY, u64::from(limit)),
        }
    }
}

impl From<PhoneRefusal> for Problem {
    fn from(refusal: PhoneRefusal) -> Self {
        match refusal {
            PhoneRefusal::ReasonMissing => Self::new(&PHONE_CHANGE_REASON).pointer("/reason"),
            PhoneRefusal::Own => Self::new(&PHONE_OWN).pointer("/phone"),
            PhoneRefusal::Over => Self::new(&PHONE_CHANGE_OVER),
            PhoneRefusal::SecondPersonNeeded => Self::new(&SECOND_PERSON_NEEDED),
            PhoneRefusal::OfOther => Self::new(&PHONE_OF_OTHER),
            PhoneRefusal::Resting => Self::new(&PHONE_RESTING),
            PhoneRefusal::RecallRefused => Self::new(&PHONE_RECALL_REFUSED).pointer("/code"),
        }
    }
}

impl From<PlanRefusal> for Problem {
    fn from(refusal: PlanRefusal) -> Self {
        match refusal {
            PlanRefusal::Closed => Self::new(&PLAN_CLOSED).pointer("/plan"),
            PlanRefusal::Amount { price, currency } => Self::new(&PLAN_AMOUNT_WRONG)
                .extension("price", price)
                .extension("currency", currency.code())
                .pointer("/amount"),
            PlanRefusal::Other => Self::new(&PLAN_OTHER).pointer("/plan"),
            PlanRefusal::NotDue { from } => {
                let from = from.to_string();
                Self::new(&PLAN_NOT_DUE).arg("from", from.as_str()).extension("renewable_from", from)
            }
            PlanRefusal::None => Self::new(&PLAN_NONE),
            PlanRefusal::ReceiptTaken => Self::new(&RECEIPT_TAKEN).pointer("/receipt"),
            PlanRefusal::KeyReused => Self::new(&KEY_REUSED),
            PlanRefusal::TooMany { limit } => {
                limited(&PLANS_TOO_MANY, u64::try_from(limit).unwrap_or_default())
            }
        }
    }
}

impl From<CheckoutRefusal> for Problem {
    fn from(refusal: CheckoutRefusal) -> Self {
        match refusal {
            CheckoutRefusal::Closed => Self::new(&CHECKOUTS_CLOSED),
            CheckoutRefusal::Open { checkout } => {
                Self::new(&CHECKOUT_OPEN).extension("checkout_id", checkout.to_string()).pointer("/plan")
            }
            CheckoutRefusal::KeyReused => Self::new(&KEY_REUSED),
            CheckoutRefusal::Settled => Self::new(&STRAY_SETTLED).pointer("/outcome"),
        }
    }
}
