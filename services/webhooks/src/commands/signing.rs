//! Signatures as Standard Webhooks has them (v1: HMAC-SHA256 over id, time and body).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;

use crate::store::{seal::Secret, webhooks::Secrets};

/// The secret as its owner keeps it: `whsec_` and base64.
#[must_use]
pub fn secret_text(secret: &Secret) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// The header `webhook-signature`: one signature by each secret that signs, the newest first.
pub(super) fn signatures(secrets: &Secrets, id: &str, sent_at: i64, body: &str) -> String {
    let text = format!("{id}.{sent_at}.{body}");
    let sign = |secret: &Secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, text.as_bytes())))
    };
    let all: Vec<String> =
        [Some(&secrets.current), secrets.old.as_ref()].into_iter().flatten().map(sign).collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_hmac_of_id_time_and_body() {
        let secrets = Secrets { current: [1; 32], old: Some([2; 32]) };
        let header = signatures(&secrets, "msg_1", 1_614_265_330, "{\"test\": 2432232314}");
        let parts: Vec<&str> = header.split(' ').collect();
        assert_eq!(parts.len(), 2);
        for (part, secret) in parts.iter().zip([[1_u8; 32], [2; 32]]) {
            let tag = STANDARD.decode(part.strip_prefix("v1,").unwrap()).unwrap();
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
            let told = "msg_1.1614265330.{\"test\": 2432232314}";
            assert!(hmac::verify(&key, told.as_bytes(), &tag).is_ok());
        }
        assert_eq!(secret_text(&[0; 32]), format!("whsec_{}=", "A".repeat(43)));
    }
}
