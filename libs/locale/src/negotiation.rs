//! The language of an answer, chosen from what the caller accepts (RFC 9110, 12.5.4).

use kernel::Language;

/// The best of Vafa's languages for an `Accept-Language` header; English when it names none of them.
#[must_use]
pub fn negotiate(accept_language: &str) -> Language {
    negotiate_or(accept_language, Language::En)
}

/// The best of Vafa's languages for an `Accept-Language` header; `default` when it names none of them.
///
/// The highest weight wins, the first of equals; `fa-IR` counts as `fa`; `*` means `default` unless that
/// was named; what is not well-formed is passed over.
#[must_use]
pub fn negotiate_or(accept_language: &str, default: Language) -> Language {
    let ranges: Vec<(Range, u16)> = accept_language.split(',').filter_map(parse).collect();
    let named = |language| ranges.iter().any(|(range, _)| *range == Range::One(language));
    let others = Language::ALL.into_iter().filter(|language| *language != default);
    let any = std::iter::once(default).chain(others).find(|language| !named(*language));
    let mut best: Option<(Language, u16)> = None;
    for (range, weight) in &ranges {
        let language = match range {
            Range::One(language) => Some(*language),
            Range::Any => any,
        };
        if let Some(language) = language
            && *weight > best.map_or(0, |(_, weight)| weight)
        {
            best = Some((language, *weight));
        }
    }
    best.map_or(default, |(language, _)| language)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    One(Language),
    Any,
}

/// A language range and its weight in thousandths; none for other languages and for what is not well-formed.
fn parse(item: &str) -> Option<(Range, u16)> {
    let mut parts = item.split(';').map(str::trim);
    let tag = parts.next()?;
    let range = if tag == "*" { Range::Any } else { Range::One(Language::parse(tag).ok()?) };
    let weight = match parts.next() {
        None => 1000,
        Some(parameter) => thousandths(parameter.strip_prefix("q=").or(parameter.strip_prefix("Q="))?)?,
    };
    Some((range, weight))
}

/// `1`, `0.8` or `0.333` in thousandths.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let is_number = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let value = match (whole, is_number) {
        ("0" | "1", true) => format!("{whole}{decimals:0<3}").parse().ok()?,
        _ => return None,
    };
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use Language::{Ar, En, Fa};

    use super::*;

    #[test]
    fn the_caller_gets_the_language_it_likes_best() {
        let table = [
            ("fa", Fa),
            ("fa-IR, fa;q=0.9, en;q=0.8", Fa),
            ("de-DE, ar;q=0.3, fa;q=0.301", Fa),
            ("en;q=0.5, ar-EG;q=0.5", En),
            ("AR", Ar),
            ("", En),
            ("de", En),
            ("*", En),
            ("en;q=0, *;q=0.5", Fa),
            ("fa;q=0", En),
            ("fa;q=2, ar;q=0.1", Ar),
            ("fa;q=abc", En),
            ("fa;q=0.1234, ar;q=0.1", Ar),
            (" ar ; q=0.7 ,en;q=0.6", Ar),
            (",,;;,=", En),
        ];
        for (header, expected) in table {
            assert_eq!(negotiate(header), expected, "{header:?}");
        }
        assert_eq!(negotiate_or("de", Fa), Fa);
        assert_eq!(negotiate_or("*", Ar), Ar);
    }
}
