//! How many requests may be sent once more.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

/// What a second sending costs, in thousandths.
const COST: u64 = 1_000;
/// What each first sending brings: a fifth of one.
const EACH: u64 = 200;
/// What each second brings: ten.
const EACH_SECOND: u64 = 10_000;
/// What can be saved up: ten seconds' worth.
const MOST: u64 = 100_000;

/// **What is sent a second time is at most a fifth of what is sent, and ten a second.** So retries never make an outage worse.
pub(crate) struct RetryBudget(Mutex<Savings>);

struct Savings {
    left: u64,
    counted_at: Instant,
}

impl RetryBudget {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Savings { left: EACH_SECOND, counted_at: Instant::now() }))
    }

    /// A request was sent for the first time.
    pub(crate) fn deposit(&self) {
        let mut savings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        savings.left = (savings.left + EACH).min(MOST);
    }

    /// Whether one more may be sent again.
    pub(crate) fn withdraw(&self) -> bool {
        let mut savings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let passed_ms = u64::try_from((now - savings.counted_at).as_millis()).unwrap_or(u64::MAX);
        savings.counted_at = now;
        savings.left = savings.left.saturating_add(passed_ms.saturating_mul(EACH_SECOND / 1_000)).min(MOST);
        let Some(left) = savings.left.checked_sub(COST) else { return false };
        savings.left = left;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn granted(budget: &RetryBudget, asked: u32) -> usize {
        (0..asked).filter(|_| budget.withdraw()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_fifth_of_all_requests_and_ten_a_second_are_sent_again() {
        let budget = RetryBudget::new();
        assert_eq!(granted(&budget, 50), 10);
        for _ in 0..100 {
            budget.deposit();
        }
        assert_eq!(granted(&budget, 50), 20);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(granted(&budget, 50), 30);
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!(granted(&budget, 500), 100, "savings have an end");
    }
}
