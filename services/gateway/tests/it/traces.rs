use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing_subscriber::layer::SubscriberExt;

use crate::chain::{Call, Chain, Shape, backend, plan, settings};

const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn exporting() -> (InMemorySpanExporter, SdkTracerProvider, tracing::subscriber::DefaultGuard) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    (exporter, provider, guard)
}

fn ours(spans: Vec<SpanData>) -> Vec<SpanData> {
    spans.into_iter().filter(|span| span.name == "show_echo").collect()
}

#[tokio::test]
async fn one_request_is_one_trace_from_the_caller_through_the_gateway_to_the_service() {
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let (exporter, _provider, _guard) = exporting();
        let chain = Chain::start(shape, &[]).await;
        chain.send(Call::get("/v1/echo").header("traceparent", SAMPLED)).await;
        let spans = ours(exporter.get_finished_spans().unwrap());
        let [service, gateway] = spans.as_slice() else { panic!("{shape:?}: {spans:?}") };
        assert_eq!(gateway.parent_span_id.to_string(), "00f067aa0ba902b7");
        assert_eq!(service.parent_span_id, gateway.span_context.span_id());
        assert_eq!(service.span_context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    }
}

#[tokio::test]
async fn without_a_sampled_trace_there_is_no_span_unless_chance_picks_it() {
    let (exporter, _provider, _guard) = exporting();
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    chain.send(Call::get("/v1/echo")).await;
    chain.send(Call::get("/v1/echo").header("traceparent", &SAMPLED.replace("-01", "-00"))).await;
    assert!(ours(exporter.get_finished_spans().unwrap()).is_empty());

    let lost = web::Upstream::in_process(std::sync::Arc::default());
    let mut always = plan(vec![backend("membership", &[&ROOT], lost)], settings(&[]));
    always.sample_ratio = 1.0;
    let chain = Chain { router: gateway::router(always).unwrap(), membership: chain.membership };
    let answer = chain.send(Call::get("/v1/echo")).await;
    let spans = ours(exporter.get_finished_spans().unwrap());
    assert_eq!(spans.len(), 1);
    assert_eq!(
        answer.body["trace_id"],
        spans[0].span_context.trace_id().to_string(),
        "what is shown is the trace"
    );
}

const ROOT: web::RouteSpec = web::RouteSpec::get("/v1/echo", "show_echo", web::Access::Anyone);
