//! What a till does with a row: joins the customer at their first purchase, then records the purchase, or the return.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::{
    Kind,
    back::{Returned, give_back},
    customers::Customer,
    rows::{BadRow, Row},
    shops::{Office, Shop},
};
use crate::client::{Call, ClientError};

/// A key may be revoked or a member erased under our feet; more often than that something else is wrong.
const TRIES: usize = 3;

/// A row on its way.
pub struct Job {
    /// Its line in the file.
    pub line: u64,
    /// How far into the file, in bytes.
    pub position: u64,
    /// What is to be done about it.
    pub work: Result<Sale, BadRow>,
}

/// A row with the customer and the shop that it belongs to.
pub struct Sale {
    /// The row.
    pub row: Row,
    /// Who bought.
    pub customer: Arc<Customer>,
    /// Where.
    pub shop: Arc<Shop>,
}

/// What became of a row.
pub struct Done {
    /// Its line in the file.
    pub line: u64,
    /// How far into the file, in bytes.
    pub position: u64,
    /// Its basket.
    pub basket: String,
    /// The sale, where there was one to record.
    pub sale: Option<Sale>,
    /// Whether the customer joined with it: newly, or known before.
    pub joined: Option<bool>,
    /// How it ended.
    pub end: End,
}

/// How a row ended.
pub enum End {
    /// Recorded now, for so many points.
    Recorded(i64),
    /// It was recorded before, for so many points.
    Replayed(i64),
    /// A return, in whole, in part or not at all.
    Returned(Returned),
    /// The API, or a look at the row, says no.
    Refused {
        /// A stable word.
        code: String,
        /// A sentence.
        detail: String,
    },
    /// Nothing can be recorded at all: the import stops here.
    Broken(ClientError),
}

/// Sends rows as tills would.
#[derive(Clone)]
pub struct Till {
    /// Where keys come from.
    pub office: Office,
    /// The currency of the amounts.
    pub currency: Arc<str>,
    /// What the rows are.
    pub kind: Kind,
}

#[derive(Deserialize)]
struct Recorded {
    points: i64,
}

impl Till {
    /// Takes a row to its end.
    pub async fn take(&self, job: Job) -> Done {
        let Job { line, position, work } = job;
        let sale = match work {
            Ok(sale) => sale,
            Err(bad) => {
                let end = End::Refused { code: bad.code.to_owned(), detail: bad.detail };
                return Done { line, position, basket: bad.basket, sale: None, joined: None, end };
            }
        };
        let mut joined = None;
        let mut outcome = self.attempt(&sale, &mut joined).await;
        for _ in 1..TRIES {
            match outcome {
                Ok(None) => outcome = self.attempt(&sale, &mut joined).await,
                _ => break,
            }
        }
        let end = match outcome {
            Ok(Some(end)) => end,
            Ok(None) => End::refused("import.key_refused", "the till's key is refused again and again"),
            Err(error) => judge(error),
        };
        Done { line, position, basket: sale.row.basket.clone(), sale: Some(sale), joined, end }
    }

    /// One try; `None` when what it built upon was gone, so that another try may do better.
    async fn attempt(&self, sale: &Sale, joined: &mut Option<bool>) -> Result<Option<End>, ClientError> {
        let key = self.office.key_of(&sale.shop).await?;
        let outcome = async {
            if self.kind == Kind::Returns {
                return give_back(self, sale, &key.key).await;
            }
            if !sale.customer.has_joined() {
                *joined = Some(self.join(&sale.customer, &key.key).await?);
            }
            self.record(sale, &key.key).await
        };
        match outcome.await {
            Ok(end) => Ok(Some(end)),
            Err(ClientError::Refused(refusal)) if refusal.status == 401 => {
                self.office.drop_key(&sale.shop, &key).await;
                Ok(None)
            }
            Err(ClientError::Refused(refusal)) if refusal.code == "points.customer_unknown" => {
                sale.customer.forget_joined();
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn join(&self, customer: &Customer, key: &str) -> Result<bool, ClientError> {
        let body =
            json!({"phone": customer.phone, "first_name": customer.name, "language": customer.language});
        let answer = self
            .office
            .client
            .ask(&Call::post("/v1/members").bearer(key).language("en").json(&body).repeatable())
            .await?;
        customer.note_joined();
        Ok(answer.status == http::StatusCode::CREATED)
    }

    async fn record(&self, sale: &Sale, key: &str) -> Result<End, ClientError> {
        let row = &sale.row;
        let body = json!({
            "member": {"phone": sale.customer.phone},
            "receipt": row.basket,
            "occurred_at": row.occurred_at,
            "currency": *self.currency,
            "amount": row.amount,
            "branch": sale.shop.code,
        });
        let call =
            Call::post("/v1/purchases").bearer(key).idempotency_key(&row.key).language("en").json(&body);
        let answer = self.office.client.ask(&call).await?;
        let Recorded { points } = answer.json()?;
        Ok(if answer.is_replay() { End::Replayed(points) } else { End::Recorded(points) })
    }
}

impl End {
    /// A row that is refused under this word.
    pub fn refused(code: &str, detail: &str) -> Self {
        Self::Refused { code: code.to_owned(), detail: detail.to_owned() }
    }
}

fn judge(error: ClientError) -> End {
    match about_row(error) {
        Ok((code, detail)) => End::Refused { code, detail },
        Err(error) => End::Broken(error),
    }
}

/// The word and the sentence of an error that is about the row.
///
/// # Errors
/// The error itself when it is about everything.
pub(super) fn about_row(error: ClientError) -> Result<(String, String), ClientError> {
    let everything = ["points.programme_missing", "points.currency_other", "points.currency_unknown"];
    match error {
        ClientError::Refused(refusal)
            if matches!(refusal.status, 400 | 404..=428) && !everything.contains(&refusal.code.as_str()) =>
        {
            let at = refusal.pointer.as_ref().map(|at| format!(" (at {at})")).unwrap_or_default();
            Ok((refusal.code.clone(), format!("{}{at}", refusal.detail)))
        }
        error => Err(error),
    }
}
