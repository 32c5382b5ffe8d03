//! What travels on an SMPP line: packets of version 3.4, as far as sending and receipts need them.

use crate::domain::sending::{Notice, Receipt};

pub const BIND_TRANSCEIVER: u32 = 0x09;
pub const SUBMIT: u32 = 0x04;
pub const DELIVER: u32 = 0x05;
pub const UNBIND: u32 = 0x06;
pub const ENQUIRE: u32 = 0x15;
pub const NACK: u32 = 0x8000_0000;
/// What makes the number of a command the number of its answer.
pub const ANSWER: u32 = 0x8000_0000;
/// Version 3.4.
const VERSION: u8 = 0x34;
/// The largest packet that is read.
const LARGEST: usize = 64 * 1024;
const HEADER: usize = 16;
const RECEIPTED_ID: u16 = 0x001E;
const STATE: u16 = 0x0427;
const PAYLOAD: u16 = 0x0424;

/// A packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu {
    pub id: u32,
    pub status: u32,
    pub sequence: u32,
    pub body: Vec<u8>,
}

/// The other side speaks something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonsense;

impl Pdu {
    pub fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(HEADER + self.body.len()).unwrap_or(u32::MAX);
        let head = [length, self.id, self.status, self.sequence].map(u32::to_be_bytes);
        [&head.concat(), &self.body[..]].concat()
    }

    /// Takes the first whole packet from what was read; nothing while it is not there yet.
    pub fn take(read: &mut Vec<u8>) -> Result<Option<Self>, Nonsense> {
        let number =
            |at: usize| -> Option<u32> { Some(u32::from_be_bytes(read.get(at..at + 4)?.try_into().ok()?)) };
        let Some(length) = number(0) else { return Ok(None) };
        let length = usize::try_from(length).map_err(|_| Nonsense)?;
        if !(HEADER..=LARGEST).contains(&length) {
            return Err(Nonsense);
        }
        let (Some(id), Some(status), Some(sequence)) = (number(4), number(8), number(12)) else {
            return Ok(None);
        };
        if read.len() < length {
            return Ok(None);
        }
        let body = read[HEADER..length].to_vec();
        read.drain(..length);
        Ok(Some(Self { id, status, sequence, body }))
    }
}

/// Fields of a body, read one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn text(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let (text, rest) = (&self.0[..end], &self.0[end + 1..]);
        self.0 = rest;
        Some(text)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|one| one[0])
    }

    fn pair(&mut self) -> Option<u16> {
        self.take(2).map(|two| u16::from_be_bytes([two[0], two[1]]))
    }
}

/// Who binds.
pub struct Bind<'a> {
    pub system_id: &'a str,
    pub password: &'a str,
    pub system_type: &'a str,
}

impl Bind<'_> {
    pub fn body(&self) -> Vec<u8> {
        let texts =
            [self.system_id, self.password, self.system_type].map(|text| [text.as_bytes(), &[0]].concat());
        [&texts.concat()[..], &[VERSION, 0, 0, 0]].concat()
    }
}

/// One part of a message.
pub struct Submit<'a> {
    pub from: &'a str,
    /// The phone, without a plus.
    pub to: &'a str,
    pub coding: u8,
    /// Whether a header of concatenation stands before the text.
    pub headed: bool,
    pub text: &'a [u8],
}

impl Submit<'_> {
    pub fn body(&self) -> Vec<u8> {
        // Letters make a name (5, 0), up to 8 digits a short number (3, 0), all others a number of the world (1, 1).
        let digits = self.from.bytes().all(|byte| byte.is_ascii_digit());
        let kind: [u8; 2] = match digits {
            false => [5, 0],
            true if self.from.len() <= 8 => [3, 0],
            true => [1, 1],
        };
        let class = if self.headed { 0x40 } else { 0 };
        let length = u8::try_from(self.text.len()).unwrap_or(u8::MAX);
        let mut body = vec![0];
        body.extend(kind);
        body.extend([self.from.as_bytes(), &[0, 1, 1], self.to.as_bytes(), &[0]].concat());
        // Class, protocol, priority; no schedule, no validity; a receipt is wanted; nothing is replaced.
        body.extend([class, 0, 0, 0, 0, 1, 0, self.coding, 0, length]);
        body.extend(self.text);
        body
    }
}

/// The name that a message was given.
pub fn submitted(body: &[u8]) -> Option<String> {
    let name = Fields(body).text()?;
    (!name.is_empty()).then(|| String::from_utf8_lossy(name).into_owned())
}

/// What was delivered to us.
#[derive(Debug, PartialEq, Eq)]
pub enum Delivered {
    /// A receipt; nothing where its state means nothing.
    Receipt(Option<Notice>),
    /// Something that somebody wrote.
    Text,
}

/// Reads what was delivered.
pub fn delivered(body: &[u8]) -> Option<Delivered> {
    let mut fields = Fields(body);
    fields.text()?;
    for _ in 0..2 {
        fields.take(2)?;
        fields.text()?;
    }
    let class = fields.byte()?;
    fields.take(2)?;
    fields.text()?;
    fields.text()?;
    fields.take(4)?;
    let length = fields.byte()?;
    let mut text = fields.take(length.into())?;
    if class & 0x3C != 0x04 {
        return Some(Delivered::Text);
    }
    let (mut name, mut state) = (None, None);
    while let (Some(tag), Some(length)) = (fields.pair(), fields.pair()) {
        let value = fields.take(length.into())?;
        match tag {
            RECEIPTED_ID => name = Fields(value).text().or(Some(value)).map(<[u8]>::to_vec),
            STATE => state = value.first().copied(),
            PAYLOAD => text = value,
            _ => {}
        }
    }
    let text = String::from_utf8_lossy(text);
    let reference = name.map(|name| String::from_utf8_lossy(&name).into_owned());
    let reference = reference.or_else(|| word(&text, "id:")).filter(|name| !name.is_empty());
    let receipt = match state {
        Some(state) => by_number(state),
        None => word(&text, "stat:").and_then(|word| by_word(&word)),
    };
    let notice = receipt.zip(reference);
    let notice = notice.map(|(receipt, name)| Notice { attempt: None, reference: Some(name), receipt });
    Some(Delivered::Receipt(notice))
}

/// What stands behind a name in the text of a receipt (appendix B of the standard).
fn word(text: &str, name: &str) -> Option<String> {
    let rest = text.split_once(name)?.1;
    rest.split_ascii_whitespace().next().map(str::to_owned)
}

const fn by_number(state: u8) -> Option<Receipt> {
    match state {
        1 | 6 => Some(Receipt::Underway),
        2 => Some(Receipt::Delivered),
        3 | 4 | 5 | 8 => Some(Receipt::Failed),
        _ => None,
    }
}

fn by_word(word: &str) -> Option<Receipt> {
    match word {
        "ENROUTE" | "ACCEPTD" => Some(Receipt::Underway),
        "DELIVRD" => Some(Receipt::Delivered),
        "EXPIRED" | "DELETED" | "UNDELIV" | "REJECTD" => Some(Receipt::Failed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn receipt(class: u8, text: &str, more: &[u8]) -> Vec<u8> {
        let length = u8::try_from(text.len()).unwrap();
        let head =
            [b"\0\x01\x01".as_slice(), b"98912\0\x05\0club\0", &[class, 0, 0, 0, 0, 0, 0, 0, 0, length]];
        [&head.concat(), text.as_bytes(), more].concat()
    }

    fn notice(name: &str, receipt: Receipt) -> Delivered {
        Delivered::Receipt(Some(Notice { attempt: None, reference: Some(name.to_owned()), receipt }))
    }

    #[test]
    fn receipts_are_read_by_their_fields_or_else_by_their_text() {
        let text =
            "id:A7F sub:001 dlvrd:001 submit date:2611210830 done date:2611210831 stat:DELIVRD err:000 text:";
        assert_eq!(delivered(&receipt(4, text, &[])), Some(notice("A7F", Receipt::Delivered)));
        let fields = [&[0, 0x1E, 0, 3][..], b"B1\0", &[4, 0x27, 0, 1, 5]].concat();
        assert_eq!(delivered(&receipt(4, text, &fields)), Some(notice("B1", Receipt::Failed)));
        assert_eq!(delivered(&receipt(4, "id:A7F stat:UNKNOWN", &[])), Some(Delivered::Receipt(None)));
        assert_eq!(delivered(&receipt(0, "STOP", &[])), Some(Delivered::Text));
        assert_eq!(delivered(b"\0\x01"), None);
    }

    proptest! {
        #[test]
        fn packets_come_out_as_they_went_in_however_they_are_torn(
            body in prop::collection::vec(any::<u8>(), 0..300),
            (id, status, sequence) in any::<(u32, u32, u32)>(),
            at in any::<prop::sample::Index>(),
        ) {
            let pdu = Pdu { id, status, sequence, body };
            let bytes = [pdu.bytes(), pdu.bytes()].concat();
            let (mut read, mut found) = (Vec::new(), Vec::new());
            let at = at.index(bytes.len());
            for piece in [&bytes[..at], &bytes[at..]] {
                read.extend(piece);
                while let Some(one) = Pdu::take(&mut read).unwrap() {
                    found.push(one);
                }
            }
            prop_assert_eq!(found, vec![pdu.clone(), pdu]);
            prop_assert!(read.is_empty());
        }

        #[test]
        fn nothing_that_comes_breaks_us(mut read in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = delivered(&read);
            let _ = submitted(&read);
            let _ = Pdu::take(&mut read);
        }
    }
}
