//! The progressive profile: asked in the app and at the till, rewarded by points, and a birthday that is marked on its day (J2, P1, W8).

use std::time::{Duration, Instant};

use journeys::{Goods, SignedIn, Stage, alone_in_both_shapes, now, programme};
use serde_json::{Value, json};
use vafa::client::Call;

use super::comes_to;

alone_in_both_shapes!(&[("membership.occasions_every_s", "1"), ("chain.time_zone", "UTC")];
    answers_are_rewarded_and_birthdays_are_marked,
);

fn question(kind: &str, position: u16) -> Value {
    let words = json!({"fa": "چه؟", "ar": "ما؟", "en": "What?"});
    json!({"kind": kind, "text": words, "purpose": words, "position": position})
}

fn rewards(branch: &str) -> Value {
    let name = json!({"fa": "هدیه", "ar": "هدية", "en": "Gift"});
    let about = |action: &str, points: u32| json!({"code": action.replace('.', "-"), "name": name, "on": {"action": action}, "give": {"fixed": {"points": points}}, "funder": branch});
    let birthday = json!({
        "code": "birthday", "name": name, "give": {"fixed": {"points": 70}},
        "when": {"member": {"occasion": {"kind": "birthday", "after_days": 7}}},
    });
    let mut document = programme(&[birthday]);
    document["actions"] =
        json!([about("profile.city", 10), about("profile", 5), about("profile-completed", 100)]);
    document
}

async fn answers_are_rewarded_and_birthdays_are_marked(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    operator.make_live(&rewards(&till.branch.code)).await;
    let _ = operator.put("/v1/questions/city", &question("city", 1)).await.created();
    let _ = operator.put("/v1/questions/birthday", &question("birthday", 2)).await.created();

    let (phone, member) = till.welcome().await;
    let next = format!("/v1/members/{member}/next-question");
    assert_eq!(till.get(next.clone()).await.ok()["question"]["question"], "city");
    let answer = |code: &str| format!("/v1/members/{member}/answers/{code}");
    let city = json!({"answer": "تهران"});
    let _ = till.send(Call::put(answer("city")).json(&city)).await.created();
    comes_to(&till, &member, 15).await;

    let me = stage.sign_in(&phone, 1).await;
    assert_eq!(me.get(next.clone()).await.ok()["question"]["question"], "birthday");
    let birthday = json!({"answer": today()});
    let _ = say(&me, &answer("birthday"), &birthday).await.created();
    comes_to(&till, &member, 120).await;
    assert_eq!(me.get(next).await.ok()["open"], 0);
    // Again, or otherwise, earns nothing.
    let _ = say(&me, &answer("city"), &json!({"answer": "شیراز"})).await.ok();

    // The birthday is told, and the rule about it holds for what is bought now.
    let begun = Instant::now();
    loop {
        let bought = till.sell(&Goods::by_phone(&phone, 500)).await.created();
        if bought["points"] == 70 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "the birthday was never marked: {bought}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let answers = me.get(me.own("/answers")).await.ok();
    assert_eq!(answers["answers"][1]["answer"], "شیراز");
    assert_eq!(me.send(Call::delete(answer("city"))).await.status(), 204);
    assert_eq!(till.balance_of(&member).await["points"], 190);

    let (_, other) = till.welcome().await;
    let theirs = format!("/v1/members/{other}/answers");
    me.get(theirs.clone()).await.refused(403, "web.access_denied");
    till.get(theirs).await.refused(403, "web.access_denied");
}

async fn say(me: &SignedIn, path: &str, body: &Value) -> journeys::Reply {
    me.send(Call::put(path).json(body)).await
}

/// The day of the year, by the chain's wall clock, which shows UTC.
pub(crate) fn today() -> Value {
    let now = now().to_string();
    let number = |range: std::ops::Range<usize>| now[range].parse::<u8>().unwrap();
    json!({"calendar": "gregorian", "month": number(5..7), "day": number(8..10)})
}
