//! What can stand between a command and its answer, and the codes under which callers meet it.

use anyhow::anyhow;
use axum::http::{HeaderValue, header::RETRY_AFTER};
use kernel::Timestamp;
use store::StoreError;
use web::Problem;

use crate::domain::{code_batch, fulfilment, money::TooLarge, refusal::Refusal, statement::NotClosed};

/// Why a command or a question has no good answer.
#[derive(Debug)]
pub enum Error {
    /// What it is about does not exist.
    Missing(Missing),
    /// The business says no.
    Refused(Refusal),
    /// The idempotency key was used for something else.
    KeyReused,
    /// The reward's codes come out of a pool, so its stock is the pool.
    Pooled,
    /// The reward's codes do not come out of a pool.
    NotPooled,
    /// The reward has no codes of ours.
    Codeless,
    /// The batch has no file, or none any more.
    BatchUnready(code_batch::State),
    /// The codes of a batch were given out.
    BatchFetched {
        /// When.
        at: Timestamp,
    },
    /// What others deliver ended, or did not, so that this cannot be decided.
    OutcomeImpossible(fulfilment::State),
    /// The statement cannot be closed.
    NotClosed(NotClosed),
    /// Codes of a reward come out of a pool or not, for ever.
    KindChanged,
    /// The draw is published, so it stays as it is.
    DrawPublished,
    /// The draw's closing time is past.
    DrawOver,
    /// The draw's list of tickets is not closed yet, or no value is entered.
    DrawNotClosed,
    /// Another value was entered than is confirmed.
    EntropyDiffers,
    /// Whoever entered a value cannot confirm it.
    SecondPersonNeeded,
    /// The time for claiming the prize is over.
    ClaimOver,
    /// Somebody else's change was met; on fresh rows it may go better.
    Met(anyhow::Error),
    /// The database does not answer in time; the same call may succeed later.
    Unavailable(anyhow::Error),
    /// Our machine broke.
    Fault(anyhow::Error),
}

/// What does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The reward, for whoever asks.
    Reward,
    /// The redemption.
    Redemption,
    /// The voucher.
    Voucher,
    /// The use of a voucher, at that branch.
    Use,
    /// The draw.
    Draw,
    /// A prize of the draw, for this member.
    Prize,
    /// The batch of codes.
    Batch,
    /// Anything of that redemption that waits for people.
    Fulfilment,
    /// The rule for gifts.
    GiftRule,
    /// The event.
    Event,
    /// The seat, or the place in a waiting list.
    Seat,
    /// The personal offer, for whoever asks.
    Offer,
    /// The statement.
    Statement,
    /// Who pays for a reward.
    Sponsor,
    /// The challenge or the contest.
    Challenge,
}

impl From<Missing> for Error {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if error.is_unique_violation() {
            Self::Met(error.into())
        } else if error.is_transient() {
            Self::Unavailable(error.into())
        } else {
            Self::Fault(error.into())
        }
    }
}

impl From<TooLarge> for Error {
    fn from(error: TooLarge) -> Self {
        Self::Fault(error.into())
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Fault(error)
    }
}

impl From<Error> for anyhow::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Met(fault) | Error::Unavailable(fault) | Error::Fault(fault) => fault,
            other => anyhow!("{other:?}"),
        }
    }
}

web::error_codes! {
    pub REWARD_UNKNOWN = "rewards.reward_unknown", Missing, "There is no such reward, or it is not offered to whoever asks.";
    pub REDEMPTION_UNKNOWN = "rewards.redemption_unknown", Missing, "There is no such redemption.";
    pub VOUCHER_UNKNOWN = "rewards.voucher_unknown", Missing, "There is no such voucher. A code is 16 characters; blanks and dashes do not matter.";
    pub USE_UNKNOWN = "rewards.use_unknown", Missing, "There is no such use of a voucher at this branch.";
    pub MEMBER_UNKNOWN = "rewards.member_unknown", Missing, "The phone, card or id leads to no member.";
    pub IDENTIFIER_INVALID = "rewards.identifier_invalid", Rejected, "The text is no phone number, or no number of a card.";
    pub MEMBER_MISNAMED = "rewards.member_misnamed", Rejected, "Members redeem for themselves and name nobody; tills and staff name the member.";
    pub TERMS_INVALID = "rewards.terms_invalid", Rejected, "Something in the reward cannot be; pointer says what. The guide has the limits.";
    pub KIND_CHANGED = "rewards.kind_changed", Conflict, "A reward whose codes come from a partner stays one, and no other becomes one. Take another code for the reward.";
    pub SCHEDULE_INVALID = "rewards.schedule_invalid", Rejected, "A reward ends after it begins.";
    pub BRANCH_UNKNOWN = "rewards.branch_unknown", Rejected, "There is no such branch.";
    pub UNITS_INVALID = "rewards.units_invalid", Rejected, "A stock has none to 1,000,000,000 units.";
    pub STOCK_TOO_SMALL = "rewards.stock_too_small", Conflict, "More than that is reserved or given already; taken says how many.";
    pub STOCK_IS_POOL = "rewards.stock_is_pool", Conflict, "Of a partner's coupons there are as many as codes were imported.";
    pub NOT_POOLED = "rewards.not_pooled", Conflict, "Only rewards of the kind partner_coupon take codes of a partner.";
    pub COUPONS_INVALID = "rewards.coupons_invalid", Rejected, "1 to 1000 codes at once, each 1 to 64 visible ASCII characters. pointer names the one that is not.";
    pub NOT_OFFERED = "rewards.not_offered", Conflict, "The reward is not offered now, or not to this member, or not at this branch.";
    pub BRANCH_MISSING = "rewards.branch_missing", Rejected, "The reward is kept at branches: name the one where the member wants it.";
    pub LIMIT_REACHED = "rewards.limit_reached", Conflict, "The member has had the reward as often as it may be had in this time; most says how often.";
    pub OUT_OF_STOCK = "rewards.out_of_stock", Conflict, "None is left.";
    pub BALANCE_TOO_LOW = "rewards.balance_too_low", Rejected, "There are fewer points than the reward costs; missing says how many.";
    pub ACCOUNT_LOCKED = "rewards.account_locked", Rejected, "The member's account lets no points go; reason says why.";
    pub PROOF_MISSING = "rewards.proof_missing", Rejected, "The programme asks for proof before points are spent: reason says whether the phone is not confirmed (phone_unconfirmed), or a fresh code is needed for so many points (code_needed). Nothing was taken; prove it, and ask anew with another key.";
    pub NOT_REDEEMED = "rewards.not_redeemed", Conflict, "The redemption came to nothing, and the points are the member's; reason says why. Ask anew with another key.";
    pub NOT_CANCELLABLE = "rewards.not_cancellable", Conflict, "Only a redemption that is completed can be cancelled; state says where it stands.";
    pub CANCELLATION_OVER = "rewards.cancellation_over", Conflict, "The member may not give the reward back: never, or not any more; until says since when. The chain's staff may, while nothing of it is used.";
    pub REASON_MISSING = "rewards.reason_missing", Rejected, "Staff say why: 1 to 500 characters, none of them invisible.";
    pub CODELESS = "rewards.codeless", Conflict, "Only rewards with vouchers that have codes of ours can have a batch of codes.";
    pub BATCH_UNKNOWN = "rewards.batch_unknown", Missing, "There is no such batch of codes.";
    pub BATCH_INVALID = "rewards.batch_invalid", Rejected, "A batch has 1 to 100,000 codes, good for 3650 days at most; pointer says what is wrong.";
    pub BATCH_UNREADY = "rewards.batch_unready", Conflict, "The batch's codes are still being made, or it is revoked or over; state says which.";
    pub BATCH_FETCHED = "rewards.batch_fetched", Conflict, "The codes were given out, and only their hashes are left; fetched_at says when. Revoke the batch where they were lost.";
    pub FULFILMENT_UNKNOWN = "rewards.fulfilment_unknown", Missing, "Nothing of this redemption waits for people.";
    pub OUTCOME_IMPOSSIBLE = "rewards.outcome_impossible", Conflict, "What has ended can be settled alone, and what has not can not; state says where it stands.";
    pub EVENT_FORGED = "rewards.event_forged", Rejected, "The message is not signed by the provider, or too old.";
    pub EVENT_UNREADABLE = "rewards.event_unreadable", Rejected, "The message is signed, and not as agreed: see the guide.";
    pub KEY_REUSED = "rewards.key_reused", Rejected, "The Idempotency-Key was used for something else.";
    pub VOUCHER_NOT_USABLE = "rewards.voucher_not_usable", Conflict, "The voucher is used, cancelled or over; state says which.";
    pub VOUCHER_ELSEWHERE = "rewards.voucher_elsewhere", Rejected, "The voucher is for other branches.";
    pub AMOUNT_INVALID = "rewards.amount_invalid", Rejected, "There is less on the voucher, or it is reserved, or nothing was asked for; left says how much is free.";
    pub RESERVATION_INVALID = "rewards.reservation_invalid", Rejected, "A reservation stands for 1 to 3600 seconds.";
    pub RECEIPT_INVALID = "rewards.receipt_invalid", Rejected, "A receipt's number has 1 to 64 characters, none of them invisible.";
    pub USE_OVER = "rewards.use_over", Conflict, "The use was taken back, or nobody confirmed the reservation in time.";
    pub EVENT_UNKNOWN = "rewards.event_unknown", Missing, "There is no such event.";
    pub EVENT_INVALID = "rewards.event_invalid", Rejected, "Something in the event cannot be; pointer says what. The guide has the limits.";
    pub SEATS_TOO_FEW = "rewards.seats_too_few", Conflict, "More seats than that are taken already; taken says how many.";
    pub EVENT_OVER = "rewards.event_over", Conflict, "The event is over, or called off: it stays as it is. Write down another one.";
    pub SEAT_UNKNOWN = "rewards.seat_unknown", Missing, "There is no such seat, and no such place in a waiting list.";
    pub SEAT_HAD = "rewards.seat_had", Conflict, "The member has a seat at this event, or waits for one.";
    pub SEAT_FIXED = "rewards.seat_fixed", Conflict, "The seat cannot be given back any more, or its points are on their way.";
    pub GIFT_RULE_UNKNOWN = "rewards.gift_rule_unknown", Missing, "There is no such rule for gifts.";
    pub GIFT_RULE_INVALID = "rewards.gift_rule_invalid", Rejected, "Something in the rule cannot be; pointer says what. The guide has the limits.";
    pub GIFT_RULE_FIXED = "rewards.gift_rule_fixed", Conflict, "A rule keeps its occasion and its beginning. Write down another rule, and end this one.";
    pub GIFT_BUDGET_TOO_SMALL = "rewards.gift_budget_too_small", Conflict, "More than that were given already; given says how many.";
    pub OFFER_UNKNOWN = "rewards.offer_unknown", Missing, "There is no such personal offer, or it is not for this member.";
    pub OFFER_INVALID = "rewards.offer_invalid", Rejected, "Something in the offer cannot be; pointer says what. The guide has the limits.";
    pub OFFER_FIXED = "rewards.offer_fixed", Conflict, "The offer is published: its texts, end, budget and categories may change while it is live, and nothing else.";
    pub OFFER_OVER = "rewards.offer_over", Conflict, "The offer is withdrawn, or its time is over or has not come yet.";
    pub OFFER_TAPLESS = "rewards.offer_tapless", Conflict, "Nobody has to activate this offer: it counts by itself.";
    pub OFFER_USED_UP = "rewards.offer_used_up", Conflict, "Nothing is left of this offer.";
    pub OFFER_MEMBERS_INVALID = "rewards.offer_members_invalid", Rejected, "1 to 10,000 members at once, and 200,000 on the list of one offer.";
    pub CHALLENGE_UNKNOWN = "rewards.challenge_unknown", Missing, "There is no such challenge or contest.";
    pub CHALLENGE_INVALID = "rewards.challenge_invalid", Rejected, "Something in the challenge cannot be; pointer says what. The guide has the limits.";
    pub CHALLENGE_FIXED = "rewards.challenge_fixed", Conflict, "The challenge is published: its texts and how many are given may change while it is live, and nothing else.";
    pub CHALLENGE_OVER = "rewards.challenge_over", Conflict, "The challenge is withdrawn or closed, or its days are past.";
    pub GUESSES_TOO_MANY = "rewards.guesses_too_many", TooMany, "The till was wrong about codes too often. Retry-After says when it may try again.";
    pub SPONSOR_UNKNOWN = "rewards.sponsor_unknown", Missing, "No reward ever named this sponsor.";
    pub STATEMENT_UNKNOWN = "rewards.statement_unknown", Missing, "There is no statement of this number.";
    pub STATEMENT_CLOSED = "rewards.statement_closed", Conflict, "A statement that ends later is closed for this sponsor; last says with which day.";
    pub STATEMENT_UNREADY = "rewards.statement_unready", Conflict, "Not all days of the statement are summed: an hour after a day it is. last says which day is the latest.";
    pub PERIOD_INVALID = "rewards.period_invalid", Malformed, "The period ends before it begins, or is longer than ten years.";
    pub LIMIT_OUT_OF_RANGE = "rewards.limit_out_of_range", Malformed, "A page has 1 to 200 items.";
    pub CURSOR_INVALID = "rewards.cursor_invalid", Malformed, "The cursor is none that this list gave out. Begin again without one.";
    pub DRAW_UNKNOWN = "rewards.draw_unknown", Missing, "There is no such draw, or it is not published yet.";
    pub DRAW_TERMS_INVALID = "rewards.draw_terms_invalid", Rejected, "Something in the draw cannot be; pointer says what. The guide has the limits.";
    pub DRAW_PUBLISHED = "rewards.draw_published", Conflict, "The draw is published: it stays as it is.";
    pub DRAW_OVER = "rewards.draw_over", Conflict, "The draw's closing time is past: a draft needs a later one, and what is published stays as it is.";
    pub DRAW_NOT_OPEN = "rewards.draw_not_open", Conflict, "There is no such draw, or it takes no tickets now.";
    pub DRAW_NOT_CLOSED = "rewards.draw_not_closed", Conflict, "The draw's list is not closed yet, or no value is entered, or its winners are chosen already.";
    pub TICKETS_INVALID = "rewards.tickets_invalid", Rejected, "1 to 10,000 tickets at once, with a reason of 1 to 200 characters.";
    pub ENTROPY_INVALID = "rewards.entropy_invalid", Rejected, "A value of a source of chance has 1 to 500 characters, none of them invisible.";
    pub ENTROPY_DIFFERS = "rewards.entropy_differs", Conflict, "Another value was entered. Look it up again, both of you.";
    pub SECOND_PERSON_NEEDED = "rewards.second_person_needed", Rejected, "Whoever entered the value cannot confirm it: a second person does.";
    pub PRIZE_UNKNOWN = "rewards.prize_unknown", Missing, "The member won nothing in this draw that can be had in this way.";
    pub CLAIM_OVER = "rewards.claim_over", Conflict, "The time for claiming the prize is over.";
    pub POINTS_SILENT = "rewards.points_silent", Unavailable, "Points does not say just now where the member stands, and this reward is not for everybody. Send the same request again.";
    pub MEMBERSHIP_SILENT = "rewards.membership_silent", Unavailable, "Membership does not say just now whom the phone or the card leads to. Send the same request again.";
    pub DATABASE_BUSY = "rewards.database_busy", Unavailable, "The database does not answer in time. Send the same request again.";
}

impl From<Missing> for Problem {
    fn from(missing: Missing) -> Self {
        Self::new(match missing {
            Missing::Reward => &REWARD_UNKNOWN,
            Missing::Redemption => &REDEMPTION_UNKNOWN,
            Missing::Voucher => &VOUCHER_UNKNOWN,
            Missing::Use => &USE_UNKNOWN,
            Missing::Draw => &DRAW_UNKNOWN,
            Missing::Prize => &PRIZE_UNKNOWN,
            Missing::Batch => &BATCH_UNKNOWN,
            Missing::Fulfilment => &FULFILMENT_UNKNOWN,
            Missing::GiftRule => &GIFT_RULE_UNKNOWN,
            Missing::Event => &EVENT_UNKNOWN,
            Missing::Seat => &SEAT_UNKNOWN,
            Missing::Offer => &OFFER_UNKNOWN,
            Missing::Statement => &STATEMENT_UNKNOWN,
            Missing::Sponsor => &SPONSOR_UNKNOWN,
            Missing::Challenge => &CHALLENGE_UNKNOWN,
        })
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotOffered => Self::new(&NOT_OFFERED),
            Refusal::BranchMissing => Self::new(&BRANCH_MISSING).pointer("/branch"),
            Refusal::LimitReached { most } => {
                Self::new(&LIMIT_REACHED).arg("most", most).extension("most", most)
            }
            Refusal::OutOfStock => Self::new(&OUT_OF_STOCK),
            Refusal::NotUsable(state) => {
                Self::new(&VOUCHER_NOT_USABLE).arg("state", state.word()).extension("state", state.word())
            }
            Refusal::Elsewhere => Self::new(&VOUCHER_ELSEWHERE),
            Refusal::AmountInvalid { left } => {
                Self::new(&AMOUNT_INVALID).arg("left", left).extension("left", left).pointer("/amount")
            }
            Refusal::NotCancellable(state) => {
                Self::new(&NOT_CANCELLABLE).arg("state", state.word()).extension("state", state.word())
            }
            Refusal::CancellationOver { until } => {
                let problem = Self::new(&CANCELLATION_OVER);
                until.map_or(problem.clone(), |until| problem.extension("until", until.to_string()))
            }
            Refusal::UseOver => Self::new(&USE_OVER),
            Refusal::DrawNotOpen => Self::new(&DRAW_NOT_OPEN),
            Refusal::SeatHad => Self::new(&SEAT_HAD),
            Refusal::SeatFixed => Self::new(&SEAT_FIXED),
            Refusal::EventOver => Self::new(&EVENT_OVER),
            Refusal::SeatsTooFew { taken } => {
                Self::new(&SEATS_TOO_FEW).arg("taken", taken).extension("taken", taken).pointer("/seats")
            }
            Refusal::OfferFixed => Self::new(&OFFER_FIXED),
            Refusal::OfferOver => Self::new(&OFFER_OVER),
            Refusal::ChallengeFixed => Self::new(&CHALLENGE_FIXED),
            Refusal::ChallengeOver => Self::new(&CHALLENGE_OVER),
            Refusal::OfferTapless => Self::new(&OFFER_TAPLESS),
            Refusal::OfferUsedUp => Self::new(&OFFER_USED_UP),
            Refusal::ListTooLong { most } => Self::new(&OFFER_MEMBERS_INVALID)
                .arg("most", most)
                .extension("most", most)
                .pointer("/members"),
            Refusal::RuleFixed => Self::new(&GIFT_RULE_FIXED),
            Refusal::BudgetTooSmall { given } => Self::new(&GIFT_BUDGET_TOO_SMALL)
                .arg("given", given)
                .extension("given", given)
                .pointer("/budget"),
            Refusal::StockTooSmall { taken } => {
                Self::new(&STOCK_TOO_SMALL).arg("taken", taken).extension("taken", taken).pointer("/units")
            }
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Missing(missing) => missing.into(),
            Error::Refused(refusal) => refusal.into(),
            Error::KeyReused => Self::new(&KEY_REUSED),
            Error::Pooled => Self::new(&STOCK_IS_POOL),
            Error::NotPooled => Self::new(&NOT_POOLED),
            Error::Codeless => Self::new(&CODELESS),
            Error::BatchUnready(state) => {
                Self::new(&BATCH_UNREADY).arg("state", state.word()).extension("state", state.word())
            }
            Error::BatchFetched { at } => Self::new(&BATCH_FETCHED).extension("fetched_at", at.to_string()),
            Error::OutcomeImpossible(state) => {
                Self::new(&OUTCOME_IMPOSSIBLE).arg("state", state.word()).extension("state", state.word())
            }
            Error::NotClosed(NotClosed::Before { last }) => {
                Self::new(&STATEMENT_CLOSED).arg("last", last.to_string()).extension("last", last.to_string())
            }
            Error::NotClosed(NotClosed::Unready { last }) => {
                let problem = Self::new(&STATEMENT_UNREADY);
                last.map_or(problem.clone(), |last| problem.extension("last", last.to_string()))
            }
            Error::KindChanged => Self::new(&KIND_CHANGED),
            Error::DrawPublished => Self::new(&DRAW_PUBLISHED),
            Error::DrawOver => Self::new(&DRAW_OVER),
            Error::DrawNotClosed => Self::new(&DRAW_NOT_CLOSED),
            Error::EntropyDiffers => Self::new(&ENTROPY_DIFFERS).pointer("/value"),
            Error::SecondPersonNeeded => Self::new(&SECOND_PERSON_NEEDED),
            Error::ClaimOver => Self::new(&CLAIM_OVER),
            Error::Unavailable(fault) => {
                Self::fault_as(&DATABASE_BUSY, fault).header(RETRY_AFTER, HeaderValue::from_static("1"))
            }
            Error::Met(fault) | Error::Fault(fault) => Self::fault(fault),
        }
    }
}

/// A service that is asked does not answer: the same request may succeed soon.
pub(crate) fn silent(code: &'static web::ErrorCode) -> Problem {
    Problem::new(code).header(RETRY_AFTER, HeaderValue::from_static("1"))
}
