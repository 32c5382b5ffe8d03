//! Tokens by which an identity provider says who somebody is (`OpenID` Connect Core 1.0, 2 and 3.1.3.7).
//!
//! **A token is believed when a key of the provider signed it by an algorithm from our own list, it is for us, answers what we
//! asked, and its time is not over.** Neither the token nor the provider's key set can add an algorithm to the list.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::Jwk};
use kernel::Timestamp;
use serde::Deserialize;

use crate::token::install_provider;

/// The algorithms that are believed: each with a public key, none of them weaker than 112 bits.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// No subject is longer (`OpenID` Connect Core 1.0, 2).
const LONGEST_SUBJECT: usize = 255;

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityFlaw {
    /// It has not the form of a token, or lacks what every one has.
    #[error("not an ID token")]
    Malformed,
    /// It asks for an algorithm that is not on our list, or that is not the key's.
    #[error("signed by an algorithm that is not believed")]
    Algorithm,
    /// It names a key that the provider does not show (any more, or yet).
    #[error("signed with a key that the provider does not show")]
    UnknownKey,
    /// The signature is not that of the key, or the token is from or for somebody else.
    #[error("not signed by the provider, or not for us")]
    Forged,
    /// It answers another question than ours.
    #[error("not the answer to what was asked")]
    Nonce,
    /// Its time is over, or has not come.
    #[error("lapsed, or ahead of time")]
    Lapsed,
}

/// What a token must say to be believed.
#[derive(Clone, Copy, Debug)]
pub struct IdentityRules<'r> {
    /// The provider, as it names itself.
    pub issuer: &'r str,
    /// What the provider calls us.
    pub client_id: &'r str,
    /// What was sent along with the question.
    pub nonce: &'r str,
    /// By how many seconds the provider's clock may differ from ours.
    pub leeway_s: i64,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    /// The library has compared it with us; here it matters whether there are others.
    aud: Audience,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    azp: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    Several(Vec<serde::de::IgnoredAny>),
    One(serde::de::IgnoredAny),
}

struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    verifies: DecodingKey,
}

/// The keys by which a provider signs.
pub struct IdentityKeys(Vec<Key>);

impl IdentityKeys {
    /// Reads a key set (RFC 7517); keys that are for something else or that nobody here knows are left out.
    #[must_use]
    pub fn new(set: &serde_json::Value) -> Self {
        install_provider();
        let keys = set["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
        let read = |value: &serde_json::Value| {
            let text = |name: &str| value[name].as_str().map(str::to_owned);
            if text("use").is_some_and(|purpose| purpose != "sig") {
                return None;
            }
            let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
            // A secret that is shown to everybody vouches for nobody.
            if value["kty"] == "oct" {
                return None;
            }
            let key = DecodingKey::from_jwk(&jwk).ok()?;
            Some(Key { id: text("kid"), algorithm: text("alg"), verifies: key })
        };
        Self(keys.iter().filter_map(read).collect())
    }

    /// The subject of a token, once it is sure that the provider means us, now, in answer to what was asked.
    ///
    /// # Errors
    /// [`IdentityFlaw`].
    pub fn verify(
        &self,
        token: &str,
        rules: &IdentityRules<'_>,
        now: Timestamp,
    ) -> Result<String, IdentityFlaw> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| IdentityFlaw::Malformed)?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(IdentityFlaw::Algorithm);
        }
        let key = self.of(header.kid.as_deref()).ok_or(IdentityFlaw::UnknownKey)?;
        let name = format!("{:?}", header.alg);
        let fits = key.algorithm.as_ref().is_none_or(|algorithm| *algorithm == name);
        if !fits || key.verifies.family() != header.alg.family() {
            return Err(IdentityFlaw::Algorithm);
        }
        let mut validation = Validation::new(header.alg);
        // The library would ask the machine's own clock.
        (validation.validate_exp, validation.validate_nbf) = (false, false);
        validation.set_issuer(&[rules.issuer]);
        validation.set_audience(&[rules.client_id]);
        validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
        let decoded = jsonwebtoken::decode::<Claims>(token, &key.verifies, &validation);
        decoded.map_err(|_| IdentityFlaw::Forged)?.claims.check(rules, now)
    }

    /// The key of this id; the only one there is, for a token that names none.
    fn of(&self, id: Option<&str>) -> Option<&Key> {
        match (id, self.0.as_slice()) {
            (Some(_), keys) => keys.iter().find(|key| key.id.as_deref() == id),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl Claims {
    fn check(self, rules: &IdentityRules<'_>, now: Timestamp) -> Result<String, IdentityFlaw> {
        let now_s = now.micros().div_euclid(1_000_000);
        let (early, late) = (now_s.saturating_sub(rules.leeway_s), now_s.saturating_add(rules.leeway_s));
        if self.exp <= early || self.iat > late || self.nbf.is_some_and(|begins| begins > late) {
            return Err(IdentityFlaw::Lapsed);
        }
        let several = matches!(&self.aud, Audience::Several(all) if all.len() > 1);
        let for_another = self.azp.as_deref().is_some_and(|party| party != rules.client_id);
        if for_another || (several && self.azp.is_none()) {
            return Err(IdentityFlaw::Forged);
        }
        if self.nonce.as_deref() != Some(rules.nonce) {
            return Err(IdentityFlaw::Nonce);
        }
        let plain = (1..=LONGEST_SUBJECT).contains(&self.sub.len()) && self.sub.is_ascii();
        if plain { Ok(self.sub) } else { Err(IdentityFlaw::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use ring::signature::{Ed25519KeyPair, KeyPair as _};
    use serde_json::{Value, json};

    use super::*;

    const RULES: IdentityRules<'_> =
        IdentityRules { issuer: "https://id.example", client_id: "vafa", nonce: "n-1", leeway_s: 60 };

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed has 32 bytes")
    }

    fn jwk(seed: u8, id: &str) -> Value {
        let x = URL_SAFE_NO_PAD.encode(pair(seed).public_key().as_ref());
        json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": id, "x": x})
    }

    fn claims() -> Value {
        json!({
            "iss": "https://id.example", "aud": "vafa", "sub": "zahra-7", "nonce": "n-1",
            "iat": 1_000, "exp": 1_300,
        })
    }

    fn token(seed: u8, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(pair(seed).sign(signed.as_bytes())))
    }

    fn judge(token: &str, at: i64) -> Result<String, IdentityFlaw> {
        let keys = IdentityKeys::new(&json!({"keys": [jwk(1, "a"), jwk(2, "b")]}));
        keys.verify(token, &RULES, Timestamp::from_micros(at * 1_000_000))
    }

    fn with(changes: &Value) -> Value {
        let mut claims = claims();
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        claims
    }

    #[test]
    fn a_good_token_names_its_subject_within_the_leeway() {
        let header = json!({"alg": "EdDSA", "kid": "a"});
        for at in [941, 1_000, 1_359] {
            assert_eq!(judge(&token(1, &header, &claims()), at).as_deref(), Ok("zahra-7"), "{at}");
        }
        for at in [939, 1_360] {
            assert_eq!(judge(&token(1, &header, &claims()), at), Err(IdentityFlaw::Lapsed), "{at}");
        }
        for good in
            [json!({"aud": ["vafa"]}), json!({"aud": ["vafa", "x"], "azp": "vafa"}), json!({"nbf": 900})]
        {
            assert!(judge(&token(1, &header, &with(&good)), 1_000).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_is_from_or_for_somebody_else_or_answers_another_question_is_refused() {
        let header = json!({"alg": "EdDSA", "kid": "a"});
        for (change, flaw) in [
            (json!({"iss": "https://id.example/"}), IdentityFlaw::Forged),
            (json!({"aud": "other"}), IdentityFlaw::Forged),
            (json!({"aud": ["vafa", "x"]}), IdentityFlaw::Forged),
            (json!({"aud": ["vafa", "x"], "azp": "x"}), IdentityFlaw::Forged),
            (json!({"azp": "x"}), IdentityFlaw::Forged),
            (json!({"sub": null}), IdentityFlaw::Forged),
            (json!({"exp": null}), IdentityFlaw::Forged),
            (json!({"nonce": "n-2"}), IdentityFlaw::Nonce),
            (json!({"nonce": null}), IdentityFlaw::Nonce),
            (json!({"nbf": 1_100}), IdentityFlaw::Lapsed),
            (json!({"sub": ""}), IdentityFlaw::Malformed),
            (json!({"sub": "x".repeat(256)}), IdentityFlaw::Malformed),
        ] {
            assert_eq!(judge(&token(1, &header, &with(&change)), 1_000), Err(flaw), "{change}");
        }
    }

    #[test]
    fn no_token_chooses_its_own_algorithm_or_key() {
        for (header, flaw) in [
            (json!({"alg": "HS256", "kid": "a"}), IdentityFlaw::Algorithm),
            (json!({"alg": "ES256", "kid": "a"}), IdentityFlaw::Algorithm),
            (json!({"alg": "none", "kid": "a"}), IdentityFlaw::Malformed),
            (json!({"alg": "EdDSA", "kid": "c"}), IdentityFlaw::UnknownKey),
            (json!({"alg": "EdDSA"}), IdentityFlaw::UnknownKey),
            (json!({"alg": "EdDSA", "kid": "b"}), IdentityFlaw::Forged),
        ] {
            assert_eq!(judge(&token(1, &header, &claims()), 1_000), Err(flaw), "{header}");
        }
        for broken in ["", "a.b.c", "....", "x"] {
            assert_eq!(judge(broken, 1_000), Err(IdentityFlaw::Malformed), "{broken}");
        }
    }

    #[test]
    fn keys_for_something_else_are_left_out() {
        let mut secret = json!({"kty": "oct", "kid": "a", "k": "c2VjcmV0", "alg": "HS256"});
        let mut sealing = jwk(1, "a");
        sealing["use"] = "enc".into();
        let now = Timestamp::from_micros(1_000_000_000);
        let good = token(1, &json!({"alg": "EdDSA", "kid": "a"}), &claims());
        for key in [sealing, secret.clone(), json!({"kty": "new", "kid": "a"}), json!(7)] {
            let keys = IdentityKeys::new(&json!({"keys": [key]}));
            assert_eq!(keys.verify(&good, &RULES, now), Err(IdentityFlaw::UnknownKey), "{key}");
        }
        secret["kid"] = "z".into();
        let keys = IdentityKeys::new(&json!({"keys": [secret, json!(null), jwk(1, "a")]}));
        assert!(keys.verify(&good, &RULES, now).is_ok());
        assert!(IdentityKeys::new(&json!({})).verify(&good, &RULES, now).is_err());
    }
}
