//! One request, one trace: reading, continuing and passing on the W3C trace context; and request ids.
//!
//! A span is made only for what is sampled. Everything else passes through with its headers untouched.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use ring::rand::{SecureRandom, SystemRandom};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header with the request's id, made by the gateway unless the caller sent a good one.
pub const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The parent of a request in its trace, as the `traceparent` header has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceParent {
    context: SpanContext,
}

impl TraceParent {
    /// Reads the header; `None` when it is absent or not of version 00.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        Self::parse(headers.get(&TRACEPARENT)?.to_str().ok()?)
    }

    /// Reads the header's text, `00-<trace id>-<span id>-<flags>`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if version != "00"
            || trace.len() != 32
            || span.len() != 16
            || flags.len() != 2
            || parts.next().is_some()
        {
            return None;
        }
        let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
        let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
        let context = SpanContext::new(trace, span, flags & TraceFlags::SAMPLED, true, TraceState::default());
        context.is_valid().then_some(Self { context })
    }

    /// The parent that a span is for what it calls; `None` when the span is not sampled.
    #[must_use]
    pub fn of_span(span: &Span) -> Option<Self> {
        if span.is_disabled() {
            return None;
        }
        let context = span.context().span().span_context().clone();
        (context.is_valid() && context.is_sampled()).then_some(Self { context })
    }

    /// Whether somebody upstream decided to keep this trace.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.context.is_sampled()
    }

    /// The trace's id, 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.context.trace_id().to_string()
    }

    /// The header's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (trace, span) = (self.context.trace_id(), self.context.span_id());
        format!("00-{trace}-{span}-{:02x}", self.context.trace_flags().to_u8())
    }

    /// Makes `span` a child of this parent. Call it before the span is entered.
    pub fn adopt(&self, span: &Span) {
        let parent = opentelemetry::Context::new().with_remote_span_context(self.context.clone());
        // Without a tracer installed there is nothing to adopt: the span then is for the logs alone.
        let _ = span.set_parent(parent);
    }
}

macro_rules! request_span {
    ($service:expr, $operation:expr) => {
        tracing::info_span!(
            target: "vafa::request",
            "request",
            otel.name = $operation,
            otel.kind = "server",
            service = $service,
            http.response.status_code = tracing::field::Empty,
        )
    };
}

/// A span for a request that continues a sampled trace; [`Span::none`] when nobody samples it.
#[must_use]
pub fn child_span(parent: Option<&TraceParent>, service: &'static str, operation: &'static str) -> Span {
    match parent {
        Some(parent) if parent.is_sampled() => {
            let span = request_span!(service, operation);
            parent.adopt(&span);
            span
        }
        _ => Span::none(),
    }
}

/// A span that begins a trace.
#[must_use]
pub fn root_span(service: &'static str, operation: &'static str) -> Span {
    let span = request_span!(service, operation);
    // A request never continues whatever span happens to be entered on this thread.
    let _ = span.set_parent(opentelemetry::Context::new());
    span
}

/// Writes a sampled span as the parent of an outgoing request. Leaves the headers as they are for any other span.
pub fn inject(span: &Span, headers: &mut HeaderMap) {
    if let Some(parent) = TraceParent::of_span(span) {
        let value = HeaderValue::from_str(&parent.to_text()).expect("hexadecimal digits are visible ASCII");
        headers.insert(TRACEPARENT, value);
    }
}

/// Makes request ids: 32 hexadecimal digits, unique over processes by a random half and within one by a counter.
#[derive(Debug)]
pub struct RequestIds {
    process: u64,
    count: AtomicU64,
}

impl RequestIds {
    /// A source with a random half of its own.
    #[must_use]
    pub fn new() -> Self {
        let mut seed = [0; 16];
        // Without randomness ids still differ within the process, which is all that a log search needs.
        let _ = SystemRandom::new().fill(&mut seed);
        let (process, count) = seed.split_at(8);
        let half = |bytes: &[u8]| bytes.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        Self { process: half(process) | 1, count: AtomicU64::new(half(count)) }
    }

    /// A fresh id, and a number that is as good as random to sample by.
    pub fn next(&self) -> (HeaderValue, u64) {
        // The finaliser of SplitMix64: neighbours in the count become far apart.
        let mut mixed = self.count.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let mut text = String::with_capacity(32);
        // Writing to a String cannot fail.
        let _ = write!(text, "{:016x}{mixed:016x}", self.process);
        (HeaderValue::try_from(text).expect("hexadecimal digits are visible ASCII"), mixed)
    }
}

impl Default for RequestIds {
    fn default() -> Self {
        Self::new()
    }
}
