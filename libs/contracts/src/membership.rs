//! Facts that `membership` tells: the chain's structure, who joined, how members are recognised.

use kernel::{BranchCode, Digest16, IdentifierKind, KeyId, Language, MemberId, RegionCode, TillCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::FactData;

mod actions;
mod cards;
mod consents;
mod households;
mod leaving;
mod merges;
mod occasions;
mod phones;
mod plans;
mod profile;
mod referrals;

pub use actions::{ActionDone, ActionUndone, ActionValue};
pub use cards::CardHandedOver;
pub use consents::{ConsentChannel, ConsentGiven, ConsentWithdrawn};
pub use households::{HouseholdChanged, HouseholdRole};
pub use leaving::{MemberErased, MemberLeft};
pub use merges::MembersMerged;
pub use occasions::{Occasion, OccasionReached};
pub use phones::{PhoneChanged, PhoneChangedBy, PhoneConfirmed};
pub use plans::{PlanStanding, PlanStandingChanged};
pub use profile::ProfileAnswered;
pub use referrals::{ReferralMade, ReferralQualified, ReferralUndone};

/// The service that owns these facts, and the name of its stream.
pub const SOURCE: &str = "membership";

const MEMBER: MemberId = MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0001));

fn branch() -> BranchCode {
    BranchCode::parse("tehran-vanak").expect("a code")
}

fn till() -> TillCode {
    TillCode::parse("till-1").expect("a code")
}

/// A region of the chain was opened or renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegionOpened {
    /// The region's code.
    pub region: RegionCode,
}

/// A branch was opened, moved to another region, or given another time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BranchOpened {
    /// The branch's code.
    pub branch: BranchCode,
    /// The region it belongs to from now on.
    pub region: RegionCode,
    /// IANA time zone of its wall clock, when it differs from the chain's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// A till was set up at a branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TillEnrolled {
    /// The branch where it stands.
    pub branch: BranchCode,
    /// The till's code within its branch.
    pub till: TillCode,
}

/// A till's key was revoked; whoever cached it must drop it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TillKeyRevoked {
    /// The branch where the till stands.
    pub branch: BranchCode,
    /// The till.
    pub till: TillCode,
    /// Which of its keys.
    pub key_id: KeyId,
}

/// Where a member joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JoinChannel {
    /// At a till, by the cashier.
    Till,
    /// Through the API: an app, the back office, an import.
    Api,
    /// By a text message to the club's number.
    Text,
}

/// A person joined the club.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberJoined {
    /// The new member.
    pub member_id: MemberId,
    /// The branch, when it happened at one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
    /// Where it happened.
    pub channel: JoinChannel,
    /// The language to speak to them.
    pub language: Language,
}

/// An identifier now leads to a member, or does no longer.
///
/// The identifier itself stays in `membership`; the fact carries its keyed hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdentifierLinked {
    /// The member that it leads to.
    pub member_id: MemberId,
    /// What kind of identifier.
    pub kind: IdentifierKind,
    /// The keyed hash of kind and value (blind index).
    pub digest: Digest16,
    /// False when it leads nowhere any more (blocked, replaced).
    pub active: bool,
    /// The keyed hash by which it was known before the key of the blind index changed, which leads nowhere from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<Digest16>,
}

impl FactData for RegionOpened {
    const TYPE: &'static str = "vafa.membership.region_opened.v1";
    const ABOUT: &'static str = "A region of the chain was opened or renamed. Subject: the region's code.";
    fn sample() -> Self {
        Self { region: RegionCode::parse("tehran").expect("a code") }
    }
}

impl FactData for BranchOpened {
    const TYPE: &'static str = "vafa.membership.branch_opened.v1";
    const ABOUT: &'static str = "A branch was opened, moved to another region or given another time zone. Subject: the branch's code.";
    fn sample() -> Self {
        let region = RegionCode::parse("tehran").expect("a code");
        Self { branch: branch(), region, time_zone: Some("Asia/Tehran".to_owned()) }
    }
}

impl FactData for TillEnrolled {
    const TYPE: &'static str = "vafa.membership.till_enrolled.v1";
    const ABOUT: &'static str = "A till was set up at a branch. Subject: branch and till.";
    fn sample() -> Self {
        Self { branch: branch(), till: till() }
    }
}

impl FactData for TillKeyRevoked {
    const TYPE: &'static str = "vafa.membership.till_key_revoked.v1";
    const ABOUT: &'static str = "A till's key was revoked. Subject: branch and till.";
    fn sample() -> Self {
        let key_id = KeyId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0002));
        Self { branch: branch(), till: till(), key_id }
    }
}

impl FactData for MemberJoined {
    const TYPE: &'static str = "vafa.membership.member_joined.v1";
    const ABOUT: &'static str = "A person joined the club. Subject: the member id.";
    fn sample() -> Self {
        Self { member_id: MEMBER, branch: Some(branch()), channel: JoinChannel::Till, language: Language::Fa }
    }
}

impl FactData for IdentifierLinked {
    const TYPE: &'static str = "vafa.membership.identifier_linked.v1";
    const ABOUT: &'static str = "An identifier leads to a member, or does no longer; with `former`, it is known by another keyed hash from now on. Subject: the member id.";
    fn sample() -> Self {
        let digest = Digest16([0x5a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        Self { member_id: MEMBER, kind: IdentifierKind::Phone, digest, active: true, former: None }
    }
}
