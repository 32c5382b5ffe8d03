//! A draw of a million tickets, checked from its published record by this service's code and by a script that shares nothing with it.

use std::{path::Path, process::Command};

use kernel::{DrawCode, Timestamp};
use rewards::{
    domain::{
        draw::{Prize, PrizeKind},
        reward::Words,
        selection::Tickets,
    },
    draw_record::{Check, DrawRecord, FORMAT, Listing, Numbers, choose, commitment, hex, line, recorded},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// A settled draw, and its list.
fn settled(entries: u64, each: impl Fn(u64) -> u64) -> (DrawRecord, Vec<String>) {
    let draw = DrawCode::parse("new-year").expect("a code");
    let (mut tickets, mut listing, mut lines) = (Tickets::default(), Listing::of(&draw), Vec::new());
    for position in 1..=entries {
        // A few members have several entries.
        let holder = Uuid::from_u128((u128::from(position % (entries / 10 * 9)) << 64) | 7);
        let text = line(position, holder, each(position));
        assert!(tickets.push(holder.as_u128(), each(position)));
        listing.add(&text);
        lines.push(text);
    }
    let prize = |units| Prize {
        title: Words { en: Some("A prize".to_owned()), ..Words::default() },
        units,
        what: PrizeKind::HandedOver {},
    };
    let (seed, entropy, digest) = ([42; 32], "round 21000000: 5b7c…".to_owned(), listing.digest());
    let mut record = DrawRecord {
        format: FORMAT.to_owned(),
        draw: draw.clone(),
        state: "settled".to_owned(),
        opens_at: Timestamp::from_micros(0),
        closes_at: Timestamp::from_micros(1_000_000),
        commitment: commitment(&seed),
        entropy_source: "drand".to_owned(),
        prizes: vec![prize(1), prize(300)],
        alternates: 200,
        cancelled_at: None,
        cancelled_for: None,
        entries: Some(entries),
        tickets: Some(tickets.total()),
        digest: Some(digest.clone()),
        entropy: Some(entropy.clone()),
        seed: Some(hex(&seed)),
        winners: Vec::new(),
    };
    let picks = choose(&tickets, &record, &Numbers::new(&seed, &draw, &digest, &entropy));
    record.winners = recorded(&picks, &record.prizes);
    (record, lines)
}

fn flaws(record: &DrawRecord, lines: &[String]) -> Vec<String> {
    let mut check = Check::new(record);
    for line in lines {
        check.line(line);
    }
    check.flaws()
}

/// What the script says, and whether it found all well.
fn script(record: &Value, lines: &[String]) -> (bool, String) {
    let mut file = record.clone();
    file["lines"] = json!(lines);
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("draw.json");
    std::fs::write(&place, file.to_string()).expect("it is written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/draws/verify.py");
    let said = Command::new("python3").arg(script).arg(&place).output().expect("Python is here");
    (
        said.status.code() == Some(0),
        String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr),
    )
}

#[test]
fn a_million_tickets_are_verified_by_a_script_that_shares_nothing() {
    let (record, lines) = settled(400_000, |position| position % 4 + 1);
    assert_eq!(record.tickets, Some(1_000_000));
    assert_eq!(record.winners.len(), 501);
    assert_eq!(flaws(&record, &lines), [""; 0]);
    let (well, said) = script(&serde_json::to_value(&record).expect("JSON"), &lines);
    assert!(well && said.contains("1000000 tickets, 501 drawn"), "{said}");
}

#[test]
fn what_is_changed_afterwards_is_found_by_both() {
    let (good, lines) = settled(1_000, |_| 1);
    let record = serde_json::to_value(&good).expect("JSON");
    assert!(script(&record, &lines).0);
    let changed = |at: &str, to: Value| {
        let mut changed = record.clone();
        let (parent, name) = at.rsplit_once('/').expect("a place");
        changed.pointer_mut(parent).expect("a field")[name] = to;
        changed
    };
    let mut other = lines.clone();
    other.swap(3, 4);
    let (mut more, mut taken) = (lines.clone(), lines.clone());
    more[9] = more[9].replace(",1", ",2");
    taken.pop();
    let stranger = json!(Uuid::from_u128(99));
    for (what, record, lines, said) in [
        ("the order of the list", record.clone(), &other, "line 4"),
        ("an entry", record.clone(), &more, "digest"),
        ("the end of the list", record.clone(), &taken, "digest"),
        ("the digest", changed("/digest", json!("00")), &lines, "digest"),
        ("the seed", changed("/seed", json!("00".repeat(32))), &lines, "committed"),
        ("the commitment", changed("/commitment", json!("00".repeat(32))), &lines, "committed"),
        ("the value of the source", changed("/entropy", json!("another one")), &lines, "place 1 is ticket"),
        ("a winner", changed("/winners/7/holder", stranger), &lines, "place 8 is ticket"),
        ("a ticket", changed("/winners/7/ticket", json!(1)), &lines, "place 8 is ticket"),
        ("how many prizes there are", changed("/prizes/0/units", json!(2)), &lines, "502 were drawn"),
        ("what an alternate has", changed("/winners/500/prize", json!(1)), &lines, "place 501"),
    ] {
        let read: DrawRecord = serde_json::from_value(record.clone()).expect("a record");
        let read = flaws(&read, lines);
        assert!(read.iter().any(|flaw| flaw.contains(said)), "{what}: {read:?}");
        let (well, told) = script(&record, lines);
        assert!(!well && told.contains(said), "{what}: {told}");
    }
}
