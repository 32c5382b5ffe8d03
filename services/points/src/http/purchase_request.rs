//! What a till sends about a purchase, and its checks.

use std::sync::Arc;

use kernel::{
    BranchCode, CashierCode, Digests, IdentifierKind, JournalId, MemberId, PaymentCode, Pii, Points,
    RegionCode, TillCode, Timestamp,
};
use locale::{digits, phone};
use serde::Deserialize;
use utoipa::ToSchema;
use web::Problem;

use super::{
    Shared,
    checks::{check_clock, currency_of, receipt_text, text},
};
use crate::{
    commands::{
        learn_member::Learned,
        record_purchases::{Identity, RecordPurchase, fingerprint, idempotency_digest, journal_id},
    },
    domain::{Channel, Details, Line, Spend},
    error,
};

/// Who bought: one of three ways to say it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Buyer {
    /// A phone number: E.164, or national of the chain's country; Persian and Arabic digits are fine.
    #[schema(value_type = String, example = "+989121234567")]
    Phone(Pii<String>),
    /// A loyalty card's number.
    #[schema(value_type = String, example = "6274000000000007")]
    Card(Pii<String>),
    /// The member's id, where the caller knows it.
    Id(MemberId),
}

/// A purchase, as the till sends it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchaseRequest {
    /// Who bought.
    pub member: Buyer,
    /// The receipt's number, unique at its till for ever: 1 to 64 characters.
    #[schema(example = "R-100245", min_length = 1, max_length = 64)]
    pub receipt: String,
    /// Which operation on the receipt: 1 to 32 characters.
    #[serde(default = "sale")]
    #[schema(example = "sale", default = "sale", min_length = 1, max_length = 32)]
    pub operation: String,
    /// When the customer paid, by the till's clock, with its offset from UTC. As late as it may be.
    pub occurred_at: Timestamp,
    /// The currency (ISO 4217): the chain's.
    #[schema(example = "IRR")]
    pub currency: String,
    /// Paid, in minor units; not negative.
    #[schema(example = 1_250_000, minimum = 0)]
    pub amount: i64,
    /// The receipt's lines, up to 500; where given they add up to the amount.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub lines: Vec<Line>,
    /// The branch, where the till wants it checked against its key.
    #[serde(default)]
    #[schema(example = "tehran-vanak")]
    pub branch: Option<String>,
    /// Through what it was bought.
    #[serde(default)]
    pub channel: Channel,
    /// By what means it was paid, as the chain names it; rules may ask for it.
    #[serde(default)]
    #[schema(example = "card")]
    pub payment: Option<PaymentCode>,
    /// Who sat at the till, as the chain numbers its cashiers; never a name.
    #[serde(default)]
    #[schema(example = "c-07")]
    pub cashier: Option<CashierCode>,
    /// How much of it is paid with the member's points, at the programme's price; left out, nothing.
    #[serde(default)]
    pub spend: Option<SpendRequest>,
    /// Answer what would happen, and keep nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// How much of a purchase is paid with points: one of three ways to say it.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpendRequest {
    /// So many points, more than none.
    #[schema(value_type = i64, example = 200)]
    Points(Points),
    /// So much of the amount, in minor units, more than none: a whole number of the programme's steps.
    #[schema(value_type = i64, example = 20_000)]
    Amount(i64),
    /// What a hold set aside before.
    Hold(HeldPoints),
}

/// Points that a hold set aside, and that pay now.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldPoints {
    /// The hold; its time is not over.
    pub hold_id: JournalId,
    /// How many of its points, more than none; all when left out. The others are free again.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1)]
    pub points: Option<Points>,
}

impl SpendRequest {
    fn checked(self) -> Result<Spend, Problem> {
        let (number, at) = match self {
            Self::Points(points) => (Some(points.count()), "/spend/points"),
            Self::Amount(amount) => (Some(amount), "/spend/amount"),
            Self::Hold(held) => (held.points.map(Points::count), "/spend/hold/points"),
        };
        if number.is_some_and(|number| !(1..=MOST_SPENT).contains(&number)) {
            let problem = Problem::new(&error::POINTS_OUT_OF_RANGE).pointer(at);
            return Err(problem.arg("most", MOST_SPENT));
        }
        Ok(match self {
            Self::Points(points) => Spend::Points(points),
            Self::Amount(amount) => Spend::Amount(amount),
            Self::Hold(HeldPoints { hold_id, points }) => Spend::Hold { id: hold_id, points },
        })
    }

    /// The same for the same, and for nothing else.
    fn text(self) -> String {
        match self {
            Self::Points(points) => format!("spends {points} points"),
            Self::Amount(amount) => format!("spends for {amount}"),
            Self::Hold(HeldPoints { hold_id, points: Some(points) }) => {
                format!("spends {points} points of {hold_id}")
            }
            Self::Hold(HeldPoints { hold_id, points: None }) => format!("spends {hold_id}"),
        }
    }
}

/// The largest number of points or minor units that is paid with points.
const MOST_SPENT: i64 = 1_000_000_000_000;

fn sale() -> String {
    "sale".to_owned()
}

/// The till that sends, as its key says.
pub struct Till {
    /// Where it stands.
    pub branch: BranchCode,
    /// The branch's region.
    pub region: RegionCode,
    /// Its code.
    pub code: TillCode,
}

/// The identifier that a purchase named, for the question when nobody is found behind it.
#[derive(Clone, Copy, Debug)]
pub enum Named {
    /// Its keyed hashes and its kind.
    Identifier(Digests, IdentifierKind),
    /// A member id.
    Member(MemberId),
}

impl Named {
    /// What is learned when it turns out to be this member, who is known by this keyed hash.
    pub fn learned(self, member: MemberId, digest: Option<kernel::Digest16>) -> Learned {
        let identifier = match self {
            Self::Identifier(digests, kind) => Some((digest.unwrap_or(digests.first()), kind)),
            Self::Member(_) => None,
        };
        Learned { member, identifier }
    }

    /// The fingerprints of a request that names it: one for each keyed hash, since another process, or one of before, may have
    /// made it of another. `of` makes one of a text that says the same for the same.
    pub(super) fn fingerprints(self, of: impl Fn(&str) -> kernel::Digest16) -> Digests {
        match self {
            Self::Identifier(digests, kind) => {
                let made = digests.all().iter().map(|digest| of(&format!("{} {digest}", kind.word())));
                Digests::new(made, std::iter::empty())
            }
            Self::Member(member) => Digests::one(of(&member.to_string())),
        }
    }

    /// How the ledger finds it.
    pub fn identity(self) -> Identity {
        match self {
            Self::Identifier(digests, _) => Identity::Digest(digests),
            Self::Member(member) => Identity::Member(member),
        }
    }
}

pub(super) const MOST_LINES: usize = 500;
pub(super) const LONGEST_LINE_TEXT: usize = 64;
const MOST_QUANTITY: i64 = 1_000_000_000;

impl PurchaseRequest {
    /// Checks the request and makes the command of it.
    ///
    /// # Errors
    /// The first mistake, as a problem with its place.
    pub async fn command(
        self,
        shared: &Shared,
        till: Till,
        key: &str,
    ) -> Result<(RecordPurchase, Named), Problem> {
        self.check_branch(shared, &till).await?;
        receipt_text(&self.receipt, &self.operation, "")?;
        let currency = currency_of(shared, &self.currency)?;
        self.check_amount(shared)?;
        check_clock(shared, self.occurred_at)?;
        let named = self.member.named(shared, "/member")?;
        let details =
            Details { channel: self.channel, payment: self.payment.clone(), cashier: self.cashier.clone() };
        let spend = self.spend.map(SpendRequest::checked).transpose()?;
        let fingerprint = self.fingerprint(named, &details);
        let zone = shared.zones.of(&till.branch);
        let command = RecordPurchase {
            journal_id: journal_id(&till.branch, &till.code, &self.receipt, &self.operation),
            idempotency_key: idempotency_digest(&till.branch, &till.code, key),
            fingerprint,
            identity: named.identity(),
            branch: till.branch,
            region: till.region,
            till: till.code,
            receipt: Arc::from(self.receipt),
            operation: Arc::from(self.operation),
            occurred_at: self.occurred_at,
            local: shared.chain.local(self.occurred_at, zone.as_deref()),
            amount: self.amount,
            currency,
            lines: self.lines.into(),
            details,
            spend,
            shown: None,
            traceparent: None,
        };
        Ok((command, named))
    }

    async fn check_branch(&self, shared: &Shared, till: &Till) -> Result<(), Problem> {
        let Some(named) = self.branch.as_deref().filter(|named| *named != till.branch.as_str()) else {
            return Ok(());
        };
        let known = match BranchCode::parse(named) {
            Ok(branch) => {
                crate::store::places::is_known(&shared.database, &branch).await?
                    || shared.membership_has(&branch).await
            }
            Err(_) => false,
        };
        let code = if known { &error::BRANCH_OF_ANOTHER_KEY } else { &error::BRANCH_UNKNOWN };
        Err(Problem::new(code).pointer("/branch").arg("branch", named))
    }

    fn check_amount(&self, shared: &Shared) -> Result<(), Problem> {
        if self.amount < 0 {
            return Err(Problem::new(&error::AMOUNT_NEGATIVE).pointer("/amount"));
        }
        let most = shared.settings.largest_amount;
        if self.amount > most {
            return Err(Problem::new(&error::AMOUNT_TOO_LARGE).pointer("/amount").arg("most", most));
        }
        if self.lines.len() > MOST_LINES {
            return Err(Problem::new(&error::LINES_TOO_MANY).pointer("/lines").arg("most", MOST_LINES));
        }
        let mut sum = 0_i64;
        for (i, line) in self.lines.iter().enumerate() {
            check_line(line, i)?;
            sum = sum
                .checked_add(line.amount)
                .ok_or_else(|| Problem::new(&error::AMOUNT_TOO_LARGE).arg("most", most))?;
        }
        if !self.lines.is_empty() && sum != self.amount {
            let problem = Problem::new(&error::LINES_DO_NOT_ADD_UP).pointer("/lines");
            return Err(problem.arg("sum", sum).arg("amount", self.amount));
        }
        Ok(())
    }

    /// Two requests with one fingerprint ask for the same thing; how the JSON was written does not matter.
    fn fingerprint(&self, named: Named, details: &Details) -> Digests {
        let lines = if self.lines.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&self.lines).expect("lines are plain structs")
        };
        let (at, amount) = (self.occurred_at.micros().to_string(), self.amount.to_string());
        let details = details.to_text();
        let spend = self.spend.map(SpendRequest::text);
        named.fingerprints(|who| {
            let mut parts = vec![who, &self.receipt, &self.operation, &at, &self.currency, &amount, &lines];
            parts.extend(details.as_deref());
            parts.extend(spend.as_deref());
            fingerprint(&parts)
        })
    }
}

/// A branch, as membership answers for it; what it says of it is of no matter here.
#[derive(Deserialize)]
struct BranchFound {}

impl Shared {
    /// Whether membership has a branch whose opening was not heard of yet.
    pub(super) async fn membership_has(&self, branch: &BranchCode) -> bool {
        let within = std::time::Duration::from_millis(self.settings.ask_timeout_ms);
        let path = format!("/internal/v1/branches/{branch}");
        self.membership.ask::<_, BranchFound>(http::Method::GET, &path, &(), within).await.is_ok()
    }
}

impl Buyer {
    /// The identifier that was named at the place `at`.
    pub(super) fn named(&self, shared: &Shared, at: &str) -> Result<Named, Problem> {
        match self {
            Self::Id(member) => Ok(Named::Member(*member)),
            Self::Phone(phone) => {
                let text = phone.expose();
                // What is in E.164 form already needs no numbering plan: if it is none, nobody has it.
                let digests = if phone::is_e164(text) {
                    shared.blind_keys.digests(IdentifierKind::Phone, text)
                } else {
                    let e164 = phone::normalise(text, shared.country)
                        .map_err(|_| Problem::new(&error::PHONE_INVALID).pointer(format!("{at}/phone")))?;
                    shared.blind_keys.digests(IdentifierKind::Phone, &e164)
                };
                Ok(Named::Identifier(digests, IdentifierKind::Phone))
            }
            Self::Card(card) => {
                let latin = digits::to_latin(card.expose());
                let number: String = latin.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
                if !(12..=19).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(Problem::new(&error::CARD_INVALID).pointer(format!("{at}/card")));
                }
                let digests = shared.blind_keys.digests(IdentifierKind::Card, &number);
                Ok(Named::Identifier(digests, IdentifierKind::Card))
            }
        }
    }
}

fn check_line(line: &Line, i: usize) -> Result<(), Problem> {
    text(&line.sku, LONGEST_LINE_TEXT, &format!("/lines/{i}/sku"))?;
    if let Some(category) = &line.category {
        text(category, LONGEST_LINE_TEXT, &format!("/lines/{i}/category"))?;
    }
    if line.amount < 0 {
        return Err(Problem::new(&error::AMOUNT_NEGATIVE).pointer(format!("/lines/{i}/amount")));
    }
    check_quantity(line.quantity_milli, i)
}

/// Whether a line's quantity can be counted.
pub(super) fn check_quantity(quantity_milli: i64, i: usize) -> Result<(), Problem> {
    if (1..=MOST_QUANTITY).contains(&quantity_milli) {
        return Ok(());
    }
    let problem = Problem::new(&error::QUANTITY_OUT_OF_RANGE).arg("most", MOST_QUANTITY);
    Err(problem.pointer(format!("/lines/{i}/quantity_milli")))
}
