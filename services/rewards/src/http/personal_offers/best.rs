//! What suits a member best, with the reason in their language.

use axum::{Json, extract::State};
use kernel::{Language, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Bound, Catalog, Lang, PathParams, Problem, QueryParams, RouteSpec};

use crate::{
    domain::best::Why,
    error::{DATABASE_BUSY, LIMIT_OUT_OF_RANGE},
    http::{Counter, members::standing, roles, views::Said},
    queries::best_offers::{Suiting, best_of},
};

/// The words of reasons.
pub const REASON_WORDS: &Catalog = &[
    (Language::En, include_str!("../../../locales/reasons/en.ftl")),
    (Language::Fa, include_str!("../../../locales/reasons/fa.ftl")),
    (Language::Ar, include_str!("../../../locales/reasons/ar.ftl")),
];

/// Shown where nothing is said.
const USUAL: u64 = 5;
/// Shown at most.
const MOST: u64 = 20;

pub(in crate::http) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/best-offers", "list_best_offers", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .problems(&[&LIMIT_OUT_OF_RANGE, &DATABASE_BUSY]);

/// How many.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BestOffersParams {
    /// How many, 1 to 20; 5 when it is not said.
    #[param(minimum = 1, maximum = 20)]
    pub limit: Option<u64>,
}

/// Why something is shown.
#[derive(Serialize, ToSchema)]
pub struct OfferReason {
    /// `often_bought`, `ends_soon`, `new_kind`, `in_reach`, `nearly_in_reach` or `for_you`.
    #[schema(example = "often_bought")]
    pub code: &'static str,
    /// The category that the member often buys.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "coffee")]
    pub category: Option<String>,
    /// The reason in the caller's language.
    #[schema(example = "Because you often buy coffee")]
    pub text: String,
}

/// How a score adds up.
#[derive(Serialize, ToSchema)]
pub struct OfferScore {
    /// Thousandths of what the member buys that are of its categories: 0 to 1000.
    pub habit: i64,
    /// What the member has of its price: 0 to 300.
    pub reach: i64,
    /// How near its end is: 0 to 200.
    pub ending: i64,
    /// 100 for a kind of which the member never had anything.
    pub fresh: i64,
    /// All of it.
    pub sum: i64,
}

/// Something that suits the member.
#[derive(Serialize, ToSchema)]
pub struct BestOffer {
    /// `offer` (a personal offer) or `reward` (of the catalogue, for points).
    #[schema(example = "offer")]
    pub is: &'static str,
    /// Its code.
    #[schema(example = "coffee-week")]
    pub code: String,
    /// The kind of what it gives, as of rewards.
    #[schema(example = "free_item")]
    pub kind: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Said>,
    /// What it costs in points; none for an offer.
    pub points: i64,
    /// How many of them the member has too few; absent where points does not say so just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<i64>,
    /// Until when it can be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why it is shown.
    pub why: OfferReason,
    /// How its place in the list comes about.
    pub score: OfferScore,
}

/// What suits a member best.
#[derive(Serialize, ToSchema)]
pub struct BestOffers {
    /// The best one first; of two kinds at least, where there are two.
    pub best: Vec<BestOffer>,
}

fn view(counter: &Counter, found: Suiting, language: Language) -> BestOffer {
    let Suiting { candidate, title, parts, why } = found;
    let category = match &why {
        Why::OftenBought { category } => Some(category.clone()),
        _ => None,
    };
    let word = why.word();
    let args = [("category", category.as_deref().unwrap_or_default().into())];
    let text = counter.texts.find(language, &format!("offer-reason-{word}"), &args).unwrap_or_default();
    BestOffer {
        is: if candidate.offer { "offer" } else { "reward" },
        title: Said::of(&title, language),
        points: candidate.points,
        missing: candidate.missing,
        until: candidate.until,
        why: OfferReason { code: word, category, text },
        score: OfferScore {
            habit: parts.habit,
            reach: parts.reach,
            ending: parts.ending,
            fresh: parts.fresh,
            sum: parts.score(),
        },
        kind: candidate.kind,
        code: candidate.code,
    }
}

/// Lists what suits a member best of their offers and of the catalogue, and why.
///
/// The order follows from a published sum of what they buy, can pay, would miss soon, and never had; the same things are always in the same order.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/best-offers", operation_id = "list_best_offers", tag = "offers",
    params(("member_id" = MemberId, Path, description = "The member."), BestOffersParams),
    responses((status = 200, description = "The best of them.", body = BestOffers))
)]
pub(in crate::http) async fn list_best_offers(
    State(counter): State<Counter>,
    Lang(language): Lang,
    PathParams(member): PathParams<MemberId>,
    QueryParams(asked): QueryParams<BestOffersParams>,
) -> Result<Json<BestOffers>, Problem> {
    let limit = asked.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::new(&LIMIT_OUT_OF_RANGE).arg("most", MOST));
    }
    let standing = standing(&counter, member).await;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let when = (counter.now(), language);
    let found = best_of(&counter.desk.database, (member, standing.as_ref()), when, most).await?;
    Ok(Json(BestOffers { best: found.into_iter().map(|one| view(&counter, one, language)).collect() }))
}
