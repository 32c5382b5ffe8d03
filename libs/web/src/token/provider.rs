//! What tokens are signed and verified with, by ring, for the library that knows the format.
//!
//! Signing knows Ed25519 alone. Verifying knows what identity providers sign with, too; who verifies says which of these
//! is believed.

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error as TokenError, ErrorKind},
    signature::{Error, Signer, Verifier},
};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, Ed25519KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};

static RING: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| signer(*algorithm, key),
    verifier_factory: |algorithm, key| verifier(*algorithm, key),
    key_utils: KeyUtils::new_unimplemented(),
};

/// Lets the library use ring. The process has one provider; whoever comes second finds ours.
pub(crate) fn install() {
    let _ = RING.install_default();
}

fn signer(algorithm: Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, TokenError> {
    if algorithm != Algorithm::EdDSA {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.as_bytes());
    Ok(Box::new(Signing(pair.map_err(|_| ErrorKind::InvalidEddsaKey)?)))
}

fn verifier(algorithm: Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, TokenError> {
    let bytes = || key.try_get_as_bytes().map(<[u8]>::to_vec);
    let with = match algorithm {
        Algorithm::EdDSA => Key::Bytes(&ED25519, bytes()?),
        Algorithm::ES256 => Key::Bytes(&ECDSA_P256_SHA256_FIXED, bytes()?),
        Algorithm::RS256 => Key::rsa(&RSA_PKCS1_2048_8192_SHA256, key)?,
        Algorithm::PS256 => Key::rsa(&RSA_PSS_2048_8192_SHA256, key)?,
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    };
    Ok(Box::new(Verifying { algorithm, with }))
}

struct Signing(Ed25519KeyPair);

impl Signer<Vec<u8>> for Signing {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.0.sign(message).as_ref().to_vec())
    }
}

impl JwtSigner for Signing {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

/// A public key, and how it verifies.
enum Key {
    Bytes(&'static dyn VerificationAlgorithm, Vec<u8>),
    Rsa(&'static RsaParameters, RsaPublicKeyComponents<Vec<u8>>),
}

impl Key {
    fn rsa(parameters: &'static RsaParameters, key: &DecodingKey) -> Result<Self, TokenError> {
        match key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => {
                // ring takes numbers without zeros in front.
                let plain = |number: &[u8]| {
                    let begins = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
                    number[begins..].to_vec()
                };
                Ok(Self::Rsa(parameters, RsaPublicKeyComponents { n: plain(n), e: plain(e) }))
            }
            DecodingKeyKind::SecretOrDer(_) => Err(ErrorKind::InvalidKeyFormat.into()),
        }
    }
}

struct Verifying {
    algorithm: Algorithm,
    with: Key,
}

impl Verifier<Vec<u8>> for Verifying {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        let verified = match &self.with {
            Key::Bytes(algorithm, key) => UnparsedPublicKey::new(*algorithm, key).verify(message, signature),
            Key::Rsa(parameters, key) => key.verify(parameters, message, signature),
        };
        verified.map_err(|_| Error::new())
    }
}

impl JwtVerifier for Verifying {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
