//! What members are sent.

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// A code to sign in with, or to raise a session.
    Code,
    /// A code that shows that a phone is at hand which is to lead to a member.
    NewPhone,
    /// A code that shows that a phone is at hand whose member is another one, too.
    MergeCode,
    /// Somebody says that the phone is lost, and that its member is another one, too.
    MergeAsked,
    /// Another phone leads to the member; a code calls it back.
    PhoneChanged,
    /// The same, where only people can call it back.
    PhoneChangedForGood,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Code,
        Self::NewPhone,
        Self::MergeCode,
        Self::MergeAsked,
        Self::PhoneChanged,
        Self::PhoneChangedForGood,
    ];

    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::NewPhone => "new_phone",
            Self::MergeCode => "merge_code",
            Self::MergeAsked => "merge_asked",
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
