//! How long what is kept, and what was forgotten.

use axum::{Json, extract::State};
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Bound, Problem, RouteSpec};

use super::{Counter, roles};
use crate::{
    error::DATABASE_BUSY,
    queries::retention::{Line, retention},
};

pub(super) static GET: RouteSpec = RouteSpec::get("/v1/retention", "read_retention", Access::Operator)
    .staff(Bound::Anywhere, roles::HEAD_READERS)
    .problems(&[&DATABASE_BUSY]);

/// A line of the retention table.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionLineView {
    /// What is kept.
    #[schema(example = "sessions")]
    pub kept: &'static str,
    /// How long after it is over, in seconds.
    #[schema(example = 2_592_000)]
    pub for_s: i64,
    /// When what was kept longer was last looked for; absent while it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ran_at: Option<Timestamp>,
    /// Rows that were deleted since there is a record of it.
    pub forgotten: u64,
}

/// How long what is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionView {
    /// The lines.
    pub lines: Vec<RetentionLineView>,
}

impl From<Line> for RetentionLineView {
    fn from(line: Line) -> Self {
        Self {
            kept: line.kept.word(),
            for_s: line.for_micros / 1_000_000,
            ran_at: line.forgotten.map(|forgotten| forgotten.ran_at),
            forgotten: line.forgotten.map_or(0, |forgotten| forgotten.rows),
        }
    }
}

/// Shows how long what is kept, and how much was forgotten since it had been kept long enough.
#[utoipa::path(
    get, path = "/v1/retention", operation_id = "read_retention", tag = "leaving",
    responses((status = 200, description = "The table.", body = RetentionView))
)]
pub(super) async fn read_retention(State(counter): State<Counter>) -> Result<Json<RetentionView>, Problem> {
    let desk = counter.desk();
    let lines = retention(&desk.vault, &desk.settings.retention).await?;
    Ok(Json(RetentionView { lines: lines.into_iter().map(RetentionLineView::from).collect() }))
}
