//! What must hold for every ladder and every life of a member: random ones, by the code of production.

use kernel::Day;
use proptest::prelude::*;

use super::{Credit, Ladder, OnReturn, Standing};
use crate::domain::NEVER;

fn ladder() -> impl Strategy<Value = Ladder> {
    let period = prop::sample::select(vec![
        r#""year""#,
        r#""half_year""#,
        r#""quarter""#,
        r#""month""#,
        r#""anniversary""#,
        r#"{"rolling_months":{"months":5}}"#,
    ]);
    let downgrade = prop::sample::select(vec!["to_earned", "one_level", "never"]);
    let on_return = prop::sample::select(vec!["falls", "stays"]);
    (period, downgrade, on_return, 0_u32..15).prop_map(|(period, downgrade, on_return, grace)| {
        let level = |code: &str, from: i64| {
            format!(r#"{{"code":"{code}","name":{{"fa":"x","ar":"x","en":"x"}},"from":{from}}}"#)
        };
        let levels = [level("bronze", 10), level("silver", 50), level("gold", 100)].join(",");
        let text = format!(
            r#"{{"measure":"spend","period":{period},"levels":[{levels}],"downgrade":"{downgrade}",
               "grace_months":{grace},"on_return":"{on_return}"}}"#
        );
        serde_json::from_str(&text).expect("a ladder")
    })
}

/// Days since the first one, each with what was bought on it; never before the step before.
fn lives() -> impl Strategy<Value = Vec<(i32, i64)>> {
    prop::collection::vec((0_i32..120, 1_i64..70), 1..25).prop_map(|steps| {
        let after = |day: &mut i32, (gap, amount): (i32, i64)| {
            *day += gap;
            Some((*day, amount))
        };
        steps.into_iter().scan(20_000, after).collect()
    })
}

fn credit(amount: i64) -> Credit {
    Credit { points: 0, spend: amount, visits: 1 }
}

fn lived(ladder: &Ladder, life: &[(i32, i64)]) -> Standing {
    let mut standing = Standing::new(Day::from_number(life[0].0));
    for (day, amount) in life {
        standing.advance(ladder, Day::from_number(*day));
        standing.count(ladder, credit(*amount));
    }
    standing
}

proptest! {
    #[test]
    fn whether_and_when_a_job_looked_changes_no_tier(ladder in ladder(), life in lives(), later in 0_i32..2_000, looks in prop::collection::vec(0_i32..3_000, 0..40)) {
        let end = life.last().map_or(0, |(day, _)| *day) + later;
        let mut seldom = lived(&ladder, &life);
        seldom.advance(&ladder, Day::from_number(end));
        let mut often = Standing::new(Day::from_number(life[0].0));
        let mut days: Vec<(i32, Option<i64>)> = life.iter().map(|(day, amount)| (*day, Some(*amount))).collect();
        days.extend(looks.iter().map(|after| (life[0].0 + after, None)).filter(|(day, _)| *day <= end));
        days.sort_by_key(|(day, _)| *day);
        for (day, amount) in days {
            often.advance(&ladder, Day::from_number(day));
            if let Some(amount) = amount {
                often.count(&ladder, credit(amount));
            }
        }
        often.advance(&ladder, Day::from_number(end));
        prop_assert_eq!(often, seldom);
    }

    #[test]
    fn purchases_of_one_day_count_the_same_in_any_order(ladder in ladder(), life in lives(), amounts in prop::collection::vec(1_i64..70, 2..6)) {
        let last = life.last().map_or(0, |(day, _)| *day);
        let with = |amounts: &[i64]| {
            let more = amounts.iter().map(|amount| (last, *amount));
            lived(&ladder, &life.iter().copied().chain(more).collect::<Vec<_>>())
        };
        let turned: Vec<i64> = amounts.iter().rev().copied().collect();
        prop_assert_eq!(with(&amounts), with(&turned));
    }

    #[test]
    fn what_is_returned_at_once_leaves_no_trace_where_tiers_fall(ladder in ladder(), life in lives(), amount in 1_i64..200) {
        prop_assume!(ladder.on_return == OnReturn::Falls);
        let plain = lived(&ladder, &life);
        let mut returned = plain.clone();
        returned.count(&ladder, credit(amount));
        returned.take_back(returned.as_of, credit(amount));
        prop_assert_eq!(returned.tier(&ladder), plain.tier(&ladder));
        prop_assert_eq!(returned.all(), plain.all());
    }

    #[test]
    fn a_tier_is_never_below_what_the_period_has_earned_and_sure_until_its_day(ladder in ladder(), life in lives(), after in 0_i32..1_500) {
        let mut standing = lived(&ladder, &life);
        let tier = standing.tier(&ladder);
        prop_assert!(tier >= ladder.reached(standing.credit(&ladder)));
        let Some(until) = standing.assured_until(&ladder) else { return Ok(()) };
        let day = Day::from_number(standing.as_of.number() + after).min(until);
        standing.advance(&ladder, day);
        prop_assert!(standing.tier(&ladder) >= tier, "{} is within {}", day, until);
    }

    #[test]
    fn nothing_changes_before_the_day_that_is_said(ladder in ladder(), life in lives()) {
        let mut standing = lived(&ladder, &life);
        let (tier, next) = (standing.tier(&ladder), standing.changes_on(&ladder));
        let before = next.map_or(NEVER.number() - 40, |day| day.number() - 1).min(standing.as_of.number() + 3_000);
        standing.advance(&ladder, Day::from_number(before));
        prop_assert_eq!(standing.tier(&ladder), tier);
    }
}
