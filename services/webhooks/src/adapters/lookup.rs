//! How hosts are found: the network addresses of each are compared by the rules before anything is connected to.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use hyper_util::client::legacy::connect::dns::Name;
use tower::Service;

use super::address::AddressRules;

/// What a question for a host's addresses comes to.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Asks for a host's network addresses: the system does, in tests a table.
pub type Lookup = Arc<dyn Fn(String) -> Found + Send + Sync>;

/// The system's own.
#[must_use]
pub fn system() -> Lookup {
    Arc::new(|host| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

/// Finds hosts by the rules: **a connection goes to an address that was compared for it**, so that a host that changes
/// where it leads, from one question to the next, gains nothing.
#[derive(Clone)]
pub struct CheckedLookup {
    lookup: Lookup,
    rules: Arc<AddressRules>,
}

impl CheckedLookup {
    /// Asks this one and compares what it answers.
    #[must_use]
    pub const fn new(lookup: Lookup, rules: Arc<AddressRules>) -> Self {
        Self { lookup, rules }
    }

    /// The network addresses of a host, all of which are called.
    ///
    /// # Errors
    /// [`io::ErrorKind::PermissionDenied`] when one of them is not, or there are none; otherwise why nobody knows.
    pub async fn find(self, host: String) -> io::Result<Vec<IpAddr>> {
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let found = match literal {
            Ok(address) => vec![address],
            Err(_) => (self.lookup)(host).await?,
        };
        if found.is_empty() || !found.iter().all(|address| self.rules.admits(*address)) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the address is not called"));
        }
        Ok(found)
    }
}

impl Service<Name> for CheckedLookup {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let lookup = self.clone();
        Box::pin(async move {
            let found = lookup.find(name.as_str().to_owned()).await?;
            let open: Vec<SocketAddr> =
                found.into_iter().map(|address| SocketAddr::new(address, 0)).collect();
            Ok(open.into_iter())
        })
    }
}
