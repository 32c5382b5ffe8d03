//! A row per point of the policy, and a row per status and step.

use kernel::{BranchCode, Day, MemberId, Points, Timestamp, TransferId};
use uuid::Uuid;

use super::*;
use crate::domain::{Account, AccountState, Lot, Rounding};

const TODAY: Day = Day::from_number(20_000);
const NOW: Timestamp = Timestamp::from_micros(20_000 * 86_400_000_000);

fn member(number: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(number))
}

fn points(count: i64) -> Points {
    Points::new(count)
}

/// Lots of 60 and 40 points, and 7 that have lapsed.
fn sender() -> Account {
    let lot = |day: i32, funder: &str, count: i64| {
        Lot::new(Day::from_number(day), BranchCode::parse(funder).expect("a code"), points(count))
    };
    let lots = vec![lot(20_100, "vanak", 60), lot(20_200, "tajrish", 40), lot(19_999, "vanak", 7)];
    Account::from_parts(member(1), 3, points(107), Points::ZERO, lots)
}

fn terms() -> TransferTerms {
    serde_json::from_str(r#"{"to": "anyone"}"#).expect("terms")
}

fn ask(count: i64) -> TransferAsk {
    TransferAsk {
        id: TransferId::from_uuid(Uuid::from_u128(9)),
        sender: member(1),
        receiver: member(2),
        points: Some(points(count)),
        agent: None,
        now: NOW,
        today: TODAY,
    }
}

fn cap(per: Window, most: i64) -> Vec<TransferCap> {
    vec![TransferCap { per, most }]
}

/// What one row changes of a sound request of 50 points, and what comes of it.
type Row = (&'static str, fn(&mut Setting), Result<(TransferStatus, i64), TransferRefusal>);

struct Setting {
    sender: Account,
    receiver: AccountState,
    terms: TransferTerms,
    ask: TransferAsk,
    relation: Relation,
    before: SentBefore,
}

/// To whom, and by whom.
fn who() -> Vec<Row> {
    use TransferStatus::Completed;
    vec![
        ("plain", |_| {}, Ok((Completed, 0))),
        ("to oneself", |s| s.ask.receiver = member(1), Err(TransferRefusal::SameMember)),
        (
            "stranger",
            |s| s.terms.to = Circle::Household,
            Err(TransferRefusal::OutsideCircle(Circle::Household)),
        ),
        (
            "household",
            |s| (s.terms.to, s.relation.one_household) = (Circle::Household, true),
            Ok((Completed, 0)),
        ),
        (
            "other tiers",
            |s| (s.terms.to, s.relation.one_household) = (Circle::SameTierGroup, true),
            Err(TransferRefusal::OutsideCircle(Circle::SameTierGroup)),
        ),
        (
            "same tiers",
            |s| (s.terms.to, s.relation.one_tier_group) = (Circle::SameTierGroup, true),
            Ok((Completed, 0)),
        ),
        ("no age", |s| s.terms.account_age_days = 1, Err(TransferRefusal::AccountTooYoung { days: 1 })),
        (
            "too young",
            |s| (s.terms.account_age_days, s.before.opened_on) = (30, Some(Day::from_number(19_971))),
            Err(TransferRefusal::AccountTooYoung { days: 30 }),
        ),
        (
            "old enough",
            |s| (s.terms.account_age_days, s.before.opened_on) = (30, Some(Day::from_number(19_970))),
            Ok((Completed, 0)),
        ),
        ("frozen", |s| s.sender.state = AccountState::Frozen, Err(TransferRefusal::SenderFrozen)),
        ("closed", |s| s.sender.state = AccountState::Closed, Err(TransferRefusal::SenderClosed)),
        ("to a frozen one", |s| s.receiver = AccountState::Frozen, Ok((Completed, 0))),
        ("to a closed one", |s| s.receiver = AccountState::Closed, Err(TransferRefusal::ReceiverClosed)),
        ("debtor", |s| s.sender.debt = points(1), Err(TransferRefusal::SenderOwes { debt: points(1) })),
    ]
}

/// How many points, and what they cost.
fn how_much() -> Vec<Row> {
    use TransferStatus::Completed;
    vec![
        ("none", |s| s.ask.points = Some(points(0)), Err(TransferRefusal::TooSmall { minimum: points(1) })),
        (
            "negative",
            |s| s.ask.points = Some(points(-5)),
            Err(TransferRefusal::TooSmall { minimum: points(1) }),
        ),
        ("below", |s| s.terms.minimum = points(51), Err(TransferRefusal::TooSmall { minimum: points(51) })),
        ("at least", |s| s.terms.minimum = points(50), Ok((Completed, 0))),
        (
            "above",
            |s| s.terms.maximum = Some(points(49)),
            Err(TransferRefusal::TooLarge { maximum: points(49) }),
        ),
        ("at most", |s| s.terms.maximum = Some(points(50)), Ok((Completed, 0))),
        ("all", |s| s.ask.points = Some(points(100)), Ok((Completed, 0))),
        (
            "lapsed do not count",
            |s| s.ask.points = Some(points(101)),
            Err(TransferRefusal::BalanceTooLow { missing: points(1) }),
        ),
        (
            "fee counts",
            |s| (s.ask.points, s.terms.fee.fixed) = (Some(points(99)), points(2)),
            Err(TransferRefusal::BalanceTooLow { missing: points(1) }),
        ),
        ("fixed fee", |s| s.terms.fee.fixed = points(3), Ok((Completed, 3))),
        ("share", |s| (s.terms.fee.percent, s.terms.fee.rounding) = (3, Rounding::Up), Ok((Completed, 2))),
        ("hand-over", |s| s.ask.points = None, Ok((Completed, 0))),
        (
            "hand-over of too many",
            |s| {
                (s.ask.points, s.terms.maximum) = (None, Some(points(99)));
            },
            Err(TransferRefusal::TooLarge { maximum: points(99) }),
        ),
        (
            "hand-over with a fee",
            |s| {
                (s.ask.points, s.terms.fee.percent) = (None, 25);
            },
            Ok((Completed, 20)),
        ),
        (
            "hand-over of nothing",
            |s| {
                (s.ask.points, s.terms.fee.fixed) = (None, points(100));
            },
            Err(TransferRefusal::TooSmall { minimum: points(1) }),
        ),
    ]
}

/// How much before.
fn caps() -> Vec<Row> {
    use TransferStatus::Completed;
    vec![
        (
            "sent before",
            |s| {
                (s.terms.sent, s.before.sent) =
                    (cap(Window::Month, 100), [points(0), points(51), points(51)]);
            },
            Err(TransferRefusal::SenderCap { per: Window::Month, left: 49 }),
        ),
        (
            "sent in another window",
            |s| {
                (s.terms.sent, s.before.sent) = (cap(Window::Day, 100), [points(50), points(51), points(51)]);
            },
            Ok((Completed, 0)),
        ),
        (
            "got before",
            |s| {
                (s.terms.received, s.before.received) =
                    (cap(Window::Year, 100), [points(0), points(0), points(120)]);
            },
            Err(TransferRefusal::ReceiverCap { per: Window::Year, left: 0 }),
        ),
        (
            "receivers",
            |s| {
                (s.terms.receivers, s.before.other_receivers) = (cap(Window::Day, 2), [2, 2, 2]);
            },
            Err(TransferRefusal::ReceiversCap { per: Window::Day, most: 2 }),
        ),
        (
            "last receiver",
            |s| {
                (s.terms.receivers, s.before.other_receivers) = (cap(Window::Day, 2), [1, 9, 9]);
            },
            Ok((Completed, 0)),
        ),
    ]
}

/// What is waited for.
fn waiting() -> Vec<Row> {
    use TransferStatus::{Acceptance, Completed, CoolingOff, Review, StepUp};
    vec![
        ("code", |s| s.terms.step_up_above = Some(points(49)), Ok((StepUp, 0))),
        ("no code", |s| s.terms.step_up_above = Some(points(50)), Ok((Completed, 0))),
        ("review", |s| s.terms.review_above = Some(points(49)), Ok((Review, 0))),
        ("agents only", |s| s.terms.agent_review_above = Some(points(0)), Ok((Completed, 0))),
        (
            "agent",
            |s| {
                (s.terms.agent_review_above, s.ask.agent) = (Some(points(0)), Some("a".to_owned()));
            },
            Ok((Review, 0)),
        ),
        (
            "agent under the general limit",
            |s| {
                (s.terms.review_above, s.ask.agent) = (Some(points(0)), Some("a".to_owned()));
            },
            Ok((Review, 0)),
        ),
        ("receiver's word", |s| s.terms.acceptance = true, Ok((Acceptance, 0))),
        ("time to think", |s| s.terms.cooling_off_s = 60, Ok((CoolingOff, 0))),
    ]
}

#[test]
fn each_point_of_the_policy_says_what_it_says() {
    for (name, change, expected) in [who(), how_much(), caps(), waiting()].concat() {
        let (before, relation) = (SentBefore::default(), Relation::default());
        let receiver = AccountState::Open;
        let mut s = Setting { sender: sender(), receiver, terms: terms(), ask: ask(50), relation, before };
        change(&mut s);
        let mut receiver = Account::new(s.ask.receiver);
        receiver.state = s.receiver;
        let untouched = (s.sender.clone(), receiver.clone());
        let decided =
            decide_transfer(&mut s.sender, &mut receiver, (&s.terms, None), &s.ask, s.relation, &s.before);
        let said = decided.as_ref().map(|sent| (sent.transfer.status, sent.transfer.fee.count()));
        assert_eq!(said.map_err(|refusal| *refusal), expected, "{name}");
        match decided {
            Err(_) => assert_eq!((s.sender, receiver), untouched, "{name}: a refusal changes nothing"),
            Ok(sent) => {
                let gone = sent.transfer.points.plus(sent.transfer.fee).expect("it fits");
                assert_eq!(s.sender.balance, points(100).minus(gone).expect("it fits"), "{name}");
                assert_eq!(s.sender.version, 5, "{name}: what had lapsed is written off first");
                let arrived = if sent.arrival.is_some() { sent.transfer.points } else { Points::ZERO };
                assert_eq!(receiver.balance, arrived, "{name}");
                assert_eq!(sent.arrival.is_some(), !sent.transfer.status.is_open(), "{name}");
            }
        }
    }
}

/// A transfer of 50 points under terms that ask for everything, so far along.
fn under_way(status: TransferStatus) -> (Transfer, TransferTerms) {
    let terms = TransferTerms {
        step_up_above: Some(points(0)),
        review_above: Some(points(0)),
        acceptance: true,
        cooling_off_s: 3600,
        waits_s: 86_400,
        ..terms()
    };
    let agent = Some("support-1".to_owned());
    let asked = TransferAsk { agent, ..ask(50) };
    let (mut from, mut to) = (sender(), Account::new(member(2)));
    let before = SentBefore::default();
    let sent = decide_transfer(&mut from, &mut to, (&terms, None), &asked, Relation::default(), &before)
        .expect("sound");
    let mut transfer = sent.transfer;
    let reviewer = "support-2".to_owned();
    let way = [TransferStep::Confirm, TransferStep::Approve { reviewer }, TransferStep::Accept];
    for step in way {
        if transfer.status != status {
            take_step(&mut transfer, &terms, Some(&step), NOW.plus_millis(1)).expect("in this order");
        }
    }
    (transfer, terms)
}

#[test]
fn each_step_is_for_the_statuses_that_wait_for_it() {
    use TransferStatus::{Acceptance, CoolingOff, Declined, Recalled, Review, StepUp};
    let no = None;
    let by = |name: &str| name.to_owned();
    let table = [
        (TransferStep::Confirm, [Some(Review), no, no, no]),
        (TransferStep::Approve { reviewer: by("support-2") }, [no, Some(Acceptance), no, no]),
        (TransferStep::Reject { reviewer: by("support-2") }, [no, Some(Declined), no, no]),
        (TransferStep::Accept, [no, no, Some(CoolingOff), no]),
        (TransferStep::Decline, [no, no, Some(Declined), Some(Declined)]),
        (TransferStep::Recall, [Some(Recalled); 4]),
    ];
    for (step, outcomes) in table {
        for (status, outcome) in [StepUp, Review, Acceptance, CoolingOff].into_iter().zip(outcomes) {
            let (mut transfer, terms) = under_way(status);
            assert_eq!(transfer.status, status);
            let before = transfer.clone();
            let taken = take_step(&mut transfer, &terms, Some(&step), NOW.plus_millis(5));
            if let Some(after) = outcome {
                assert_eq!((taken, transfer.status), (Ok(()), after), "{step:?} at {status:?}");
                assert_eq!(transfer.ended_at.is_some(), !after.is_open());
                assert!(taken_before(&transfer, &step), "{step:?}");
            } else {
                assert_eq!(taken, Err(NotNow::OtherStatus(status)), "{step:?} at {status:?}");
                assert_eq!(transfer, before);
            }
        }
    }
}

#[test]
fn nothing_is_said_to_a_transfer_that_has_ended() {
    let steps = [TransferStep::Confirm, TransferStep::Accept, TransferStep::Decline, TransferStep::Recall];
    for status in TransferStatus::ALL.iter().filter(|status| !status.is_open()) {
        for step in &steps {
            let (transfer, terms) = under_way(TransferStatus::CoolingOff);
            let mut ended = Transfer { status: *status, due_at: None, ..transfer };
            assert_eq!(take_step(&mut ended, &terms, Some(step), NOW), Err(NotNow::OtherStatus(*status)));
        }
    }
}

#[test]
fn who_made_it_does_not_approve_it() {
    let (mut transfer, terms) = under_way(TransferStatus::Review);
    let step = TransferStep::Approve { reviewer: "support-1".to_owned() };
    assert_eq!(take_step(&mut transfer, &terms, Some(&step), NOW), Err(NotNow::SamePerson));
    assert_eq!(transfer.status, TransferStatus::Review);
}

#[test]
fn time_ends_waiting_and_cooling_off_whether_or_not_anything_looked() {
    use TransferStatus::{Acceptance, Completed, CoolingOff, Expired, Review, StepUp};
    for (status, seconds, then) in [
        (StepUp, 86_400, Expired),
        (Review, 86_400, Expired),
        (Acceptance, 86_400, Expired),
        (CoolingOff, 3600, Completed),
    ] {
        let (mut transfer, terms) = under_way(status);
        let end = NOW.plus_millis(seconds * 1000);
        assert_eq!(standing(&transfer, end.plus_millis(-1)), status);
        assert_eq!(standing(&transfer, end), then);
        let late = take_step(&mut transfer, &terms, Some(&TransferStep::Recall), end);
        assert_eq!(late, Err(NotNow::OtherStatus(then)), "it is too late from that instant on");
        take_step(&mut transfer, &terms, None, end).expect("time takes its course");
        assert_eq!((transfer.status, transfer.due_at, transfer.ended_at), (then, None, Some(end)));
    }
}

#[test]
fn the_first_answer_can_be_given_again_at_any_time() {
    let (asked, terms) = under_way(TransferStatus::StepUp);
    for status in [TransferStatus::Review, TransferStatus::Acceptance, TransferStatus::CoolingOff] {
        assert_eq!(as_requested(&under_way(status).0, &terms), asked);
    }
}

#[test]
fn mistakes_are_found_all_at_once() {
    let text = r#"{"to": "household", "minimum": 0, "maximum": 0, "sent": [{"per": "day", "most": 0}, {"per": "day", "most": 5}],
        "fee": {"fixed": -1, "percent": 101}, "account_age_days": 4000, "cooling_off_s": 9999999, "waits_s": 59, "step_up_above": -1}"#;
    let wrong: TransferTerms = serde_json::from_str(text).expect("a section");
    let found = wrong.mistakes();
    let places: Vec<&str> = found.iter().map(|(at, _)| at.as_str()).collect();
    assert_eq!(
        places,
        [
            "/minimum",
            "/maximum",
            "/sent/0/most",
            "/sent/1/per",
            "/fee/fixed",
            "/fee/percent",
            "/account_age_days",
            "/cooling_off_s",
            "/waits_s",
            "/step_up_above",
        ]
    );
    assert_eq!(terms().mistakes(), []);
    let again = serde_json::to_string(&terms()).expect("terms are plain");
    assert_eq!(serde_json::from_str::<TransferTerms>(&again).expect("a section"), terms());
}
