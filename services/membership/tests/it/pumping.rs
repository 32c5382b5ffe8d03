//! Whoever guesses codes from everywhere, and whoever asks for messages to numbers of their own (J8; promise 21).
//!
//! Small in every build; `VAFA_LONG=1` for the promise's own size: a million guesses from 10,000 addresses, 100,000 askings over 500
//! beginnings of numbers.

use std::{collections::HashSet, fs, time::Duration};

use futures_util::{StreamExt as _, stream};
use serde_json::json;

use crate::{
    club::{Answer, Club, on_both},
    sign_in::{ask, exchange, join, other_than},
};

/// How many do something at once.
const AT_ONCE: usize = 32;

fn long() -> bool {
    std::env::var_os("VAFA_LONG").is_some()
}

/// An address of its own for each number.
fn address(number: usize) -> String {
    let number = u32::try_from(number).expect("few addresses");
    format!("10.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255)
}

/// The phone with this number among those that begin with one of so many beginnings of eight digits.
fn phone(beginning: usize, number: usize) -> String {
    format!("+98912{:03}{number:04}", 100 + beginning)
}

/// Numbers that look random and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Guesses a code, from this address.
async fn guess(club: &Club, from: usize, id: &str, code: String) -> Answer {
    let body = json!({"sign_in_id": id, "code": code});
    club.anonymous().from(&address(from)).post("/v1/sign-in/tokens", body).await
}

/// Asks for a code from this address; answers its id, or the status of the refusal.
async fn knock(club: &Club, from: usize, phone: &str) -> Result<String, u16> {
    let body = json!({"phone": phone});
    let answer = club.anonymous().from(&address(from)).post("/v1/sign-in/codes", body).await;
    if answer.status == 202 {
        Ok(answer.body["sign_in_id"].as_str().expect("an id").to_owned())
    } else {
        Err(answer.status)
    }
}

/// How many messages were sent, once none is waiting. Fails when a minute brings none.
async fn sent(club: &Club) -> usize {
    let (mut waiting, mut idle) = (i64::MAX, 0);
    while waiting > 0 {
        let now = crate::sign_in::count(club, "sign_in_messages").await;
        idle = if now < waiting { 0 } else { idle + 1 };
        assert!(idle < 3_000, "{now} messages wait, and none goes out");
        waiting = now;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    fs::read_dir(club.outbox.path()).expect("the outbox").count()
}

on_both! {
    async fn guesses_from_everywhere_open_nothing(club: Club) {
        let (victims, guesses, addresses) = if long() { (200, 1_000_000, 10_000) } else { (8, 2_000, 400) };
        let phones: Vec<String> = (0..victims).map(|number| phone(number % 7, number)).collect();
        for phone in &phones {
            join(&club, phone).await;
        }
        let mut live = Vec::new();
        for phone in &phones {
            let id = ask(&club, phone).await;
            let code = club.code_for(phone, 1).await;
            for from in 0..5 {
                let wrong = guess(&club, from, &id, other_than(&code)).await;
                assert!(["membership.code_wrong", "membership.code_spent"].contains(&wrong.code()), "{}", wrong.text);
            }
            // The right one, and too late.
            exchange(&club, &id, &code).await.refused(410, "membership.code_spent");
            live.push(id);
        }
        // Each asking that goes through makes a code that may be tried five times; whatever else is tried compares with nothing.
        let mut dice = Dice(0x5eed);
        let (mut done, mut compared, mut opened, mut from) = (0, 0, 0, 0);
        while done < guesses {
            for (phone, id) in phones.iter().zip(&mut live) {
                from = (from + 1) % addresses;
                if let Ok(fresh) = knock(&club, from, phone).await {
                    *id = fresh;
                }
            }
            let tries: Vec<(usize, String, String)> = (0..(guesses - done).min(victims * 50))
                .map(|number| {
                    let code = format!("{:06}", dice.below(1_000_000));
                    ((from + number) % addresses, live[number % victims].clone(), code)
                })
                .collect();
            done += tries.len();
            let answers: Vec<Answer> = stream::iter(tries)
                .map(|(from, id, code)| { let club = &club; async move { guess(club, from, &id, code).await } })
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            compared += answers.iter().filter(|answer| answer.code() == "membership.code_wrong").count();
            opened += answers.iter().filter(|answer| answer.status == 200).count();
        }
        // Chance alone opens one in 6,000 runs of this test; never two.
        assert!(opened <= 1, "{opened} guesses signed in");
        // Within the hour, five codes of five tries for each.
        assert!(compared > 0 && compared <= victims * 25, "{compared} guesses were compared with a code");
        eprintln!("{done} guesses from {addresses} addresses at {victims} members: {compared} were compared with a code");
    }

    async fn pumping_spends_no_more_than_the_budget_and_the_club_goes_on(club: Club) {
        let (askings, beginnings, addresses, genuine) = if long() { (100_000, 500, 10_000, 2_000) } else { (2_500, 50, 400, 100) };
        // Accomplices have numbers that cost, and joined with them.
        let accomplices = genuine / 5;
        let most = genuine + accomplices * 8;
        let budget = (most * 2_500).to_string();
        let club = club.with(&[("code_cost", "2500"), ("code_daily_budget", &budget)]).await;
        let (honest, paid) = (|n: usize| phone(n % beginnings, n), |n: usize| phone(n % beginnings, 5_000 + n));
        let members: Vec<String> = (0..genuine).map(honest).chain((0..accomplices).map(paid)).collect();
        stream::iter(&members).for_each_concurrent(AT_ONCE, |phone| { let club = &club; async move { join(club, phone).await; } }).await;

        let mut dice = Dice(0xbeef);
        let chance = u64::try_from(askings / genuine).expect("a few");
        let mut customers = (0..genuine).rev();
        let mut calls = Vec::new();
        for number in 0..askings {
            let from = number % addresses;
            let target = if number % 4 == 0 { paid(number / 4 % accomplices) } else { phone(number % beginnings, 9_000 + number % 1_000) };
            calls.push((None, from, target));
            if dice.below(chance) == 0 && let Some(customer) = customers.next() {
                calls.push((Some(customer), addresses + customer, honest(customer)));
            }
        }
        calls.extend(customers.map(|customer| (Some(customer), addresses + customer, honest(customer))));
        let served: HashSet<usize> = stream::iter(calls)
            .map(|(customer, from, phone)| { let club = &club; async move {
                let asked = knock(club, from, &phone).await;
                assert!(matches!(asked, Ok(_) | Err(429 | 503)), "{asked:?}");
                customer.filter(|_| asked.is_ok())
            }})
            .buffer_unordered(AT_ONCE)
            .filter_map(async |served| served)
            .collect()
            .await;
        assert!(served.len() * 100 >= genuine * 99, "{} of {genuine} customers were served", served.len());
        let first = sent(&club).await;
        assert!(first <= most, "{first} messages, {most} were paid for");

        // Accomplices go on for the rest of the day, until nothing is left of the budget.
        for _ in 1..4 {
            club.wait_s(3_600);
            let calls: Vec<(usize, String)> = (0..accomplices * 6).map(|n| (n % addresses, paid(n % accomplices))).collect();
            stream::iter(calls).for_each_concurrent(AT_ONCE, |(from, phone)| { let club = &club; async move {
                let _ = knock(club, from, &phone).await;
            }}).await;
            // A message that is still waiting when its code lapses is never sent.
            sent(&club).await;
        }
        assert_eq!(sent(&club).await, most, "the budget to the last message, and not one more");
        eprintln!("{askings} askings over {beginnings} beginnings: {} of {genuine} customers served, {most} messages", served.len());
    }
}
