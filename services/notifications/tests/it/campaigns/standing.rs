//! Standing campaigns speak when something happens, as long as they run.

use std::collections::BTreeSet;

use contracts::membership::{self, Occasion, OccasionReached};
use kernel::MemberId;
use serde_json::json;

use super::{arm, peopled, post, put, read, schedule, terms, with};
use crate::house::{House, member, on_both};

async fn birthday(house: &House, whose: MemberId) {
    let fact = OccasionReached { member_id: whose, occasion: Occasion::Birthday };
    house.hear(&[house.fact(membership::SOURCE, &fact)]).await;
}

on_both! {
    async fn a_birthday_is_wished_in_the_campaigns_words_as_long_as_it_runs(house: House) {
        let sms = peopled(&house, 8);
        birthday(&house, member(1)).await;
        house.send().await;
        let built_in = sms.texts()[0].clone();
        let whenever = json!({"type": "whenever", "happens": "occasion"});
        let text = "{ $occasion -> \n [birthday] Happy birthday\n *[other] Happy day\n}, { $name }: a cake waits.";
        put(&house, "wish", &terms(&whenever, text)).await;
        assert_eq!(house.operator().get("/v1/campaigns/wish/audience").await.expect(200), json!({}));
        birthday(&house, member(2)).await;
        schedule(&house, "wish").await;
        house.walk().await;
        birthday(&house, member(3)).await;
        house.send().await;
        // What was queued before it ran says what it said; the two go in no order.
        let two: BTreeSet<String> = sms.texts().into_iter().skip(1).collect();
        assert_eq!(two, BTreeSet::from([built_in.replace("M1", "M2"), "Happy birthday, M3: a cake waits.".to_owned()]));
        post(&house, "wish/pause").await;
        birthday(&house, member(4)).await;
        house.send().await;
        assert_eq!(sms.texts()[3], built_in.replace("M1", "M4"));
        post(&house, "wish/resume").await;
        house.wait_s(60);
        house.walk().await;
        birthday(&house, member(5)).await;
        house.send().await;
        assert_eq!(sms.texts()[4], "Happy birthday, M5: a cake waits.");
        let view = read(&house, "wish").await;
        assert_eq!((&view["stage"], &view["seen"], &view["queued"]), (&json!("running"), &json!(2), &json!(2)));
        assert_eq!(arm(&house, "wish", "first").await["sent"], 2);
        post(&house, "wish/stop").await;
        birthday(&house, member(6)).await;
        house.send().await;
        assert_eq!(sms.texts()[5], built_in.replace("M1", "M6"));
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn who_is_held_out_hears_nothing_and_is_measured(house: House) {
        let sms = peopled(&house, 40);
        let whenever = json!({"type": "whenever", "happens": "occasion"});
        put(&house, "wish", &with(terms(&whenever, "Happy birthday!"), &json!({"control_percent": 50}))).await;
        schedule(&house, "wish").await;
        house.walk().await;
        for number in 1..=40 {
            birthday(&house, member(number)).await;
        }
        house.send().await;
        let (control, first) = (arm(&house, "wish", "control").await, arm(&house, "wish", "first").await);
        let (held, told) = (control["members"].as_u64().expect("some"), first["members"].as_u64().expect("some"));
        assert!(held > 8 && told > 8 && held + told == 40, "{held} {told}");
        assert_eq!((sms.texts().len() as u64, &first["sent"], &control["sent"]), (told, &json!(told), &json!(0)));
    }

    async fn it_ends_at_its_end(house: House) {
        peopled(&house, 1);
        let whenever = json!({"type": "whenever", "happens": "win_back"});
        let until = json!({"until": "2026-11-22T08:30:00Z"});
        put(&house, "back", &with(terms(&whenever, "{ $days } days!"), &until)).await;
        schedule(&house, "back").await;
        house.walk().await;
        assert_eq!(read(&house, "back").await["stage"], "running");
        house.wait_s(24 * 60 * 60);
        house.walk().await;
        assert_eq!(read(&house, "back").await["stage"], "done");
    }
}
