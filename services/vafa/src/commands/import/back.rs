//! A return of a row finds its purchases in the customer's own history, and is recorded as tills record returns.
//!
//! Nothing is kept of it but in the ledger: **what is left of a purchase, and which parts of a row are recorded, is read from the
//! history each time**. So an import that was killed goes on where it was, one that is run again changes nothing, returns that
//! tills recorded meanwhile count, and memory does not grow with customers or purchases.

use kernel::{Currency, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::{
    matching::{Bought, matched},
    rows::Row,
    shops::{Shop, TILL},
    till::{End, Sale, Till, about_row},
};
use crate::client::{Call, ClientError};

/// What became of a return.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// How much was recorded now, in minor units.
    pub now: i64,
    /// How much had been recorded before.
    pub before: i64,
    /// Points that were taken, now or before.
    pub points: i64,
    /// How much was not recorded, and why: a stable word and a sentence.
    pub over: Option<Over>,
}

/// What was not recorded of a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// How much, in minor units.
    pub amount: i64,
    /// A stable word.
    pub code: String,
    /// A sentence.
    pub detail: String,
}

impl Over {
    fn new(amount: i64, code: &str, detail: &str) -> Self {
        Self { amount, code: code.to_owned(), detail: detail.to_owned() }
    }
}

#[derive(Deserialize)]
struct Found {
    member_id: String,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Event>,
    next_cursor: Option<String>,
}

/// An event of the history, as far as returns need it.
#[derive(Deserialize)]
struct Event {
    id: String,
    kind: String,
    points: i64,
    branch: Option<String>,
    till: Option<String>,
    receipt: Option<String>,
    operation: Option<String>,
    occurred_at: Option<Timestamp>,
    amount: Option<i64>,
    currency: Option<Currency>,
    about: Option<String>,
}

#[derive(Deserialize)]
struct Taken {
    points_taken: i64,
}

/// A return of a row on its way.
struct Back<'a> {
    till: &'a Till,
    row: &'a Row,
    shop: &'a Shop,
    key: &'a str,
}

/// Records the return of a row against the purchases that it is of.
pub(super) async fn give_back(till: &Till, sale: &Sale, key: &str) -> Result<End, ClientError> {
    let back = Back { till, row: &sale.row, shop: &sale.shop, key };
    let amount = sale.row.amount;
    let Some(member) = back.member(&sale.customer.phone).await? else {
        let why = "the customer is no member, so nothing is known of their purchases";
        let over = Some(Over::new(amount, "import.customer_unknown", why));
        return Ok(End::Returned(Returned { over, ..Returned::default() }));
    };
    let events = back.history(&member).await?;
    back.record(&events).await
}

impl Back<'_> {
    async fn ask(&self, call: Call) -> Result<crate::client::Answer, ClientError> {
        self.till.office.client.ask(&call.bearer(self.key).language("en")).await
    }

    async fn member(&self, phone: &str) -> Result<Option<String>, ClientError> {
        let call = Call::post("/v1/members/lookup").json(&json!({"phone": phone})).repeatable();
        match self.ask(call).await {
            Ok(answer) => Ok(Some(answer.json::<Found>()?.member_id)),
            Err(ClientError::Refused(refusal)) if refusal.status == 404 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The whole history, newest first.
    async fn history(&self, member: &str) -> Result<Vec<Event>, ClientError> {
        let (mut events, mut cursor) = (Vec::new(), String::new());
        loop {
            let call = Call::get(format!("/v1/members/{member}/history?limit=200{cursor}"));
            let page: Page = match self.ask(call).await {
                Ok(answer) => answer.json()?,
                // Who has joined and never bought may not have been heard of.
                Err(ClientError::Refused(refusal)) if refusal.status == 404 => return Ok(events),
                Err(error) => return Err(error),
            };
            events.extend(page.items);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(events),
            }
        }
    }

    async fn record(&self, events: &[Event]) -> Result<End, ClientError> {
        let mut outcome = Returned::default();
        let at = Timestamp::parse(&self.row.occurred_at).ok();
        let mut parts = 0;
        for part in events.iter().filter(|event| self.is_part(event)) {
            outcome.before = outcome.before.saturating_add(part.amount.unwrap_or_default());
            outcome.points = outcome.points.saturating_sub(part.points);
            parts += 1;
            if part.occurred_at != at || outcome.before > self.row.amount {
                let why = "this return was recorded before with other contents";
                return Ok(End::refused("points.receipt_taken", why));
            }
        }
        let purchases: Vec<&Event> = events.iter().filter(|event| self.is_purchase(event)).collect();
        let bought: Vec<Bought> = purchases.iter().map(|purchase| left(purchase, events)).collect();
        let wanted = self.row.amount - outcome.before;
        let found = matched(&bought, at.unwrap_or(Timestamp::from_micros(0)), wanted);
        for (place, amount) in found.parts {
            parts += 1;
            match self.send(purchases[place], amount, parts).await {
                Ok(points) => {
                    outcome.now += amount;
                    outcome.points = outcome.points.saturating_add(points);
                }
                Err(error) => {
                    let (code, detail) = about_row(error)?;
                    let amount = wanted - outcome.now;
                    outcome.over = Some(Over { amount, code, detail });
                    return Ok(End::Returned(outcome));
                }
            }
        }
        if found.over > 0 {
            let why = if found.has_earlier {
                "all that is known of the customer's earlier purchases has come back: the rest was bought before"
            } else {
                "no earlier purchase of the customer is known: it was bought before the data begins"
            };
            outcome.over = Some(Over::new(found.over, "import.purchase_not_found", why));
        }
        Ok(End::Returned(outcome))
    }

    fn is_purchase(&self, event: &Event) -> bool {
        event.kind == "purchase"
            && event.currency.is_some_and(|currency| currency.code() == &*self.till.currency)
    }

    /// Whether it is a part of this very return that was recorded before.
    fn is_part(&self, event: &Event) -> bool {
        event.kind == "return"
            && event.till.as_deref() == Some(TILL)
            && event.branch.as_deref() == Some(self.shop.code.as_str())
            && event.receipt.as_ref() == Some(&self.row.basket)
    }

    async fn send(&self, purchase: &Event, amount: i64, part: u32) -> Result<i64, ClientError> {
        let operation = if part == 1 { "return".to_owned() } else { format!("return-{part}") };
        let body = json!({
            "purchase": {
                "branch": purchase.branch, "till": purchase.till,
                "receipt": purchase.receipt, "operation": purchase.operation,
            },
            "receipt": self.row.basket,
            "operation": operation,
            "occurred_at": self.row.occurred_at,
            "currency": *self.till.currency,
            "amount": amount,
            "wait": false,
        });
        let key = format!("{}-{part}", self.row.key);
        let call = Call::post("/v1/returns").idempotency_key(&key).json(&body);
        Ok(self.ask(call).await?.json::<Taken>()?.points_taken)
    }
}

/// A purchase with what is left of it after the returns in the history.
fn left(purchase: &Event, events: &[Event]) -> Bought {
    let of_it = |event: &&Event| event.kind == "return" && event.about.as_ref() == Some(&purchase.id);
    let back: i64 = events.iter().filter(of_it).filter_map(|event| event.amount).sum();
    let at = purchase.occurred_at.unwrap_or(Timestamp::from_micros(i64::MAX));
    Bought { at, left: purchase.amount.unwrap_or_default() - back }
}
