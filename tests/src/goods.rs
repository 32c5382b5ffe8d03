//! Things that journeys need many of, each different from all others: names, phones, receipts; and a plain programme.

use std::sync::atomic::{AtomicU64, Ordering};

use kernel::{Clock as _, Timestamp};
use locale::phone::test_number;
use runtime::SystemClock;
use serde_json::{Value, json};

static COUNT: AtomicU64 = AtomicU64::new(1);

/// A word that no other call of this process has got.
#[must_use]
pub fn fresh(word: &str) -> String {
    format!("{word}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A phone that reaches nobody and that no other call of this process has got.
#[must_use]
pub fn phone() -> String {
    test_number(5_500_000_000 + COUNT.fetch_add(1, Ordering::Relaxed))
}

/// This moment.
#[must_use]
pub fn now() -> Timestamp {
    SystemClock.now()
}

/// A purchase of so much money, as a till sends it, with a receipt of its own.
#[derive(Clone, Debug)]
pub struct Goods(pub Value);

impl Goods {
    /// Bought by the owner of a phone, for so many minor units.
    #[must_use]
    pub fn by_phone(phone: &str, amount: i64) -> Self {
        Self::by(&json!({ "phone": phone }), amount)
    }

    /// Bought by whom `member` names.
    #[must_use]
    pub fn by(member: &Value, amount: i64) -> Self {
        Self(json!({
            "member": member,
            "receipt": fresh("R"),
            "occurred_at": now(),
            "currency": "IRR",
            "amount": amount,
        }))
    }

    /// The same with a field set.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0[field] = value.into();
        self
    }
}

/// A programme in which 1,000 minor units make a point, and whose points last a year; with more rules.
#[must_use]
pub fn programme(more: &[Value]) -> Value {
    let name = |en: &str| json!({"fa": "باشگاه", "ar": "نادي", "en": en});
    let base = json!({
        "code": "base",
        "name": name("One point for every 1,000"),
        "give": {"per_amount": {"amount": 1_000, "points": 1}},
    });
    let rules: Vec<_> = std::iter::once(base).chain(more.iter().cloned()).collect();
    json!({"name": name("Club"), "currency": "IRR", "expiry": {"months": 12}, "rules": rules, "spending": {"point_value": 500}})
}
