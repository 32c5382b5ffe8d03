//! What is personal, and made so that nothing else looks like it.

use kernel::Language;
use locale::digits::to_local;

/// Everything that must be found nowhere.
#[derive(Default)]
pub(super) struct Marks {
    /// Phones, in E.164.
    phones: Vec<String>,
    /// Names, e-mails, cities and other words.
    words: Vec<String>,
    /// Cards, keys, tokens and codes.
    pub(super) secrets: Vec<String>,
}

impl Marks {
    /// A phone that nobody else has; the number is in a range that is given to no country.
    pub(super) fn phone(&mut self) -> String {
        let phone = format!("+99955123{:05}", 45_678 + self.phones.len());
        self.phones.push(phone.clone());
        phone
    }

    /// Keeps a word in mind.
    pub(super) fn word(&mut self, word: &str) -> String {
        self.words.push(word.to_owned());
        word.to_owned()
    }

    /// Keeps a secret in mind.
    pub(super) fn secret(&mut self, secret: &str) {
        self.secrets.push(secret.to_owned());
    }

    /// All of them in the forms in which they could lie somewhere.
    pub(super) fn all(&self) -> Vec<String> {
        let mut all = Vec::new();
        for phone in &self.phones {
            let digits = phone.trim_start_matches('+');
            all.push(digits[3..].to_owned());
            all.push(to_local(digits, Language::Fa).into_owned());
            all.push(to_local(digits, Language::Ar).into_owned());
        }
        for word in &self.words {
            all.push(word.clone());
            if !word.is_ascii() {
                all.push(escaped(word));
            }
        }
        all.extend(self.secrets.iter().cloned());
        all
    }
}

/// As JSON may write what is not ASCII.
fn escaped(word: &str) -> String {
    word.chars().fold(String::new(), |text, letter| format!("{text}\\u{:04x}", u32::from(letter)))
}
