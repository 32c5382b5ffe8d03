//! Links by which one click says that no more of something is wanted (RFC 8058).
//!
//! A link names a member by an id that is nobody's name, a topic and a channel, and is signed: **whoever guesses one opens nothing, and
//! whoever has one can only say less, not more.** It is good as long as the key that signed it is known, and needs no table.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use kernel::MemberId;
use ring::hmac;
use runtime::BlindKeys;
use uuid::Uuid;

use crate::domain::{channel::Channel, trigger::Topic, wish::CHANNELS};

const PURPOSE: &str = "links that end messages";
/// Bytes of a member's id.
const LONG: usize = 16;
/// Bytes of the signature.
const SIGNED: usize = 32;

/// What a link is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptOut {
    /// Who does not want it any more.
    pub member: MemberId,
    /// What.
    pub topic: Topic,
    /// By what.
    pub channel: Channel,
}

/// Makes links and reads them.
#[derive(Clone)]
pub struct OptOuts {
    keys: Vec<hmac::Key>,
    gateway: Option<String>,
}

impl OptOuts {
    /// Links under the address of the gateway; where it has none, there are no links.
    #[must_use]
    pub fn new(keys: &BlindKeys, gateway: Option<&str>) -> Self {
        let keys = keys.sought().iter().map(|key| key.derived(PURPOSE)).collect();
        Self { keys, gateway: gateway.map(|url| url.trim_end_matches('/').to_owned()) }
    }

    /// The link that ends this.
    #[must_use]
    pub fn link(&self, about: OptOut) -> Option<String> {
        let gateway = self.gateway.as_ref()?;
        Some(format!("{gateway}/v1/message-opt-outs/{}", self.token(about)?))
    }

    /// The word in the link.
    #[must_use]
    pub fn token(&self, about: OptOut) -> Option<String> {
        let mut bytes = about.member.as_uuid().as_bytes().to_vec();
        bytes.push(u8::try_from(Topic::ALL.iter().position(|topic| *topic == about.topic)?).ok()?);
        bytes.push(u8::try_from(CHANNELS.iter().position(|channel| *channel == about.channel)?).ok()?);
        let signature = hmac::sign(self.keys.first()?, &bytes);
        bytes.extend_from_slice(signature.as_ref());
        Some(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a link's word is about; nothing for a word that we did not make.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<OptOut> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        if bytes.len() != LONG + 2 + SIGNED {
            return None;
        }
        let (said, signature) = bytes.split_at(LONG + 2);
        let ours = self.keys.iter().any(|key| hmac::verify(key, said, signature).is_ok());
        if !ours {
            return None;
        }
        Some(OptOut {
            member: MemberId::from_uuid(Uuid::from_slice(&said[..LONG]).ok()?),
            topic: *Topic::ALL.get(usize::from(said[LONG]))?,
            channel: *CHANNELS.get(usize::from(said[LONG + 1]))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_back_and_an_altered_one_nowhere() {
        let links = OptOuts::new(&BlindKeys::one(&[7; 32]), Some("https://club.example/"));
        let about = OptOut {
            member: MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0001)),
            topic: Topic::Offers,
            channel: Channel::Email,
        };
        let token = links.token(about).expect("a word");
        assert_eq!(links.link(about), Some(format!("https://club.example/v1/message-opt-outs/{token}")));
        assert_eq!(links.read(&token), Some(about));
        for index in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("letters");
            assert!(links.read(&altered).is_none(), "{altered}");
        }
        assert_eq!(OptOuts::new(&BlindKeys::one(&[8; 32]), None).read(&token), None);
        assert!(links.read("").is_none() && links.read("..").is_none());
    }
}
