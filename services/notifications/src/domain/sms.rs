//! How many parts a text message has, before it is sent: parts are what a provider is paid for.
//!
//! Source: 3GPP TS 23.038 (the 7-bit default alphabet and its extension table) and TS 23.040 (concatenation takes six octets of each
//! part). Persian and Arabic fit no 7-bit alphabet that phones of the region agree on, so they are sent as UCS-2.

/// How the letters of a message travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// Seven bits a letter; letters of the extension table take two places.
    Gsm7,
    /// Sixteen bits a letter; what lies beyond the basic plane takes two places.
    Ucs2,
}

/// The size of a text message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How its letters travel.
    pub alphabet: Alphabet,
    /// Places that its letters take.
    pub places: usize,
    /// Parts; an empty text has one.
    pub parts: usize,
}

/// Letters of the default alphabet beyond letters, digits, space and line ends that it shares with ASCII.
const BASIC: &str = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Letters of the extension table.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

impl Alphabet {
    /// Places of a message of one part.
    const fn alone(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Places of each part of several.
    const fn together(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }
}

/// The places that a letter takes in the 7-bit alphabet; nothing for one that it does not have.
fn in_gsm7(letter: char) -> Option<usize> {
    match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '\n' | '\r' => Some(1),
        _ if BASIC.contains(letter) => Some(1),
        _ if EXTENDED.contains(letter) => Some(2),
        _ => None,
    }
}

/// How large a text is.
///
/// No letter is torn: one of two places that does not fit into what is left of a part begins the next one.
#[must_use]
pub fn size(text: &str) -> Size {
    let seven: Option<Vec<usize>> = text.chars().map(in_gsm7).collect();
    let (alphabet, widths) = match seven {
        Some(widths) => (Alphabet::Gsm7, widths),
        None => (Alphabet::Ucs2, text.chars().map(char::len_utf16).collect()),
    };
    let places = widths.iter().sum();
    if places <= alphabet.alone() {
        return Size { alphabet, places, parts: 1 };
    }
    let (mut parts, mut filled) = (1, 0);
    for width in widths {
        if filled + width > alphabet.together() {
            (parts, filled) = (parts + 1, 0);
        }
        filled += width;
    }
    Size { alphabet, places, parts }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> (Alphabet, usize, usize) {
        let Size { alphabet, places, parts } = size(text);
        (alphabet, places, parts)
    }

    #[test]
    fn parts_are_as_the_standard_counts_them() {
        use Alphabet::{Gsm7, Ucs2};
        assert_eq!(parts(""), (Gsm7, 0, 1));
        assert_eq!(parts(&"a".repeat(160)), (Gsm7, 160, 1));
        assert_eq!(parts(&"a".repeat(161)), (Gsm7, 161, 2));
        assert_eq!(parts(&"a".repeat(306)), (Gsm7, 306, 2));
        assert_eq!(parts(&"a".repeat(307)), (Gsm7, 307, 3));
        assert_eq!(parts(&"€".repeat(80)), (Gsm7, 160, 1));
        // 76 of them fill 152 of the 153 places of a part.
        assert_eq!(parts(&"€".repeat(153)), (Gsm7, 306, 3));
        assert_eq!(parts(&"س".repeat(70)), (Ucs2, 70, 1));
        assert_eq!(parts(&"س".repeat(71)), (Ucs2, 71, 2));
        assert_eq!(parts(&"س".repeat(135)), (Ucs2, 135, 3));
        assert_eq!(parts(&"🎂".repeat(35)), (Ucs2, 70, 1));
        // 33 of them fill 66 of the 67 places of a part.
        assert_eq!(parts(&"🎂".repeat(67)), (Ucs2, 134, 3));
        assert_eq!(parts("Vous gagnez 5 points à l’achat"), (Ucs2, 30, 1));
    }

    proptest! {
        #[test]
        fn a_part_holds_what_it_can_and_no_more(text in "\\PC{0,400}") {
            let Size { alphabet, places, parts } = size(&text);
            prop_assert!(parts >= 1 && (parts > 1) == (places > alphabet.alone()));
            let most = if parts == 1 { alphabet.alone() } else { parts * alphabet.together() };
            prop_assert!(places <= most);
            // One place of a part is lost at the most.
            prop_assert!(parts == 1 || places > (parts - 1) * (alphabet.together() - 1));
        }
    }
}
