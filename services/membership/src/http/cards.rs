//! A member's cards: listing, blocking, replacing, handing over.
//!
//! A card is named by its id, the keyed hash of its number, so that no number is in an address. Answers show the last digits
//! only, but for a card that is new.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{Digest16, MemberId, Pii, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, Lane, PathParams, Problem, RouteSpec};

use super::{
    Counter, Private,
    own_household::{confirmed, raised},
    private, reading, roles,
};
use crate::{
    commands::{
        block_card::{block_card, unblock_card},
        hand_over_card::hand_over_card,
        replace_card::{Replacement, replace_card},
    },
    domain::{
        card_state::{BlockReason, Card},
        identifier::Identifier,
    },
    error::{
        CARD_BLOCKED, CARD_CHECK_DIGIT, CARD_IS_TOKEN, CARD_MALFORMED, CARD_NOT_MADE, CARD_NOT_OPEN,
        CARD_STAYS_BLOCKED, CARD_TAKEN, CARD_TO_SELF, CARD_TOKEN_LAPSED, CARD_UNKNOWN, CARDS_TOO_MANY,
        CONTENDED, DATABASE_BUSY, IDENTIFIER_UNKNOWN, MEMBER_UNKNOWN, PHONE_INVALID, PHONE_NOT_CONFIRMED,
        PHONE_NOT_MOBILE, RECEIVER_NEEDS_ONE, STEP_UP_NEEDED,
    },
    queries::{find_member::find_member, own_cards::own_cards},
};

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/cards", "list_cards", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::COUNTER_READERS)
        .lane(Lane::Till)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static BLOCK: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/cards/{card_id}/block",
    "block_card",
    Access::MemberTillOrOperator,
)
.staff(Bound::Anywhere, roles::COUNTER)
.lane(Lane::Till)
.body_limit(1024)
.problems(&[&MEMBER_UNKNOWN, &CARD_UNKNOWN, &DATABASE_BUSY]);

pub(super) static UNBLOCK: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/cards/{card_id}/unblock",
    "unblock_card",
    Access::MemberTillOrOperator,
)
.staff(Bound::Anywhere, roles::COUNTER)
.lane(Lane::Till)
.problems(&[
    &PHONE_NOT_CONFIRMED,
    &MEMBER_UNKNOWN,
    &CARD_UNKNOWN,
    &CARD_STAYS_BLOCKED,
    &CARDS_TOO_MANY,
    &DATABASE_BUSY,
]);

pub(super) static REPLACE: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/cards/{card_id}/replacement",
    "replace_card",
    Access::MemberTillOrOperator,
)
.staff(Bound::Anywhere, roles::COUNTER)
.lane(Lane::Till)
.body_limit(1024)
.problems(&[
    &PHONE_NOT_CONFIRMED,
    &MEMBER_UNKNOWN,
    &CARD_UNKNOWN,
    &CARD_MALFORMED,
    &CARD_CHECK_DIGIT,
    &CARD_IS_TOKEN,
    &CARD_NOT_OPEN,
    &CARD_NOT_MADE,
    &CARD_STAYS_BLOCKED,
    &CARD_TAKEN,
    &CARDS_TOO_MANY,
    &CONTENDED,
    &DATABASE_BUSY,
]);

pub(super) static HAND_OVER: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/cards/{card_id}/hand-over",
    "hand_over_card",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.body_limit(1024)
.problems(&[
    &PHONE_NOT_CONFIRMED,
    &STEP_UP_NEEDED,
    &RECEIVER_NEEDS_ONE,
    &PHONE_INVALID,
    &PHONE_NOT_MOBILE,
    &CARD_MALFORMED,
    &CARD_CHECK_DIGIT,
    &IDENTIFIER_UNKNOWN,
    &MEMBER_UNKNOWN,
    &CARD_UNKNOWN,
    &CARD_TO_SELF,
    &CARD_BLOCKED,
    &CARD_TOKEN_LAPSED,
    &CARDS_TOO_MANY,
    &DATABASE_BUSY,
]);

/// A card of a member, blocked or not.
#[derive(Serialize, ToSchema)]
pub struct OwnCardView {
    /// By which it is blocked, replaced and handed over.
    pub card_id: Digest16,
    /// The last digits of its number.
    #[schema(example = "••••5671")]
    pub number: String,
    /// `active` or `blocked`.
    #[schema(example = "active")]
    pub status: &'static str,
    /// When it came to lead to the member.
    pub linked_at: Timestamp,
    /// When it was blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_at: Option<Timestamp>,
    /// Why it was blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<BlockReason>,
    /// The card that took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Digest16>,
}

/// A member's cards, in the order they came to lead to them; blocked ones among them.
#[derive(Serialize, ToSchema)]
pub struct OwnCardList {
    /// The cards, 200 at most.
    pub cards: Vec<OwnCardView>,
}

/// Why a card is blocked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockBody {
    /// A card that is lost may be found again; the others stay blocked.
    pub reason: BlockReason,
}

/// What takes the place of a card.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplacementBody {
    /// Why the old card goes.
    pub reason: BlockReason,
    /// The number on the new card in hand; a fresh number is made when it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub number: Option<Pii<String>>,
}

/// A card that took the place of another one.
#[derive(Serialize, ToSchema)]
pub struct ReplacementView {
    /// The card that leads to the member now.
    pub card_id: Digest16,
    /// Its number, to print it or show it as a barcode.
    #[schema(example = "9970000012345671")]
    pub number: String,
    /// The card that is blocked.
    pub replaced: OwnCardView,
}

/// Who gets a card: exactly one of phone, card and member id. Members send no phone: who has it is nothing for them to learn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiverBody {
    /// Their phone.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "+989121234568")]
    pub phone: Option<Pii<String>>,
    /// Another card of theirs.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub card: Option<Pii<String>>,
    /// Their member id.
    #[serde(default)]
    pub member_id: Option<MemberId>,
}

/// A card that went over to another person.
#[derive(Serialize, ToSchema)]
pub struct HandedOverView {
    /// The card.
    pub card_id: Digest16,
    /// Who had it.
    pub from: MemberId,
    /// Who has it now.
    pub to: MemberId,
}

fn view(card: &Card) -> OwnCardView {
    OwnCardView {
        card_id: card.id,
        number: card.number.masked(),
        status: if card.blocked.is_none() { "active" } else { "blocked" },
        linked_at: card.linked_at,
        blocked_at: card.blocked.map(|blocked| blocked.at),
        reason: card.blocked.map(|blocked| blocked.why),
        replaced_by: card.blocked.and_then(|blocked| blocked.replaced_by),
    }
}

/// Lists a member's cards, blocked ones among them.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/cards", operation_id = "list_cards", tag = "cards",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The cards.", body = OwnCardList))
)]
pub(super) async fn list_cards(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<OwnCardList>, Problem> {
    let cards = own_cards(&counter.desk().vault, member_id).await?;
    Ok(private(OwnCardList { cards: cards.iter().map(view).collect() }))
}

/// Blocks a card: it leads to nobody from now on, and its number stays taken. Blocking it again changes nothing.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/cards/{card_id}/block", operation_id = "block_card", tag = "cards",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("card_id" = Digest16, Path, description = "The card's id."),
    ),
    request_body(content = BlockBody, example = json!({"reason": "lost"})),
    responses((status = 200, description = "The card is blocked.", body = OwnCardView))
)]
pub(super) async fn block_own_card(
    State(counter): State<Counter>,
    PathParams((member_id, card_id)): PathParams<(MemberId, Digest16)>,
    Body(body): Body<BlockBody>,
) -> Result<Private<OwnCardView>, Problem> {
    Ok(private(view(&block_card(counter.desk(), member_id, card_id, body.reason).await?)))
}

/// Lets a card that was lost lead to its member again. A card that was stolen, damaged or replaced stays blocked.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/cards/{card_id}/unblock", operation_id = "unblock_card", tag = "cards",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("card_id" = Digest16, Path, description = "The card's id."),
    ),
    responses((status = 200, description = "The card leads to its member.", body = OwnCardView))
)]
pub(super) async fn unblock_own_card(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, card_id)): PathParams<(MemberId, Digest16)>,
) -> Result<Private<OwnCardView>, Problem> {
    confirmed(&caller)?;
    Ok(private(view(&unblock_card(counter.desk(), member_id, card_id).await?)))
}

/// Replaces a card: the old one is blocked and another one leads to the member, in one decision.
///
/// Members get a fresh number; a card in hand is linked where it can be seen, at a till.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/cards/{card_id}/replacement", operation_id = "replace_card", tag = "cards",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("card_id" = Digest16, Path, description = "The old card's id."),
    ),
    request_body(content = ReplacementBody, example = json!({"reason": "damaged"})),
    responses((status = 201, description = "The new card leads to the member.", body = ReplacementView))
)]
pub(super) async fn replace_own_card(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, card_id)): PathParams<(MemberId, Digest16)>,
    Body(body): Body<ReplacementBody>,
) -> Result<(StatusCode, Private<ReplacementView>), Problem> {
    confirmed(&caller)?;
    if body.number.is_some() && matches!(caller, Caller::Member { .. }) {
        return Err(Problem::new(&web::ACCESS_DENIED));
    }
    let by = body.number.as_ref().map(|number| reading::card(number.expose(), "/number")).transpose()?;
    let replacement = Replacement { why: body.reason, by };
    let (old, new) = replace_card(counter.desk(), member_id, card_id, &replacement).await?;
    let number = new.number.digits().to_owned();
    Ok((StatusCode::CREATED, private(ReplacementView { card_id: new.id, number, replaced: view(&old) })))
}

/// Hands a card over to another member: it leads to them from now on.
///
/// Where the programme lets points travel between these two, everything that its former owner can spend and pass on follows,
/// under the terms of transfers. Members do this in a session that was raised by a fresh code.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/cards/{card_id}/hand-over", operation_id = "hand_over_card", tag = "cards",
    params(
        ("member_id" = MemberId, Path, description = "The id of who has the card."),
        ("card_id" = Digest16, Path, description = "The card's id."),
    ),
    request_body(content = ReceiverBody, example = json!({"member_id": "0192f3a1-7c00-7000-8000-000000000005"})),
    responses((status = 200, description = "The card leads to the other member.", body = HandedOverView))
)]
pub(super) async fn hand_card_over(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, card_id)): PathParams<(MemberId, Digest16)>,
    Body(body): Body<ReceiverBody>,
) -> Result<Json<HandedOverView>, Problem> {
    confirmed(&caller)?;
    raised(&caller, counter.desk().clock.now())?;
    let to = counter.receiver(&caller, &body).await?;
    let card = hand_over_card(counter.desk(), member_id, card_id, to).await?;
    Ok(Json(HandedOverView { card_id: card.id, from: member_id, to: card.member }))
}

impl Counter {
    async fn receiver(&self, caller: &Caller, body: &ReceiverBody) -> Result<MemberId, Problem> {
        let by_member = matches!(caller, Caller::Member { .. });
        let identifier = match (&body.phone, &body.card, body.member_id) {
            (Some(phone), None, None) if !by_member => {
                Identifier::Phone(reading::phone(phone.expose(), self.0.country, "/phone")?)
            }
            (None, Some(card), None) => Identifier::Card(reading::card(card.expose(), "/card")?),
            (None, None, Some(id)) => return Ok(id),
            _ => return Err(Problem::new(&RECEIVER_NEEDS_ONE)),
        };
        let desk = self.desk();
        Ok(find_member(&desk.vault, &desk.settings.tokens, identifier, desk.clock.now()).await?)
    }
}
