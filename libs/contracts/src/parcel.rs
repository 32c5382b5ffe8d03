//! A parcel: the facts of one transaction as one JSON array (CloudEvents batched content mode).

use serde_json::value::RawValue;

use crate::{Fact, FactError};

/// The media type of a parcel's bytes.
pub const CONTENT_TYPE: &str = "application/cloudevents-batch+json";

/// A fact of a parcel that cannot be read, with what is left of it.
#[derive(Debug)]
pub struct BadFact {
    /// The fact's text as it arrived, for the dead letter.
    pub text: String,
    /// What is wrong with it.
    pub error: FactError,
}

/// Packs facts, in order.
#[must_use]
pub fn encode(facts: &[Fact]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(facts.len() * 512 + 2);
    serde_json::to_writer(&mut bytes, facts).expect("facts are plain structs, and a Vec takes every byte");
    bytes
}

/// Unpacks facts, in order; one bad fact does not spoil the others.
///
/// # Errors
/// [`FactError::Envelope`] when the bytes are no JSON array at all.
pub fn decode(bytes: &[u8]) -> Result<Vec<Result<Fact, BadFact>>, FactError> {
    let texts: Vec<&RawValue> =
        serde_json::from_slice(bytes).map_err(|e| FactError::Envelope(e.to_string()))?;
    Ok(texts.into_iter().map(|text| decode_one(text.get())).collect())
}

fn decode_one(text: &str) -> Result<Fact, BadFact> {
    let bad = |error| BadFact { text: text.to_owned(), error };
    let fact: Fact = serde_json::from_str(text).map_err(|e| bad(FactError::Envelope(e.to_string())))?;
    fact.check().map_err(bad)?;
    Ok(fact)
}

#[cfg(test)]
mod tests {
    use kernel::{FactId, Timestamp};
    use uuid::Uuid;

    use super::*;
    use crate::{FactData, FactHead, points::PointsEarned};

    fn fact(seq: u64) -> Fact {
        let head = FactHead {
            id: FactId::from_uuid(Uuid::from_u128(seq.into())),
            source: "points",
            subject: "m".to_owned(),
            seq,
            time: Timestamp::from_micros(1),
            traceparent: None,
        };
        Fact::new(head, &PointsEarned::sample())
    }

    #[test]
    fn facts_survive_the_journey_in_order() {
        let bytes = encode(&[fact(1), fact(2)]);
        let back: Vec<Fact> = decode(&bytes).unwrap().into_iter().map(Result::unwrap).collect();
        assert_eq!(back.iter().map(|f| f.seq).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(back[0].read::<PointsEarned>().unwrap(), PointsEarned::sample());
    }

    #[test]
    fn a_flipped_digit_in_the_payload_is_found_and_the_neighbour_still_read() {
        let text = String::from_utf8(encode(&[fact(1), fact(2)])).unwrap();
        let broken = text.replacen("\"points\":", "\"points\":7", 1);
        assert_ne!(text, broken);
        let back = decode(broken.as_bytes()).unwrap();
        assert!(matches!(back[0], Err(BadFact { error: FactError::Checksum { .. }, .. })));
        assert!(back[1].is_ok());
    }

    #[test]
    fn what_is_no_array_is_no_parcel() {
        assert!(decode(b"{}").is_err());
        assert!(decode(&[0xff, 0xfe]).is_err());
        assert!(matches!(decode(b"[{}]").unwrap()[0], Err(BadFact { error: FactError::Envelope(_), .. })));
    }
}
