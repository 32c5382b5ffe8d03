//! What members text to the club's number: a word that asks for something, or something else.
//!
//! People write one word in many ways: Arabic letters for Persian ones, long vowels drawn out, marks, half spaces, capitals. All of
//! them are the same word here.

/// What a text asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// No more text messages that are a choice.
    Stop,
    /// Text messages again.
    Start,
    /// How many points they have.
    Balance,
    /// What they bought last.
    Purchases,
    /// Which words there are.
    Help,
    /// Something else: a first name, or something for people to read.
    Other,
}

/// The longest text that is looked at, in characters; longer ones are cut.
pub const LONGEST: usize = 1_000;

const WORDS: &[(Ask, &[&str])] = &[
    (
        Ask::Stop,
        &[
            "stop",
            "stopall",
            "unsubscribe",
            "cancel",
            "end",
            "quit",
            "off",
            "optout",
            "لغو",
            "توقف",
            "پایان",
            "انصراف",
            "کنسل",
            "خاموش",
            "الغا",
            "الغاء",
            "ایقاف",
            "قف",
        ],
    ),
    (Ask::Start, &["start", "unstop", "on", "شروع", "روشن", "وصل", "فعال", "بدء", "ابدا", "تفعیل"]),
    (
        Ask::Balance,
        &["balance", "points", "مانده", "موجودی", "امتیاز", "امتیازم", "رصید", "رصیدی", "نقاط", "نقاطی", "1"],
    ),
    (
        Ask::Purchases,
        &["purchases", "receipts", "history", "خرید", "خریدها", "خریدهایم", "مشتریات", "مشتریاتی", "2"],
    ),
    (Ask::Help, &["help", "info", "راهنما", "کمک", "مساعده", "مساعدة", "؟", "?"]),
];

impl Ask {
    /// Everything that can be asked for.
    pub const ALL: [Self; 6] =
        [Self::Stop, Self::Start, Self::Balance, Self::Purchases, Self::Help, Self::Other];

    /// Its word, in rows and meters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Balance => "balance",
            Self::Purchases => "purchases",
            Self::Help => "help",
            Self::Other => "other",
        }
    }

    /// What a text asks for: its only word, or the first of two, as in `STOP please`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let words: Vec<String> = text.split_whitespace().map(plain).filter(|word| !word.is_empty()).collect();
        let (Some(first), true) = (words.first(), words.len() <= 2) else { return Self::Other };
        let found = WORDS.iter().find(|(_, known)| known.contains(&first.as_str()));
        found.map_or(Self::Other, |(ask, _)| *ask)
    }
}

/// A word as everybody writes it: one letter for those that look alike, none of the marks, small ones.
fn plain(word: &str) -> String {
    let mut plain = String::new();
    for letter in locale::digits::to_latin(word).chars() {
        match letter {
            'ي' | 'ى' | 'ئ' => plain.push('ی'),
            'ك' => plain.push('ک'),
            'أ' | 'إ' | 'آ' | 'ٱ' => plain.push('ا'),
            'ة' | 'ۀ' => plain.push('ه'),
            'ؤ' => plain.push('و'),
            // Marks, drawn-out lines, half spaces and signs of direction.
            '\u{64B}'..='\u{65F}'
            | '\u{670}'
            | '\u{640}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2066}'..='\u{2069}'
            | '.'
            | '!'
            | ','
            | '،'
            | '"'
            | '«'
            | '»'
            | '#'
            | '*' => {}
            letter => plain.extend(letter.to_lowercase()),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_word_is_known_however_it_is_written() {
        for text in ["STOP", " stop.", "Stop please", "لغو", "لـغـو", "لغو!", "إلغاء", "ايقاف", "إيقاف"]
        {
            assert_eq!(Ask::of(text), Ask::Stop, "{text}");
        }
        for text in ["امتیاز", "امتياز", "أمتياز", "رصيد", "رصيدي", "Points", "مانده", "۱", "١"]
        {
            assert_eq!(Ask::of(text), Ask::Balance, "{text}");
        }
        for text in ["خرید", "خريد", "مشتريات", "خرید\u{200C}ها", "2"] {
            assert_eq!(Ask::of(text), Ask::Purchases, "{text}");
        }
        for text in ["شروع", "START", "تفعيل"] {
            assert_eq!(Ask::of(text), Ask::Start, "{text}");
        }
        for text in ["راهنما", "كمك", "مساعدة", "help"] {
            assert_eq!(Ask::of(text), Ask::Help, "{text}");
        }
        for text in
            ["", "زهرا", "Sara", "please stop sending me all of this", "stop it now", "می‌خواهم لغو کنم"]
        {
            assert_eq!(Ask::of(text), Ask::Other, "{text}");
        }
    }

    #[test]
    fn each_known_word_is_written_plainly_and_means_one_thing() {
        let mut all: Vec<&str> = WORDS.iter().flat_map(|(_, words)| words.iter().copied()).collect();
        for (ask, words) in WORDS {
            for word in *words {
                assert_eq!(Ask::of(word), *ask, "{word}");
            }
        }
        let many = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), many);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,300}") {
            let _ = Ask::of(&text);
        }
    }
}
