//! The value of a draw's public source of chance: one person enters it, another one confirms it.

use axum::{Json, extract::State};
use kernel::DrawCode;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, PathParams, Problem, RouteSpec};

use super::{KeptDraw, actor, kept};
use crate::{
    commands::draws::settle_draws,
    domain::draw::LONGEST_ENTROPY,
    error::{
        DATABASE_BUSY, DRAW_NOT_CLOSED, DRAW_UNKNOWN, ENTROPY_DIFFERS, ENTROPY_INVALID, SECOND_PERSON_NEEDED,
    },
    http::{Counter, roles, traceparent},
};

pub(in crate::http) static ENTER: RouteSpec =
    RouteSpec::put("/v1/draws/{draw}/entropy", "enter_draw_entropy", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .problems(&[&DRAW_UNKNOWN, &DRAW_NOT_CLOSED, &ENTROPY_INVALID, &DATABASE_BUSY]);
pub(in crate::http) static CONFIRM: RouteSpec =
    RouteSpec::post("/v1/draws/{draw}/entropy/confirmation", "confirm_draw_entropy", Access::Operator)
        .staff(Bound::Chain, roles::DRAW_WITNESSES)
        .heavy()
        .problems(&[
            &DRAW_UNKNOWN,
            &DRAW_NOT_CLOSED,
            &ENTROPY_INVALID,
            &ENTROPY_DIFFERS,
            &SECOND_PERSON_NEEDED,
            &DATABASE_BUSY,
        ]);

/// The value of a source of chance.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntropyBody {
    /// As its source publishes it, 1 to 500 characters; it counts to the letter.
    #[schema(min_length = 1, max_length = 500, example = "b0d17a6f0c1d5e7a")]
    pub value: String,
}

impl EntropyBody {
    fn checked(self) -> Result<String, Problem> {
        let value = self.value.trim();
        let fits =
            (1..=LONGEST_ENTROPY).contains(&value.chars().count()) && !value.chars().any(char::is_control);
        if fits { Ok(value.to_owned()) } else { Err(Problem::new(&ENTROPY_INVALID).pointer("/value")) }
    }
}

/// Enters the value of the source of chance that was named, after the list is closed.
#[utoipa::path(
    put, path = "/v1/draws/{draw}/entropy", operation_id = "enter_draw_entropy", tag = "draws",
    params(("draw" = DrawCode, Path, description = "The draw's code.")),
    request_body = EntropyBody,
    responses((status = 200, description = "The draw as it is now.", body = KeptDraw))
)]
pub(in crate::http) async fn enter_draw_entropy(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(code): PathParams<DrawCode>,
    Body(body): Body<EntropyBody>,
) -> Result<Json<KeptDraw>, Problem> {
    let value = body.checked()?;
    let (desk, by) = (counter.desk.clone(), actor(&caller));
    let enter = async move { settle_draws::enter_entropy(&desk, &code, &value, &by).await };
    kept(&counter, store::shielded(enter).await?).await.map(Json)
}

/// Confirms the value that somebody else entered: the winners are chosen and told, and the seed is published.
///
/// It is typed again, so that two people have looked it up.
#[utoipa::path(
    post, path = "/v1/draws/{draw}/entropy/confirmation", operation_id = "confirm_draw_entropy", tag = "draws",
    params(("draw" = DrawCode, Path, description = "The draw's code.")),
    request_body = EntropyBody,
    responses((status = 200, description = "The draw as it is now.", body = KeptDraw))
)]
pub(in crate::http) async fn confirm_draw_entropy(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(code): PathParams<DrawCode>,
    Body(body): Body<EntropyBody>,
) -> Result<Json<KeptDraw>, Problem> {
    let value = body.checked()?;
    let (desk, by, parent) = (counter.desk.clone(), actor(&caller), traceparent());
    let confirm =
        async move { settle_draws::confirm_entropy(&desk, &code, &value, (&by, parent.as_deref())).await };
    kept(&counter, store::shielded(confirm).await?).await.map(Json)
}
