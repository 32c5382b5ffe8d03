//! A code without a member is used at a till, once and as a whole, or its use is taken back there.

use contracts::rewards::{BearerCodeUseCancelled, BearerCodeUsed};
use kernel::{BranchCode, TillCode, VoucherUseId};
use uuid::Uuid;

use super::{Desk, Telling, persistence::persistently};
use crate::{
    domain::code_batch::may_use,
    error::{Error, Missing},
    store::{
        bearer_codes::{self, BearerCode, CodeUse},
        code_batches::{self, Batch},
        redemptions::Request,
    },
};

/// What a till wants.
#[derive(Clone, Debug)]
pub struct Usage {
    /// Which code, by its id.
    pub code: Uuid,
    /// Where.
    pub branch: BranchCode,
    /// At which till.
    pub till: TillCode,
    /// On which receipt.
    pub receipt: Option<String>,
    /// Under which key it was asked.
    pub request: Request,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// A code with its batch, and whether its use had been asked for before.
#[derive(Clone, Debug)]
pub struct CodeTaken {
    /// The code as it is now.
    pub code: BearerCode,
    /// The use that this is about.
    pub used: CodeUse,
    /// Its batch.
    pub batch: Batch,
    /// Whether it is the first answer again.
    pub replayed: bool,
}

/// Uses a code.
///
/// # Errors
/// [`Missing::Voucher`], [`crate::domain::refusal::Refusal`], [`Error::KeyReused`], or a fault of the database.
pub async fn use_code(desk: &Desk, usage: &Usage) -> Result<CodeTaken, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        if let Some(code) = bearer_codes::asked(&tx, usage.request.key).await? {
            let used = code.used.clone().ok_or(Missing::Use)?;
            if used.request.fingerprint != usage.request.fingerprint {
                return Err(Error::KeyReused);
            }
            let batch = code_batches::load(&tx, code.batch).await?.ok_or(Missing::Batch)?;
            tx.rollback().await?;
            return Ok(CodeTaken { code, used, batch, replayed: true });
        }
        let mut code = bearer_codes::hold(&tx, usage.code).await?.ok_or(Missing::Voucher)?;
        let batch = code_batches::load(&tx, code.batch).await?.ok_or(Missing::Voucher)?;
        let mut telling = Telling::new(&desk.teller, usage.traceparent.as_deref());
        let now = telling.now();
        let state = (batch.state, batch.valid_until);
        may_use(state, &batch.branches, (code.is_used(), &usage.branch), now)?;
        let used = CodeUse {
            id: VoucherUseId::from_uuid(desk.teller.ids.uuid()),
            at: now,
            branch: usage.branch.clone(),
            till: usage.till.clone(),
            receipt: usage.receipt.clone(),
            request: usage.request,
            cancelled_at: None,
        };
        code.used = Some(used.clone());
        let told = BearerCodeUsed {
            batch_id: code.batch,
            number: code.number,
            reward: batch.reward.clone(),
            use_id: used.id,
            branch: used.branch.clone(),
        };
        telling.tell(subject(&code), &mut code.told, &told);
        bearer_codes::update(&tx, &code).await?;
        telling.stage(&tx).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(CodeTaken { code, used, batch, replayed: false })
    })
    .await
}

/// Takes the use of a code back, at the branch that made it: it can be used again. One that was taken back stays
/// so, as long as the code was not used since.
///
/// # Errors
/// [`Missing::Use`] also for another branch's, or a fault of the database.
pub async fn cancel_code_use(
    desk: &Desk,
    id: VoucherUseId,
    branch: &BranchCode,
    traceparent: Option<&str>,
) -> Result<CodeTaken, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let known = bearer_codes::used_by(&tx, id).await?.ok_or(Missing::Use)?;
        let mut code = bearer_codes::hold(&tx, known.id).await?.ok_or(Missing::Use)?;
        let own = code.used.clone().filter(|used| used.id == id && used.branch == *branch);
        let mut used = own.ok_or(Missing::Use)?;
        let batch = code_batches::load(&tx, code.batch).await?.ok_or(Missing::Use)?;
        if used.cancelled_at.is_some() {
            tx.rollback().await?;
            return Ok(CodeTaken { code, used, batch, replayed: true });
        }
        let mut telling = Telling::new(&desk.teller, traceparent);
        let told = BearerCodeUseCancelled {
            batch_id: code.batch,
            number: code.number,
            reward: batch.reward.clone(),
            use_id: id,
        };
        telling.tell(subject(&code), &mut code.told, &told);
        used.cancelled_at = Some(telling.now());
        code.used = Some(used.clone());
        bearer_codes::update(&tx, &code).await?;
        bearer_codes::note_back(&tx, code.batch, &used, telling.now()).await?;
        telling.stage(&tx).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(CodeTaken { code, used, batch, replayed: false })
    })
    .await
}

fn subject(code: &BearerCode) -> String {
    format!("{}/{}", code.batch, code.number)
}
