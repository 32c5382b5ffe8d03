//! Whether a redemption that is done may be cancelled: by its member until the time that was said when they redeemed it, by the chain
//! always, and **never once anything of its voucher is used**.

use kernel::Timestamp;

use super::{
    redemption::{Heard, State, Step, decide},
    refusal::Refusal,
    voucher::{self, Voucher},
};

/// The longest time for which members may give something back, in hours: a year.
pub const LONGEST_HOURS: u16 = 8_784;

/// Who wants it cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The member, until then; nothing where they never may.
    Member {
        /// Until when.
        until: Option<Timestamp>,
    },
    /// Somebody of the chain, who says why.
    Chain,
}

/// Decides whether it may be cancelled.
///
/// # Errors
/// [`Refusal::NotCancellable`], [`Refusal::CancellationOver`], [`Refusal::NotUsable`] where something of the voucher is used, or a
/// till is just using it, or a member's is over.
pub fn may_cancel(state: State, by: By, own: Option<&Voucher>, now: Timestamp) -> Result<(), Refusal> {
    if decide(state, Heard::Cancelled) != Step::Cancel {
        return Err(Refusal::NotCancellable(state));
    }
    if let By::Member { until } = by
        && until.is_none_or(|until| until <= now)
    {
        return Err(Refusal::CancellationOver { until });
    }
    let Some(own) = own else { return Ok(()) };
    if own.left(now) < own.worth {
        return Err(Refusal::NotUsable(voucher::State::Used));
    }
    match (own.stands(now), by) {
        (voucher::State::Issued, _) | (voucher::State::Cancelled, By::Chain) => Ok(()),
        (state, _) => Err(Refusal::NotUsable(state)),
    }
}

#[cfg(test)]
mod tests {
    use kernel::{BranchCode, VoucherUseId};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn voucher(state: voucher::State) -> Voucher {
        Voucher { state, worth: 100, valid_until: at(50), branches: Vec::new(), uses: Vec::new() }
    }

    #[test]
    fn a_member_gives_back_what_is_whole_until_the_time_that_was_said() {
        let own = voucher(voucher::State::Issued);
        let member = |until| By::Member { until };
        for (by, now, expected) in [
            (member(Some(at(10))), 9, Ok(())),
            (member(Some(at(10))), 10, Err(Refusal::CancellationOver { until: Some(at(10)) })),
            (member(None), 1, Err(Refusal::CancellationOver { until: None })),
            (member(Some(at(90))), 50, Err(Refusal::NotUsable(voucher::State::Expired))),
            (By::Chain, 49, Ok(())),
            (By::Chain, 50, Err(Refusal::NotUsable(voucher::State::Expired))),
        ] {
            assert_eq!(may_cancel(State::Completed, by, Some(&own), at(now)), expected, "{by:?} at {now}");
        }
        assert_eq!(may_cancel(State::Completed, By::Chain, None, at(1)), Ok(()));
        for state in State::ALL.into_iter().filter(|state| *state != State::Completed) {
            assert_eq!(may_cancel(state, By::Chain, None, at(1)), Err(Refusal::NotCancellable(state)));
        }
    }

    #[test]
    fn nobody_gives_back_what_is_used_or_being_used() {
        let vanak = BranchCode::parse("vanak").expect("a code");
        let id = VoucherUseId::from_uuid(uuid::Uuid::from_u128(1));
        for (until, over) in [(None, false), (Some(at(20)), true)] {
            let mut own = voucher(voucher::State::Issued);
            assert_eq!(own.take((id, 1), until, &vanak, at(1)), Ok(()));
            let used = Err(Refusal::NotUsable(voucher::State::Used));
            assert_eq!(may_cancel(State::Completed, By::Chain, Some(&own), at(19)), used);
            assert_eq!(may_cancel(State::Completed, By::Chain, Some(&own), at(20)).is_ok(), over);
        }
    }

    #[test]
    fn the_chain_gives_back_what_it_called_back_before() {
        let own = voucher(voucher::State::Cancelled);
        assert_eq!(may_cancel(State::Completed, By::Chain, Some(&own), at(1)), Ok(()));
        let member = By::Member { until: Some(at(9)) };
        let refused = Err(Refusal::NotUsable(voucher::State::Cancelled));
        assert_eq!(may_cancel(State::Completed, member, Some(&own), at(1)), refused);
    }
}
