//! Access tokens of members: JWT (type `at+jwt`, RFC 9068) signed with Ed25519.
//!
//! The format is the business of a library, the cryptography that of ring (decision 5): the library is given a
//! provider that knows Ed25519 and nothing else, so that no token can ask for another algorithm. Times are compared here,
//! by a time that comes in.

mod provider;

pub(crate) use provider::install as install_provider;

use std::{collections::HashMap, fmt};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kernel::{MemberId, SessionId, Timestamp};
use ring::{
    digest,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who issues access tokens, as they say it.
pub const TOKEN_ISSUER: &str = "vafa";

const TYPE: &str = "at+jwt";
const SEED_BYTES: usize = 32;
/// What stands before the seed in PKCS#8 (RFC 8410, without the public key).
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// What an access token says of the member who carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Who issued it: [`TOKEN_ISSUER`].
    pub iss: String,
    /// The member.
    pub sub: MemberId,
    /// The session, which can be ended before the token lapses.
    pub sid: SessionId,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// From when on it is no longer good, in seconds since 1970.
    pub exp: i64,
    /// Whether the member has shown that their phone is theirs.
    pub phone_confirmed: bool,
    /// Until when a fresh code vouches for them, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stepped_up_until: Option<i64>,
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFlaw {
    /// No token of ours has this form.
    #[error("not an access token")]
    Malformed,
    /// It names a key that is not known (any more, or yet).
    #[error("signed with a key that is not known")]
    UnknownKey,
    /// The signature is not that of the key.
    #[error("the signature is not ours")]
    Forged,
    /// Its time is over.
    #[error("lapsed")]
    Lapsed,
}

/// One public key, as a JSON Web Key (RFC 7517, 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicKey {
    /// The family: `OKP`.
    #[schema(example = "OKP")]
    pub kty: String,
    /// The curve: `Ed25519`.
    #[schema(example = "Ed25519")]
    pub crv: String,
    /// The algorithm: `EdDSA`.
    #[schema(example = "EdDSA")]
    pub alg: String,
    /// What it is for: `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    pub purpose: String,
    /// By which tokens name it: its thumbprint (RFC 7638).
    pub kid: String,
    /// The key itself, in base64url.
    pub x: String,
}

impl PublicKey {
    /// The key of these 32 bytes.
    #[must_use]
    pub fn of(public: &[u8]) -> Self {
        let x = URL_SAFE_NO_PAD.encode(public);
        let thumbprint = format!("{{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"{x}\"}}");
        let kid = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, thumbprint.as_bytes()));
        let word = str::to_owned;
        Self { kty: word("OKP"), crv: word("Ed25519"), alg: word("EdDSA"), purpose: word("sig"), kid, x }
    }
}

/// The public keys by which access tokens are verified (a JWKS).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeySet {
    /// The keys, those that may sign at present and those whose last tokens have not lapsed yet.
    pub keys: Vec<PublicKey>,
}

/// A key that signs access tokens.
#[derive(Clone)]
pub struct TokenKey {
    public: PublicKey,
    signing: EncodingKey,
}

impl TokenKey {
    /// The key of 32 secret random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; SEED_BYTES]) -> Self {
        provider::install();
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("a seed of Ed25519 has 32 bytes");
        let pkcs8 = [PKCS8_HEAD.as_slice(), seed].concat();
        Self { public: PublicKey::of(pair.public_key().as_ref()), signing: EncodingKey::from_ed_der(&pkcs8) }
    }

    /// Its public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The token that says this.
    #[must_use]
    pub fn sign(&self, claims: &AccessClaims) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.public.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.signing)
            .expect("ids and numbers are JSON, and the key signs")
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKey").field("kid", &self.public.kid).finish_non_exhaustive()
    }
}

/// The keys by which tokens are verified.
#[derive(Clone, Default)]
pub struct TokenKeys(HashMap<String, DecodingKey>);

impl TokenKeys {
    /// These keys; what is no Ed25519 key for signatures is left out.
    #[must_use]
    pub fn new(set: &KeySet) -> Self {
        provider::install();
        let ours = |key: &&PublicKey| key.kty == "OKP" && key.crv == "Ed25519" && key.purpose == "sig";
        let read = |key: &PublicKey| Some((key.kid.clone(), DecodingKey::from_ed_components(&key.x).ok()?));
        Self(set.keys.iter().filter(ours).filter_map(read).collect())
    }

    /// What a token says, once it is sure that we said it and its time is not over.
    ///
    /// # Errors
    /// [`TokenFlaw`].
    pub fn verify(&self, token: &[u8], now: Timestamp) -> Result<AccessClaims, TokenFlaw> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenFlaw::Malformed)?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) {
            return Err(TokenFlaw::Malformed);
        }
        let kid = header.kid.ok_or(TokenFlaw::Malformed)?;
        let key = self.0.get(&kid).ok_or(TokenFlaw::UnknownKey)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        // The library would ask the machine's own clock.
        rules.validate_exp = false;
        rules.set_issuer(&[TOKEN_ISSUER]);
        rules.set_required_spec_claims(&["iss", "sub", "exp"]);
        let claims =
            jsonwebtoken::decode::<AccessClaims>(token, key, &rules).map_err(|_| TokenFlaw::Forged)?.claims;
        if now.micros().div_euclid(1_000_000) < claims.exp { Ok(claims) } else { Err(TokenFlaw::Lapsed) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn claims() -> AccessClaims {
        AccessClaims {
            iss: TOKEN_ISSUER.to_owned(),
            sub: MemberId::from_uuid(Uuid::from_u128(1)),
            sid: SessionId::from_uuid(Uuid::from_u128(2)),
            iat: 1_000,
            exp: 1_900,
            phone_confirmed: true,
            stepped_up_until: None,
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn known(keys: &[&TokenKey]) -> TokenKeys {
        TokenKeys::new(&KeySet { keys: keys.iter().map(|key| key.public().clone()).collect() })
    }

    #[test]
    fn a_token_is_good_until_its_time_is_over() {
        let key = TokenKey::from_seed(&[1; 32]);
        let token = key.sign(&claims());
        let keys = known(&[&TokenKey::from_seed(&[2; 32]), &key]);
        assert_eq!(keys.verify(token.as_bytes(), at(1_899)), Ok(claims()));
        assert_eq!(keys.verify(token.as_bytes(), at(1_900)), Err(TokenFlaw::Lapsed));
    }

    #[test]
    fn what_we_did_not_sign_is_not_believed() {
        let (key, other) = (TokenKey::from_seed(&[1; 32]), TokenKey::from_seed(&[2; 32]));
        let keys = known(&[&key]);
        let token = key.sign(&claims());
        let parts: Vec<&str> = token.split('.').collect();
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let more = serde_json::to_string(&AccessClaims { exp: 9_999, ..claims() }).expect("JSON");
        let forged = [
            (format!("{}.{}.{}", parts[0], encode(&more), parts[2]), TokenFlaw::Forged),
            (format!("{}.{}.", parts[0], parts[1]), TokenFlaw::Forged),
            (format!("{}.{}.{}", encode("{\"alg\":\"none\"}"), parts[1], parts[2]), TokenFlaw::Malformed),
            (
                format!("{}.{}.{}", encode("{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}"), parts[1], parts[2]),
                TokenFlaw::Malformed,
            ),
            (other.sign(&claims()), TokenFlaw::UnknownKey),
            ("eyJ".to_owned(), TokenFlaw::Malformed),
            (String::new(), TokenFlaw::Malformed),
        ];
        for (text, flaw) in forged {
            assert_eq!(keys.verify(text.as_bytes(), at(1_000)), Err(flaw), "{text}");
        }
        let stranger = AccessClaims { iss: "another".to_owned(), ..claims() };
        assert_eq!(keys.verify(key.sign(&stranger).as_bytes(), at(1_000)), Err(TokenFlaw::Forged));
    }

    #[test]
    fn the_thumbprint_is_the_one_of_the_standard() {
        // RFC 8037, appendix A.3.
        let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").expect("base64url");
        assert_eq!(PublicKey::of(&x).kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_signing_key_does_not_show_itself() {
        let key = TokenKey::from_seed(&[7; 32]);
        assert!(!format!("{key:?}").contains("7, 7"));
    }
}
