//! Rules by which members are given something.

use std::fmt::Write as _;

use axum::{Json, extract::State};
use kernel::GiftRuleCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Body, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, pages, roles};
use crate::{
    commands::{keep_gift_rules::put_gift_rule as put, promise_gifts::source_of},
    domain::gift_rule::GiftRule,
    error::{
        CURSOR_INVALID, DATABASE_BUSY, GIFT_BUDGET_TOO_SMALL, GIFT_RULE_FIXED, GIFT_RULE_INVALID,
        GIFT_RULE_UNKNOWN, LIMIT_OUT_OF_RANGE, Missing, REWARD_UNKNOWN,
    },
    store::{
        gift_rules::{self, KeptRule},
        gifts,
    },
};

pub(super) static PUT: RouteSpec =
    RouteSpec::put("/v1/gift-rules/{gift_rule}", "put_gift_rule", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .problems(&[
            &GIFT_RULE_INVALID,
            &REWARD_UNKNOWN,
            &GIFT_RULE_FIXED,
            &GIFT_BUDGET_TOO_SMALL,
            &DATABASE_BUSY,
        ]);
pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/gift-rules/{gift_rule}", "read_gift_rule", Access::Operator)
        .staff(Bound::Anywhere, roles::READERS)
        .problems(&[&GIFT_RULE_UNKNOWN, &DATABASE_BUSY]);
pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/gift-rules", "list_gift_rules", Access::Operator)
    .staff(Bound::Anywhere, roles::READERS)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// A rule as the chain keeps it.
#[derive(Serialize, ToSchema)]
pub struct KeptGiftRule {
    /// Its code.
    #[schema(value_type = String, example = "birthday")]
    pub gift_rule: GiftRuleCode,
    /// What it says.
    pub terms: GiftRule,
    /// How many were given.
    pub given: i64,
    /// What luck was drawn with, in hexadecimal digits; shown when the rule is over, so that everybody can draw again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "00112233445566778899aabbccddeeff")]
    pub salt: Option<String>,
}

/// Which rules.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GiftRulesParams {
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of rules, by code.
#[derive(Serialize, ToSchema)]
pub struct GiftRulePage {
    /// The rules.
    pub gift_rules: Vec<KeptGiftRule>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

async fn view(counter: &Counter, kept: KeptRule) -> Result<KeptGiftRule, Problem> {
    let given = gifts::given(counter.desk.database.connection(), &source_of(&kept)).await?;
    let over = kept.rule.is_over(counter.now());
    Ok(KeptGiftRule { salt: over.then(|| digits(&kept.salt)), gift_rule: kept.code, terms: kept.rule, given })
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes down by which rule members are given something.
///
/// What was told before it begins gives nothing. Of a known rule the reward, the budget and the end may change; its occasion and its
/// beginning stay. When it is over, the salt is shown with which luck was drawn: a purchase is lucky where the first eight bytes of
/// SHA-256 over salt and purchase id (16 bytes), as a number, can be divided by `one_in`.
#[utoipa::path(
    put, path = "/v1/gift-rules/{gift_rule}", operation_id = "put_gift_rule", tag = "gifts",
    params(("gift_rule" = GiftRuleCode, Path, description = "The rule's code.")),
    request_body(content = GiftRule, example = json!({
        "occasion": {"on": "birthday"}, "reward": "cake", "budget": 1000, "live_from": "2026-12-01T00:00:00Z",
    })),
    responses((status = 200, description = "The rule as it is now.", body = KeptGiftRule))
)]
pub(super) async fn put_gift_rule(
    State(counter): State<Counter>,
    PathParams(code): PathParams<GiftRuleCode>,
    Body(rule): Body<GiftRule>,
) -> Result<Json<KeptGiftRule>, Problem> {
    if let Some(pointer) = rule.mistake() {
        return Err(Problem::new(&GIFT_RULE_INVALID).pointer(pointer));
    }
    let desk = counter.desk.clone();
    let kept = store::shielded(async move { put(&desk, &code, &rule).await }).await?;
    view(&counter, kept).await.map(Json)
}

/// Shows a rule.
#[utoipa::path(
    get, path = "/v1/gift-rules/{gift_rule}", operation_id = "read_gift_rule", tag = "gifts",
    params(("gift_rule" = GiftRuleCode, Path, description = "The rule's code.")),
    responses((status = 200, description = "The rule.", body = KeptGiftRule))
)]
pub(super) async fn read_gift_rule(
    State(counter): State<Counter>,
    PathParams(code): PathParams<GiftRuleCode>,
) -> Result<Json<KeptGiftRule>, Problem> {
    let found = gift_rules::load(counter.desk.database.connection(), &code).await?;
    view(&counter, found.ok_or(Missing::GiftRule)?).await.map(Json)
}

/// Lists rules, those that are over with them.
#[utoipa::path(
    get, path = "/v1/gift-rules", operation_id = "list_gift_rules", tag = "gifts",
    params(GiftRulesParams),
    responses((status = 200, description = "A page of rules.", body = GiftRulePage))
)]
pub(super) async fn list_gift_rules(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<GiftRulesParams>,
) -> Result<Json<GiftRulePage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after: Option<GiftRuleCode> = pages::after(asked.cursor.as_deref())?;
    let mut found = gift_rules::all(counter.desk.database.connection()).await?;
    found.retain(|kept| after.as_ref().is_none_or(|after| kept.code > *after));
    let next_cursor = pages::cut(&mut found, limit, |kept| kept.code.clone());
    let mut rules = Vec::with_capacity(found.len());
    for kept in found {
        rules.push(view(&counter, kept).await?);
    }
    Ok(Json(GiftRulePage { gift_rules: rules, has_more: next_cursor.is_some(), next_cursor }))
}
