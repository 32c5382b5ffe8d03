//! Members bring friends: their code, the friend who gives it, and what became of it.
//!
//! A member is told how many friends stand where, and nothing of anybody; which friends these are is for the back office alone.

use axum::{extract::State, http::StatusCode};
use kernel::{Currency, JournalId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, DeadlineAt, Lane, PathParams, Problem, RouteSpec};

use super::{Counter, Private, private, reading, roles};
use crate::{
    commands::{self, Put},
    domain::{
        question::Words,
        referral::{Promise, Referral},
        referral_code::ReferralCode,
        referral_terms::ReferralTerms,
    },
    error::{
        CONTENDED, DATABASE_BUSY, MEMBER_UNKNOWN, REFERRAL_ATTEMPTS_TOO_MANY, REFERRAL_CODE_MALFORMED,
        REFERRAL_CODE_UNKNOWN, REFERRAL_GIVEN, REFERRAL_HOUSEHOLD, REFERRAL_LATE, REFERRAL_OWN,
        REFERRAL_SAME_DEVICE, REFERRALS_CLOSED, REFERRALS_TOO_MANY,
    },
    queries::referrals::{OwnReferrals, own_referrals, referred_friends, terms},
    store::{referral_terms::Versioned, referrals::Counts},
};

pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/referrals", "read_own_referrals", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static PUT_CODE: RouteSpec = RouteSpec::put(
    "/v1/members/{member_id}/referral-code",
    "make_referral_code",
    Access::MemberTillOrOperator,
)
.staff(Bound::Anywhere, roles::COUNTER)
.lane(Lane::Till)
.problems(&[&MEMBER_UNKNOWN, &CONTENDED, &DATABASE_BUSY]);

pub(super) static PUT: RouteSpec =
    RouteSpec::put("/v1/members/{member_id}/referral", "give_referral_code", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::COUNTER)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[
            &MEMBER_UNKNOWN,
            &REFERRAL_CODE_MALFORMED,
            &REFERRAL_GIVEN,
            &REFERRALS_CLOSED,
            &REFERRAL_ATTEMPTS_TOO_MANY,
            &REFERRAL_CODE_UNKNOWN,
            &REFERRAL_OWN,
            &REFERRAL_LATE,
            &REFERRAL_HOUSEHOLD,
            &REFERRAL_SAME_DEVICE,
            &REFERRALS_TOO_MANY,
            &DATABASE_BUSY,
        ]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/referred-friends", "list_referred_friends", Access::Operator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

/// The code that a friend was given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferralBody {
    /// As it is typed: capital or small letters, hyphens and spaces, Persian and Arabic digits are read.
    #[schema(example = "7KX2-MQ4D")]
    pub code: String,
}

/// A member's code, and what they pass on.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralCodeView {
    /// The code: eight characters that nobody takes for one another. It stays the member's.
    #[schema(example = "7KX2MQ4D")]
    pub code: String,
    /// The address to pass on; absent while the chain has no terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://club.example/join?code=7KX2MQ4D")]
    pub link: Option<String>,
    /// Words to pass on, in each language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Words>,
}

/// What the chain asks of friends now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralPromiseView {
    /// Whether friends are referred now.
    pub live: bool,
    /// The least that the friend's purchase costs, in minor units.
    pub minimum_amount: i64,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
    /// How long the friend has for it, in days.
    pub days: u16,
    /// How long after joining the code is given, in days.
    pub join_days: u16,
    /// The most referrals of one member within 30 days.
    pub per_month: u16,
}

/// How many friends stand where.
#[derive(Debug, Serialize, ToSchema)]
pub struct FriendsView {
    /// They have still time to buy.
    pub open: u64,
    /// They bought.
    pub counted: u64,
    /// They did not buy in time.
    pub lapsed: u64,
    /// What they bought came back.
    pub undone: u64,
}

/// By a code that the member gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralView {
    /// Where it stands: `open`, `counted`, `lapsed` or `undone`.
    #[schema(example = "open")]
    pub state: &'static str,
    /// When the code was given.
    pub made_at: Timestamp,
    /// The least that the purchase costs, in minor units.
    pub minimum_amount: i64,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
    /// Until when it counts.
    pub until: Timestamp,
}

/// A member's own side of referrals.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralsView {
    /// The member's code and what they pass on; absent while they have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<ReferralCodeView>,
    /// What the chain asks of friends now; absent while it has no terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<ReferralPromiseView>,
    /// Friends whom the member referred, by number alone.
    pub friends: FriendsView,
    /// The code that the member gave when new; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referred: Option<ReferralView>,
}

/// A referral, as the back office sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FriendView {
    /// Who joined.
    pub friend: MemberId,
    /// Whose code it was.
    pub referrer: MemberId,
    /// Where it stands.
    #[serde(flatten)]
    pub referral: ReferralView,
    /// When it counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted_at: Option<Timestamp>,
    /// The purchase by which it counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub purchase_id: Option<JournalId>,
    /// When that purchase came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_at: Option<Timestamp>,
}

/// Referrals of a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferredFriendsView {
    /// Whom they referred, the latest first, 100 at most.
    pub friends: Vec<FriendView>,
    /// By whom they were referred; absent for nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referred: Option<FriendView>,
}

impl ReferralCodeView {
    fn of(code: &ReferralCode, terms: Option<&Versioned>) -> Self {
        Self {
            code: code.text().to_owned(),
            link: terms.map(|known| known.terms.link_of(code)),
            invitation: terms.map(|known| known.terms.invitation_of(code)),
        }
    }
}

impl From<&ReferralTerms> for ReferralPromiseView {
    fn from(terms: &ReferralTerms) -> Self {
        let ReferralTerms { live, minimum_amount, currency, days, join_days, per_month, .. } = *terms;
        Self { live, minimum_amount, currency, days, join_days, per_month }
    }
}

impl ReferralView {
    fn of(referral: &Referral, now: Timestamp) -> Self {
        let Promise { minimum_amount, currency, until } = referral.promise;
        let state = referral.state(now).word();
        Self { state, made_at: referral.made_at, minimum_amount, currency, until }
    }
}

impl ReferralsView {
    fn of(own: &OwnReferrals, now: Timestamp) -> Self {
        let Counts { open, counted, lapsed, undone } = own.counts;
        Self {
            code: own.code.as_ref().map(|code| ReferralCodeView::of(code, own.terms.as_ref())),
            terms: own.terms.as_ref().map(|known| (&known.terms).into()),
            friends: FriendsView { open, counted, lapsed, undone },
            referred: own.own.as_ref().map(|referral| ReferralView::of(referral, now)),
        }
    }
}

impl FriendView {
    fn of(referral: &Referral, now: Timestamp) -> Self {
        Self {
            friend: referral.friend,
            referrer: referral.referrer,
            referral: ReferralView::of(referral, now),
            counted_at: referral.counted.map(|counted| counted.at),
            purchase_id: referral.counted.map(|counted| counted.purchase),
            undone_at: referral.undone_at,
        }
    }
}

/// Shows a member's code, what friends must do, and how many did.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/referrals", operation_id = "read_own_referrals", tag = "referrals",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The member's side of referrals.", body = ReferralsView))
)]
pub(super) async fn read_own(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<ReferralsView>, Problem> {
    let (desk, now) = (counter.desk(), counter.desk().clock.now());
    Ok(private(ReferralsView::of(&own_referrals(&desk.vault, member_id, now).await?, now)))
}

/// Gives a member the code by which they refer friends; it stays theirs.
#[utoipa::path(
    put, path = "/v1/members/{member_id}/referral-code", operation_id = "make_referral_code", tag = "referrals",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses(
        (status = 201, description = "The member has a code.", body = ReferralCodeView),
        (status = 200, description = "The member had a code.", body = ReferralCodeView),
    )
)]
pub(super) async fn make_code(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
    deadline: DeadlineAt,
) -> Result<(StatusCode, Private<ReferralCodeView>), Problem> {
    deadline.check()?;
    let made = commands::make_referral_code::make_referral_code(counter.desk(), member_id).await?;
    let terms = terms(&counter.desk().vault).await?;
    let (status, code) = match made {
        Put::New(code) => (StatusCode::CREATED, code),
        Put::Known(code) => (StatusCode::OK, code),
    };
    Ok((status, private(ReferralCodeView::of(&code, terms.as_ref()))))
}

/// Gives the code of whoever brought a new member.
///
/// Once, within days of joining and before the first purchase; the same code again changes nothing. It counts when the member then
/// buys as much as was promised, in time: both sides earn what the programme gives for the actions `referral` and `referred`.
#[utoipa::path(
    put, path = "/v1/members/{member_id}/referral", operation_id = "give_referral_code", tag = "referrals",
    params(("member_id" = MemberId, Path, description = "The id of the new member.")),
    request_body(content = ReferralBody),
    responses(
        (status = 201, description = "The member was referred.", body = ReferralView),
        (status = 200, description = "The member had given this code.", body = ReferralView),
    )
)]
pub(super) async fn give_code(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
    deadline: DeadlineAt,
    Body(body): Body<ReferralBody>,
) -> Result<(StatusCode, Private<ReferralView>), Problem> {
    let code = reading::referral_code(&body.code, "/code")?;
    deadline.check()?;
    let referred = commands::refer_friend::refer_friend(counter.desk(), member_id, &code).await?;
    let (status, referral) = match referred {
        Put::New(referral) => (StatusCode::CREATED, referral),
        Put::Known(referral) => (StatusCode::OK, referral),
    };
    Ok((status, private(ReferralView::of(&referral, counter.desk().clock.now()))))
}

/// Lists whom a member referred, and by whom they were referred.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/referred-friends", operation_id = "list_referred_friends", tag = "referrals",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The referrals.", body = ReferredFriendsView))
)]
pub(super) async fn list_friends(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<ReferredFriendsView>, Problem> {
    let (desk, now) = (counter.desk(), counter.desk().clock.now());
    let (friends, own) = referred_friends(&desk.vault, member_id).await?;
    let view = |referral: &Referral| FriendView::of(referral, now);
    let referred = own.as_ref().map(view);
    Ok(private(ReferredFriendsView { friends: friends.iter().map(view).collect(), referred }))
}
