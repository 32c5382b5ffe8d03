//! Limits of what a request costs, besides the limits of who sends it: doors by address, what is heavy by caller.

use std::net::IpAddr;

use kernel::{KeyId, PartnerCode, SessionId};
use web::{Caller, Problem, RateClass};

use crate::{
    Replicas,
    limits::{AddressLimits, KeyedLimits, Policy, Standing, network},
    settings::GatewaySettings,
};

/// Who sends what is heavy: all keys of a partner together, like the partner's own limit.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Sender {
    Key(KeyId),
    Session(SessionId),
    Partner(PartnerCode),
    Operator,
    Address(IpAddr),
}

impl Sender {
    fn of(caller: &Caller, address: IpAddr) -> Self {
        match caller {
            Caller::Till { key_id, .. } => Self::Key(*key_id),
            Caller::Member { session, .. } | Caller::Staff { session, .. } => Self::Session(*session),
            Caller::Partner { partner, .. } => Self::Partner(partner.clone()),
            Caller::Operator => Self::Operator,
            Caller::Anonymous | Caller::Service(_) => Self::Address(network(address)),
        }
    }
}

/// The limits of the classes of routes.
pub(crate) struct ClassLimits {
    doors: AddressLimits,
    heavy: KeyedLimits<Sender>,
}

impl ClassLimits {
    pub(crate) fn new(settings: &GatewaySettings, replicas: &Replicas) -> Self {
        let policy = |class: RateClass, rate| Policy::new(class.word(), rate, replicas);
        Self {
            doors: AddressLimits::new(policy(RateClass::Door, settings.door)),
            heavy: KeyedLimits::new(policy(RateClass::Heavy, settings.heavy)),
        }
    }

    /// Counts a request of this class; nothing is told of what has no limit of its own.
    pub(crate) fn check(
        &self,
        class: RateClass,
        caller: &Caller,
        address: IpAddr,
    ) -> Result<Option<Standing>, Problem> {
        match class {
            RateClass::Usual => Ok(None),
            RateClass::Door => self.doors.check(address).map(Some),
            RateClass::Heavy => self.heavy.check(&Sender::of(caller, address)).map(Some),
        }
    }
}
