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
    decode_heard(bytes, |_| true)
}

/// As [`decode`], but passes over facts whose type `hears` refuses, without reading more of them than that.
///
/// # Errors
/// As [`decode`].
pub fn decode_heard(
    bytes: &[u8],
    hears: impl Fn(&str) -> bool,
) -> Result<Vec<Result<Fact, BadFact>>, FactError> {
    let texts: Vec<&RawValue> =
        serde_json::from_slice(bytes).map_err(|e| FactError::Envelope(e.to_string()))?;
    let may_matter = |text: &&str| kind_in(text).is_none_or(&hears);
    let facts = texts.into_iter().map(RawValue::get).filter(may_matter).map(decode_one);
    Ok(facts.filter(|fact| fact.as_ref().map_or(true, |fact| hears(&fact.kind))).collect())
}

/// The type of a fact, when it stands before any nested value, as in every envelope of ours. Quotes within texts are
/// escaped, so what looks like the key there is the key.
fn kind_in(text: &str) -> Option<&str> {
    let (before, rest) = text.split_once("\"type\":\"")?;
    if before.len() > 256 || before.matches(['{', '[']).count() != 1 {
        return None;
    }
    rest.split_once('"').map(|(kind, _)| kind).filter(|kind| !kind.contains('\\'))
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
    fn facts_that_nobody_hears_are_passed_over_wherever_their_type_stands() {
        let ours = String::from_utf8(encode(&[fact(1)])).unwrap();
        let foreign = ours.replacen("[{", "[{\"ext\":{\"type\":\"decoy\"},", 1);
        for bytes in [ours.as_bytes(), foreign.as_bytes()] {
            assert_eq!(decode_heard(bytes, |kind| kind == PointsEarned::TYPE).unwrap().len(), 1);
            assert!(decode_heard(bytes, |kind| kind == "decoy").unwrap().is_empty());
        }
    }

    #[test]
    fn what_is_no_array_is_no_parcel() {
        assert!(decode(b"{}").is_err());
        assert!(decode(&[0xff, 0xfe]).is_err());
        assert!(matches!(decode(b"[{}]").unwrap()[0], Err(BadFact { error: FactError::Envelope(_), .. })));
    }
}
