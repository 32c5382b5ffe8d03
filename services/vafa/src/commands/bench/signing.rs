//! Requests as tills sign them. The load generator signs each one when it is due: its own CPU is told apart from the platform's.

use kernel::Clock as _;
use runtime::SystemClock;
use web::MessageSigner;

/// The private key of till number `till` of a chain that lives as long as its bench.
#[must_use]
pub fn signer(till: u32) -> MessageSigner {
    let mut seed = [7; 32];
    seed[..4].copy_from_slice(&till.to_be_bytes());
    MessageSigner::new(&seed)
}

/// Signs the requests of one connection.
pub struct Signing {
    signer: MessageSigner,
    signed: Vec<u8>,
}

impl Signing {
    /// In the name of this till.
    #[must_use]
    pub fn of(till: u32) -> Self {
        Self { signer: signer(till), signed: Vec::new() }
    }

    /// A request as it is, but for the key: it is signed instead.
    pub fn sign(&mut self, request: &[u8]) -> &[u8] {
        let created = SystemClock.now().micros().div_euclid(1_000_000);
        let text = std::str::from_utf8(request).unwrap_or_default();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut asked = head.split([' ', '\r']);
        let method = asked.next().and_then(|method| method.parse().ok()).unwrap_or_default();
        let path = asked.next().unwrap_or_default();
        let key = head.split("idempotency-key: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        self.signed.clear();
        let kept = head.split("\r\n").filter(|line| !line.starts_with("authorization: "));
        for line in kept {
            self.signed.extend_from_slice(line.as_bytes());
            self.signed.extend_from_slice(b"\r\n");
        }
        for (name, value) in self.signer.headers(&method, path, key, body.as_bytes(), created) {
            self.signed.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        self.signed.extend_from_slice(b"\r\n");
        self.signed.extend_from_slice(body.as_bytes());
        &self.signed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_request_has_signatures_for_a_key_and_the_same_body() {
        let request = b"POST /v1/purchases HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer vt_a\r\n\
            idempotency-key: k-1\r\ncontent-length: 2\r\n\r\n{}";
        let signed = String::from_utf8(Signing::of(3).sign(request).to_vec()).unwrap();
        assert!(signed.starts_with("POST /v1/purchases HTTP/1.1\r\nhost: bench\r\nidempotency-key: k-1\r\n"));
        assert!(!signed.contains("authorization") && signed.ends_with("\r\n\r\n{}"), "{signed}");
        for name in ["content-digest: sha-256=:", "signature: till=:"] {
            assert!(signed.contains(&format!("\r\n{name}")), "{signed}");
        }
        let input =
            "signature-input: till=(\"@method\" \"@path\" \"content-digest\" \"idempotency-key\");created=";
        assert!(signed.contains(input), "{signed}");
    }
}
