//! A sampled request's trace goes on at the consumer; an unsampled one costs no span.

use std::sync::Arc;

use bus::ConsumerSettings;
use opentelemetry::{global, trace::TracerProvider as _};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{InMemorySpanExporter, SdkTracerProvider},
};
use store::Backend;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::place::{AtWork, Keeper, Rig, fact, place, stage, until_heard};

#[tokio::test]
async fn a_sampled_fact_continues_its_trace_and_others_open_none() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    global::set_text_map_propagator(TraceContextPropagator::new());
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bus"));
    let _subscribed = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let (teller, hearer) = (place(Backend::Sqlite).await, place(Backend::Sqlite).await);
    let carrier = Rig::embedded().open().await;
    let mut sampled = fact("m", 1);
    sampled.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    stage(&teller.database, &[sampled, fact("m", 2)]).await;
    let mut work = AtWork::default();
    work.relay(&teller.database, &carrier);
    work.consumer(&hearer.database, &carrier, Arc::new(Keeper::named("keeper")), ConsumerSettings::default());
    until_heard(&hearer.database, 2, std::time::Duration::from_secs(20)).await;
    work.stop().await;

    let spans = exporter.get_finished_spans().expect("spans");
    let ours: Vec<_> = spans.iter().filter(|span| span.name == "apply_fact").collect();
    assert_eq!(ours.len(), 1, "only the sampled fact has a span");
    assert_eq!(ours[0].span_context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(ours[0].parent_span_id.to_string(), "00f067aa0ba902b7");
}
