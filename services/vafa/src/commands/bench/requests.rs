//! The requests of a mix: bytes made once a connection, of which only a few digits change from one request to the next.

use serde::{Deserialize, Serialize};

use super::{chance::Chance, mix::Mix, signing::Signing};

/// What the requests of all connections have in common.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Material {
    /// What is asked for.
    pub mix: Mix,
    /// Keys of the tills; connections take them in turn.
    pub keys: Vec<String>,
    /// The back office's key.
    pub operator_key: String,
    /// How many members there are; the phone of each follows from its place (see [`phone`]).
    pub population: usize,
    /// How many of them buy, evenly spread over all.
    pub customers: usize,
    /// Ids of the members that are named by them.
    pub members: Vec<String>,
    /// Four characters that make receipts of this run unlike those of others.
    pub run: String,
    /// When all purchases were made, RFC 3339.
    pub occurred_at: String,
    /// Lines on each receipt.
    pub lines: u32,
}

/// The phone of member number `member`, below 10,000,000.
#[must_use]
pub fn phone(member: usize) -> String {
    format!("+98912{member:07}")
}

const RECEIPT: &str = "rrrr-cccc-nnnnnnnn";
const PHONE: &str = "+98912mmmmmmm";
const MEMBER: &str = "mmmmmmmm-mmmm-mmmm-mmmm-mmmmmmmmmmmm";
const OTHER: &str = "oooooooo-oooo-oooo-oooo-oooooooooooo";
const AMOUNT: &str = "9876543";
/// Rewards of the chain, `mug-0000` and on; each costs a point.
pub const REWARDS: u16 = 100;
const REWARD: &str = "mug-wwww";
/// A point pays a part.
const PAYS: &str = r#","spend":{"points":1}"#;

/// The requests of one connection.
pub struct Requests {
    texts: Vec<Text>,
    /// How many members there are to pick from.
    count: u64,
    /// How many rewards there are to pick from.
    rewards: u64,
    /// How far one of them is from the next.
    stride: u64,
    ids: Vec<String>,
    picked: u64,
    sent: u32,
    chance: Chance,
    /// Signs them, where the mix says so.
    signing: Option<Signing>,
}

/// A request with its holes.
struct Text {
    bytes: Vec<u8>,
    receipts: Vec<usize>,
    phone: Option<usize>,
    member: Option<usize>,
    other: Option<usize>,
    amount: Option<usize>,
    reward: Option<usize>,
}

impl Requests {
    /// The requests of connection number `connection`.
    #[must_use]
    pub fn of(material: &Material, connection: u32) -> Self {
        let till = connection as usize % material.keys.len();
        let key = &material.keys[till];
        let signs = (material.mix == Mix::Signed).then(|| u32::try_from(till).unwrap_or_default());
        let buy = |spend: &str| purchase(key, &material.occurred_at, material.lines, spend);
        let texts = match material.mix {
            Mix::Read => vec![read(key)],
            Mix::Till => vec![buy(PAYS)],
            Mix::Visit => vec![buy(PAYS), read(key)],
            Mix::Transfer => vec![transfer(&material.operator_key)],
            Mix::Redeem | Mix::OneReward => vec![redeem(key)],
            _ => vec![buy("")],
        };
        let receipt = format!("{}-{connection:04}-nnnnnnnn", material.run);
        let texts = texts.into_iter().map(|text| Text::with_holes(text.replace(RECEIPT, &receipt)));
        let ids = if material.mix.names_ids() { material.members.clone() } else { Vec::new() };
        let count = match material.mix {
            Mix::Hot => 1,
            mix if mix.names_ids() => ids.len() as u64,
            _ => material.customers as u64,
        };
        let stride = (material.population / material.customers.max(1)) as u64;
        let chance = Chance::seeded(u64::from(connection));
        Self {
            texts: texts.collect(),
            count,
            rewards: if material.mix == Mix::OneReward { 1 } else { REWARDS.into() },
            stride,
            ids,
            picked: 0,
            sent: 0,
            chance,
            signing: signs.map(Signing::of),
        }
    }

    /// The next request: those of one operation are about the same member.
    pub fn next(&mut self) -> &[u8] {
        let each = u32::try_from(self.texts.len()).unwrap_or(1);
        let (nth, place) = (self.sent / each, self.sent % each);
        self.sent += 1;
        if place == 0 {
            self.picked = self.chance.below(self.count);
        }
        let text = &mut self.texts[place as usize];
        for at in &text.receipts {
            write_digits(&mut text.bytes[*at..*at + 8], u64::from(nth));
        }
        if let Some(at) = text.phone {
            write_digits(&mut text.bytes[at..at + 7], self.picked * self.stride);
        }
        if let Some(at) = text.member {
            write_id(&mut text.bytes, at, &self.ids, self.picked);
        }
        if let Some(at) = text.other {
            // Anybody but the same.
            let step = 1 + self.chance.below((self.count - 1).max(1));
            write_id(&mut text.bytes, at, &self.ids, (self.picked + step) % self.count);
        }
        if let Some(at) = text.amount {
            write_digits(&mut text.bytes[at..at + 7], 1_000_000 + self.chance.below(9_000_000));
        }
        if let Some(at) = text.reward {
            write_digits(&mut text.bytes[at..at + 4], self.chance.below(self.rewards));
        }
        match &mut self.signing {
            Some(signing) => signing.sign(&text.bytes),
            None => &text.bytes,
        }
    }
}

impl Text {
    fn with_holes(text: String) -> Self {
        let phone = text.find(PHONE).map(|at| at + PHONE.len() - 7);
        Self {
            receipts: text.match_indices("nnnnnnnn").map(|(at, _)| at).collect(),
            phone,
            member: text.find(MEMBER),
            other: text.find(OTHER),
            amount: text.find(AMOUNT),
            reward: text.find(REWARD).map(|at| at + REWARD.len() - 4),
            bytes: text.into_bytes(),
        }
    }
}

fn write_id(bytes: &mut [u8], at: usize, ids: &[String], picked: u64) {
    let id = ids[usize::try_from(picked).unwrap_or_default()].as_bytes();
    bytes[at..at + id.len()].copy_from_slice(id);
}

/// A balance, with a hole.
fn read(key: &str) -> String {
    format!("GET /v1/members/{MEMBER}/balance HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {key}\r\n\r\n")
}

/// A transfer of one point, with holes.
fn transfer(key: &str) -> String {
    let body = format!(r#"{{"from":"{MEMBER}","to":{{"id":"{OTHER}"}},"points":1}}"#);
    post("/v1/transfers", key, &body)
}

/// A redemption of a reward, with holes.
fn redeem(key: &str) -> String {
    let body = format!(r#"{{"reward":"{REWARD}","member":{{"id":"{MEMBER}"}}}}"#);
    post("/v1/reward-redemptions", key, &body)
}

/// A purchase with holes. Lines add up to the amount only where there are none, so a purchase with lines has a fixed one.
fn purchase(key: &str, occurred_at: &str, lines: u32, spend: &str) -> String {
    let (amount, lines) = if lines == 0 { (AMOUNT.to_owned(), String::new()) } else { basket(lines) };
    let body = format!(
        r#"{{"member":{{"phone":"{PHONE}"}},"receipt":"{RECEIPT}","occurred_at":"{occurred_at}","currency":"IRR","amount":{amount}{lines}{spend}}}"#
    );
    post("/v1/purchases", key, &body)
}

fn post(path: &str, key: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {key}\r\nidempotency-key: {RECEIPT}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn basket(lines: u32) -> (String, String) {
    let each = 450_000;
    let text: Vec<String> = (0..lines)
        .map(|line| {
            format!(r#"{{"sku":"626000{line:07}","category":"dairy","quantity_milli":1000,"amount":{each}}}"#)
        })
        .collect();
    ((each * lines).to_string(), format!(r#","lines":[{}]"#, text.join(",")))
}

/// Writes a number with leading zeros over the whole of `place`.
fn write_digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn material(mix: Mix, lines: u32) -> Material {
        Material {
            mix,
            keys: vec!["vt_a".to_owned(), "vt_b".to_owned()],
            operator_key: "vo_c".to_owned(),
            population: 50,
            customers: 50,
            members: (10..60).map(|n| format!("0190a5d1-7e3a-7cc3-98c4-dc0c0c0739{n}")).collect(),
            run: "abcd".to_owned(),
            occurred_at: "2026-11-21T10:00:00Z".to_owned(),
            lines,
        }
    }

    fn text(requests: &mut Requests) -> String {
        String::from_utf8(requests.next().to_vec()).unwrap()
    }

    fn body(request: &str) -> serde_json::Value {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn every_purchase_has_a_receipt_of_its_own_and_a_key_that_is_the_same() {
        let mut requests = Requests::of(&material(Mix::Earn, 0), 3);
        let (first, second) = (text(&mut requests), text(&mut requests));
        assert_eq!(body(&first)["receipt"], "abcd-0003-00000000");
        assert_eq!(body(&second)["receipt"], "abcd-0003-00000001");
        assert!(second.contains("idempotency-key: abcd-0003-00000001\r\n"), "{second}");
        assert!(second.contains("authorization: Bearer vt_b\r\n"), "{second}");
        assert_ne!(body(&first)["member"], body(&second)["member"]);
        let amount = body(&first)["amount"].as_i64().unwrap();
        assert!((1_000_000..10_000_000).contains(&amount), "{amount}");
    }

    #[test]
    fn hot_purchases_are_all_of_one_member() {
        let mut requests = Requests::of(&material(Mix::Hot, 0), 0);
        for _ in 0..5 {
            assert_eq!(body(&text(&mut requests))["member"]["phone"], phone(0));
        }
    }

    #[test]
    fn lines_add_up_to_the_amount() {
        let purchase = body(&text(&mut Requests::of(&material(Mix::Earn, 3), 0)));
        let lines = purchase["lines"].as_array().unwrap();
        let sum: i64 = lines.iter().map(|line| line["amount"].as_i64().unwrap()).sum();
        assert_eq!((lines.len(), Some(sum)), (3, purchase["amount"].as_i64()));
    }

    #[test]
    fn a_balance_is_read_by_the_members_id() {
        let request = text(&mut Requests::of(&material(Mix::Read, 0), 0));
        assert!(request.starts_with("GET /v1/members/0190a5d1-7e3a-7cc3-98c4-dc0c0c0739"), "{request}");
        assert!(request.contains("/balance HTTP/1.1\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\n"));
    }

    #[test]
    fn transfers_are_the_back_offices_and_go_from_one_member_to_another() {
        let mut requests = Requests::of(&material(Mix::Transfer, 0), 2);
        for n in 0..200 {
            let request = text(&mut requests);
            assert!(request.contains("authorization: Bearer vo_c\r\n"), "{request}");
            assert!(request.contains(&format!("idempotency-key: abcd-0002-{n:08}\r\n")), "{request}");
            let body = body(&request);
            assert_ne!(body["from"], body["to"]["id"]);
            assert_eq!(body["points"], 1);
        }
    }

    #[test]
    fn redemptions_are_of_many_rewards_or_of_one_and_done_when_the_voucher_is_there() {
        let wanted = |mix| {
            let mut requests = Requests::of(&material(mix, 0), 1);
            let rewards = (0..200).map(|n| {
                let request = text(&mut requests);
                assert!(request.contains(&format!("idempotency-key: abcd-0001-{n:08}\r\n")), "{request}");
                body(&request)["reward"].as_str().unwrap().to_owned()
            });
            rewards.collect::<std::collections::BTreeSet<_>>()
        };
        assert!(wanted(Mix::Redeem).len() > 50);
        assert_eq!(wanted(Mix::OneReward), ["mug-0000".to_owned()].into());
        assert!(Mix::Redeem.is_done(201) && !Mix::Redeem.is_done(202) && Mix::Earn.is_done(202));
    }

    #[test]
    fn a_till_takes_a_point_in_one_call() {
        let mut requests = Requests::of(&material(Mix::Till, 0), 0);
        for n in 0..20 {
            let bought = body(&text(&mut requests));
            assert_eq!(
                (&bought["spend"]["points"], &bought["receipt"]),
                (&1.into(), &format!("abcd-0000-{n:08}").into())
            );
        }
    }

    #[test]
    fn a_visit_pays_with_a_point_and_reads_the_balance_of_the_same_member() {
        let material = material(Mix::Visit, 0);
        let mut requests = Requests::of(&material, 0);
        for n in 0..20 {
            let bought = body(&text(&mut requests));
            assert_eq!(bought["spend"]["points"], 1);
            assert_eq!(bought["receipt"], format!("abcd-0000-{n:08}"));
            let buyer =
                material.members.iter().zip(0..).find(|(_, n)| bought["member"]["phone"] == phone(*n));
            let balance = text(&mut requests);
            assert!(buyer.is_some_and(|(id, _)| balance.contains(id.as_str())), "{balance}");
        }
    }
}
