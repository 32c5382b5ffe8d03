//! A notification that only one browser can read: RFC 8291 over the content encoding `aes128gcm` of RFC 8188, in one record.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
    rand::SecureRandom as _,
};

use super::chance::chance;
use crate::domain::sending::Browser;

/// The size of the record: what every push service takes.
const RECORD: u32 = 4_096;
/// The longest text that fits: a record without its header, its end and the tag.
pub const LONGEST: usize = 4_096 - 86 - 1 - 16;

/// How many bytes are wanted.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

/// What stands in a subscription, as bytes; nothing where it is none.
fn keys(browser: &Browser) -> Option<(Vec<u8>, Vec<u8>)> {
    let read = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
    let (public, secret) = (read(&browser.p256dh)?, read(&browser.auth)?);
    (public.len() == 65 && public[0] == 4 && secret.len() == 16).then_some((public, secret))
}

/// Seals a text for a browser, with keys that are used this once; nothing where its subscription is none, or the text too long.
#[must_use]
pub fn seal(text: &[u8], browser: &Browser) -> Option<Vec<u8>> {
    let (theirs, secret) = keys(browser)?;
    if text.len() > LONGEST {
        return None;
    }
    let random = chance();
    let mut salt = [0; 16];
    random.fill(&mut salt).ok()?;
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &random).ok()?;
    let public = own.compute_public_key().ok()?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, &theirs);
    let agreed = |shared: &[u8]| {
        let between = Between { shared, secret: &secret, theirs: &theirs, own: public.as_ref(), salt };
        between.seal(text)
    };
    agree_ephemeral(own, &peer, agreed).ok()?.ok()
}

/// All that the key of one record is made of.
struct Between<'a> {
    shared: &'a [u8],
    secret: &'a [u8],
    theirs: &'a [u8],
    own: &'a [u8],
    salt: [u8; 16],
}

impl Between<'_> {
    fn seal(&self, text: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let (key, nonce) = self.key()?;
        // One record, which is the last one: 2 ends it.
        let mut record = [text, &[2]].concat();
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)?;
        let length = u8::try_from(self.own.len()).map_err(|_| Unspecified)?;
        Ok([&self.salt[..], &RECORD.to_be_bytes(), &[length], self.own, &record].concat())
    }

    fn key(&self) -> Result<([u8; 16], [u8; 12]), Unspecified> {
        let mut material = [0; 32];
        let info = [b"WebPush: info\0", self.theirs, self.own];
        Salt::new(HKDF_SHA256, self.secret)
            .extract(self.shared)
            .expand(&info, Bytes(32))?
            .fill(&mut material)?;
        let extracted = Salt::new(HKDF_SHA256, &self.salt).extract(&material);
        let (mut key, mut nonce) = ([0; 16], [0; 12]);
        extracted.expand(&[b"Content-Encoding: aes128gcm\0"], Bytes(16))?.fill(&mut key)?;
        extracted.expand(&[b"Content-Encoding: nonce\0"], Bytes(12))?.fill(&mut nonce)?;
        Ok((key, nonce))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// Section 5 and appendix A of RFC 8291.
    #[test]
    fn the_example_of_the_rfc_comes_out_byte_by_byte() {
        let between = Between {
            shared: &bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs"),
            secret: &bytes("BTBZMqHH6r4Tts7J_aSIgg"),
            theirs: &bytes(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            ),
            own: &bytes(
                "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
            ),
            salt: bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap(),
        };
        let sealed = between.seal(b"When I grow up, I want to be a watermelon").unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(sealed), expected);
    }

    /// What the browser does: the same from the other side.
    #[test]
    fn the_browser_reads_it_and_nothing_was_there_before() {
        let random = chance();
        let theirs = EphemeralPrivateKey::generate(&ECDH_P256, &random).unwrap();
        let public = theirs.compute_public_key().unwrap();
        let secret = [7; 16];
        let browser = Browser {
            endpoint: "https://push.example/1".to_owned(),
            p256dh: URL_SAFE_NO_PAD.encode(public.as_ref()),
            auth: URL_SAFE_NO_PAD.encode(secret),
        };
        let text = "سلام".repeat(400);
        let sealed = seal(text.as_bytes(), &browser).unwrap();
        assert_ne!(sealed, seal(text.as_bytes(), &browser).unwrap());
        assert!(
            seal(&[0; LONGEST], &browser).unwrap().len() == 4_096
                && seal(&[0; LONGEST + 1], &browser).is_none()
        );
        let (salt, own, record) = (&sealed[..16], &sealed[21..86], &sealed[86..]);
        assert_eq!((&sealed[16..20], sealed[20]), (&4_096_u32.to_be_bytes()[..], 65));
        let opened = agree_ephemeral(theirs, &UnparsedPublicKey::new(&ECDH_P256, own), |shared| {
            let between = Between {
                shared,
                secret: &secret,
                theirs: public.as_ref(),
                own,
                salt: salt.try_into().unwrap(),
            };
            let (key, nonce) = between.key().unwrap();
            let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
            let mut record = record.to_vec();
            key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)
                .unwrap()
                .to_vec()
        });
        assert_eq!(opened.unwrap(), [text.as_bytes(), &[2]].concat());
    }

    #[test]
    fn what_is_no_subscription_is_sent_nothing() {
        for (p256dh, auth) in [("", ""), ("AAAA", "BTBZMqHH6r4Tts7J_aSIgg"), ("!", "!")] {
            let browser =
                Browser { endpoint: String::new(), p256dh: p256dh.to_owned(), auth: auth.to_owned() };
            assert_eq!(seal(b"x", &browser), None);
        }
    }
}
