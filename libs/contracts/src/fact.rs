//! One fact in its CloudEvents 1.0 envelope.

use std::borrow::Cow;

use kernel::{FactId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, ser::SerializeStruct};
use serde_json::value::RawValue;

/// The payload of a fact: what happened, in the past tense, without personal data.
pub trait FactData: Serialize + DeserializeOwned {
    /// The CloudEvents `type`, with its version: `vafa.points.points_earned.v1`.
    const TYPE: &'static str;
    /// One sentence that says when the fact is told.
    const ABOUT: &'static str;

    /// A sample, the golden one that other versions of the software must still read.
    fn sample() -> Self;
}

/// Why a fact cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FactError {
    /// Not a CloudEvents envelope of ours.
    #[error("no fact: {0}")]
    Envelope(String),
    /// The payload is not what the envelope's checksum says.
    #[error("checksum is {found:08x}, the envelope says {stated:08x}")]
    Checksum {
        /// The checksum in the envelope.
        stated: u32,
        /// The checksum of the payload as it arrived.
        found: u32,
    },
    /// Another type than the reader asked for.
    #[error("type is {found}, expected {expected}")]
    Type {
        /// The type in the envelope.
        found: String,
        /// The type that the reader knows.
        expected: &'static str,
    },
    /// The payload does not fit its type.
    #[error("{kind}: {reason}")]
    Data {
        /// The type in the envelope.
        kind: String,
        /// What does not fit.
        reason: String,
    },
}

/// What the teller of a fact says about it besides the payload.
#[derive(Clone, Debug)]
pub struct FactHead {
    /// A fresh id.
    pub id: FactId,
    /// The service that owns the fact: `membership`, `points`.
    pub source: &'static str,
    /// What the fact is about: a member id, a branch code.
    pub subject: String,
    /// Position in the subject's own sequence, from 1, without gaps: makes order checkable end to end.
    pub seq: u64,
    /// When it was recorded.
    pub time: Timestamp,
    /// W3C trace context of the request that caused it, when that request is sampled.
    pub traceparent: Option<String>,
}

/// A fact as it lies in outboxes, on the bus and in dead letters.
///
/// Attributes beyond CloudEvents' own: `seq` (see [`FactHead::seq`]), `checksum` (CRC-32 of the payload's JSON text,
/// eight hexadecimal digits) and `traceparent` (distributed tracing extension).
#[derive(Clone, Debug)]
pub struct Fact {
    /// CloudEvents `id`.
    pub id: FactId,
    /// CloudEvents `source`: the owning service.
    pub source: Cow<'static, str>,
    /// CloudEvents `type`.
    pub kind: Cow<'static, str>,
    /// CloudEvents `subject`.
    pub subject: String,
    /// Position in the subject's sequence.
    pub seq: u64,
    /// CloudEvents `time`.
    pub time: Timestamp,
    /// Trace context, when sampled.
    pub traceparent: Option<String>,
    /// CRC-32 (IEEE) of `data` as text.
    pub checksum: u32,
    /// The payload as JSON text, untouched.
    pub data: Box<RawValue>,
}

impl Fact {
    /// Wraps a payload in its envelope.
    #[must_use]
    pub fn new<T: FactData>(head: FactHead, data: &T) -> Self {
        let data = serde_json::value::to_raw_value(data).expect("facts are plain structs with text keys");
        Self {
            id: head.id,
            source: Cow::Borrowed(head.source),
            kind: Cow::Borrowed(T::TYPE),
            subject: head.subject,
            seq: head.seq,
            time: head.time,
            traceparent: head.traceparent,
            checksum: crc32fast::hash(data.get().as_bytes()),
            data,
        }
    }

    /// Reads the payload as the type that the envelope names.
    ///
    /// # Errors
    /// [`FactError::Type`] when the fact is of another type, [`FactError::Data`] when the payload does not fit it.
    pub fn read<T: FactData>(&self) -> Result<T, FactError> {
        if self.kind != T::TYPE {
            return Err(FactError::Type { found: self.kind.to_string(), expected: T::TYPE });
        }
        serde_json::from_str(self.data.get())
            .map_err(|e| FactError::Data { kind: self.kind.to_string(), reason: e.to_string() })
    }

    /// Whether the payload is what was sent.
    ///
    /// # Errors
    /// [`FactError::Checksum`] when it is not.
    pub fn check(&self) -> Result<(), FactError> {
        let found = crc32fast::hash(self.data.get().as_bytes());
        if found == self.checksum {
            Ok(())
        } else {
            Err(FactError::Checksum { stated: self.checksum, found })
        }
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Fact", 11)?;
        out.serialize_field("specversion", "1.0")?;
        out.serialize_field("id", &self.id)?;
        out.serialize_field("source", &self.source)?;
        out.serialize_field("type", &self.kind)?;
        out.serialize_field("subject", &self.subject)?;
        out.serialize_field("time", &self.time)?;
        out.serialize_field("datacontenttype", "application/json")?;
        out.serialize_field("seq", &self.seq)?;
        out.serialize_field("checksum", &format_args!("{:08x}", self.checksum))?;
        if let Some(traceparent) = &self.traceparent {
            out.serialize_field("traceparent", traceparent)?;
        }
        out.serialize_field("data", &self.data)?;
        out.end()
    }
}

/// The envelope as it is read; attributes that we do not know are passed over, as CloudEvents asks.
#[derive(Deserialize)]
struct Envelope<'a> {
    specversion: Cow<'a, str>,
    id: FactId,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    time: Timestamp,
    seq: u64,
    checksum: Cow<'a, str>,
    #[serde(default)]
    traceparent: Option<String>,
    data: Box<RawValue>,
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let envelope = Envelope::deserialize(deserializer)?;
        if envelope.specversion != "1.0" {
            return Err(D::Error::custom("specversion is not 1.0"));
        }
        let checksum = u32::from_str_radix(&envelope.checksum, 16)
            .map_err(|_| D::Error::custom("checksum is not hexadecimal"))?;
        Ok(Self {
            id: envelope.id,
            source: Cow::Owned(envelope.source),
            kind: Cow::Owned(envelope.kind),
            subject: envelope.subject,
            seq: envelope.seq,
            time: envelope.time,
            traceparent: envelope.traceparent,
            checksum,
            data: envelope.data,
        })
    }
}
