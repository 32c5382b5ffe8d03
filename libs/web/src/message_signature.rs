//! Signed HTTP messages (RFC 9421) with Ed25519, and digests of bodies (RFC 9530), as tills use them.
//!
//! Read is what a careful client writes: one signature; components without parameters; no spaces where none are needed. What
//! is written so has one reading, so that nobody can mean one thing and sign another.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, Method, Uri, header};
use ring::{
    digest::{SHA256, digest},
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};

/// What is covered by a signature, when and by which key.
pub const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
/// The signature itself.
pub const SIGNATURE: HeaderName = HeaderName::from_static("signature");
/// The digest of the body.
pub const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// No signature covers more.
const MOST_COMPONENTS: usize = 16;

/// A signature that cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFlaw {
    /// The headers are not as RFC 9421 and RFC 9530 have them, or use more of them than is read.
    #[error("the signature's headers cannot be read")]
    Malformed,
    /// It covers something that the message does not have.
    #[error("the message has no {0}")]
    Missing(String),
}

/// A signature as a message's headers tell it, before it was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageSignature {
    components: Vec<String>,
    /// The list of components with its parameters, as it was signed.
    params: String,
    /// When it was made, in seconds of Unix time.
    pub created: i64,
    /// When it ends by its maker's wish, in seconds of Unix time.
    pub expires: Option<i64>,
    /// By which key.
    pub keyid: String,
    signature: Vec<u8>,
}

impl MessageSignature {
    /// The signature in these headers; `None` when there is none.
    ///
    /// # Errors
    /// [`SignatureFlaw::Malformed`].
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, SignatureFlaw> {
        if !headers.contains_key(&SIGNATURE_INPUT) && !headers.contains_key(&SIGNATURE) {
            return Ok(None);
        }
        Self::read(headers).map(Some).ok_or(SignatureFlaw::Malformed)
    }

    fn read(headers: &HeaderMap) -> Option<Self> {
        let (label, params) = single(headers, &SIGNATURE_INPUT)?.split_once('=')?;
        let (same, value) = single(headers, &SIGNATURE)?.split_once('=')?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte);
        if label != same || label.is_empty() || !label.bytes().all(plain) {
            return None;
        }
        let (list, rest) = params.strip_prefix('(')?.split_once(')')?;
        let components = components(list)?;
        let (mut created, mut expires, mut keyid) = (None, None, None);
        for parameter in rest.split(';').skip(1) {
            let (name, value) = parameter.split_once('=')?;
            match name {
                "created" => created = Some(seconds(value).filter(|_| created.is_none())?),
                "expires" => expires = Some(seconds(value).filter(|_| expires.is_none())?),
                "keyid" => keyid = Some(quoted(value).filter(|_| keyid.is_none())?.to_owned()),
                "alg" => (quoted(value)? == "ed25519").then_some(())?,
                "nonce" | "tag" => {
                    quoted(value)?;
                }
                _ => return None,
            }
        }
        // Between the list and its parameters there is nothing.
        (rest.is_empty() || rest.starts_with(';')).then_some(())?;
        Some(Self {
            components,
            params: params.to_owned(),
            created: created?,
            expires,
            keyid: keyid?,
            signature: binary(value)?,
        })
    }

    /// Whether it covers this component.
    #[must_use]
    pub fn covers(&self, component: &str) -> bool {
        self.components.iter().any(|covered| covered == component)
    }

    /// What was signed, if this is the message (RFC 9421, 2.5).
    ///
    /// # Errors
    /// A component that the message does not have, or that is not read.
    pub fn base(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<String, SignatureFlaw> {
        let mut base = String::with_capacity(512);
        for component in &self.components {
            let value = value(component, method, uri, headers)?;
            // Writing to a String cannot fail.
            let _ = writeln!(base, "\"{component}\": {value}");
        }
        base.push_str("\"@signature-params\": ");
        base.push_str(&self.params);
        Ok(base)
    }

    /// Whether this public key (32 bytes) signed this.
    #[must_use]
    pub fn is_of(&self, public_key: &[u8], base: &str) -> bool {
        UnparsedPublicKey::new(&ED25519, public_key).verify(base.as_bytes(), &self.signature).is_ok()
    }
}

/// The SHA-256 that the headers say the body has; `None` when they say nothing.
///
/// # Errors
/// [`SignatureFlaw::Malformed`], also when only other algorithms are named.
pub fn content_digest(headers: &HeaderMap) -> Result<Option<[u8; 32]>, SignatureFlaw> {
    if !headers.contains_key(&CONTENT_DIGEST) {
        return Ok(None);
    }
    let read = || {
        let mut digests = single(headers, &CONTENT_DIGEST)?.split(',').map(str::trim);
        let bytes = binary(digests.find_map(|one| one.strip_prefix("sha-256="))?)?;
        <[u8; 32]>::try_from(bytes).ok()
    };
    read().map(Some).ok_or(SignatureFlaw::Malformed)
}

/// A header that is there once.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next()?.to_str().ok()?;
    lines.next().is_none().then_some(line)
}

fn components(list: &str) -> Option<Vec<String>> {
    if list.is_empty() {
        return Some(Vec::new());
    }
    let mut components: Vec<String> = Vec::new();
    for item in list.split(' ') {
        let name = quoted(item)?;
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"@-_".contains(&byte);
        let fresh = !components.iter().any(|component| component == name);
        if name.is_empty() || !name.bytes().all(known) || !fresh || components.len() == MOST_COMPONENTS {
            return None;
        }
        components.push(name.to_owned());
    }
    Some(components)
}

fn quoted(item: &str) -> Option<&str> {
    let inner = item.strip_prefix('"')?.strip_suffix('"')?;
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
    inner.bytes().all(plain).then_some(inner)
}

fn seconds(item: &str) -> Option<i64> {
    let digits = (1..=15).contains(&item.len()) && item.bytes().all(|byte| byte.is_ascii_digit());
    if digits { item.parse().ok() } else { None }
}

fn binary(item: &str) -> Option<Vec<u8>> {
    STANDARD.decode(item.strip_prefix(':')?.strip_suffix(':')?).ok()
}

fn value(component: &str, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<String, SignatureFlaw> {
    let missing = || SignatureFlaw::Missing(component.to_owned());
    Ok(match component {
        "@method" => method.as_str().to_owned(),
        "@path" => uri.path().to_owned(),
        "@query" => format!("?{}", uri.query().unwrap_or_default()),
        "@authority" => {
            let named = uri.authority().map(http::uri::Authority::as_str);
            let host = || headers.get(header::HOST).and_then(|host| host.to_str().ok());
            named.or_else(host).ok_or_else(missing)?.to_ascii_lowercase()
        }
        derived if derived.starts_with('@') => return Err(SignatureFlaw::Malformed),
        field => {
            let lines = headers.get_all(field).iter().map(|line| line.to_str().map(str::trim));
            let lines: Vec<&str> = lines.collect::<Result<_, _>>().map_err(|_| SignatureFlaw::Malformed)?;
            if lines.is_empty() {
                return Err(missing());
            }
            lines.join(", ")
        }
    })
}

/// Signs messages as a till does.
pub struct MessageSigner {
    pair: Ed25519KeyPair,
    keyid: String,
}

impl MessageSigner {
    /// The signer of this private key: 32 random bytes.
    ///
    /// # Panics
    /// Never: any 32 bytes are a private key.
    #[must_use]
    pub fn new(seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a private key");
        let keyid = base64url(digest(&SHA256, pair.public_key().as_ref()).as_ref());
        Self { pair, keyid }
    }

    /// The public half in base64url, as it is registered.
    #[must_use]
    pub fn public_key(&self) -> String {
        base64url(self.pair.public_key().as_ref())
    }

    /// The headers of a signed message: `Content-Digest`, `Signature-Input`, `Signature`. `created` is the time in seconds.
    #[must_use]
    pub fn headers(
        &self,
        method: &Method,
        path_and_query: &str,
        key: Option<&str>,
        body: &[u8],
        created: i64,
    ) -> Vec<(HeaderName, String)> {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let mut covered = vec![("@method", method.as_str().to_owned()), ("@path", path.to_owned())];
        if path_and_query.contains('?') {
            covered.push(("@query", format!("?{query}")));
        }
        let sum = (!body.is_empty())
            .then(|| format!("sha-256=:{}:", STANDARD.encode(digest(&SHA256, body).as_ref())));
        if let Some(sum) = &sum {
            covered.push(("content-digest", sum.clone()));
        }
        if let Some(key) = key {
            covered.push(("idempotency-key", key.to_owned()));
        }
        let names: Vec<String> = covered.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let params = format!("({});created={created};keyid=\"{}\"", names.join(" "), self.keyid);
        let mut lines = String::new();
        for (name, value) in &covered {
            // Writing to a String cannot fail.
            let _ = writeln!(lines, "\"{name}\": {value}");
        }
        let signature = self.pair.sign(format!("{lines}\"@signature-params\": {params}").as_bytes());
        let signature = format!("till=:{}:", STANDARD.encode(signature.as_ref()));
        let input = (SIGNATURE_INPUT, format!("till={params}"));
        let sum = sum.map(|sum| (CONTENT_DIGEST, sum));
        sum.into_iter().chain([input, (SIGNATURE, signature)]).collect()
    }
}

fn base64url(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9421, B.2.6 and the key of B.1.4.
    const COVERED: &str = r#"("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#;
    const SIGNED: &str =
        ":wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:";
    const PUBLIC: &str = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        headers
    }

    fn of_the_rfc() -> HeaderMap {
        headers(&[
            ("host", "example.com"),
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("content-type", "application/json"),
            ("content-length", "18"),
            ("signature-input", &format!("sig-b26={COVERED}")),
            ("signature", &format!("sig-b26={SIGNED}")),
        ])
    }

    #[test]
    fn the_example_of_the_rfc_is_good_and_nothing_of_it_can_be_changed() {
        let public = STANDARD.decode(PUBLIC).unwrap();
        let uri: Uri = "/foo?param=Value&Pet=dog".parse().unwrap();
        let good = |headers: &HeaderMap, method: &Method, uri: &Uri| {
            let signature = MessageSignature::of(headers).unwrap().unwrap();
            signature.base(method, uri, headers).is_ok_and(|base| signature.is_of(&public, &base))
        };
        assert!(good(&of_the_rfc(), &Method::POST, &uri));
        assert!(!good(&of_the_rfc(), &Method::PUT, &uri));
        assert!(!good(&of_the_rfc(), &Method::POST, &"/fop".parse().unwrap()));
        for (name, value) in [("date", "Tue, 20 Apr 2021 02:07:56 GMT"), ("host", "example.org")] {
            let mut changed = of_the_rfc();
            changed.insert(HeaderName::from_static(name), value.parse().unwrap());
            assert!(!good(&changed, &Method::POST, &uri), "{name}");
        }
        let mut gone = of_the_rfc();
        gone.remove("date");
        assert!(!good(&gone, &Method::POST, &uri));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_read() {
        let input = |text: &str| headers(&[("signature-input", text), ("signature", "s=:AA==:")]);
        let good = "s=(\"@method\");created=1;keyid=\"k\"";
        assert!(MessageSignature::of(&input(good)).is_ok_and(|read| read.is_some()));
        for wrong in [
            "",
            "s=",
            "t=(\"@method\");created=1;keyid=\"k\"",
            "s=(\"@method\"  \"@path\");created=1;keyid=\"k\"",
            "s=(\"@method\" \"@method\");created=1;keyid=\"k\"",
            "s=(\"@method\";req);created=1;keyid=\"k\"",
            "s=(\"Date\");created=1;keyid=\"k\"",
            "s=(@method);created=1;keyid=\"k\"",
            "s=(\"@method\") ;created=1;keyid=\"k\"",
            "s=(\"@method\")x;created=1;keyid=\"k\"",
            "s=(\"@method\");keyid=\"k\"",
            "s=(\"@method\");created=1",
            "s=(\"@method\");created=-1;keyid=\"k\"",
            "s=(\"@method\");created=1;created=2;keyid=\"k\"",
            "s=(\"@method\");created=1;keyid=\"k\";alg=\"hmac-sha256\"",
            "s=(\"@method\");created=1;keyid=\"k\", t=(\"@path\");created=1;keyid=\"k\"",
        ] {
            assert_eq!(MessageSignature::of(&input(wrong)), Err(SignatureFlaw::Malformed), "{wrong}");
        }
        let twice =
            headers(&[("signature-input", good), ("signature-input", good), ("signature", "s=:AA==:")]);
        assert_eq!(MessageSignature::of(&twice), Err(SignatureFlaw::Malformed));
        assert_eq!(MessageSignature::of(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn a_digest_is_read_beside_others() {
        let sum = STANDARD.encode([7; 32]);
        let with = |text: &str| content_digest(&headers(&[("content-digest", text)]));
        assert_eq!(with(&format!("sha-256=:{sum}:")), Ok(Some([7; 32])));
        assert_eq!(with(&format!("sha-512=:AA==:, sha-256=:{sum}:")), Ok(Some([7; 32])));
        for wrong in ["sha-512=:AA==:", "sha-256=:AA==:", "sha-256=AA", ""] {
            assert_eq!(with(wrong), Err(SignatureFlaw::Malformed), "{wrong}");
        }
        assert_eq!(content_digest(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn what_the_signer_signs_is_verified() {
        let signer = MessageSigner::new(&[9; 32]);
        let public = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(signer.public_key()).unwrap();
        let mut all = headers(&[("idempotency-key", "k-1")]);
        for (name, value) in signer.headers(&Method::POST, "/v1/x?a=1", Some("k-1"), b"{}", 5) {
            all.insert(name, value.parse().unwrap());
        }
        let signature = MessageSignature::of(&all).unwrap().unwrap();
        assert_eq!((signature.created, signature.expires), (5, None));
        for covered in ["@method", "@path", "@query", "content-digest", "idempotency-key"] {
            assert!(signature.covers(covered), "{covered}");
        }
        let base = signature.base(&Method::POST, &"/v1/x?a=1".parse().unwrap(), &all).unwrap();
        assert!(signature.is_of(&public, &base));
        let other = signature.base(&Method::POST, &"/v1/x?a=2".parse().unwrap(), &all).unwrap();
        assert!(!signature.is_of(&public, &other));
    }
}
