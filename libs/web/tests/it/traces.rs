use http::HeaderMap;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tracing::Span;
use tracing_subscriber::layer::SubscriberExt;
use web::{RequestIds, TraceParent, child_span, inject, root_span};

use crate::platform::{Call, a_till};

const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const UNSAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

fn exporting() -> (InMemorySpanExporter, SdkTracerProvider, tracing::subscriber::DefaultGuard) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    (exporter, provider, guard)
}

#[tokio::test]
async fn a_sampled_request_is_continued_and_another_leaves_no_span() {
    let (exporter, _provider, _guard) = exporting();
    Call::get("/v1/baskets/1").from(&a_till()).header("traceparent", UNSAMPLED).send().await;
    Call::get("/v1/baskets/1").from(&a_till()).send().await;
    assert!(exporter.get_finished_spans().unwrap().is_empty());
    Call::get("/v1/baskets/1").from(&a_till()).header("traceparent", SAMPLED).send().await;
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 1, "{spans:?}");
    assert_eq!(spans[0].name, "show_basket");
    assert_eq!(spans[0].parent_span_id.to_string(), "00f067aa0ba902b7");
    assert_eq!(spans[0].span_context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[test]
fn a_root_span_is_the_parent_of_what_it_calls() {
    let (exporter, _provider, _guard) = exporting();
    let root = root_span("gateway", "record_basket");
    let mut headers = HeaderMap::new();
    inject(&root, &mut headers);
    let parent = TraceParent::of(&headers).unwrap();
    assert!(parent.is_sampled());
    drop(child_span(Some(&parent), "points", "record_basket"));
    drop(root);
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans[0].parent_span_id, spans[1].span_context.span_id());
    assert_eq!(spans[0].span_context.trace_id(), spans[1].span_context.trace_id());
}

#[test]
fn an_unsampled_span_is_not_injected() {
    let mut headers = HeaderMap::new();
    inject(&Span::none(), &mut headers);
    inject(&child_span(TraceParent::parse(UNSAMPLED).as_ref(), "points", "x"), &mut headers);
    assert!(headers.is_empty());
}

#[test]
fn a_traceparent_survives_and_nonsense_is_none() {
    for text in [SAMPLED, UNSAMPLED] {
        assert_eq!(TraceParent::parse(text).unwrap().to_text(), text);
    }
    for wrong in ["", "00", "00-0-0-0", &SAMPLED[..54], &format!("{SAMPLED}-x"), &SAMPLED.replace('4', "z")] {
        assert_eq!(TraceParent::parse(wrong), None, "{wrong}");
    }
    assert_eq!(TraceParent::parse("00-00000000000000000000000000000000-00f067aa0ba902b7-01"), None);
}

#[test]
fn request_ids_differ() {
    let (one, two) = (RequestIds::new(), RequestIds::new());
    let ids = [one.next().0, one.next().0, two.next().0];
    assert!(ids.iter().all(|id| id.len() == 32));
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
}
