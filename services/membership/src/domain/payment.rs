//! Payments for paid plans: each is named by the receipt under which a till took the money, or by the payment provider.

use kernel::{BranchCode, CheckoutId, Currency, MemberId, PaymentId, PlanCode, TillCode, Timestamp};

use super::{
    line::{LineFlaw, read_line},
    subscription::{Bought, PlanRefusal},
};

/// The most characters of a receipt's number.
pub const RECEIPT_LIMIT: usize = 64;

/// Reads a receipt's number as a till sent it.
///
/// # Errors
/// A [`LineFlaw`].
pub fn read_receipt(text: &str) -> Result<String, LineFlaw> {
    read_line(text, RECEIPT_LIMIT)
}

/// Where money was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TillReceipt {
    /// At which branch.
    pub branch: BranchCode,
    /// At which till.
    pub till: TillCode,
    /// Under which number: it names the payment for ever.
    pub receipt: String,
    /// The key of the call that said so.
    pub key: String,
}

/// What the payment provider took in the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPayment {
    /// For which checkout.
    pub checkout: CheckoutId,
    /// What the provider calls it.
    pub payment: String,
}

/// Where somebody paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaidAt {
    /// At a till.
    Till(TillReceipt),
    /// In the app.
    App(AppPayment),
}

impl PaidAt {
    /// The till's receipt, when it was at a till.
    #[must_use]
    pub const fn till(&self) -> Option<&TillReceipt> {
        if let Self::Till(at) = self { Some(at) } else { None }
    }

    /// What the provider took, when it was in the app.
    #[must_use]
    pub const fn app(&self) -> Option<&AppPayment> {
        if let Self::App(at) = self { Some(at) } else { None }
    }
}

/// What somebody paid, for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// Who has the plan.
    pub member: MemberId,
    /// Which plan.
    pub plan: PlanCode,
    /// The version of its terms.
    pub version: u32,
    /// How much, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// For which days.
    pub bought: Bought,
    /// When.
    pub paid_at: Timestamp,
    /// Where.
    pub at: PaidAt,
}

/// What a till says that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// From whom.
    pub member: MemberId,
    /// For which plan.
    pub plan: PlanCode,
    /// How much, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// Where.
    pub at: TillReceipt,
}

impl Taken {
    fn is(&self, known: &Payment) -> bool {
        let Payment { member, plan, amount, currency, at, .. } = known;
        let same =
            (&self.member, &self.plan, self.amount, self.currency) == (member, plan, *amount, *currency);
        same && at.till().is_some_and(|at| self.at.receipt == at.receipt)
    }

    fn under(&self, known: &Payment, named: impl Fn(&TillReceipt) -> &str) -> bool {
        known.at.till().is_some_and(|at| named(at) == named(&self.at))
    }

    /// The payment that this is again, of those under its receipt or its key; `None` when it is new.
    ///
    /// # Errors
    /// [`PlanRefusal::KeyReused`], [`PlanRefusal::ReceiptTaken`]: other contents under the same key, the same receipt.
    pub fn again(&self, like: Vec<Payment>) -> Result<Option<Payment>, PlanRefusal> {
        if like.iter().any(|known| self.under(known, |at| &at.key) && !self.is(known)) {
            return Err(PlanRefusal::KeyReused);
        }
        match like.into_iter().find(|known| self.under(known, |at| &at.receipt)) {
            Some(known) if self.is(&known) => Ok(Some(known)),
            Some(_) => Err(PlanRefusal::ReceiptTaken),
            None => Ok(None),
        }
    }
}
