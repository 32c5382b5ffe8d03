//! TLS: certificate and key from files, read again when they change.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
    server::TlsStream,
};
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a listener speaks over TLS, best first.
const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// A certificate with its key, as the files have them.
///
/// **New files are taken without a stop, and only when they can be used together**; connections go on with what they began with.
#[derive(Clone)]
pub struct TlsFiles(Arc<Files>);

struct Files {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Current>,
}

struct Current {
    config: Arc<ServerConfig>,
    seen: Seen,
}

/// When both files were changed last, as far as the disk says.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen([Option<(SystemTime, u64)>; 2]);

impl TlsFiles {
    /// Reads a certificate chain and its private key, both in PEM.
    ///
    /// # Errors
    /// A file that cannot be read, or a key that is not the certificate's.
    pub fn read(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> anyhow::Result<Self> {
        let (certificate, key) = (certificate.into(), key.into());
        let seen = Seen::of(&certificate, &key);
        let current = RwLock::new(Current { config: config(&certificate, &key)?, seen });
        Ok(Self(Arc::new(Files { certificate, key, current })))
    }

    /// Reads the files again whenever they were changed, until `stop`.
    pub async fn watch(self, stop: CancellationToken) {
        while tokio::time::timeout(LOOK_EVERY, stop.cancelled()).await.is_err() {
            self.look();
        }
    }

    /// Reads the files again when they were changed. What cannot be used is not taken, and looked at again next time.
    pub fn look(&self) {
        let files = &self.0;
        let seen = Seen::of(&files.certificate, &files.key);
        if files.current.read().unwrap_or_else(PoisonError::into_inner).seen == seen {
            return;
        }
        match config(&files.certificate, &files.key) {
            Ok(config) => {
                *files.current.write().unwrap_or_else(PoisonError::into_inner) = Current { config, seen };
                tracing::info!(target: "vafa::serve", "the certificate was changed");
            }
            Err(fault) => {
                let fault = format!("{fault:#}");
                tracing::warn!(target: "vafa::serve", fault, "the new certificate cannot be used; the old one stays");
            }
        }
    }

    /// Shakes hands; answers the stream, and whether HTTP/2 is spoken on it.
    pub(super) async fn accept(&self, stream: TcpStream) -> std::io::Result<(TlsStream<TcpStream>, bool)> {
        let config = Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner).config);
        let stream = TlsAcceptor::from(config).accept(stream).await?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP2);
        Ok((stream, http2))
    }
}

impl Seen {
    fn of(certificate: &Path, key: &Path) -> Self {
        Self([certificate, key].map(|path| {
            let about = fs::metadata(path).ok()?;
            Some((about.modified().ok()?, about.len()))
        }))
    }
}

fn config(certificate: &Path, key: &Path) -> anyhow::Result<Arc<ServerConfig>> {
    let named = |path: &Path| path.display().to_string();
    let chain = fs::read(certificate).with_context(|| named(certificate))?;
    let chain = CertificateDer::pem_slice_iter(&chain).collect::<Result<Vec<_>, _>>();
    let chain = chain.with_context(|| named(certificate))?;
    let secret = fs::read(key).with_context(|| named(key))?;
    let secret = PrivateKeyDer::from_pem_slice(&secret).with_context(|| named(key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .with_context(|| format!("{} and {}", named(certificate), named(key)))?;
    config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
    Ok(Arc::new(config))
}
