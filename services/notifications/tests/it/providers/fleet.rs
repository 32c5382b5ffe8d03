//! Who is tried, in which order, how fast, for how much, and who is left alone.

use kernel::Timestamp;
use notifications::{
    adapters::{Carriers as _, Fleet, Pick},
    domain::{
        channel::Channel,
        sending::{Handed, Refused},
        trigger::Lane,
    },
};

use super::{NOON, fleet};

const TWO: &str = r#"
    [[provider]]
    name = "first"
    kind = "http"
    url = "http://127.0.0.1:9/"
    per_second = 10
    daily_cap = 50
    price_per_part = 2500
    [[provider]]
    name = "letters"
    kind = "http"
    channel = "email"
    url = "http://127.0.0.1:9/"
    [[provider]]
    name = "second"
    kind = "http"
    url = "http://127.0.0.1:9/"
    per_second = 100
"#;

/// Who is picked for a text message; when somebody may be; or nobody.
fn pick(fleet: &Fleet, lane: Lane, tried: &[&str], now: Timestamp) -> Result<String, Option<Timestamp>> {
    let tried: Vec<String> = tried.iter().map(|name| (*name).to_owned()).collect();
    match fleet.pick(Channel::Sms, lane, &tried, now) {
        Pick::Now(carrier) => Ok(carrier.name),
        Pick::Later(at) => Err(Some(at)),
        Pick::Nobody => Err(None),
    }
}

fn failed(wait_s: Option<u32>) -> Handed {
    Handed::Failed { why: "503".to_owned(), wait_s }
}

#[test]
fn providers_are_tried_in_the_order_of_the_file_as_long_as_they_have_room() {
    let fleet = fleet(TWO);
    for (lane, places) in [(Lane::Campaign, 7), (Lane::Told, 2), (Lane::Code, 1)] {
        for _ in 0..places {
            assert_eq!(pick(&fleet, lane, &["second"], NOON), Ok("first".to_owned()));
        }
        assert_eq!(pick(&fleet, lane, &["second"], NOON), Err(Some(NOON.plus_millis(1_000))));
        assert_eq!(pick(&fleet, lane, &[], NOON), Ok("second".to_owned()));
    }
    assert_eq!(pick(&fleet, Lane::Campaign, &["first", "second"], NOON), Err(None));
    assert_eq!(pick(&fleet, Lane::Campaign, &[], NOON.plus_millis(1_000)), Ok("first".to_owned()));
    assert!(fleet.serve(Channel::Email) && !fleet.serve(Channel::Push) && !fleet.serve(Channel::Hook));
    let letters = fleet.named("letters").expect("a provider");
    assert_eq!((letters.channel, letters.price), (Channel::Email, 0));
    assert_eq!(
        fleet.all().into_iter().map(|one| one.name).collect::<Vec<_>>(),
        ["first", "letters", "second"]
    );
}

#[test]
fn who_fails_again_and_again_is_left_alone_and_then_tried_with_one_message() {
    let fleet = fleet(TWO);
    let mut now = NOON;
    let bad = [
        failed(None),
        Handed::Uncertain { why: String::new() },
        Handed::Refused(Refused::Account),
        failed(None),
        failed(None),
    ];
    for handed in &bad {
        assert!(fleet.resting().is_empty());
        assert_eq!(pick(&fleet, Lane::Code, &[], now), Ok("first".to_owned()));
        fleet.note("first", handed, now);
        now = now.plus_millis(1_000);
    }
    assert_eq!(fleet.resting(), ["first"]);
    assert_eq!(pick(&fleet, Lane::Code, &[], now), Ok("second".to_owned()));
    let again = pick(&fleet, Lane::Code, &["second"], now).expect_err("a rest").expect("that ends");
    assert!(again > now);
    assert_eq!(pick(&fleet, Lane::Code, &[], again), Ok("first".to_owned()));
    assert_eq!(pick(&fleet, Lane::Code, &[], again), Ok("second".to_owned()));
    // A wrong number says nothing of the provider.
    fleet.note("first", &Handed::Refused(Refused::Address), again);
    assert!(fleet.resting().is_empty());
    assert_eq!(pick(&fleet, Lane::Code, &[], again), Ok("first".to_owned()));
}

#[test]
fn who_wants_to_be_left_alone_is_as_long_as_it_says() {
    let fleet = fleet(TWO);
    fleet.note("second", &failed(Some(30)), NOON);
    fleet.note("second", &failed(Some(5)), NOON);
    let until = NOON.plus_millis(30_000);
    assert_eq!(pick(&fleet, Lane::Code, &["first"], NOON.plus_millis(29_999)), Err(Some(until)));
    assert_eq!(pick(&fleet, Lane::Code, &["first"], until), Ok("second".to_owned()));
}

#[test]
fn a_provider_costs_no_more_a_day_than_its_cap() {
    let fleet = fleet(TWO);
    let spent = |thousandths| fleet.spent(&[("first".to_owned(), thousandths)]);
    spent(45_000);
    assert_eq!(pick(&fleet, Lane::Code, &["second"], NOON), Ok("first".to_owned()));
    assert_eq!(pick(&fleet, Lane::Code, &["second"], NOON), Ok("first".to_owned()));
    assert_eq!(pick(&fleet, Lane::Code, &["second"], NOON), Err(None));
    assert_eq!(pick(&fleet, Lane::Code, &[], NOON), Ok("second".to_owned()));
    // Another day.
    fleet.spent(&[]);
    assert_eq!(pick(&fleet, Lane::Code, &[], NOON), Ok("first".to_owned()));
}
