//! A redemption: from asking for a reward to having it, or to nothing (W4). Drawn in `docs/redemption.md`.
//!
//! **A redemption ends completed or released, and never both; it is completed exactly when points captured, and released exactly when
//! points let go or never held.** Until points is told that the reward is ready, whoever gives up decides alone, since points captures
//! nothing before; from then on only the word of points decides.
//!
//! **What was completed and is cancelled costs nothing in the end, and is had by nobody**: the voucher is called back first, and its
//! points come back once, or never where their account is closed.

use contracts::rewards::WhyReleased;

/// Where a redemption stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// One is reserved, its limits are counted, and points was told.
    Requested,
    /// Points are set aside, and somebody else is to deliver it.
    Fulfilling,
    /// The reward is ready, and points was told to redeem what it costs: only points decides now.
    Fulfilled,
    /// Points are redeemed, and the member has the reward.
    Completed,
    /// It came to nothing.
    Released,
    /// It was done and is cancelled; points was told to give back what it cost.
    Cancelled,
    /// It was cancelled, and what it cost is back.
    Refunded,
    /// It was cancelled, and what it cost has nowhere to go.
    Forfeited,
}

impl State {
    /// Where it begins: what is ready at once waits for nothing but the word of points.
    #[must_use]
    pub const fn first(is_ready: bool) -> Self {
        if is_ready { Self::Fulfilled } else { Self::Requested }
    }

    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Requested,
        Self::Fulfilling,
        Self::Fulfilled,
        Self::Completed,
        Self::Released,
        Self::Cancelled,
        Self::Refunded,
        Self::Forfeited,
    ];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Fulfilling => "fulfilling",
            Self::Fulfilled => "fulfilled",
            Self::Completed => "completed",
            Self::Released => "released",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
            Self::Forfeited => "forfeited",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether nothing more is to be heard about it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Released | Self::Refunded | Self::Forfeited)
    }

    /// Whether it was done, and is not any more.
    #[must_use]
    pub const fn is_undone(self) -> bool {
        matches!(self, Self::Cancelled | Self::Refunded | Self::Forfeited)
    }
}

/// What is heard about a redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Points set aside what it costs.
    Held,
    /// The same, for what somebody else delivers.
    HeldForDelivery,
    /// It is delivered.
    Delivered,
    /// It will not be delivered.
    Undelivered,
    /// Points cannot be had.
    Refused(WhyReleased),
    /// What was set aside is redeemed.
    Captured,
    /// What was set aside is free again.
    LetGo,
    /// Its time is over, and points did not answer.
    TimedOut,
    /// The member's data is erased.
    Erased,
    /// The member or the chain cancels it, as it may be.
    Cancelled,
    /// What it cost is back.
    Refunded,
    /// What it cost cannot come back.
    RefundRefused(WhyReleased),
}

/// What is to be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Let somebody else deliver it.
    Entrust,
    /// Make the reward ready, and tell points.
    Fulfil,
    /// Hand the reward out: what was reserved is given.
    Complete,
    /// Give back what was reserved, and tell why.
    Release(WhyReleased),
    /// Call the voucher back, give back what was given, and tell points.
    Cancel,
    /// Note that the points are back.
    Refund,
    /// Note why they are not.
    Forfeit(WhyReleased),
    /// Nothing.
    Stay,
}

impl Step {
    /// Where the redemption stands afterwards.
    #[must_use]
    pub const fn leads_to(self, from: State) -> State {
        match self {
            Self::Entrust => State::Fulfilling,
            Self::Fulfil => State::Fulfilled,
            Self::Complete => State::Completed,
            Self::Release(_) => State::Released,
            Self::Cancel => State::Cancelled,
            Self::Refund => State::Refunded,
            Self::Forfeit(_) => State::Forfeited,
            Self::Stay => from,
        }
    }
}

/// Decides what follows from what is heard. What is heard again, or too late, changes nothing.
#[must_use]
pub const fn decide(state: State, heard: Heard) -> Step {
    match (state, heard) {
        (State::Requested, Heard::Held) | (State::Fulfilling, Heard::Delivered) => Step::Fulfil,
        (State::Requested, Heard::HeldForDelivery) => Step::Entrust,
        // Who delivers it knows alone: nothing else ends it, so that nothing is delivered and released.
        (State::Fulfilling, Heard::Undelivered) => Step::Release(WhyReleased::NotDelivered),
        (State::Fulfilled, Heard::Captured) => Step::Complete,
        (State::Requested | State::Fulfilled, Heard::Refused(why)) => Step::Release(why),
        (State::Requested | State::Fulfilled, Heard::LetGo) => Step::Release(WhyReleased::HoldOver),
        (State::Requested, Heard::TimedOut) => Step::Release(WhyReleased::TimedOut),
        (State::Requested, Heard::Erased) => Step::Release(WhyReleased::MemberErased),
        (State::Completed, Heard::Cancelled) => Step::Cancel,
        (State::Cancelled, Heard::Refunded) => Step::Refund,
        (State::Cancelled, Heard::RefundRefused(why)) => Step::Forfeit(why),
        // Captured without having been ready cannot be; once it is ready, giving up is for points alone; and points gives back
        // only what was cancelled.
        _ => Step::Stay,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is on its way.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Fact {
        Requested,
        Fulfilled,
        Released,
        Held,
        Refused,
        Captured,
        LetGo,
        Cancelled,
        Refunded,
        Unpayable,
        Ordered,
        Delivered,
        Undelivered,
    }

    /// What becomes of the points, as the service of points does it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Hold {
        None,
        Open,
        Captured,
        Free,
        Back,
    }

    #[derive(Debug)]
    #[expect(
        clippy::struct_excessive_bools,
        reason = "several machines in one model, each of which did its part or not"
    )]
    struct World {
        state: State,
        hold: Hold,
        ended: bool,
        enough: bool,
        closed: bool,
        at_once: bool,
        by_others: bool,
        delivered: bool,
        refunds: i32,
        way: Vec<Fact>,
        stock: i32,
        given: i32,
    }

    impl World {
        fn new(enough: bool, at_once: bool, by_others: bool) -> Self {
            let (state, hold, way) = (State::first(at_once), Hold::None, vec![Fact::Requested]);
            let (ended, closed, delivered) = (false, false, false);
            let (refunds, stock, given) = (0, 0, 0);
            Self {
                state,
                hold,
                ended,
                enough,
                closed,
                at_once,
                by_others,
                delivered,
                refunds,
                way,
                stock,
                given,
            }
        }

        fn hears(&mut self, heard: Heard) {
            let heard = match heard {
                Heard::Held if self.by_others => Heard::HeldForDelivery,
                heard => heard,
            };
            let step = decide(self.state, heard);
            match step {
                Step::Entrust => self.way.push(Fact::Ordered),
                Step::Fulfil => self.way.push(Fact::Fulfilled),
                Step::Complete => self.given += 1,
                Step::Release(_) => {
                    self.stock += 1;
                    self.way.push(Fact::Released);
                }
                Step::Cancel => {
                    self.given -= 1;
                    self.stock += 1;
                    self.way.push(Fact::Cancelled);
                }
                Step::Refund | Step::Forfeit(_) | Step::Stay => {}
            }
            self.state = step.leads_to(self.state);
        }

        fn refuses(&mut self) {
            if !self.ended {
                self.ended = true;
                self.way.push(Fact::Refused);
            }
        }

        fn arrives(&mut self, fact: Fact) {
            match (fact, self.hold) {
                (Fact::Requested, Hold::None) if !self.ended => {
                    if self.enough && self.at_once {
                        self.hold = Hold::Captured;
                        self.way.push(Fact::Captured);
                    } else if self.enough {
                        self.hold = Hold::Open;
                        self.way.push(Fact::Held);
                    } else {
                        self.refuses();
                    }
                }
                (Fact::Fulfilled, Hold::Open) => {
                    self.hold = Hold::Captured;
                    self.way.push(Fact::Captured);
                }
                (Fact::Fulfilled, Hold::None | Hold::Free) => self.refuses(),
                (Fact::Released, hold) => {
                    self.ended = true;
                    if hold == Hold::Open {
                        self.lets_go();
                    }
                }
                (Fact::Cancelled, Hold::Captured) if !self.ended => {
                    self.ended = true;
                    if self.closed {
                        self.way.push(Fact::Unpayable);
                    } else {
                        (self.hold, self.refunds) = (Hold::Back, self.refunds + 1);
                        self.way.push(Fact::Refunded);
                    }
                }
                (Fact::Requested | Fact::Fulfilled | Fact::Cancelled, _) => {}
                (Fact::Held, _) => self.hears(Heard::Held),
                (Fact::Refused, _) => self.hears(Heard::Refused(WhyReleased::BalanceTooLow)),
                (Fact::Captured, _) => self.hears(Heard::Captured),
                (Fact::LetGo, _) => self.hears(Heard::LetGo),
                (Fact::Refunded, _) => self.hears(Heard::Refunded),
                (Fact::Ordered, _) if self.closed => self.way.push(Fact::Undelivered),
                (Fact::Ordered, _) => {
                    self.delivered = true;
                    self.way.push(Fact::Delivered);
                }
                (Fact::Delivered, _) => self.hears(Heard::Delivered),
                (Fact::Undelivered, _) if self.delivered => {}
                (Fact::Undelivered, _) => self.hears(Heard::Undelivered),
                (Fact::Unpayable, _) => self.hears(Heard::RefundRefused(WhyReleased::AccountClosed)),
            }
        }

        fn lets_go(&mut self) {
            self.hold = Hold::Free;
            self.way.push(Fact::LetGo);
        }
    }

    proptest! {
        /// In any order of what is on its way, however often each comes, with any timeout and lapse between.
        #[test]
        fn a_redemption_is_captured_or_released_and_never_both(
            enough in any::<bool>(),
            (at_once, by_others) in prop_oneof![Just((false, false)), Just((true, false)), Just((false, true))],
            choices in prop::collection::vec((0_usize..64, 0_u8..14), 0..60),
        ) {
            let mut world = World::new(enough, at_once, by_others);
            for (pick, what) in choices {
                match what {
                    0 => world.hears(Heard::TimedOut),
                    1 => world.hears(Heard::Erased),
                    // What others deliver is held for longer than they have time.
                    2 if world.hold == Hold::Open && !by_others => world.lets_go(),
                    4 => world.hears(Heard::Cancelled),
                    5 if pick == 0 => world.closed = true,
                    _ if world.way.is_empty() => {}
                    _ => {
                        let at = pick % world.way.len();
                        // One that comes again stays on its way.
                        let fact = if what == 3 { world.way[at] } else { world.way.remove(at) };
                        world.arrives(fact);
                    }
                }
                prop_assert!(world.stock + world.given <= 1);
            }
            // Whatever is left arrives; points that nobody fetches lapse, and who waits for too long gives up.
            for _ in 0..100 {
                let Some(fact) = world.way.pop() else {
                    if world.hold == Hold::Open { world.lets_go(); }
                    world.hears(Heard::TimedOut);
                    if world.way.is_empty() { break; }
                    continue;
                };
                world.arrives(fact);
            }
            prop_assert!(world.state.is_over(), "{world:?}");
            let captured_once = matches!(world.hold, Hold::Captured | Hold::Back);
            prop_assert!(!by_others || world.delivered == captured_once, "delivered and released, or the other way: {world:?}");
            let captured = matches!(world.state, State::Completed | State::Forfeited);
            prop_assert_eq!(captured, world.hold == Hold::Captured, "{:?}", world);
            prop_assert_eq!(world.state == State::Refunded, world.hold == Hold::Back, "{:?}", world);
            prop_assert_eq!(world.refunds, i32::from(world.state == State::Refunded));
            prop_assert_eq!((world.given, world.stock), if world.state == State::Completed { (1, 0) } else { (0, 1) });
        }
    }

    #[test]
    fn a_state_survives_its_row() {
        for state in State::ALL {
            assert_eq!(State::from_word(state.word()), Some(state));
        }
        assert_eq!(State::from_word("half"), None);
    }
}
