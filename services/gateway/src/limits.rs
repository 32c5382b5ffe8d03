//! How much each caller may send, shared by all gateways, and how the answers say so (`RateLimit-Policy`, `RateLimit`, `Retry-After`).

mod classes;

use std::{
    fmt::Write,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use governor::{
    InsufficientCapacity, NotUntil, Quota, RateLimiter,
    clock::{Clock, DefaultClock, Reference},
    middleware::{StateInformationMiddleware, StateSnapshot},
    state::{InMemoryState, NotKeyed, keyed::DashMapStateStore},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use web::Problem;

use crate::{Replicas, error, settings::Rate};

pub(crate) use classes::ClassLimits;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// Limits are forgotten after so many checks, those that are full again.
const SWEEP_EVERY: u32 = 4_096;

/// What a limit is called and how its policy reads.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    name: &'static str,
    header: HeaderValue,
    rate: Rate,
    replicas: Replicas,
}

impl Policy {
    pub(crate) fn new(name: &'static str, rate: Rate, replicas: &Replicas) -> Self {
        let window = rate.burst.get().div_ceil(rate.per_s.get());
        let text = format!("\"{name}\";q={};w={window}", rate.burst);
        let header = HeaderValue::try_from(text).expect("names and numbers are visible ASCII");
        Self { name, header, rate, replicas: replicas.clone() }
    }

    /// **What a request costs here: as many as there are gateways**, which so let through the limit together. A burst smaller than
    /// their number is one request for each.
    fn cost(&self) -> NonZeroU32 {
        self.replicas.count().min(self.rate.burst)
    }

    fn quota(&self) -> Quota {
        Quota::per_second(self.rate.per_s).allow_burst(self.rate.burst)
    }

    fn state(&self, remaining: u32) -> HeaderValue {
        let spent = self.rate.burst.get().saturating_sub(remaining);
        let full_in = spent.div_ceil(self.rate.per_s.get());
        let remaining = remaining / self.cost();
        let mut text = String::with_capacity(40);
        // Writing to a String cannot fail.
        let _ = write!(text, "\"{}\";r={remaining};t={full_in}", self.name);
        HeaderValue::try_from(text).expect("names and numbers are visible ASCII")
    }

    fn standing(&self, snapshot: &StateSnapshot) -> Standing {
        Standing { policy: self.header.clone(), state: self.state(snapshot.remaining_burst_capacity()) }
    }

    fn refusal<P: Reference>(&self, until: &NotUntil<P>, now: P) -> Problem {
        let wait = until.wait_time_from(now).as_secs() + 1;
        Problem::new(&error::RATE_LIMITED)
            .arg("seconds", wait)
            .header(header::RETRY_AFTER, HeaderValue::from(wait))
            .header(POLICY, self.header.clone())
            .header(STATE, self.state(0))
    }
}

/// Where a caller stands with one limit after a request that was let in.
#[derive(Debug)]
pub(crate) struct Standing {
    policy: HeaderValue,
    state: HeaderValue,
}

impl Standing {
    /// Adds it to those that the answer tells already.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        headers.append(POLICY, self.policy);
        headers.append(STATE, self.state);
    }
}

/// The limit of one caller.
pub(crate) struct Limit(RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>);

impl Limit {
    pub(crate) fn new(policy: &Policy) -> Self {
        Self(RateLimiter::direct(policy.quota()).with_middleware())
    }

    /// Counts one request.
    pub(crate) fn check(&self, policy: &Policy) -> Result<Standing, Problem> {
        match self.0.check_n(policy.cost()).unwrap_or_else(never) {
            Ok(snapshot) => Ok(policy.standing(&snapshot)),
            Err(until) => Err(policy.refusal(&until, self.0.clock().now())),
        }
    }
}

/// One limit for each of many.
pub(crate) struct KeyedLimits<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    policy: Policy,
    checks: AtomicU32,
}

impl<K: Hash + Eq + Clone> KeyedLimits<K> {
    pub(crate) fn new(policy: Policy) -> Self {
        let limiter = RateLimiter::dashmap(policy.quota()).with_middleware();
        Self { limiter, policy, checks: AtomicU32::new(0) }
    }

    /// Counts one request of this one.
    pub(crate) fn check(&self, of: &K) -> Result<Standing, Problem> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key_n(of, self.policy.cost()).unwrap_or_else(never) {
            Ok(snapshot) => Ok(self.policy.standing(&snapshot)),
            Err(until) => Err(self.policy.refusal(&until, self.limiter.clock().now())),
        }
    }
}

/// One limit for each network address.
pub(crate) struct AddressLimits(KeyedLimits<IpAddr>);

impl AddressLimits {
    pub(crate) fn new(policy: Policy) -> Self {
        Self(KeyedLimits::new(policy))
    }

    /// Counts one request of this address.
    pub(crate) fn check(&self, address: IpAddr) -> Result<Standing, Problem> {
        self.0.check(&network(address))
    }
}

/// No cost is larger than the burst that it is taken from.
fn never<T>(_: InsufficientCapacity) -> T {
    unreachable!("a request costs the burst at most")
}

/// One subscriber has a whole IPv6 /64, so that is what counts.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(per_s: u32, burst: u32) -> Policy {
        let count = |n| NonZeroU32::new(n).expect("not zero");
        let rate = Rate { per_s: count(per_s), burst: count(burst) };
        Policy::new("till", rate, &Replicas::of(NonZeroU32::MIN))
    }

    #[test]
    fn a_caller_may_burst_and_is_then_told_to_wait() {
        let policy = policy(1, 3);
        let limit = Limit::new(&policy);
        for remaining in ["\"till\";r=2;t=1", "\"till\";r=1;t=2", "\"till\";r=0;t=3"] {
            let standing = limit.check(&policy).expect("within the burst");
            assert_eq!(
                (&standing.policy, &standing.state),
                (&policy.header, &HeaderValue::from_static(remaining))
            );
        }
        assert_eq!(policy.header, "\"till\";q=3;w=3");
        let refused = limit.check(&policy).expect_err("over the burst");
        assert_eq!(refused.code().code, "gateway.rate_limited");
    }

    #[test]
    fn replicas_let_through_the_limit_together() {
        let policy = policy(1, 12);
        for (replicas, each) in [(1, 12), (3, 4), (5, 2), (40, 1)] {
            policy.replicas.set(replicas);
            let limit = Limit::new(&policy);
            let passed = (0..50).filter(|_| limit.check(&policy).is_ok()).count();
            assert_eq!(passed, each, "{replicas} replicas");
        }
    }

    #[test]
    fn neighbours_in_one_network_share_a_limit_and_strangers_do_not() {
        let limits = AddressLimits::new(policy(1, 1));
        let check = |text: &str| limits.check(text.parse().expect("an address")).is_ok();
        assert!(check("2001:db8::1") && !check("2001:db8::ffff") && check("2001:db8:0:1::1"));
        assert!(check("10.0.0.1") && check("10.0.0.2") && !check("::ffff:10.0.0.2"));
    }
}
