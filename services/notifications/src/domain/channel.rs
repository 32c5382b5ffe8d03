//! The ways on which something reaches a member.

/// A way to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// A text message to the phone.
    Sms,
    /// A letter to the e-mail address.
    Email,
    /// A notification of the chain's app, or of a browser.
    Push,
    /// The inbox in the app, which waits until somebody looks.
    Inbox,
    /// A call of the chain's own systems, which do the rest.
    Hook,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 5] = [Self::Sms, Self::Email, Self::Push, Self::Inbox, Self::Hook];

    /// The word of it, in rows and bodies.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Push => "push",
            Self::Inbox => "inbox",
            Self::Hook => "hook",
        }
    }

    /// The channel of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.word() == word)
    }

    /// Whether it disturbs: what only waits to be read comes at any hour, and as often as there is something.
    #[must_use]
    pub const fn disturbs(self) -> bool {
        matches!(self, Self::Sms | Self::Push | Self::Email)
    }
}
