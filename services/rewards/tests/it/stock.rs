//! Stock under random lives: what is shown is what three numbers for each place say, whatever happens in whatever order (W1).

use std::{collections::BTreeMap, fmt::Write as _};

use contracts::points::{RedemptionRefunded, WhyRefused};
use kernel::Points;
use proptest::{collection::vec, prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::house::{House, member, on_both};

/// The chain's own stock, and branches; nobody counts anything at the last one.
const PLACES: [Option<&str>; 4] = [None, Some("vanak"), Some("tajrish"), Some("karaj")];
/// One that points redeems at once, one for which it holds points first.
const REWARDS: [&str; 2] = ["coffee", "trees"];

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A member asks for one, at a branch.
    Asks { reward: usize, place: usize },
    /// Points lets one through that is open.
    Pays(usize),
    /// Points has a reason against one that is open.
    Refuses(usize),
    /// The chain takes back one that was given.
    TakesBack(usize),
    /// The chain says how many there are.
    Counts { reward: usize, place: usize, units: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let which = || 0_usize..100;
    prop_oneof![
        6 => (0..2_usize, 1..4_usize).prop_map(|(reward, place)| Step::Asks { reward, place }),
        3 => which().prop_map(Step::Pays),
        2 => which().prop_map(Step::Refuses),
        2 => which().prop_map(Step::TakesBack),
        1 => (0..2_usize, 0..3_usize, 0..9_i64)
            .prop_map(|(reward, place, units)| Step::Counts { reward, place, units }),
    ]
}

/// How many there are, are reserved and are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    units: i64,
    reserved: i64,
    issued: i64,
}

/// A redemption: its id, and what it took where.
#[derive(Clone, Debug)]
struct Taken {
    id: Value,
    reward: usize,
    places: Vec<usize>,
}

/// What should be.
#[derive(Default)]
struct Model {
    stock: BTreeMap<(usize, usize), Counted>,
    open: Vec<Taken>,
    given: Vec<Taken>,
    asked: u32,
}

impl Model {
    /// From where one is taken; nothing where none is left.
    fn places(&self, reward: usize, place: usize) -> Option<Vec<usize>> {
        let at_branches = self.stock.keys().any(|(of, place)| *of == reward && *place > 0);
        let mut places = if at_branches { vec![place] } else { Vec::new() };
        places.extend(self.stock.contains_key(&(reward, 0)).then_some(0));
        let left = |place: &usize| {
            let counted = self.stock.get(&(reward, *place)).copied().unwrap_or_default();
            counted.units - counted.reserved - counted.issued
        };
        places.iter().all(|place| left(place) > 0).then_some(places)
    }

    fn change(&mut self, taken: &Taken, reserved: i64, issued: i64) {
        for place in &taken.places {
            let counted = self.stock.get_mut(&(taken.reward, *place)).expect("a stock");
            counted.reserved += reserved;
            counted.issued += issued;
        }
    }
}

/// One of these, by any number.
fn one_of(all: &mut Vec<Taken>, which: usize) -> Option<Taken> {
    (!all.is_empty()).then(|| all.swap_remove(which % all.len()))
}

async fn go(house: &House, model: &mut Model, step: Step) {
    match step {
        Step::Asks { reward, place } => {
            model.asked += 1;
            let body = json!({"reward": REWARDS[reward], "branch": PLACES[place]});
            let key = format!("k{}", model.asked);
            let answer = house.member(1).keyed(&key, "/v1/reward-redemptions", body).await;
            let Some(places) = model.places(reward, place) else {
                answer.refused(409, "rewards.out_of_stock");
                return;
            };
            let id = answer.expect(202)["redemption_id"].clone();
            let taken = Taken { id, reward, places };
            model.change(&taken, 1, 0);
            model.open.push(taken);
        }
        Step::Pays(which) => {
            let Some(taken) = one_of(&mut model.open, which) else { return };
            house.let_through(&taken.id).await;
            model.change(&taken, -1, 1);
            model.given.push(taken);
        }
        Step::Refuses(which) => {
            let Some(taken) = one_of(&mut model.open, which) else { return };
            house.refused(&taken.id, WhyRefused::BalanceTooLow).await;
            model.change(&taken, -1, 0);
        }
        Step::TakesBack(which) => {
            let Some(taken) = one_of(&mut model.given, which) else { return };
            let path = format!("/v1/reward-redemptions/{}/cancellation", taken.id.as_str().expect("an id"));
            house.operator().post(&path, Some(json!({"reason": "It was broken."}))).await.expect(200);
            let redemption_id = taken.id.as_str().expect("an id").parse().expect("an id");
            let told = RedemptionRefunded { redemption_id, member_id: member(1), points: Points::new(150) };
            house.hear("points", &told).await;
            model.change(&taken, 0, -1);
        }
        Step::Counts { reward, place, units } => {
            let path = format!("/v1/rewards/{}/stock", REWARDS[reward]);
            let body = json!({"branch": PLACES[place], "units": units});
            let answer = house.operator().put(&path, body).await;
            let counted = model.stock.get(&(reward, place)).copied().unwrap_or_default();
            if units < counted.reserved + counted.issued {
                answer.refused(409, "rewards.stock_too_small");
                return;
            }
            answer.expect(200);
            model.stock.insert((reward, place), Counted { units, ..counted });
        }
    }
}

/// What the back office sees of both rewards.
async fn shown(house: &House) -> BTreeMap<(usize, usize), Counted> {
    let mut all = BTreeMap::new();
    for (reward, code) in REWARDS.iter().enumerate() {
        let found = house.operator().get(&format!("/v1/rewards/{code}")).await.expect(200);
        for one in found["stock"].as_array().expect("a list") {
            let place = PLACES.iter().position(|place| *place == one["branch"].as_str());
            let number = |name: &str| one[name].as_i64().expect("a number");
            let counted =
                Counted { units: number("units"), reserved: number("reserved"), issued: number("issued") };
            assert_eq!(number("left"), counted.units - counted.reserved - counted.issued);
            all.insert((reward, place.expect("a place")), counted);
        }
    }
    all
}

on_both! {
    async fn stock_is_what_was_asked_for_given_and_taken_back(house: House) {
        for branch in PLACES.into_iter().flatten() {
            house.opens(branch, "tehran").await;
        }
        house.offers("coffee", json!({})).await;
        house.offers("trees", json!({"kind": {"type": "donation", "to": "trees", "amount": 5}})).await;
        let mut model = Model::default();
        for (reward, place, units) in [(0, 0, 9), (0, 1, 4), (0, 2, 6), (1, 0, 7)] {
            go(&house, &mut model, Step::Counts { reward, place, units }).await;
        }
        let steps = vec(step(), 250).new_tree(&mut TestRunner::default()).expect("steps").current();
        let mut walked = String::new();
        for step in steps {
            let _ = writeln!(walked, "{step:?}");
            go(&house, &mut model, step).await;
            assert_eq!(shown(&house).await, model.stock, "after:\n{walked}");
        }
        house.holds().await;
    }
}
