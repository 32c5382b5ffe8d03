//! Batches of cards for the printer: ordering, showing, exporting, closing.

use axum::{
    Json,
    body::Body as RawBody,
    extract::State,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use futures_util::stream::try_unfold;
use kernel::{BatchId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, pages, reading, regions::PageParams, roles};
use crate::{
    commands::{Put, close_card_batch::close_card_batch, order_card_batch::order_card_batch},
    domain::card_batch::{CARDS_PER_BATCH, CardBatch},
    error::{
        CARD_BATCH_NAME, CARD_BATCH_NOT_READY, CARD_BATCH_SIZE, CARD_BATCH_TAKEN, CARD_BATCH_UNKNOWN,
        CARD_BATCHES_TOO_MANY, CONTENDED, CURSOR_INVALID, DATABASE_BUSY, LIMIT_OUT_OF_RANGE,
    },
    queries::card_batches::{batch_numbers, card_batch, check_exportable, list_card_batches},
    store::Vault,
};

pub(super) static PUT: RouteSpec =
    RouteSpec::put("/v1/card-batches/{batch_id}", "order_card_batch", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .body_limit(4 * 1024)
        .heavy()
        .problems(&[
            &CARD_BATCH_NAME,
            &CARD_BATCH_SIZE,
            &CARD_BATCH_TAKEN,
            &CARD_BATCHES_TOO_MANY,
            &CONTENDED,
            &DATABASE_BUSY,
        ]);

pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/card-batches/{batch_id}", "read_card_batch", Access::Operator)
        .staff(Bound::Chain, roles::HEAD_READERS)
        .problems(&[&CARD_BATCH_UNKNOWN, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/card-batches", "list_card_batches", Access::Operator)
    .staff(Bound::Chain, roles::HEAD_READERS)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

pub(super) static DELETE: RouteSpec =
    RouteSpec::delete("/v1/card-batches/{batch_id}", "close_card_batch", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .problems(&[&CARD_BATCH_UNKNOWN, &DATABASE_BUSY]);

pub(super) static EXPORT: RouteSpec =
    RouteSpec::get("/v1/card-batches/{batch_id}/cards", "export_card_batch", Access::Operator)
        .staff(Bound::Chain, roles::HEAD_READERS)
        .heavy()
        .problems(&[&CARD_BATCH_UNKNOWN, &CARD_BATCH_NOT_READY, &DATABASE_BUSY]);

/// How many numbers are read together for a file.
const PAGE: u64 = 1_000;

/// Cards that shall be printed together.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardBatchBody {
    /// What the batch is called: one line, up to 80 characters.
    #[schema(example = "نوروز ۱۴۰۶")]
    pub name: String,
    /// How many cards, 100,000 at most.
    #[schema(example = 5_000, minimum = 1, maximum = 100_000)]
    pub size: u32,
}

/// A batch of cards.
#[derive(Serialize, ToSchema)]
pub struct CardBatchView {
    /// Its id.
    pub batch_id: BatchId,
    /// What it is called.
    #[schema(example = "نوروز ۱۴۰۶")]
    pub name: String,
    /// How many cards it has.
    #[schema(example = 5_000)]
    pub size: u32,
    /// How many of their numbers are made.
    #[schema(example = 5_000)]
    pub made: u32,
    /// `making`, `ready` or `closed`.
    #[schema(example = "ready")]
    pub status: &'static str,
    /// When it was ordered.
    pub ordered_at: Timestamp,
    /// How many of its cards lead, or led, to a member; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 12)]
    pub linked: Option<u64>,
}

/// One page of batches, those ordered last first.
#[derive(Serialize, ToSchema)]
pub struct CardBatchPage {
    /// The batches.
    pub batches: Vec<CardBatchView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

fn view(batch: &CardBatch, linked: Option<u64>) -> CardBatchView {
    CardBatchView {
        batch_id: batch.id,
        name: batch.name.text().to_owned(),
        size: batch.size,
        made: batch.made,
        status: batch.status.word(),
        ordered_at: batch.ordered_at,
        linked,
    }
}

/// Orders a batch of cards.
///
/// The batch's id is yours to make: a UUID. Its numbers are made within seconds; then it is `ready`. Sending the same again
/// changes nothing. At most five batches are made at a time.
#[utoipa::path(
    put, path = "/v1/card-batches/{batch_id}", operation_id = "order_card_batch", tag = "cards",
    params(("batch_id" = BatchId, Path, description = "The batch's id, made by you.")),
    request_body(content = CardBatchBody, example = json!({"name": "نوروز ۱۴۰۶", "size": 5000})),
    responses(
        (status = 201, description = "The batch is ordered.", body = CardBatchView),
        (status = 200, description = "It was ordered before.", body = CardBatchView),
    )
)]
pub(super) async fn order_batch(
    State(counter): State<Counter>,
    PathParams(batch_id): PathParams<BatchId>,
    Body(body): Body<CardBatchBody>,
) -> Result<(StatusCode, Json<CardBatchView>), Problem> {
    let name = reading::batch_name(&body.name, "/name")?;
    if !(1..=CARDS_PER_BATCH).contains(&body.size) {
        return Err(Problem::new(&CARD_BATCH_SIZE).arg("most", CARDS_PER_BATCH).pointer("/size"));
    }
    Ok(match order_card_batch(counter.desk(), batch_id, name, body.size).await? {
        Put::New(batch) => (StatusCode::CREATED, Json(view(&batch, Some(0)))),
        Put::Known(batch) => (StatusCode::OK, Json(view(&batch, None))),
    })
}

/// Shows a batch of cards.
#[utoipa::path(
    get, path = "/v1/card-batches/{batch_id}", operation_id = "read_card_batch", tag = "cards",
    params(("batch_id" = BatchId, Path, description = "The batch's id.")),
    responses((status = 200, description = "The batch.", body = CardBatchView))
)]
pub(super) async fn read_batch(
    State(counter): State<Counter>,
    PathParams(batch_id): PathParams<BatchId>,
) -> Result<Json<CardBatchView>, Problem> {
    let (batch, linked) = card_batch(&counter.desk().vault, batch_id).await?;
    Ok(Json(view(&batch, Some(linked))))
}

/// Lists the batches of cards, those ordered last first.
#[utoipa::path(
    get, path = "/v1/card-batches", operation_id = "list_card_batches", tag = "cards",
    params(PageParams),
    responses((status = 200, description = "A page of batches.", body = CardBatchPage))
)]
pub(super) async fn list_batches(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<PageParams>,
) -> Result<Json<CardBatchPage>, Problem> {
    let (limit, before) = (pages::limit(asked.limit)?, pages::after(asked.cursor.as_deref())?);
    let found = list_card_batches(&counter.desk().vault, before, limit).await?;
    let last = found.items.last().filter(|_| found.has_more);
    Ok(Json(CardBatchPage {
        next_cursor: last.map(|batch| pages::next((batch.ordered_at, batch.id))),
        has_more: found.has_more,
        batches: found.items.iter().map(|batch| view(batch, None)).collect(),
    }))
}

/// Closes a batch: those of its cards that lead to nobody yet never will, such as after a box was lost. The others go on.
#[utoipa::path(
    delete, path = "/v1/card-batches/{batch_id}", operation_id = "close_card_batch", tag = "cards",
    params(("batch_id" = BatchId, Path, description = "The batch's id.")),
    responses((status = 204, description = "The batch is closed."))
)]
pub(super) async fn close_batch(
    State(counter): State<Counter>,
    PathParams(batch_id): PathParams<BatchId>,
) -> Result<StatusCode, Problem> {
    close_card_batch(counter.desk(), batch_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hands out a batch's numbers for the printer, as a CSV file of two columns: `place` and `number`.
///
/// The file comes in pieces as it is read; one that ends early has fewer lines than the batch has cards.
#[utoipa::path(
    get, path = "/v1/card-batches/{batch_id}/cards", operation_id = "export_card_batch", tag = "cards",
    params(("batch_id" = BatchId, Path, description = "The batch's id.")),
    responses((status = 200, description = "The numbers.", body = String, content_type = "text/csv"))
)]
pub(super) async fn export_batch(
    State(counter): State<Counter>,
    PathParams(batch_id): PathParams<BatchId>,
) -> Result<Response, Problem> {
    let vault = counter.desk().vault.clone();
    check_exportable(&vault, batch_id).await?;
    let pieces = try_unfold(Some(0), move |after| {
        let vault = vault.clone();
        async move { piece(&vault, batch_id, after).await }
    });
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"cards-{batch_id}.csv\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, RawBody::from_stream(pieces)).into_response())
}

/// The lines behind a place, and where the next ones begin; nothing behind the last.
async fn piece(
    vault: &Vault,
    batch: BatchId,
    after: Option<i64>,
) -> Result<Option<(String, Option<i64>)>, anyhow::Error> {
    let Some(after) = after else { return Ok(None) };
    let numbers = batch_numbers(vault, batch, after, PAGE).await.inspect_err(|fault| {
        tracing::error!(target: "vafa::membership", %batch, ?fault, "a file of cards ends early");
    })?;
    let heading = if after == 0 { "place,number\n" } else { "" };
    let line =
        |(place, number): &(i64, crate::domain::card::CardNumber)| format!("{place},{}\n", number.digits());
    let lines: String = std::iter::once(heading.to_owned()).chain(numbers.iter().map(line)).collect();
    Ok(Some((lines, numbers.last().map(|(place, _)| *place))))
}
