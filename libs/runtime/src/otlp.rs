//! The HTTP client with which traces leave for a collector, on the client library that the house already has.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

/// Sends from the exporter's own thread by handing the request to the process's runtime.
#[derive(Debug)]
pub(crate) struct CollectorClient {
    client: Client<HttpConnector, Full<Bytes>>,
    runtime: Handle,
}

impl CollectorClient {
    /// A client that works on the runtime it is made in.
    pub(crate) fn new() -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), runtime: Handle::current() }
    }
}

#[async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let exchange = async {
                let answer = client.request(request.map(Full::new)).await?;
                let (parts, body) = answer.into_parts();
                let bytes = Limited::new(body, 1 << 20).collect().await?.to_bytes();
                Ok::<_, HttpError>(Response::from_parts(parts, bytes))
            };
            tokio::time::timeout(Duration::from_secs(10), exchange).await?
        });
        sent.await?
    }
}
