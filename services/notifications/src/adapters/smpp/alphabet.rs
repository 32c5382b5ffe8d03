//! How the letters of a text travel by SMPP, and where a long one is cut.
//!
//! Source: 3GPP TS 23.038 and TS 23.040, as in `domain/sms`, which says beforehand how many parts there are.

use crate::domain::sms::{Alphabet, size};

/// The default alphabet: each letter at its number.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Letters of the extension table, with their numbers.
const EXTENDED: [(char, u8); 10] = [
    ('\u{c}', 0x0A),
    ('^', 0x14),
    ('{', 0x28),
    ('}', 0x29),
    ('\\', 0x2F),
    ('[', 0x3C),
    ('~', 0x3D),
    (']', 0x3E),
    ('|', 0x40),
    ('€', 0x65),
];
const ESCAPE: u8 = 0x1B;

/// A text as it is sent.
pub struct Cut {
    /// Its `data_coding`.
    pub coding: u8,
    /// Its parts, each with a header of concatenation where there are several.
    pub parts: Vec<Vec<u8>>,
}

fn seven(letter: char) -> Vec<u8> {
    if let Some((_, number)) = EXTENDED.iter().find(|(known, _)| *known == letter) {
        return vec![ESCAPE, *number];
    }
    let at = BASIC.chars().position(|known| known == letter);
    vec![at.and_then(|at| u8::try_from(at).ok()).unwrap_or(b'?')]
}

fn sixteen(letter: char) -> Vec<u8> {
    letter.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()).collect()
}

/// Cuts a text; parts of one text have the same number. Nothing for one of more than 255 parts.
#[must_use]
pub fn cut(text: &str, number: u8, always_sixteen: bool) -> Option<Cut> {
    let wide = always_sixteen || size(text).alphabet == Alphabet::Ucs2;
    let (coding, alone, together) = if wide { (8, 140, 134) } else { (0, 160, 153) };
    let letters: Vec<Vec<u8>> = text.chars().map(if wide { sixteen } else { seven }).collect();
    if letters.iter().map(Vec::len).sum::<usize>() <= alone {
        return Some(Cut { coding, parts: vec![letters.concat()] });
    }
    let mut parts: Vec<Vec<u8>> = vec![Vec::new()];
    for letter in letters {
        match parts.last_mut() {
            Some(part) if part.len() + letter.len() <= together => part.extend(letter),
            _ => parts.push(letter),
        }
    }
    let total = u8::try_from(parts.len()).ok()?;
    let headed = (1..=total).zip(parts).map(|(at, part)| [&[5, 0, 3, number, total, at][..], &part].concat());
    Some(Cut { coding, parts: headed.collect() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_have_the_numbers_of_the_standard() {
        assert_eq!(BASIC.chars().count(), 128);
        let bytes = |text| cut(text, 1, false).unwrap().parts[0].clone();
        assert_eq!(bytes("@A a€"), [0, 0x41, 0x20, 0x61, 0x1B, 0x65]);
        assert_eq!(bytes("سa"), [0x06, 0x33, 0, 0x61]);
        assert_eq!(cut("A", 1, true).unwrap().parts[0], [0, 0x41]);
    }

    proptest! {
        #[test]
        fn there_are_as_many_parts_as_were_counted(text in "(\\PC|[a-z€{}]){0,500}") {
            let (cut, size) = (cut(&text, 9, false).unwrap(), size(&text));
            prop_assert_eq!(cut.parts.len(), size.parts);
            prop_assert!(cut.parts.iter().all(|part| part.len() <= 160));
            if cut.coding == 8 {
                let heads = if cut.parts.len() > 1 { 6 } else { 0 };
                let units: Vec<u16> = cut.parts.iter().flat_map(|part| part[heads..].chunks(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect::<Vec<_>>()).collect();
                prop_assert_eq!(String::from_utf16(&units).unwrap(), text);
            }
        }
    }
}
