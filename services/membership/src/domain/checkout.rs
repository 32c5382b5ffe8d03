//! A checkout: a period of a plan that a member pays for in the app, on its way to the payment provider and back (J7).
//!
//! **It ends once**, as paid, failed or lapsed, and what ended never changes. Money that comes for it pays for exactly one period, was
//! counted before, or is a stray: nothing that anybody tells makes it pay twice, and no money is passed over.

use kernel::{CheckoutId, Currency, MemberId, PlanCode, Timestamp};
use thiserror::Error;

use super::{plan::Plan, stray::StrayReason};

/// How soon the provider is asked for the first time, in milliseconds; each time it is twice as long until the next.
const FIRST_PAUSE_MS: i64 = 5_000;
/// The longest time between two questions, in milliseconds.
const LONGEST_PAUSE_MS: i64 = 600_000;
/// The most characters of what a provider calls a payment.
pub const PAYMENT_NAME_LIMIT: usize = 128;
/// The most characters of the address of its page.
pub const PAGE_LIMIT: usize = 2_000;

/// How far a checkout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckoutState {
    /// It was asked for; the provider has not answered yet.
    Begun,
    /// The provider gave the address of a page, on which the member pays.
    Waiting,
    /// The money came, and the period is paid for.
    Paid,
    /// The provider says that nobody will pay it, or it cannot be counted any more.
    Failed,
    /// Nobody paid it in time.
    Lapsed,
}

impl CheckoutState {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Begun, Self::Waiting, Self::Paid, Self::Failed, Self::Lapsed];

    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Waiting => "waiting",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Lapsed => "lapsed",
        }
    }

    /// Whether money is still waited for.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Begun | Self::Waiting)
    }
}

/// A period of a plan on its way to being paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// Its id: the reference by which the provider knows it.
    pub id: CheckoutId,
    /// Who pays.
    pub member: MemberId,
    /// For which plan.
    pub plan: PlanCode,
    /// On which version of its terms, whatever is sold when the money comes.
    pub version: u32,
    /// How much, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// The key of the call that began it.
    pub key: String,
    /// When it began.
    pub begun_at: Timestamp,
    /// Until when it is waited for.
    pub expires_at: Timestamp,
    /// How far it is.
    pub state: CheckoutState,
    /// What the provider calls the payment.
    pub payment: Option<String>,
    /// Where the member pays.
    pub page: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How often the provider was asked.
    pub asked: u32,
    /// When it is looked at again.
    pub next_at: Option<Timestamp>,
}

/// Money, as the provider tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// What the provider calls the payment.
    pub payment: String,
    /// How much, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
}

/// Why nothing can be paid in the app, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CheckoutRefusal {
    /// The chain has no payment provider.
    #[error("nothing is paid in the app")]
    Closed,
    /// Another plan's checkout waits.
    #[error("checkout {checkout} waits")]
    Open {
        /// Which.
        checkout: CheckoutId,
    },
    /// The key is another call's.
    #[error("the key is another call's")]
    KeyReused,
    /// Somebody looked at the stray payment before, and said something else.
    #[error("it was settled before")]
    Settled,
}

/// Whose checkout it is, under which names, and for how long it is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begin {
    /// Its id.
    pub id: CheckoutId,
    /// Who pays.
    pub member: MemberId,
    /// The key of the call.
    pub key: String,
    /// When.
    pub now: Timestamp,
    /// How long it is waited for, in milliseconds.
    pub life_ms: i64,
    /// How long the caller has to reach the provider before others try, in milliseconds.
    pub patience_ms: i64,
}

impl Checkout {
    /// A checkout for the next period of a plan that can be paid for.
    #[must_use]
    pub fn begin(begin: Begin, plan: &Plan) -> Self {
        Self {
            id: begin.id,
            member: begin.member,
            plan: plan.code.clone(),
            version: plan.version,
            amount: plan.terms.price,
            currency: plan.terms.currency,
            key: begin.key,
            begun_at: begin.now,
            expires_at: begin.now.plus_millis(begin.life_ms),
            state: CheckoutState::Begun,
            payment: None,
            page: None,
            ended_at: None,
            asked: 0,
            next_at: Some(begin.now.plus_millis(begin.patience_ms)),
        }
    }

    /// Whether it is waited for no longer.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// The provider gave a page: it waits. `None` when it had gone on before.
    #[must_use]
    pub fn opened(&self, payment: &str, page: &str, now: Timestamp) -> Option<Self> {
        let after = || Self {
            state: CheckoutState::Waiting,
            payment: Some(payment.to_owned()),
            page: Some(page.to_owned()),
            ..self.clone()
        };
        (self.state == CheckoutState::Begun).then(after).map(|after| after.put_off(now))
    }

    /// Nothing new was heard: when it is looked at again, at growing distances until it is over.
    #[must_use]
    pub fn put_off(&self, now: Timestamp) -> Self {
        let pause = FIRST_PAUSE_MS.saturating_mul(1 << self.asked.min(16)).min(LONGEST_PAUSE_MS);
        let next = now.plus_millis(pause).min(self.expires_at.max(now.plus_millis(FIRST_PAUSE_MS)));
        Self { asked: self.asked.saturating_add(1), next_at: Some(next), ..self.clone() }
    }

    fn ended(&self, state: CheckoutState, now: Timestamp) -> Self {
        Self { state, ended_at: Some(now), next_at: None, ..self.clone() }
    }

    /// Nobody will pay it; `None` when it had ended, or the news is of another payment.
    #[must_use]
    pub fn failed(&self, payment: Option<&str>, now: Timestamp) -> Option<Self> {
        let known = self.payment.as_deref();
        let its_own = payment.is_none_or(|payment| known.is_none_or(|known| known == payment));
        (self.state.is_open() && its_own).then(|| self.ended(CheckoutState::Failed, now))
    }

    /// It is waited for no longer; `None` when it had ended, or there is time left.
    #[must_use]
    pub fn lapsed(&self, now: Timestamp) -> Option<Self> {
        (self.state.is_open() && self.is_over(now)).then(|| self.ended(CheckoutState::Lapsed, now))
    }

    /// Money came for it: it is paid. `None` when this very payment was counted before. It may come late, as long as nobody
    /// said that it lapsed.
    ///
    /// # Errors
    /// [`StrayReason`]: it does not want this money.
    pub fn taken(&self, money: &Money, now: Timestamp) -> Result<Option<Self>, StrayReason> {
        match self.state {
            CheckoutState::Paid if self.payment.as_ref() == Some(&money.payment) => Ok(None),
            CheckoutState::Paid => Err(StrayReason::PaidBefore),
            CheckoutState::Failed | CheckoutState::Lapsed => Err(StrayReason::Over),
            CheckoutState::Begun | CheckoutState::Waiting => {
                if (money.amount, money.currency) != (self.amount, self.currency) {
                    return Err(StrayReason::Amount);
                }
                let paid = Self { payment: Some(money.payment.clone()), ..self.clone() };
                Ok(Some(paid.ended(CheckoutState::Paid, now)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::plan::tests::plan;

    const LIFE_MS: i64 = 60_000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_millis(ms)
    }

    fn begun() -> Checkout {
        let begin = Begin {
            id: CheckoutId::from_uuid(Uuid::from_u128(1)),
            member: MemberId::from_uuid(Uuid::from_u128(2)),
            key: "k".to_owned(),
            now: at(0),
            life_ms: LIFE_MS,
            patience_ms: 15_000,
        };
        Checkout::begin(begin, &plan("plus"))
    }

    fn money(payment: &str, amount: i64) -> Money {
        Money { payment: payment.to_owned(), amount, currency: begun().currency }
    }

    #[test]
    fn each_state_goes_where_it_may_and_nowhere_else() {
        let waiting = begun().opened("p", "https://pay.example/p", at(1)).expect("opened");
        assert_eq!(
            (waiting.state, waiting.page.as_deref()),
            (CheckoutState::Waiting, Some("https://pay.example/p"))
        );
        assert_eq!(waiting.opened("q", "https://pay.example/q", at(2)), None, "it has its page");
        assert_eq!(waiting.lapsed(at(LIFE_MS - 1)), None);
        assert_eq!(waiting.failed(Some("another"), at(2)), None, "news of another payment");
        let price = waiting.amount;
        assert_eq!(waiting.taken(&money("p", price - 1), at(2)), Err(StrayReason::Amount));
        let dollars = Money { currency: Currency::parse("USD").expect("a currency"), ..money("p", price) };
        assert_eq!(waiting.taken(&dollars, at(2)), Err(StrayReason::Amount));
        for open in [begun(), waiting.clone()] {
            let paid = open.taken(&money("p", price), at(LIFE_MS + 1)).expect("wanted").expect("new");
            assert_eq!(
                (paid.state, paid.ended_at, paid.next_at),
                (CheckoutState::Paid, Some(at(LIFE_MS + 1)), None)
            );
            assert_eq!(paid.taken(&money("p", price), at(3)), Ok(None), "counted before");
            assert_eq!(paid.taken(&money("q", price), at(3)), Err(StrayReason::PaidBefore));
            let failed = open.failed(None, at(3)).expect("failed");
            let lapsed = open.lapsed(at(LIFE_MS)).expect("lapsed");
            assert_eq!((failed.state, lapsed.state), (CheckoutState::Failed, CheckoutState::Lapsed));
            for ended in [failed, lapsed] {
                assert_eq!(ended.taken(&money("p", price), at(4)), Err(StrayReason::Over));
            }
        }
    }

    #[test]
    fn the_provider_is_asked_at_growing_distances_until_the_end() {
        let mut checkout = Checkout { expires_at: at(100_000), ..begun() };
        let mut asked = Vec::new();
        let mut now = at(0);
        for _ in 0..6 {
            checkout = checkout.put_off(now);
            now = checkout.next_at.expect("a time");
            asked.push(now.millis_since(at(0)) / 1_000);
        }
        assert_eq!(asked, [5, 15, 35, 75, 100, 105], "and once more at the end");
        let late =
            Checkout { asked: u32::MAX, expires_at: at(i64::from(u32::MAX)), ..checkout }.put_off(at(0));
        assert_eq!(late.next_at, Some(at(LONGEST_PAUSE_MS)));
    }

    #[derive(Debug, Clone)]
    enum Event {
        Opened,
        Money(u8, i64),
        Failed(Option<u8>),
        Passes(i64),
        Lapses,
        PutOff,
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let one = prop_oneof![
            Just(Event::Opened),
            (0..3_u8, prop_oneof![Just(0_i64), Just(-1), Just(1)])
                .prop_map(|(which, more)| Event::Money(which, more)),
            proptest::option::of(0..3_u8).prop_map(Event::Failed),
            (1..40_000_i64).prop_map(Event::Passes),
            Just(Event::Lapses),
            Just(Event::PutOff),
        ];
        proptest::collection::vec(one, 0..40)
    }

    proptest! {
        #[test]
        fn whatever_comes_it_ends_once_and_every_payment_is_counted_or_stray(events in events()) {
            let (mut checkout, mut now, mut paid) = (begun(), 0, Vec::new());
            let price = checkout.amount;
            for event in events {
                let before = checkout.clone();
                let after = match event {
                    Event::Opened => before.opened("p0", "https://pay.example", at(now)),
                    Event::Money(which, more) => {
                        let money = money(&format!("p{which}"), price + more);
                        match before.taken(&money, at(now)) {
                            Ok(Some(after)) => {
                                prop_assert_eq!((money.amount, after.state), (price, CheckoutState::Paid));
                                paid.push(money.payment);
                                Some(after)
                            }
                            Ok(None) => {
                                prop_assert!(paid.contains(&money.payment));
                                None
                            }
                            Err(_) => None,
                        }
                    }
                    Event::Failed(which) => before.failed(which.map(|which| format!("p{which}")).as_deref(), at(now)),
                    Event::Passes(ms) => {
                        now += ms;
                        None
                    }
                    Event::Lapses => before.lapsed(at(now)),
                    Event::PutOff => before.state.is_open().then(|| before.put_off(at(now))),
                };
                if let Some(after) = after {
                    prop_assert!(before.state.is_open(), "what ended stays: {:?} {:?}", before, after);
                    prop_assert_eq!(after.state.is_open(), after.ended_at.is_none());
                    prop_assert_eq!(after.state.is_open(), after.next_at.is_some());
                    checkout = after;
                }
                prop_assert!(paid.len() <= 1);
                prop_assert_eq!(checkout.state == CheckoutState::Paid, paid.len() == 1);
            }
        }
    }
}
