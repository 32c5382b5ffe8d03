//! The card on a member's phone: a number that leads to them for a minute, and pictures of numbers for tills to read.

use axum::{
    extract::State,
    http::{
        HeaderName, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
};
use kernel::{Digest16, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{
    Access, Bound, Caller, Lane, PathParams, Problem, QueryParams, RouteSpec,
    symbol::{Symbology, svg},
};

use super::{Counter, Private, own_household::confirmed, private, roles};
use crate::{
    commands::show_virtual_card::show_virtual_card,
    domain::{card_state::CardRefusal, rejection::Rejection},
    error::{
        CARD_BLOCKED, CARD_UNKNOWN, CONTENDED, DATABASE_BUSY, Error, MEMBER_UNKNOWN, Missing,
        PHONE_NOT_CONFIRMED,
    },
    queries::own_cards::own_cards,
};

pub(super) static POST: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/virtual-card", "show_virtual_card", Access::Member)
        .lane(Lane::Till)
        .problems(&[&PHONE_NOT_CONFIRMED, &MEMBER_UNKNOWN, &CONTENDED, &DATABASE_BUSY]);

pub(super) static GET_PICTURE: RouteSpec = RouteSpec::get(
    "/v1/members/{member_id}/cards/{card_id}/picture",
    "read_card_picture",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT_READERS)
.problems(&[&MEMBER_UNKNOWN, &CARD_UNKNOWN, &CARD_BLOCKED, &DATABASE_BUSY]);

/// What a member shows in place of a card.
#[derive(Serialize, ToSchema)]
pub struct VirtualCardView {
    /// The number, which tills send like a card's.
    #[schema(example = "997112345678901235")]
    pub number: String,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// In how many seconds the app asks for the next one, while it shows the card.
    #[schema(example = 30)]
    pub renew_in_s: i64,
    /// The number as a QR code: an SVG.
    pub qr: String,
    /// The number as a Code 128: an SVG.
    pub code128: String,
}

/// Which picture.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PictureParams {
    /// `qr`, which it is when left out, or `code128`.
    #[serde(default)]
    pub symbology: Symbology,
}

/// Makes the number that a member shows at the till in place of a card.
///
/// It leads to them until it lapses, and to nobody afterwards. Tills send it where they send a card's number. Ask for the next one
/// while the card is on the screen.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/virtual-card", operation_id = "show_virtual_card", tag = "cards",
    params(("member_id" = MemberId, Path, description = "The member's own id.")),
    responses((status = 201, description = "The number, with its pictures.", body = VirtualCardView))
)]
pub(super) async fn show_own_virtual_card(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<(StatusCode, Private<VirtualCardView>), Problem> {
    confirmed(&caller)?;
    let desk = counter.desk();
    let card = show_virtual_card(desk, member_id).await?;
    let drawn = |symbology| svg(card.number.digits(), symbology).map_err(Problem::fault);
    let view = VirtualCardView {
        number: card.number.digits().to_owned(),
        expires_at: card.expires_at,
        renew_in_s: desk.settings.tokens.life / 2_000_000,
        qr: drawn(Symbology::Qr)?,
        code128: drawn(Symbology::Code128)?,
    };
    Ok((StatusCode::CREATED, private(view)))
}

/// Draws the number of a card that leads to the member, to print it or to put it into a wallet.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/cards/{card_id}/picture", operation_id = "read_card_picture", tag = "cards",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("card_id" = Digest16, Path, description = "The card's id."),
        PictureParams,
    ),
    responses((status = 200, description = "An SVG.", body = String, content_type = "image/svg+xml"))
)]
pub(super) async fn read_card_picture(
    State(counter): State<Counter>,
    PathParams((member_id, card_id)): PathParams<(MemberId, Digest16)>,
    QueryParams(params): QueryParams<PictureParams>,
) -> Result<([(HeaderName, &'static str); 2], String), Problem> {
    let cards = own_cards(&counter.desk().vault, member_id).await?;
    let card = cards.into_iter().find(|card| counter.desk().vault.is_named(card, card_id));
    let card = card.ok_or_else(|| Error::from(Missing::Card))?;
    if card.blocked.is_some() {
        return Err(Error::from(Rejection::from(CardRefusal::Blocked)).into());
    }
    let picture = svg(card.number.digits(), params.symbology).map_err(Problem::fault)?;
    Ok(([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "no-store")], picture))
}
