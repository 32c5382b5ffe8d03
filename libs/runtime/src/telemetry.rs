//! Logs, traces and metrics of the process.

use anyhow::Context as _;
use opentelemetry::{global, trace::TracerProvider as _};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    metrics::SdkMeterProvider,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider, SpanExporter as Exporter},
};
use prometheus::Registry;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::filter_fn, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    otlp::CollectorClient,
    settings::{Allowed, Setting, Values},
};

/// The settings of section `telemetry`.
pub const TELEMETRY_SETTINGS: &[Setting] = &[
    Setting::new("telemetry.log_format", "json", Allowed::OneOf(&["json", "text"]), "Shape of log lines."),
    Setting::new(
        "telemetry.log_level",
        "info",
        Allowed::Text { max: 200 },
        "Least level that is logged, also per module: `info,points=debug`.",
    ),
    Setting::new(
        "telemetry.otlp_endpoint",
        "",
        Allowed::Url(&["http"]),
        "OTLP/HTTP collector that traces go to, such as http://collector:4318. Unset: no traces.",
    ),
    Setting::new(
        "telemetry.sample_ratio",
        "0.01",
        Allowed::Ratio,
        "Share of requests without a trace of their own that are traced. Spans cost time; metrics cover every request.",
    ),
];

/// The process's telemetry; dropped last, it sends what is left.
pub struct Telemetry {
    registry: Registry,
    tracer: Option<SdkTracerProvider>,
    meter: SdkMeterProvider,
    sample_ratio: f64,
}

impl Telemetry {
    /// Starts metrics and, where a collector is set, traces; then log lines. Called once a process, in its runtime.
    ///
    /// # Errors
    /// A log level that is none, or a collector address that cannot be used.
    pub fn start(values: &Values) -> anyhow::Result<Self> {
        let exporter = values.given("telemetry.otlp_endpoint").map(collector).transpose()?;
        let tracer = exporter.map(|exporter| provider().with_batch_exporter(exporter).build());
        Self::install(values, tracer)
    }

    /// The same with an exporter of the caller's, which gets every span as it ends; for tests.
    ///
    /// # Errors
    /// As for [`Telemetry::start`].
    pub fn start_with(values: &Values, exporter: impl Exporter + 'static) -> anyhow::Result<Self> {
        Self::install(values, Some(provider().with_simple_exporter(exporter).build()))
    }

    fn install(values: &Values, tracer: Option<SdkTracerProvider>) -> anyhow::Result<Self> {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let registry = Registry::new();
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .build()?;
        let meter = SdkMeterProvider::builder().with_resource(resource()).with_reader(reader).build();
        global::set_meter_provider(meter.clone());

        let filter = EnvFilter::try_new(values.text("telemetry.log_level")).context("telemetry.log_level")?;
        let json = values.text("telemetry.log_format") == "json";
        let lines = if json {
            tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr).boxed()
        } else {
            tracing_subscriber::fmt::layer().compact().with_writer(std::io::stderr).boxed()
        };
        let spans = tracer.as_ref().map(|provider| {
            global::set_tracer_provider(provider.clone());
            // Our own spans only: a library's span would begin a trace of its own, or cost time where nobody looks.
            let ours = filter_fn(|metadata| metadata.is_span() && metadata.target().starts_with("vafa"));
            tracing_opentelemetry::layer().with_tracer(provider.tracer("vafa")).with_filter(ours)
        });
        // A second start in one process (tests) keeps the first log output; its metrics and spans are its own.
        let _ = tracing_subscriber::registry().with(spans).with(lines.with_filter(filter)).try_init();
        let sample_ratio = if tracer.is_some() { values.ratio("telemetry.sample_ratio") } else { 0.0 };
        Ok(Self { registry, tracer, meter, sample_ratio })
    }

    /// The metrics, for `/metrics`.
    #[must_use]
    pub fn registry(&self) -> Registry {
        self.registry.clone()
    }

    /// Share of requests to trace; zero when traces go nowhere.
    #[must_use]
    pub const fn sample_ratio(&self) -> f64 {
        self.sample_ratio
    }

    /// Sends what is left and stops.
    pub fn stop(&self) {
        if let Some(fault) = self.tracer.as_ref().and_then(|tracer| tracer.shutdown().err()) {
            tracing::warn!(%fault, "traces were left unsent");
        }
        if let Err(fault) = self.meter.shutdown() {
            tracing::debug!(%fault, "metrics were already stopped");
        }
    }
}

fn resource() -> Resource {
    Resource::builder().with_service_name("vafa").build()
}

/// Spans exist only for requests that were chosen, so whatever becomes a span is kept.
fn provider() -> opentelemetry_sdk::trace::TracerProviderBuilder {
    SdkTracerProvider::builder().with_resource(resource()).with_sampler(Sampler::AlwaysOn)
}

fn collector(endpoint: &str) -> anyhow::Result<SpanExporter> {
    SpanExporter::builder()
        .with_http()
        .with_http_client(CollectorClient::new())
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .context("telemetry.otlp_endpoint")
}
