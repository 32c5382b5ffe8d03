//! What does not exist, as problems.

use serde_json::json;
use web::Problem;

use crate::error::{
    BRANCH_UNKNOWN, CARD_BATCH_UNKNOWN, CARD_UNKNOWN, CHECKOUT_UNKNOWN, CONSENT_PURPOSE_UNKNOWN,
    GRANT_UNKNOWN, HOUSEHOLD_MEMBER_UNKNOWN, HOUSEHOLD_NONE, HOUSEHOLD_UNKNOWN, IDENTIFIER_UNKNOWN,
    INVITATION_UNKNOWN, MEMBER_UNKNOWN, MERGE_UNKNOWN, Missing, PARTNER_KEY_UNKNOWN, PARTNER_UNKNOWN,
    PHONE_CHANGE_UNKNOWN, PLAN_UNKNOWN, PROVIDER_MISSING, QUESTION_UNKNOWN, REFERRAL_TERMS_UNKNOWN,
    REGION_UNKNOWN, SESSION_UNKNOWN, STAFF_SESSION_UNKNOWN, STAFF_UNKNOWN, STRAY_UNKNOWN, TILL_KEY_UNKNOWN,
    TILL_UNKNOWN,
};

impl From<Missing> for Problem {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Region(region) => {
                Self::new(&REGION_UNKNOWN).arg("region", region.as_str()).pointer("/region")
            }
            Missing::Branch(branch) => Self::new(&BRANCH_UNKNOWN).arg("branch", branch.as_str()),
            Missing::Till(branch, till) => {
                Self::new(&TILL_UNKNOWN).arg("branch", branch.as_str()).arg("till", till.as_str())
            }
            Missing::TillKey(_) => Self::new(&TILL_KEY_UNKNOWN),
            Missing::Member(_) => Self::new(&MEMBER_UNKNOWN),
            Missing::Household(_) => Self::new(&HOUSEHOLD_UNKNOWN),
            Missing::HouseholdMember(_) => Self::new(&HOUSEHOLD_MEMBER_UNKNOWN),
            Missing::Session => Self::new(&SESSION_UNKNOWN),
            Missing::Staff(_) => Self::new(&STAFF_UNKNOWN),
            Missing::Grant => Self::new(&GRANT_UNKNOWN),
            Missing::Purpose => Self::new(&CONSENT_PURPOSE_UNKNOWN),
            Missing::OwnHousehold => Self::new(&HOUSEHOLD_NONE),
            Missing::Invitation => Self::new(&INVITATION_UNKNOWN),
            Missing::Card => Self::new(&CARD_UNKNOWN),
            Missing::Batch(_) => Self::new(&CARD_BATCH_UNKNOWN),
            Missing::StaffSession => Self::new(&STAFF_SESSION_UNKNOWN),
            Missing::Question => Self::new(&QUESTION_UNKNOWN),
            Missing::Partner(_) => Self::new(&PARTNER_UNKNOWN),
            Missing::PartnerKey => Self::new(&PARTNER_KEY_UNKNOWN),
            Missing::PhoneChange => Self::new(&PHONE_CHANGE_UNKNOWN),
            Missing::Merge => Self::new(&MERGE_UNKNOWN),
            Missing::Provider => Self::new(&PROVIDER_MISSING),
            Missing::ReferralTerms => Self::new(&REFERRAL_TERMS_UNKNOWN),
            Missing::Plan => Self::new(&PLAN_UNKNOWN),
            Missing::Checkout => Self::new(&CHECKOUT_UNKNOWN),
            Missing::Stray => Self::new(&STRAY_UNKNOWN),
            Missing::Identified => Self::new(&IDENTIFIER_UNKNOWN).extension(
                "join",
                json!({ "method": "POST", "path": "/v1/members", "needs": ["phone", "first_name"] }),
            ),
        }
    }
}
