//! Tills that hold a voucher in hand: who they are, and which voucher they mean. **Guessing is limited**: whoever is wrong too often waits.

use axum::http::header::RETRY_AFTER;
use kernel::{BranchCode, Digest16, TillCode, VoucherId};
use locale::digits;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{ACCESS_DENIED, Caller, Problem};

use super::Counter;
use crate::{
    commands::{digest, note_guess},
    domain::code::VoucherCode,
    error::{GUESSES_TOO_MANY, Missing},
    store::{
        guesses,
        vouchers::{self, Kept},
    },
};

/// A till.
pub(super) struct Till {
    /// Where it stands.
    pub(super) branch: BranchCode,
    /// Which of the branch's.
    pub(super) till: TillCode,
}

/// The till that calls.
pub(super) fn of(caller: &Caller) -> Result<Till, Problem> {
    match caller {
        Caller::Till { branch, till, .. } => Ok(Till { branch: branch.clone(), till: till.clone() }),
        _ => Err(Problem::new(&ACCESS_DENIED)),
    }
}

/// A voucher, by its code or by its id.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VoucherNamed)]
pub enum Named {
    /// The code, as people type it.
    #[schema(example = "7F3K-9QRS-0W2M-5XB1")]
    Code(String),
    /// The id, out of a lookup by member.
    Id(VoucherId),
}

impl Till {
    fn digest(&self) -> Digest16 {
        digest("guesses", &[self.branch.as_str(), self.till.as_str()])
    }
}

/// Lets a till try a code, unless it was wrong too often lately.
pub(super) async fn may_guess(counter: &Counter, till: &Till) -> Result<(), Problem> {
    let (desk, who, now) = (&counter.desk, till.digest(), counter.now());
    let (misses, since) = guesses::misses(desk.database.connection(), who, now).await?;
    if misses >= desk.settings.guesses {
        let over = since.plus_millis(guesses::WINDOW_MS).millis_since(now).max(1_000) / 1_000;
        let seconds = u32::try_from(over).unwrap_or(u32::MAX);
        return Err(Problem::new(&GUESSES_TOO_MANY)
            .arg("seconds", seconds)
            .header(RETRY_AFTER, seconds.into()));
    }
    Ok(())
}

/// Notes that a till was wrong about a code.
pub(super) async fn note_guess(counter: &Counter, till: &Till) -> Result<(), Problem> {
    Ok(note_guess::note_guess(&counter.desk, till.digest()).await?)
}

/// The voucher that a till means.
pub(super) async fn find(counter: &Counter, till: &Till, named: &Named) -> Result<Kept, Problem> {
    may_guess(counter, till).await?;
    let desk = &counter.desk;
    let on = desk.database.connection();
    let found = match named {
        Named::Id(id) => vouchers::load(on, *id).await?,
        Named::Code(text) => match VoucherCode::parse(&digits::to_latin(text)) {
            Some(code) => vouchers::behind(on, desk.codes.hash(code.as_str())).await?,
            // A slip that the check finds is no guess.
            None => return Err(Missing::Voucher.into()),
        },
    };
    if let Some(kept) = found.filter(|kept| kept.issued_at.is_some()) {
        return Ok(kept);
    }
    note_guess(counter, till).await?;
    Err(Missing::Voucher.into())
}
