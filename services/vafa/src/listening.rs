//! Where a process takes requests, in plain text or over TLS, and with how many others.

use std::{net::SocketAddr, num::NonZeroU32};

use anyhow::{Context as _, bail};
use axum::Router;
use gateway::Replicas;
use runtime::{Tasks, settings::Values};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::{ServeLimits, TlsFiles, serve, serve_tls};

/// What all listeners of a process have in common.
pub(crate) struct Listening<'a> {
    pub values: &'a Values,
    pub limits: ServeLimits,
    pub servers: &'a Tasks,
    pub stop: CancellationToken,
}

impl Listening<'_> {
    /// Takes requests at the address that this setting names; answers where that is.
    pub(crate) async fn at(
        &self,
        setting: &str,
        router: Router,
        tls: Option<TlsFiles>,
    ) -> anyhow::Result<SocketAddr> {
        let at = self.values.text(setting);
        let listener = TcpListener::bind(at).await.with_context(|| format!("{setting} = {at}"))?;
        let address = listener.local_addr()?;
        let (limits, stop) = (self.limits, self.stop.clone());
        self.servers.spawn("listener", async move {
            let served = match tls {
                Some(files) => serve_tls(listener, router, limits, stop, files).await,
                None => serve(listener, router, limits, stop).await,
            };
            if let Err(fault) = served {
                tracing::error!(%fault, "a listener failed");
            }
        });
        Ok(address)
    }
}

/// The gateway's certificate, where the settings name one; its files are watched.
pub(crate) fn certificate(values: &Values, tasks: &Tasks) -> anyhow::Result<Option<TlsFiles>> {
    match (values.given("gateway.tls_certificate"), values.given("gateway.tls_key")) {
        (Some(certificate), Some(key)) => {
            let files = TlsFiles::read(certificate, key).context("gateway.tls_certificate")?;
            tasks.spawn("certificate", files.clone().watch(tasks.stopping()));
            Ok(Some(files))
        }
        (None, None) => Ok(None),
        _ => bail!("gateway.tls_certificate and gateway.tls_key are given together or not at all"),
    }
}

/// How many gateways share the limits, as the settings say or a name's addresses.
pub(crate) fn replicas(values: &Values, tasks: &Tasks) -> Replicas {
    let count = NonZeroU32::new(values.whole("gateway.replicas")).unwrap_or(NonZeroU32::MIN);
    let replicas = Replicas::of(count);
    if let Some(name) = values.given("gateway.replicas_name") {
        tasks.spawn("replicas", replicas.clone().follow(name.to_owned(), tasks.stopping()));
    }
    replicas
}
