//! One line of text that a person typed: a first name, the name of a branch.
//!
//! Any script is welcome. Refused is what can hide, reorder or break a line: control characters, direction
//! overrides, invisible fillers and code points that mean nothing. The zero-width non-joiner and joiner stay:
//! Persian and Arabic names are written with them.

use thiserror::Error;

/// Why a line of text is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LineFlaw {
    /// Nothing that can be read is in it.
    #[error("the text is empty")]
    Empty,
    /// It has more characters than allowed.
    #[error("the text is longer than {limit} characters")]
    TooLong {
        /// Characters allowed.
        limit: usize,
    },
    /// A character that hides, reorders or breaks the line.
    #[error("the text holds the forbidden character U+{code:04X}")]
    Forbidden {
        /// Its code point.
        code: u32,
    },
}

/// Reads a line of at most `limit` characters: outer white space and direction marks fall away, inner white
/// space becomes single spaces.
///
/// # Errors
/// A [`LineFlaw`], in the order of the variants, except that a forbidden character is told before a length.
pub fn read_line(text: &str, limit: usize) -> Result<String, LineFlaw> {
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || is_direction_mark(c));
    if let Some(bad) = trimmed.chars().find(|c| is_forbidden(*c)) {
        return Err(LineFlaw::Forbidden { code: u32::from(bad) });
    }
    let mut line = String::with_capacity(trimmed.len());
    for word in trimmed.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.chars().any(char::is_alphanumeric) {
        return Err(LineFlaw::Empty);
    }
    if line.chars().count() > limit {
        return Err(LineFlaw::TooLong { limit });
    }
    Ok(line)
}

/// Left-to-right, right-to-left and Arabic letter marks: harmless at the edges, where keyboards leave them.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}')
}

fn is_forbidden(c: char) -> bool {
    c.is_control()
        || is_direction_mark(c)
        || matches!(c,
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // direction embeddings, overrides and isolates
            | '\u{2028}' | '\u{2029}' // line and paragraph separators
            | '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}' | '\u{3164}' | '\u{FFA0}'
            | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}' // invisible fillers
            | '\u{FFF0}'..='\u{FFFF}' | '\u{FDD0}'..='\u{FDEF}' // specials and non-characters
            | '\u{E000}'..='\u{F8FF}' // private use
            | '\u{E0000}'..='\u{10FFFF}') // tags, variation supplements, private planes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_script_is_welcome_and_trimmed() {
        for (typed, kept) in [
            ("  زهرا ", "زهرا"),
            ("محمد\u{200C}رضا", "محمد\u{200C}رضا"),
            ("\u{200F}عائشة\u{200F}", "عائشة"),
            ("Mary   Ann", "Mary Ann"),
            ("李小龍", "李小龍"),
            ("O’Connor", "O’Connor"),
        ] {
            assert_eq!(read_line(typed, 40).as_deref(), Ok(kept));
        }
    }

    #[test]
    fn what_hides_or_reorders_is_refused() {
        for bad in
            ["a\u{202E}b", "a\u{2066}b", "a\nb", "a\u{0}b", "a\u{200B}b", "a\u{FEFF}b", "\u{7F}", "a\u{E000}"]
        {
            assert!(matches!(read_line(bad, 40), Err(LineFlaw::Forbidden { .. })), "{bad:?}");
        }
    }

    #[test]
    fn nothing_readable_is_empty() {
        for bad in ["", "   ", "\u{200F}", "--", "\u{200C}"] {
            assert_eq!(read_line(bad, 40), Err(LineFlaw::Empty), "{bad:?}");
        }
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(read_line(&"ز".repeat(40), 40).is_ok());
        assert_eq!(read_line(&"ز".repeat(41), 40), Err(LineFlaw::TooLong { limit: 40 }));
    }
}
