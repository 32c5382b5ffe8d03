//! One purchase is one trace, from the gateway to the last consumer (G5).
//!
//! A test binary of its own: telemetry belongs to the whole process.
#![expect(clippy::unwrap_used, reason = "a journey ends where its story does not go on")]

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use journeys::{Goods, Operator, Till, block_on, programme};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use runtime::{Telemetry, settings::Values};
use tempfile::TempDir;
use vafa::{
    Platform, StartPlan,
    client::{Call, Client},
    tables,
};

const TILLS_SPAN: &str = "00f067aa0ba902b7";

#[test]
fn one_purchase_is_one_trace_from_the_till_to_the_last_consumer() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    block_on(async {
        let (platform, _folder) = start().await;
        let till = shop(&platform).await;
        let (phone, _) = till.welcome().await;

        let call = Call::post("/v1/purchases").idempotency_key("one").json(&Goods::by_phone(&phone, 5_000).0);
        let call = call.header("traceparent", &format!("00-{TRACE}-{TILLS_SPAN}-01"));
        assert_eq!(till.send(call).await.created()["points"], 5);
        let spans = until_applied(TRACE).await;

        let gateway = only(&spans, |span| is_request(span, "gateway"));
        let points = only(&spans, |span| is_request(span, "points"));
        let applied = only(&spans, is_noted);
        assert_eq!(gateway.parent_span_id.to_string(), TILLS_SPAN, "the till's own span is the parent");
        assert_eq!(points.parent_span_id, gateway.span_context.span_id());
        assert!(is_below(applied, points, &spans), "{spans:#?}");
        assert!(!format!("{spans:?}").contains(&phone[1..]), "a phone is in a span");
        assert!(platform.stop().await);
    });
}

#[test]
fn a_request_that_its_caller_does_not_sample_makes_no_span() {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    block_on(async {
        let (platform, _folder) = start().await;
        let till = shop(&platform).await;
        let (phone, member) = till.welcome().await;
        let unsampled = format!("00-{TRACE}-{TILLS_SPAN}-00");
        let call = Call::post("/v1/purchases").idempotency_key("two").json(&Goods::by_phone(&phone, 5_000).0);
        let _ = till.send(call.header("traceparent", &unsampled)).await.created();
        let call = Call::get(format!("/v1/members/{member}/balance"));
        let _ = till.send(call.header("traceparent", &unsampled)).await.ok();
        assert!(platform.stop().await, "and all that was told was heard");
        assert!(spans_of(TRACE).is_empty(), "{:#?}", spans_of(TRACE));
    });
}

/// Telemetry of the process, started once, and its exporter.
fn exporter(values: &Values) -> &'static InMemorySpanExporter {
    static STARTED: OnceLock<(InMemorySpanExporter, Telemetry)> = OnceLock::new();
    let started = STARTED.get_or_init(|| {
        let exporter = InMemorySpanExporter::default();
        let telemetry = Telemetry::start_with(values, exporter.clone()).expect("telemetry starts");
        (exporter, telemetry)
    });
    &started.0
}

fn values(folder: &TempDir) -> Values {
    let settings = [
        ("VAFA_DATA__DIR", folder.path().to_str().expect("a UTF-8 path")),
        ("VAFA_HTTP__LISTEN", "127.0.0.1:0"),
        // Spans are made at level info; log lines of that level are of no use here.
        ("VAFA_TELEMETRY__LOG_LEVEL", "error"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    runtime::settings::load(&tables(), None, settings.into_iter()).expect("good settings")
}

async fn start() -> (Platform, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let values = values(&folder);
    let _ = exporter(&values);
    (Platform::start(StartPlan::new(values)).await.unwrap(), folder)
}

async fn shop(platform: &Platform) -> Till {
    let client = Client::new(&platform.base_url()).unwrap();
    let operator = Operator::new(client, platform.operator_key());
    let _ = operator.put("/v1/programme", &programme(&[])).await.created();
    operator.open_shop().await
}

fn spans_of(trace: &str) -> Vec<SpanData> {
    let folder = tempfile::tempdir().unwrap();
    let spans = exporter(&values(&folder)).get_finished_spans().unwrap();
    spans.into_iter().filter(|span| span.span_context.trace_id().to_string() == trace).collect()
}

async fn until_applied(trace: &str) -> Vec<SpanData> {
    let begun = Instant::now();
    loop {
        let spans = spans_of(trace);
        let done = |service| spans.iter().any(|span| is_request(span, service));
        if spans.iter().any(is_noted) && done("gateway") && done("points") {
            return spans;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the trace is not whole: {spans:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn attribute(span: &SpanData, name: &str) -> String {
    let found = span.attributes.iter().find(|pair| pair.key.as_str() == name);
    found.map(|pair| pair.value.to_string()).unwrap_or_default()
}

/// Membership notes the purchase; webhooks and referrals hear of it, too.
fn is_noted(span: &SpanData) -> bool {
    span.name == "apply_fact" && attribute(span, "consumer") == "membership-activity"
}

fn is_request(span: &SpanData, service: &str) -> bool {
    span.name == "record_purchase" && attribute(span, "service") == service
}

fn only(spans: &[SpanData], is_it: impl Fn(&SpanData) -> bool) -> &SpanData {
    let found: Vec<&SpanData> = spans.iter().filter(|span| is_it(span)).collect();
    assert_eq!(found.len(), 1, "{spans:#?}");
    found[0]
}

fn is_below(span: &SpanData, above: &SpanData, spans: &[SpanData]) -> bool {
    let parent = span.parent_span_id;
    parent == above.span_context.span_id()
        || spans.iter().any(|s| s.span_context.span_id() == parent && is_below(s, above, spans))
}
