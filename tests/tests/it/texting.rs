//! The club hears what people text: joining by a first name to the first purchase, what they have, STOP and START (J1, N4, N6).

use std::time::{Duration, Instant};

use journeys::{Goods, Stage, alone_in_both_shapes, phone, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[("chain.time_zone", "UTC"), ("notifications.quiet_from", "0"), ("notifications.quiet_until", "0")];
    who_texts_a_first_name_joins_buys_and_asks_for_points,
);

const DOOR: &str = "/v1/texts-to-the-club/a-door-of-the-journey-alone";

/// The platform again, with a door for texts beside the outbox.
async fn with_a_door(stage: Stage) -> Stage {
    let file = stage.folder().join("providers.toml");
    let outbox = stage.data_folder().join("messages");
    let text = format!(
        "[[provider]]\nname = \"outbox\"\nkind = \"outbox\"\nfolder = {outbox:?}\n\n\
         [[inbound]]\nname = \"club\"\ndoor = \"a-door-of-the-journey-alone\"\ntext = \"message\"\n"
    );
    std::fs::write(&file, text).unwrap();
    stage.restart_with("notifications.providers", &file.display().to_string()).await
}

async fn texts(stage: &Stage, from: &str, id: &str, message: &str) -> Value {
    let body = json!({"from": from.trim_start_matches('+'), "id": id, "message": message});
    stage.call(Call::post(DOOR).json(&body)).await.ok()
}

async fn who_texts_a_first_name_joins_buys_and_asks_for_points(stage: Stage) {
    let stage = with_a_door(stage).await;
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let mine = phone();
    // A stranger is told how to join; an Arabic ye is a Persian one.
    assert_eq!(texts(&stage, &mine, "1", "امتياز").await["asked"], "balance");
    let _ = stage.told(&mine, "نام کوچکتان").await;
    for _ in 0..2 {
        let _ = texts(&stage, &mine, "2", "زهرا").await;
    }
    let _ = stage.told(&mine, "خوش آمدید").await;
    let _ = till.sell(&Goods::by_phone(&mine, 1_250_000)).await.created();
    let _ = stage.told(&mine, "۱٬۲۵۰ امتیاز گرفتید").await;
    assert_eq!(texts(&stage, &mine, "3", "مانده").await["asked"], "balance");
    let _ = stage.told(&mine, "۱٬۲۵۰ امتیاز دارید").await;
    let _ = texts(&stage, &mine, "4", "خريد").await;
    assert!(stage.told(&mine, "آخرین خریدهای شما").await.contains("۱۲٬۵۰۰ ریال"));

    assert_eq!(texts(&stage, &mine, "5", "لغو").await["asked"], "stop");
    let _ = stage.told(&mine, "دیگر پیامکی از ما نمی‌گیرید").await;
    let member = till.send(Call::post("/v1/members/lookup").json(&json!({"phone": mine}))).await.ok();
    let told = stage.sent_to(&mine).len();
    let _ = till.sell(&Goods::by_phone(&mine, 20_000)).await.created();
    let path = format!("/v1/members/{}/messages", member["member_id"].as_str().unwrap());
    let begun = Instant::now();
    loop {
        let log = operator.get(path.clone()).await.ok();
        let all = log["messages"].as_array().unwrap();
        let earned: Vec<&Value> = all.iter().filter(|one| one["kind"] == "earned").collect();
        if earned.len() == 2 && earned[0]["state"] != "waiting" {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{log}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stage.sent_to(&mine).len(), told, "nothing is texted after STOP");
    let _ = texts(&stage, &mine, "6", "شروع").await;
    let _ = stage.told(&mine, "دوباره پیامک می‌گیرید").await;
    let _ = till.sell(&Goods::by_phone(&mine, 30_000)).await.created();
    let _ = stage.told(&mine, "۳۰ امتیاز").await;

    // What nobody knows waits for people.
    let _ = texts(&stage, &mine, "7", "Where is the nearest branch, please?").await;
    let waiting = operator.get("/v1/unknown-texts").await.ok();
    assert_eq!(waiting["texts"][0]["text"], "Where is the nearest branch, please?");
    let answer = Call::post(format!("/v1/unknown-texts/{}/answer", waiting["texts"][0]["text_id"].as_str().unwrap()));
    let answer = answer.idempotency_key("answer-1").json(&json!({"text": "ونک، خیابان ملاصدرا", "language": "fa"}));
    let _ = operator.send(answer).await.with(204);
    let _ = stage.told(&mine, "ملاصدرا").await;
    super::redemptions::audit_is_clean(&stage).await;
}
