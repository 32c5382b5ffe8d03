//! Who bought: three ways to say it, and what happens when points has not heard of them yet.

use kernel::IdentifierKind;
use serde_json::{Value, json};

use crate::shop::{Shop, ZAHRA, ZAHRAS_CARD, base, basket, member, on_both};

const NEW: &str = "+989351112233";

fn bought_by(receipt: &str, who: Value) -> Value {
    let mut body = basket(receipt, 50_000);
    body["member"] = who;
    body
}

on_both! {
    async fn phone_card_and_id_lead_to_one_member_however_they_are_written(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let ways = [
            json!({"phone": ZAHRA}),
            json!({"phone": "۰۹۱۲ ۱۲۳ ۴۵۶۷"}),
            json!({"phone": "٠٩١٢-١٢٣-٤٥٦٧"}),
            json!({"phone": "00989121234567"}),
            json!({"card": ZAHRAS_CARD}),
            json!({"card": "۶۲۷۴ 0000-0000 0007"}),
            json!({"id": member(1).to_string()}),
        ];
        for (n, who) in ways.into_iter().enumerate() {
            let answer = shop.till().buy(&format!("k{n}"), &bought_by(&format!("R{n}"), who)).await.expect(201);
            assert_eq!(answer["member_id"], member(1).to_string());
            assert_eq!(answer["balance"]["account_version"], n + 1);
        }
        assert_eq!(shop.membership.with(|known| known.asked), 0, "the hot path asks nobody");
        shop.holds().await;
    }

    async fn who_is_unknown_to_all_can_join_and_nothing_is_written(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let rows = shop.rows().await;
        let problem = shop.till().speaking("fa").buy("k1", &bought_by("R1", json!({"phone": NEW}))).await;
        let problem = problem.refused(404, "points.customer_unknown");
        let shown = json!({"code": problem["code"], "pointer": problem["pointer"], "join": problem["join"],
                           "status": problem["status"], "title": problem["title"], "detail": problem["detail"],
                           "type": problem["type"]});
        insta::assert_json_snapshot!("an_unknown_customer", shown);
        let card = shop.till().buy("k1", &bought_by("R1", json!({"card": "627400001111"}))).await;
        assert_eq!(card.refused(404, "points.customer_unknown")["pointer"], "/member/card");
        let id = shop.till().buy("k1", &bought_by("R1", json!({"id": member(9).to_string()}))).await;
        assert_eq!(id.refused(404, "points.member_unknown")["pointer"], "/member/id");
        assert_eq!(shop.rows().await, rows);
        assert!(!problem.to_string().contains("9351112233"), "the phone is not told back");
    }

    async fn who_joined_a_moment_ago_is_asked_for_once(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let digest = shop.digest(IdentifierKind::Phone, NEW);
        shop.membership.with(|known| known.identifiers.insert(digest, (member(7).to_string(), true)));
        for n in 0..3 {
            let body = bought_by(&format!("R{n}"), json!({"phone": NEW}));
            let answer = shop.till().buy(&format!("k{n}"), &body).await.expect(201);
            assert_eq!(answer["member_id"], member(7).to_string());
        }
        assert_eq!(shop.membership.with(|known| known.asked), 1);
        // The fact that comes at last changes nothing.
        shop.joined(member(7), NEW, IdentifierKind::Phone).await;
        assert_eq!(shop.till().balance(member(7)).await["points"], 15);
        shop.holds().await;
    }

    async fn a_rehearsal_for_a_new_member_asks_too(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.membership.with(|known| known.members.push(member(8).to_string()));
        let body = bought_by("R1", json!({"id": member(8).to_string()}));
        let rehearsed = shop.till().rehearse("k1", &body).await.expect(200);
        assert_eq!(rehearsed["points"], 5);
        assert_eq!(shop.rows().await[0], 0);
    }

    async fn a_silent_membership_is_told_and_the_till_may_come_again(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.membership.with(|known| known.silent = true);
        let answer = shop.till().buy("k1", &bought_by("R1", json!({"phone": NEW}))).await;
        assert!(answer.retry_after);
        answer.refused(503, "points.membership_silent");
        let path = format!("/v1/members/{}/balance", member(9));
        shop.till().get(&path).await.refused(503, "points.membership_silent");
        // Whoever is known already is served.
        shop.till().buy("k2", &basket("R2", 50_000)).await.expect(201);
        let digest = shop.digest(IdentifierKind::Phone, NEW);
        shop.membership.with(|known| {
            known.silent = false;
            known.identifiers.insert(digest, (member(7).to_string(), true));
        });
        shop.till().buy("k1", &bought_by("R1", json!({"phone": NEW}))).await.expect(201);
    }

    async fn an_identifier_that_was_blocked_leads_nowhere(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.clock.advance_millis(1);
        shop.links(member(1), ZAHRAS_CARD, IdentifierKind::Card, false).await;
        let digest = shop.digest(IdentifierKind::Card, ZAHRAS_CARD);
        shop.membership.with(|known| known.identifiers.insert(digest, (member(1).to_string(), false)));
        let card = json!({"card": ZAHRAS_CARD});
        shop.till().buy("k1", &bought_by("R1", card)).await.refused(404, "points.customer_unknown");
        // The member's phone is as good as before.
        shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
    }

    async fn an_older_word_about_an_identifier_does_not_count(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.days_later(-1);
        shop.links(member(2), ZAHRA, IdentifierKind::Phone, true).await;
        shop.days_later(1);
        let answer = shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        assert_eq!(answer["member_id"], member(1).to_string());
    }
}
