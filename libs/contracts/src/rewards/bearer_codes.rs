//! Facts about codes without members: printed or mailed for a campaign, and used by whoever has them.

use kernel::{BranchCode, CodeBatchId, RewardCode, VoucherUseId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{USE, branch, reward};
use crate::FactData;

const BATCH: CodeBatchId = CodeBatchId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_000f));

/// A code of a batch was used at a till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BearerCodeUsed {
    /// The batch.
    pub batch_id: CodeBatchId,
    /// Which of its codes, counted from 1.
    pub number: i32,
    /// For which reward.
    pub reward: RewardCode,
    /// This use of it.
    pub use_id: VoucherUseId,
    /// Where.
    pub branch: BranchCode,
}

/// The use of a code was taken back, and it can be used again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BearerCodeUseCancelled {
    /// The batch.
    pub batch_id: CodeBatchId,
    /// Which of its codes, counted from 1.
    pub number: i32,
    /// For which reward.
    pub reward: RewardCode,
    /// The use that was taken back.
    pub use_id: VoucherUseId,
}

impl FactData for BearerCodeUsed {
    const TYPE: &'static str = "vafa.rewards.bearer_code_used.v1";
    const ABOUT: &'static str =
        "A code of a batch was used at a till. Subject: the batch's id and the code's number.";
    fn sample() -> Self {
        Self { batch_id: BATCH, number: 7, reward: reward(), use_id: USE, branch: branch() }
    }
}

impl FactData for BearerCodeUseCancelled {
    const TYPE: &'static str = "vafa.rewards.bearer_code_use_cancelled.v1";
    const ABOUT: &'static str =
        "The use of a code of a batch was taken back. Subject: the batch's id and the code's number.";
    fn sample() -> Self {
        Self { batch_id: BATCH, number: 7, reward: reward(), use_id: USE }
    }
}
