//! The programme's versions, and what is wrong with a document.

use contracts::points::ProgrammeWentLive;
use serde_json::{Value, json};
use web::Caller;

use crate::shop::{Shop, base, basket, on_both, programme, rule};

fn gift(points: i64) -> Value {
    rule("gift", json!({"fixed": {"points": points}}))
}

on_both! {
    async fn a_document_becomes_the_next_version_and_the_same_one_changes_nothing(shop: Shop) {
        shop.operator().get("/v1/programme").await.refused(422, "points.programme_missing");
        let first = shop.operator().put("/v1/programme", programme(&[base()])).await.expect(201);
        assert_eq!((&first["version"], &first["live_from"]), (&json!(1), &json!(crate::shop::START)));
        shop.days_later(1);
        let same = shop.operator().put("/v1/programme", programme(&[base()])).await.expect(200);
        assert_eq!(same, first);
        let second = shop.operator().put("/v1/programme", programme(&[base(), gift(5)])).await.expect(201);
        assert_eq!(second["version"], 2);
        // Going back is a new version, too.
        shop.operator().put("/v1/programme", programme(&[base()])).await.expect(201);
        let all = shop.operator().get("/v1/programme/versions").await.expect(200);
        let versions: Vec<_> = all["items"].as_array().expect("a list").iter().map(|v| v["version"].clone()).collect();
        assert_eq!(versions, [3, 2, 1]);
        assert_eq!(shop.by(Caller::Anonymous).get("/v1/programme").await.expect(200)["version"], 3);
        let told: Vec<_> = shop.told::<ProgrammeWentLive>().await.iter().map(|(seq, fact)| (*seq, fact.version)).collect();
        assert_eq!(told, [(2, 1), (4, 2), (6, 3)], "each after its announcement");
    }

    async fn a_purchase_names_the_version_that_decided(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let first = shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        let other = shop.replica().await;
        other.operator().put("/v1/programme", programme(&[gift(9)])).await.expect(201);
        let second = shop.till().buy("k2", &basket("R2", 50_000)).await.expect(201);
        assert_eq!((&first["programme_version"], &first["points"]), (&json!(1), &json!(5)));
        assert_eq!((&second["programme_version"], &second["points"]), (&json!(2), &json!(9)), "live at once, on every replica");
        let path = format!("/v1/purchases/{}", first["purchase_id"].as_str().expect("an id"));
        assert_eq!(other.till().get(&path).await.expect(200), first);
        shop.holds().await;
    }

    async fn every_mistake_is_told_at_once(shop: Shop) {
        let mut document = programme(&[
            gift(0),
            gift(1_000_000_001),
            rule("Bad Code", json!({"per_amount": {"amount": 0, "points": 0}})),
        ]);
        document["currency"] = "USD".into();
        document["name"]["ar"] = " ".into();
        document["expiry"]["months"] = 121.into();
        document["rules"][0]["when"] = json!({
            "branches": ["vanak", "nowhere"], "regions": ["atlantis"], "minimum_basket": 0,
            "hours": {"from": "09:00", "to": "09:00"},
        });
        document["rules"][1]["expiry"] = json!({"months": 0});
        document["rules"][2]["name"]["en"] = "x".repeat(81).into();
        let problem = shop.operator().put("/v1/programme", document).await.refused(422, "points.programme_invalid");
        let mistakes = problem["mistakes"].as_array().expect("a list").iter();
        let mistakes: Vec<_> = mistakes
            .map(|m| format!("{} {}", m["pointer"].as_str().unwrap_or("?"), m["reason"].as_str().unwrap_or("?")))
            .collect();
        insta::assert_json_snapshot!("mistakes_of_a_programme", mistakes);
        assert_eq!(problem["pointer"], "/currency");
        shop.operator().get("/v1/programme").await.refused(422, "points.programme_missing");
        assert_eq!(shop.rows().await, [0; 5]);
    }

    async fn a_programme_has_one_to_hundred_rules(shop: Shop) {
        for rules in [0, 101] {
            let all: Vec<_> = (0..rules).map(|n| rule(&format!("r{n}"), json!({"fixed": {"points": 1}}))).collect();
            let problem = shop.operator().put("/v1/programme", programme(&all)).await;
            assert_eq!(problem.refused(422, "points.programme_invalid")["pointer"], "/rules");
        }
        let all: Vec<_> = (0..100).map(|n| rule(&format!("r{n}"), json!({"fixed": {"points": 1}}))).collect();
        shop.operator().put("/v1/programme", programme(&all)).await.expect(201);
        let answer = shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        assert_eq!((&answer["points"], answer["rules"].as_array().map(Vec::len)), (&json!(100), Some(100)));
        assert_eq!(shop.rows().await[1], 1, "movements into the same lot are one movement");
    }

    async fn a_document_that_is_none_is_refused_by_its_shape(shop: Shop) {
        let wrong = [
            ("/rules/0/give", json!({"per_amount": {"amount": 1, "points": 1}, "fixed": {"points": 1}})),
            ("/rules/0/give", json!({"script": "1+1"})),
            ("/rules/0/give/fixed/points", json!(1.5)),
            ("/rules/0/surprise", json!(1)),
            ("/rules/0/when/weekdays/0", json!("someday")),
            ("/rules/0/when/hours/from", json!("9:00")),
        ];
        for (pointer, value) in wrong {
            let mut document = programme(&[gift(1)]);
            document["rules"][0]["when"] = json!({"weekdays": ["friday"], "hours": {"from": "09:00", "to": "10:00"}});
            match document.pointer_mut(pointer) {
                Some(place) => *place = value,
                None => document["rules"][0]["surprise"] = value,
            }
            let answer = shop.operator().put("/v1/programme", document).await;
            assert_eq!(answer.status, 400, "{pointer}: {}", answer.text);
        }
    }

    async fn replicas_that_publish_at_once_make_one_version_after_the_other(shop: Shop) {
        let other = shop.replica().await;
        let senders = [shop.operator(), other.operator()];
        let puts = (1..=8_i64).map(|n| {
            let sender = &senders[usize::try_from(n % 2).expect("small")];
            async move { sender.put("/v1/programme", programme(&[gift(n)])).await.expect(201)["version"].as_u64() }
        });
        let mut versions = futures_util::future::join_all(puts).await;
        versions.sort_unstable();
        assert_eq!(versions, (1..=8).map(Some).collect::<Vec<_>>());
        assert_eq!(shop.told::<ProgrammeWentLive>().await.len(), 8);
        let seqs: Vec<u64> = shop.facts().await.iter().filter(|f| f.subject == "programme").map(|f| f.seq).collect();
        assert_eq!(seqs, (1..=16).collect::<Vec<u64>>(), "one sequence without gaps");
    }
}
