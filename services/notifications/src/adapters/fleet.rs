//! All providers of an installation while it runs: who is tried for what, in which order, and who is left alone for now.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::Timestamp;

use super::{Carrier, Carriers, Named, Pick, Providers};
use crate::domain::{
    breaker::Breaker,
    channel::Channel,
    limits::{self, Pace},
    sending::{Handed, Refused},
    trigger::Lane,
};

/// What is known of a provider while the process runs.
struct Running {
    breaker: Breaker,
    pace: Option<Pace>,
    left_alone_until: Option<Timestamp>,
    spent: i64,
}

/// A provider with its terms, and what is known of how it is doing.
struct Member {
    named: Named,
    running: Mutex<Running>,
}

/// Every provider, in the order in which they are tried.
#[derive(Clone)]
pub struct Fleet(Arc<[Member]>);

impl Member {
    fn new(named: Named) -> Self {
        let pace = named.per_second.map(Pace::new);
        let running = Running { breaker: Breaker::default(), pace, left_alone_until: None, spent: 0 };
        Self { named, running: Mutex::new(running) }
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn carrier(&self, channel: Channel) -> Carrier {
        Carrier {
            name: self.named.name.clone(),
            channel,
            price: self.named.price_per_part,
            provider: Arc::clone(&self.named.provider),
        }
    }

    /// Takes a place for one message where there is one; otherwise says when there may be.
    fn take(&self, lane: Lane, now: Timestamp) -> Result<(), Option<Timestamp>> {
        let Named { daily_cap, price_per_part, .. } = &self.named;
        let mut running = self.running();
        if !limits::is_within(*daily_cap, running.spent, *price_per_part) {
            return Err(None);
        }
        let paced = running.pace.as_ref().map_or(now, |pace| pace.room_from(lane, now));
        let alone = running.left_alone_until.unwrap_or(now);
        let room = running.breaker.admits_from(now).max(paced).max(alone);
        if room > now {
            return Err(Some(room));
        }
        running.breaker.begin(now);
        running.spent = running.spent.saturating_add(*price_per_part);
        if let Some(pace) = &mut running.pace {
            pace.sent(now);
        }
        Ok(())
    }

    fn note(&self, handed: &Handed, now: Timestamp) {
        let mut running = self.running();
        let was_open = running.breaker.is_open();
        match handed {
            Handed::Taken { .. } | Handed::Refused(Refused::Address | Refused::Content) => {
                running.breaker.good();
            }
            Handed::Failed { wait_s: Some(wait_s), .. } => {
                running.breaker.bad(now);
                let until = now.plus_millis(i64::from(*wait_s).saturating_mul(1_000));
                running.left_alone_until = running.left_alone_until.max(Some(until));
            }
            // Without credit or with a wrong key it takes nobody's messages.
            Handed::Refused(Refused::Account) | Handed::Failed { .. } | Handed::Uncertain { .. } => {
                running.breaker.bad(now);
            }
        }
        let begins_to_rest = running.breaker.is_open() && !was_open;
        drop(running);
        if begins_to_rest {
            tracing::warn!(target: "vafa::notifications", provider = self.named.name, "a provider fails and is left alone");
        }
    }
}

impl Fleet {
    /// These providers, about which nothing is known yet.
    #[must_use]
    pub fn new(providers: Providers) -> Self {
        Self(providers.into_iter().map(Member::new).collect())
    }

    /// The names of those that fail and are left alone.
    #[must_use]
    pub fn resting(&self) -> Vec<&str> {
        let resting = self.0.iter().filter(|member| member.running().breaker.is_open());
        resting.map(|member| member.named.name.as_str()).collect()
    }

    fn member(&self, name: &str) -> Option<&Member> {
        self.0.iter().find(|member| member.named.name == name)
    }
}

impl Carriers for Fleet {
    fn serve(&self, channel: Channel) -> bool {
        self.0.iter().any(|member| member.named.channels.contains(&channel))
    }

    fn pick(&self, channel: Channel, lane: Lane, tried: &[String], now: Timestamp) -> Pick {
        let left = self
            .0
            .iter()
            .filter(|member| member.named.channels.contains(&channel) && !tried.contains(&member.named.name));
        let mut later = None::<Timestamp>;
        for member in left {
            match member.take(lane, now) {
                Ok(()) => return Pick::Now(member.carrier(channel)),
                Err(None) => {}
                Err(Some(at)) => later = Some(later.map_or(at, |known| known.min(at))),
            }
        }
        later.map_or(Pick::Nobody, Pick::Later)
    }

    fn named(&self, name: &str) -> Option<Carrier> {
        let member = self.member(name)?;
        Some(member.carrier(*member.named.channels.first()?))
    }

    fn note(&self, name: &str, handed: &Handed, now: Timestamp) {
        if let Some(member) = self.member(name) {
            member.note(handed, now);
        }
    }

    fn all(&self) -> Vec<Carrier> {
        let channel = |member: &Member| Some(member.carrier(*member.named.channels.first()?));
        self.0.iter().filter_map(channel).collect()
    }

    fn spent(&self, by_name: &[(String, i64)]) {
        for member in self.0.iter() {
            let found = by_name.iter().find(|(name, _)| *name == member.named.name);
            member.running().spent = found.map_or(0, |(_, spent)| *spent);
        }
    }
}
