//! How services that forgot members tell membership of whom.

use kernel::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};

/// Where each of them is asked: `POST`, by services alone.
pub const ERASURES_PATH: &str = "/internal/v1/erasures/list";
/// Members of one answer.
pub const ERASURES_PAGE: u64 = 500;

/// Who was erased, after whom.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasuresQuestion {
    /// The last one of the answer before; left out at first.
    #[serde(default)]
    pub after: Option<MemberId>,
}

/// Up to [`ERASURES_PAGE`] erased members, by id.
#[derive(Debug, Serialize, Deserialize)]
pub struct ErasuresAnswer {
    /// They.
    pub erased: Vec<Erased>,
}

/// One of them.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Erased {
    /// Who.
    pub member_id: MemberId,
    /// Since when.
    pub erased_at: Timestamp,
}

impl FromIterator<(MemberId, Timestamp)> for ErasuresAnswer {
    fn from_iter<I: IntoIterator<Item = (MemberId, Timestamp)>>(found: I) -> Self {
        let erased = found.into_iter().map(|(member_id, erased_at)| Erased { member_id, erased_at });
        Self { erased: erased.collect() }
    }
}
