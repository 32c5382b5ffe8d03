//! Members: joining, recognising, showing, cards.
//!
//! Answers here hold a first name, so no cache may keep them. Phones and cards are shown by their last digits only;
//! the one exception is the answer that hands out a card's number.

use axum::{extract::State, http::StatusCode};
use kernel::{BranchCode, IdentifierKind, Language, MemberId, Pii, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, DeadlineAt, Lane, PathParams, Problem, RouteSpec, Shown};

use super::{Counter, Private, private, reading, roles};
use crate::{
    commands::{
        self, Put,
        join::{Join, Outcome},
    },
    domain::{
        activity::Activity,
        identifier::Identifier,
        member::{JoinedBy, Member},
    },
    error::{
        CARD_BLOCKED, CARD_CHECK_DIGIT, CARD_IS_TOKEN, CARD_MALFORMED, CARD_NOT_MADE, CARD_NOT_OPEN,
        CARD_TAKEN, CARD_TOKEN_LAPSED, CARDS_TOO_MANY, CONTENDED, DATABASE_BUSY, FIRST_NAME_EMPTY,
        FIRST_NAME_FORBIDDEN, FIRST_NAME_TOO_LONG, IDENTIFIER_UNKNOWN, LOOKUP_NEEDS_ONE, MEMBER_MERGED,
        MEMBER_UNKNOWN, PHONE_INVALID, PHONE_NOT_MOBILE, PHONE_RESTING,
    },
    queries::{self, member_profile::Profile},
};

pub(super) static POST: RouteSpec = RouteSpec::post("/v1/members", "join_member", Access::TillOrOperator)
    .staff(Bound::Anywhere, roles::COUNTER)
    .showing_members()
    .lane(Lane::Till)
    .body_limit(4 * 1024)
    .problems(&[
        &PHONE_INVALID,
        &PHONE_NOT_MOBILE,
        &FIRST_NAME_EMPTY,
        &FIRST_NAME_TOO_LONG,
        &FIRST_NAME_FORBIDDEN,
        &CARD_MALFORMED,
        &CARD_CHECK_DIGIT,
        &CARD_IS_TOKEN,
        &CARD_NOT_OPEN,
        &CARD_NOT_MADE,
        &CARD_TAKEN,
        &PHONE_RESTING,
        &CONTENDED,
        &DATABASE_BUSY,
    ]);

pub(super) static LOOKUP: RouteSpec =
    RouteSpec::post("/v1/members/lookup", "look_up_member", Access::TillOrOperator)
        .staff(Bound::Anywhere, roles::COUNTER_READERS)
        .showing_members()
        .partners(Scope::MembersRead)
        .lane(Lane::Till)
        .body_limit(4 * 1024)
        .problems(&[
            &LOOKUP_NEEDS_ONE,
            &PHONE_INVALID,
            &PHONE_NOT_MOBILE,
            &CARD_MALFORMED,
            &CARD_CHECK_DIGIT,
            &CARD_BLOCKED,
            &CARD_TOKEN_LAPSED,
            &IDENTIFIER_UNKNOWN,
            &DATABASE_BUSY,
        ]);

pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}", "read_member", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::COUNTER_READERS)
        .partners(Scope::MembersRead)
        .lane(Lane::Till)
        .problems(&[&MEMBER_UNKNOWN, &MEMBER_MERGED, &DATABASE_BUSY]);

pub(super) static POST_CARD: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/cards", "link_card", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::COUNTER)
        .lane(Lane::Till)
        .body_limit(4 * 1024)
        .problems(&[
            &MEMBER_UNKNOWN,
            &CARD_MALFORMED,
            &CARD_CHECK_DIGIT,
            &CARD_IS_TOKEN,
            &CARD_NOT_OPEN,
            &CARD_NOT_MADE,
            &CARD_TAKEN,
            &CARDS_TOO_MANY,
            &CONTENDED,
            &DATABASE_BUSY,
        ]);

/// Who wants to join.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinBody {
    /// A mobile number, in E.164 or as it is dialled in the chain's country; Persian and Arabic digits are read.
    #[schema(value_type = String, example = "۰۹۱۲۱۲۳۴۵۶۷")]
    pub phone: Pii<String>,
    /// What to call them: one line in any script, up to 40 characters.
    #[schema(value_type = String, example = "زهرا")]
    pub first_name: Pii<String>,
    /// The language to speak to them; the chain's own when it is left out.
    #[serde(default)]
    pub language: Option<Language>,
    /// A card to link at once.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "9970000012345671")]
    pub card: Option<Pii<String>>,
}

/// A phone or a card.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupBody {
    /// The phone, as it is typed.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "+989121234567")]
    pub phone: Option<Pii<String>>,
    /// The card's number, as it is typed or scanned, or the one that the member's app shows in place of a card.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub card: Option<Pii<String>>,
}

/// The card that shall lead to the member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardBody {
    /// The number on the card in hand; a fresh number is made when it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub number: Option<Pii<String>>,
}

/// A member, as they themselves, tills and the back office see them.
#[derive(Serialize, ToSchema)]
pub struct MemberView {
    /// The member's id.
    pub member_id: MemberId,
    /// Where the membership stands: `active`.
    #[schema(example = "active")]
    pub status: &'static str,
    /// What to call them.
    #[schema(example = "زهرا")]
    pub first_name: String,
    /// The language to speak to them.
    pub language: Language,
    /// The last digits of their phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "••••4567")]
    pub phone: Option<String>,
    /// The last digits of their cards, in the order they were linked.
    #[schema(example = json!(["••••5671"]))]
    pub cards: Vec<String>,
    /// When they joined.
    pub joined_at: Timestamp,
    /// The branch where they joined, when it was at a till.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_branch: Option<BranchCode>,
    /// Whether they have shown, by a one-time code, that the phone is theirs.
    pub phone_confirmed: bool,
    /// What is known about their purchases; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<ActivityView>,
    /// Goes up with every change that others are told.
    #[schema(example = 2)]
    pub version: u64,
}

/// What is known about a member's purchases; it follows a purchase within a second or so.
#[derive(Serialize, ToSchema)]
pub struct ActivityView {
    /// How many.
    #[schema(example = 12)]
    pub purchases: u64,
    /// When the earliest was made, by the till's word.
    pub first_purchase_at: Timestamp,
    /// When the latest was made.
    pub last_purchase_at: Timestamp,
    /// Where the latest was made.
    #[schema(example = "tehran-vanak")]
    pub last_branch: BranchCode,
}

/// The member who joined, or whom the phone led to already.
#[derive(Serialize, ToSchema)]
pub struct JoinView {
    /// The member.
    #[serde(flatten)]
    pub member: MemberView,
    /// Whether the card that was sent leads to this member; absent when none was sent. Joining again links no card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_linked: Option<bool>,
}

/// A card that leads to a member.
#[derive(Serialize, ToSchema)]
pub struct CardView {
    /// Whom it leads to.
    pub member_id: MemberId,
    /// The card's number, to print it or show it as a barcode.
    #[schema(example = "9970000012345671")]
    pub number: String,
}

impl MemberView {
    fn of<'a>(
        member: &Member,
        identifiers: impl Iterator<Item = &'a Identifier>,
        activity: Option<&Activity>,
    ) -> Self {
        let (phones, cards): (Vec<_>, Vec<_>) =
            identifiers.partition(|identifier| identifier.kind() == IdentifierKind::Phone);
        Self {
            member_id: member.id,
            status: member.status.word(),
            first_name: member.first_name.text().to_owned(),
            language: member.language,
            phone: phones.first().map(|phone| phone.masked()),
            cards: cards.into_iter().map(Identifier::masked).collect(),
            joined_at: member.joined_at,
            joined_branch: member.joined_by.branch().cloned(),
            phone_confirmed: member.confirmed_at.is_some(),
            activity: activity.map(ActivityView::from),
            version: member.version,
        }
    }
}

impl From<&Profile> for MemberView {
    fn from(profile: &Profile) -> Self {
        Self::of(&profile.member, profile.identifiers.iter(), profile.activity.as_ref())
    }
}

impl From<&Activity> for ActivityView {
    fn from(activity: &Activity) -> Self {
        Self {
            purchases: activity.purchases,
            first_purchase_at: activity.first_at,
            last_purchase_at: activity.last_at,
            last_branch: activity.last_branch.clone(),
        }
    }
}

/// Joins a person by phone and first name.
///
/// The same phone again answers the member whom it leads to, unchanged, so that a till may send it again whenever an
/// answer was lost. At a till, the branch of joining is the till's.
#[utoipa::path(
    post, path = "/v1/members", operation_id = "join_member", tag = "members",
    request_body = JoinBody,
    responses(
        (status = 201, description = "A new member.", body = JoinView),
        (status = 200, description = "The phone led to this member already.", body = JoinView),
    )
)]
pub(super) async fn join_member(
    State(counter): State<Counter>,
    caller: Caller,
    shown: Shown,
    deadline: DeadlineAt,
    Body(body): Body<JoinBody>,
) -> Result<(StatusCode, Private<JoinView>), Problem> {
    let typed_card = body.card.as_ref().map(|card| reading::card(card.expose(), "/card"));
    let join = Join {
        phone: reading::phone(body.phone.expose(), counter.0.country, "/phone")?,
        first_name: reading::first_name(body.first_name.expose(), "/first_name")?,
        language: body.language.unwrap_or(counter.0.language),
        card: typed_card.transpose()?,
        joined_by: match caller {
            Caller::Till { branch, till, .. } => JoinedBy::Till(branch, till),
            _ => JoinedBy::Api,
        },
    };
    let card = join.card.clone().map(Identifier::Card);
    deadline.check()?;
    match commands::join::join(counter.desk(), join).await? {
        Outcome::New(joined) => {
            // It shows what was sent.
            shown.nobody();
            let member =
                MemberView::of(&joined.member, joined.identifiers.iter().map(|i| &i.identifier), None);
            Ok((StatusCode::CREATED, private(JoinView { member, card_linked: card.map(|_| true) })))
        }
        Outcome::Known(id) => {
            shown.member(id);
            let profile = queries::member_profile::member_profile(&counter.desk().vault, id).await?;
            let card_linked = card.map(|card| profile.identifiers.contains(&card));
            Ok((StatusCode::OK, private(JoinView { member: (&profile).into(), card_linked })))
        }
    }
}

/// Finds the member whom a phone or card leads to.
#[utoipa::path(
    post, path = "/v1/members/lookup", operation_id = "look_up_member", tag = "members",
    request_body(content = LookupBody, example = json!({"phone": "+989121234567"})),
    responses((status = 200, description = "The member.", body = MemberView))
)]
pub(super) async fn look_up_member(
    State(counter): State<Counter>,
    shown: Shown,
    Body(body): Body<LookupBody>,
) -> Result<Private<MemberView>, Problem> {
    let identifier = match (&body.phone, &body.card) {
        (Some(phone), None) => {
            Identifier::Phone(reading::phone(phone.expose(), counter.0.country, "/phone")?)
        }
        (None, Some(card)) => Identifier::Card(reading::card(card.expose(), "/card")?),
        _ => return Err(Problem::new(&LOOKUP_NEEDS_ONE)),
    };
    let desk = counter.desk();
    let (vault, now) = (&desk.vault, desk.clock.now());
    let id = queries::find_member::find_member(vault, &desk.settings.tokens, identifier, now).await?;
    let profile = queries::member_profile::member_profile(vault, id).await?;
    shown.member(id);
    Ok(private((&profile).into()))
}

/// Shows a member.
#[utoipa::path(
    get, path = "/v1/members/{member_id}", operation_id = "read_member", tag = "members",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The member.", body = MemberView))
)]
pub(super) async fn read_member(
    State(counter): State<Counter>,
    PathParams(id): PathParams<MemberId>,
) -> Result<Private<MemberView>, Problem> {
    let profile = queries::member_profile::member_profile(&counter.desk().vault, id).await?;
    Ok(private((&profile).into()))
}

/// Lets a card lead to a member: the one in hand, or a fresh number.
///
/// Members may have a fresh number for themselves; a card in hand is linked where it can be seen, at a till.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/cards", operation_id = "link_card", tag = "members",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    request_body(content = CardBody, example = json!({})),
    responses(
        (status = 201, description = "The card leads to the member.", body = CardView),
        (status = 200, description = "The card led to the member already.", body = CardView),
    )
)]
pub(super) async fn link_card(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
    deadline: DeadlineAt,
    Body(body): Body<CardBody>,
) -> Result<(StatusCode, Private<CardView>), Problem> {
    if body.number.is_some() && matches!(caller, Caller::Member { .. }) {
        return Err(Problem::new(&web::ACCESS_DENIED));
    }
    deadline.check()?;
    let linked = match &body.number {
        Some(typed) => {
            let number = reading::card(typed.expose(), "/number")?;
            commands::link_card::link_card(counter.desk(), member_id, number).await?
        }
        None => Put::New(commands::link_card::issue_card(counter.desk(), member_id).await?),
    };
    let (status, number) = match linked {
        Put::New(number) => (StatusCode::CREATED, number),
        Put::Known(number) => (StatusCode::OK, number),
    };
    Ok((status, private(CardView { member_id, number: number.digits().to_owned() })))
}
