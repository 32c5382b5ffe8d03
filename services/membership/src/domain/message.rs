//! What members are sent.

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// A code to sign in with, or to raise a session.
    Code,
    /// A code that shows that a phone is at hand which is to lead to a member.
    NewPhone,
    /// Another phone leads to the member; a code calls it back.
    PhoneChanged,
    /// The same, where only people can call it back.
    PhoneChangedForGood,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Code, Self::NewPhone, Self::PhoneChanged, Self::PhoneChangedForGood];

    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::NewPhone => "new_phone",
            Self::PhoneChanged => "phone_changed",
            Self::PhoneChangedForGood => "phone_changed_for_good",
        }
    }

    /// The kind behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}
