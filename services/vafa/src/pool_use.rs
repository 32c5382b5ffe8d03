//! How busy each service's database connections are, as metrics.

use opentelemetry::{KeyValue, global};
use store::Database;

/// Shows the pool's use at `/metrics`: connections that are open, and those of them that are idle.
pub fn show(service: &'static str, database: &Database) {
    let meter = global::meter("vafa");
    let (open, idle) = (database.clone(), database.clone());
    let labels = [KeyValue::new("service", service)];
    let idle_labels = labels.clone();
    meter
        .u64_observable_gauge("vafa.db.connections.open")
        .with_description("Connections of the service to its database")
        .with_callback(move |out| out.observe(open.pool_use().open.into(), &labels))
        .build();
    meter
        .u64_observable_gauge("vafa.db.connections.idle")
        .with_description("Connections of the service that wait for work")
        .with_callback(move |out| out.observe(idle.pool_use().idle.into(), &idle_labels))
        .build();
}
