//! A draw, from the first ticket to the prize that is handed over, checked by everybody (W6).

use std::time::{Duration, Instant};

use journeys::{Goods, Operator, SignedIn, Stage, Till, alone_in_both_shapes, fresh, now, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[("rewards.draw_grace_s", "0"), ("rewards.sweep_ms", "200")];
    a_draw_is_filled_closed_settled_claimed_and_checked,
);

/// Waits until something that is asked for is so.
async fn until(what: &str, stage: &Stage, path: &str, so: impl Fn(&Value) -> bool) -> Value {
    let (operator, begun) = (stage.as_operator(), Instant::now());
    loop {
        let found = operator.get(path).await.ok();
        if so(&found) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{what}: {found}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn verified(stage: &Stage, place: &str) -> (Option<i32>, String) {
    let said = stage.vafa(&["draw", "verify", place]).await;
    (said.code, said.out + &said.errors)
}

/// How the check of a record ends in which one thing was changed.
async fn verified_with(stage: &Stage, file: &str, record: &Value, at: &str, changed: Value) -> Option<i32> {
    let mut other = record.clone();
    *other.pointer_mut(at).unwrap() = changed;
    std::fs::write(file, other.to_string()).unwrap();
    verified(stage, file).await.0
}

/// The audit, once the last parcel is on the bus.
async fn audit_is_clean(stage: &Stage) {
    let begun = Instant::now();
    loop {
        let audit = stage.vafa(&["verify"]).await;
        if audit.code == Some(0) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{}\n{}", audit.out, audit.errors);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Publishes a draw that is open for so long, and offers tickets of it for points.
async fn publish(operator: &Operator, code: &str, open_ms: i64) -> Value {
    let terms = json!({
        "title": {"fa": "نوروز", "en": "New Year"}, "opens_at": "2020-01-01T00:00:00Z", "closes_at": now().plus_millis(open_ms),
        "prizes": [{"title": {"en": "A bicycle"}, "units": 1, "what": {"type": "handed_over"}}], "alternates": 1,
        "by_purchase": {"minimum": 100_000, "tickets": 1}, "entropy_source": "drand quicknet, round 21000000", "claim_days": 10,
    });
    let _ = operator.put(format!("/v1/draws/{code}"), &terms).await.ok();
    let published = operator.send(Call::post(format!("/v1/draws/{code}/publication"))).await.ok();
    let ticket = json!({
        "name": {"en": "A ticket"}, "kind": {"type": "draw_ticket", "draw": code, "tickets": 2}, "points": 50, "voucher_days": 1,
    });
    let _ = operator.put(format!("/v1/rewards/{code}-ticket"), &ticket).await.ok();
    let schedule = json!({"live_from": "2020-01-01T00:00:00Z"});
    let _ = operator.put(format!("/v1/rewards/{code}-ticket/schedule"), &schedule).await.ok();
    published
}

/// Two who have tickets: their ids and phones, and the first one's app.
struct Holders {
    first: (String, String),
    second: (String, String),
    me: SignedIn,
}

/// Three who are members before the draw opens: what it stays open for is for tickets.
struct Guests {
    first: (String, String),
    second: (String, String),
    third: String,
    me: SignedIn,
}

async fn welcome(stage: &Stage, till: &Till) -> Guests {
    let ((phone, first), (second, other), (third, _)) =
        (till.welcome().await, till.welcome().await, till.welcome().await);
    let me = stage.sign_in(&phone, 1).await;
    Guests { first: (phone, first), second: (second, other), third, me }
}

/// Fills it: three tickets for one, one for another, and none for whoever brings their purchase back.
async fn fill(stage: &Stage, till: &Till, guests: Guests) -> Holders {
    // One by a purchase and for points, one by a purchase, one whose purchase is brought back.
    let Guests { first: (phone, member), second: (second, other), third, me } = guests;
    let _ = till.sell(&Goods::by_phone(&phone, 250_000)).await.created();
    let _ = till.sell(&Goods::by_phone(&second, 100_000)).await.created();
    let goods = Goods::by_phone(&third, 100_000);
    let _ = till.sell(&goods).await.created();
    let back = json!({
        "purchase": {"till": till.code, "receipt": goods.0["receipt"]}, "receipt": fresh("B"), "occurred_at": now(),
        "currency": "IRR", "amount": 100_000,
    });
    let _ = till.give_back(&fresh("key"), &back).await.created();
    let wish = Call::post("/v1/reward-redemptions").idempotency_key(&fresh("key"));
    let asked = me.send(wish.json(&json!({"reward": "new-year-ticket"}))).await;
    assert!([201, 202].contains(&asked.status()), "{}", asked.text());
    let mine = format!("/v1/members/{member}/draws");
    let has = |wanted: i64| move |found: &Value| found["draws"][0]["tickets"] == wanted;
    let _ = until("three tickets", stage, &mine, has(3)).await;
    let _ = until("one ticket", stage, &format!("/v1/members/{other}/draws"), has(1)).await;
    Holders { first: (member, phone), second: (other, second), me }
}

async fn a_draw_is_filled_closed_settled_claimed_and_checked(stage: Stage) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let guests = welcome(&stage, &till).await;
    let published = publish(&operator, "new-year", 30_000).await;
    let Holders { first, second, me } = fill(&stage, &till, guests).await;
    let closed = until("it is closed", &stage, "/v1/draws/new-year", |draw| draw["state"] == "closed").await;
    assert_eq!((&closed["tickets"], &closed["entries"]), (&json!(4), &json!(3)));
    let place = format!("{}/v1/draws/new-year", stage.base_url());
    let (code, said) = verified(&stage, &place).await;
    assert!(code == Some(1) && said.contains("not chosen yet"), "{said}");

    // The value is entered by one, and confirmed by another.
    let value = json!({"value": "5b7c0d"});
    let _ = operator.put("/v1/draws/new-year/entropy", &value).await.ok();
    let confirm = || Call::post("/v1/draws/new-year/entropy/confirmation").json(&value);
    operator.send(confirm()).await.refused(422, "rewards.second_person_needed");
    let finance = operator.hire(&[json!({"role": "finance"})]).await;
    let settled = finance.send(confirm()).await.ok();
    assert_eq!((&settled["state"], &settled["commitment"]), (&json!("settled"), &published["commitment"]));
    let file = stage.folder().join("draw.json").display().to_string();
    let saved = stage.vafa(&["draw", "verify", &place, "--save", &file]).await;
    assert_eq!(saved.code, Some(0), "{}{}", saved.out, saved.errors);
    let record: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    hands_over(&stage, (&first, &second, &me), (&till, &record, file.as_str())).await;
}

/// The winner hears of it and gets the prize; whoever changes the file is found out.
async fn hands_over(
    stage: &Stage,
    (first, second, me): (&(String, String), &(String, String), &SignedIn),
    (till, record, file): (&Till, &Value, &str),
) {
    let operator = stage.as_operator();
    let winner = record["winners"][0]["holder"].clone();
    let won = me.get(me.own("/draws")).await.ok()["draws"][0].clone();
    assert_eq!(won["holder"] == winner, won["won"]["state"] == "offered", "{won}");
    let (id, phone) = if won["holder"] == winner { first } else { second };
    for (at, changed) in [("/seed", json!("00".repeat(32))), ("/lines/0", json!("1,x,1"))] {
        assert_eq!(verified_with(stage, file, record, at, changed).await, Some(1), "{at}");
    }
    // Another value draws others, or by chance the same of so few: not by so many values.
    let mut found_out = false;
    for value in 0..30 {
        found_out |=
            verified_with(stage, file, record, "/entropy", json!(value.to_string())).await == Some(1);
        if found_out {
            break;
        }
    }
    assert!(found_out, "thirty other values draw the same members");
    let claimed = operator.send(Call::post(format!("/v1/members/{id}/draws/new-year/claim"))).await.ok();
    assert_eq!(claimed["state"], "claimed");
    let handover = json!({"draw": "new-year", "member": {"phone": phone}});
    let path = format!("/v1/branches/{}/draw-handovers", till.branch.code);
    let handed = operator.send(Call::post(path).json(&handover)).await.ok();
    assert_eq!(
        (&handed["state"], &handed["handed_branch"]),
        (&json!("handed_over"), &json!(till.branch.code))
    );
    a_cancelled_one_costs_nothing(stage, (till, me)).await;
    audit_is_clean(stage).await;
}

/// Points for a ticket come back, and the record says why nobody is drawn.
async fn a_cancelled_one_costs_nothing(stage: &Stage, (till, me): (&Till, &SignedIn)) {
    let operator = stage.as_operator();
    publish(&operator, "summer", 3_600_000).await;
    let points = async || till.balance_of(me.text("member_id")).await["points"].clone();
    let before = points().await;
    let wish = Call::post("/v1/reward-redemptions").idempotency_key(&fresh("key"));
    let asked = me.send(wish.json(&json!({"reward": "summer-ticket"}))).await;
    assert!([201, 202].contains(&asked.status()), "{}", asked.text());
    let mine = format!("/v1/members/{}/draws", me.text("member_id"));
    let of_summer = |tickets: i64| {
        move |found: &Value| {
            let all = found["draws"].as_array().unwrap();
            all.iter().any(|draw| draw["draw"] == "summer" && draw["tickets"] == tickets)
        }
    };
    let _ = until("two tickets", stage, &mine, of_summer(2)).await;
    let why = json!({"reason": "The sponsor withdrew the prize."});
    let cancelled = operator.send(Call::post("/v1/draws/summer/cancellation").json(&why)).await.ok();
    assert_eq!(cancelled["state"], "cancelled");
    let _ = until("no ticket", stage, &mine, of_summer(0)).await;
    let begun = Instant::now();
    while points().await != before {
        assert!(begun.elapsed() < Duration::from_secs(30), "the points do not come back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (code, said) = verified(stage, &format!("{}/v1/draws/summer", stage.base_url())).await;
    assert!(code == Some(1) && said.contains("was cancelled before its list was closed"), "{said}");
}
