//! What the guard did, as metrics.

use std::sync::{Arc, Weak};

use opentelemetry::{KeyValue, global, metrics::Counter};

use crate::guard::{Class, breaker::Change, room::Room};

/// The metrics of one service's guard.
pub(crate) struct Meters {
    service: &'static str,
    shed: Counter<u64>,
    retries: Counter<u64>,
    breaker: Counter<u64>,
}

impl Meters {
    pub(crate) fn new(service: &'static str, room: &Arc<Room>) -> Self {
        let meter = global::meter("vafa");
        let show = |name: &'static str, about: &'static str, read: fn(&Room) -> u32| {
            let (room, labels): (Weak<Room>, _) = (Arc::downgrade(room), [KeyValue::new("service", service)]);
            meter
                .u64_observable_gauge(name)
                .with_description(about)
                .with_callback(move |out| {
                    if let Some(room) = room.upgrade() {
                        out.observe(read(&room).into(), &labels);
                    }
                })
                .build();
        };
        show("gateway.places", "Requests that may be under way to the service", Room::limit);
        show("gateway.places.taken", "Requests that are under way to the service", Room::under_way);
        let counter =
            |name: &'static str, about: &'static str| meter.u64_counter(name).with_description(about).build();
        Self {
            service,
            shed: counter("gateway.shed", "Requests refused at the gateway, by service, class and cause"),
            retries: counter("gateway.retries", "Requests whose connection failed, by service and outcome"),
            breaker: counter("gateway.breaker", "How often a service was left alone and taken back"),
        }
    }

    pub(crate) fn shed(&self, class: Class, cause: &'static str) {
        let labels = [self.label(), KeyValue::new("class", class.word()), KeyValue::new("cause", cause)];
        self.shed.add(1, &labels);
    }

    pub(crate) fn retried(&self, outcome: &'static str) {
        self.retries.add(1, &[self.label(), KeyValue::new("outcome", outcome)]);
    }

    pub(crate) fn breaker(&self, change: Change) {
        tracing::warn!(target: "vafa::gateway", service = self.service, change = change.word(), "the breaker changed");
        self.breaker.add(1, &[self.label(), KeyValue::new("change", change.word())]);
    }

    fn label(&self) -> KeyValue {
        KeyValue::new("service", self.service)
    }
}
