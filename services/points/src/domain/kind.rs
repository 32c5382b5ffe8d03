//! What a journal is: the kinds of business events on an account.

use super::numbered::numbered;

numbered! {
    /// What happened to an account.
    JournalKind {
        /// A purchase was recorded.
        Purchase = 1,
        /// Points lapsed.
        Expiry = 2,
        /// A purchase, or a part of it, was returned.
        Return = 3,
        /// Points were given for something else than a purchase.
        Bonus = 4,
        /// Pending points can be spent now.
        Activation = 5,
        /// Points were set aside for a redemption.
        Hold = 6,
        /// Points that were set aside are free again.
        Release = 7,
        /// Points that were set aside were redeemed.
        Capture = 8,
        /// Points were redeemed at once.
        Redemption = 9,
        /// A redemption was undone.
        RedemptionReversal = 10,
        /// Points were given or taken by hand.
        Adjustment = 11,
        /// Points left for another member.
        TransferSent = 12,
        /// Points came from another member.
        TransferReceived = 13,
        /// Points that were on their way to another member came back.
        TransferReturned = 14,
        /// The account was frozen.
        Freeze = 15,
        /// The account was opened again.
        Unfreeze = 16,
        /// The account was closed, its points given up.
        Closure = 17,
        /// An action, or a part of it, was undone.
        ActionReversal = 18,
        /// Points left, because another member of the household spends them.
        PoolGiven = 19,
        /// Points of others in the household came, just before they were spent.
        PoolDrawn = 20,
        /// Everything went into another account of the same person, and the account is closed.
        MergedOut = 21,
        /// Everything of another account of the same person came.
        MergedIn = 22,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_survives_its_row() {
        for kind in JournalKind::ALL {
            assert_eq!(JournalKind::from_number(kind.number()), Some(*kind));
        }
        assert_eq!(JournalKind::from_number(0), None);
    }
}
