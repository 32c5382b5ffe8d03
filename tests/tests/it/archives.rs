//! Archives of everything that is kept of a member, through the gateway (J4): a member with a history downloads theirs, the zip
//! opens, the files can be read by programs and the page by people, and nothing of anybody else is in it.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
    sync::Arc,
};

use journeys::{Goods, Reply, Stage, in_both_shapes};
use serde_json::{Value, json};
use vafa::client::Call;
use zip::ZipArchive;

in_both_shapes!(a_member_downloads_everything_and_nothing_of_others);

fn unpacked(reply: &Reply) -> BTreeMap<String, String> {
    assert_eq!((reply.status(), reply.header("content-type")), (200, "application/zip"), "{}", reply.text());
    assert!(reply.header("content-disposition").starts_with("attachment"));
    assert_eq!(reply.header("cache-control"), "no-store");
    let mut archive = ZipArchive::new(Cursor::new(reply.0.body.clone())).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}

fn rows<'v>(file: &'v Value, sheet: &str) -> &'v [Value] {
    file["sheets"][sheet].as_array().unwrap_or_else(|| panic!("no {sheet}: {file}"))
}

async fn a_member_downloads_everything_and_nothing_of_others(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, other_phone) = (journeys::phone(), journeys::phone());
    let member = till.join(&phone, "زهرا").await.created()["member_id"].clone();
    let _ = till.join(&other_phone, "مریم").await.created();
    for amount in 1..=120 {
        let _ = till.sell(&Goods::by_phone(&phone, amount * 1_000)).await.created();
    }
    let other_sale = Goods::by_phone(&other_phone, 9_000);
    let _ = till.sell(&other_sale).await.created();

    let mut me = stage.sign_in(&phone, 1).await;
    let make = |me: &journeys::SignedIn| Call::post(me.own("/archives"));
    me.send(make(&me)).await.refused(403, "membership.step_up_needed");
    stage.raise(&mut me, &phone, 2).await;
    let files = unpacked(&me.send(make(&me)).await);
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        ["index.html", "membership.json", "notifications.json", "points.json", "rewards.json"]
    );

    let membership: Value = serde_json::from_str(&files["membership.json"]).unwrap();
    assert_eq!(membership["member_id"], member);
    assert_eq!(rows(&membership, "profile")[0]["first_name"], "زهرا");
    assert_eq!(rows(&membership, "identifiers")[0]["value"], json!(phone));
    assert_eq!(rows(&membership, "sessions").len(), 1);
    let points: Value = serde_json::from_str(&files["points.json"]).unwrap();
    let history = rows(&points, "history");
    assert_eq!(history.len(), 120, "every page");
    assert_eq!((&history[0]["amount"], &history[119]["amount"]), (&json!(120_000), &json!(1_000)));
    let balance = me.get(me.own("/balance")).await.ok();
    assert_eq!(rows(&points, "account")[0]["balance"], balance["points"]);
    assert_eq!(
        rows(&points, "lots").iter().filter_map(|lot| lot["points"].as_i64()).sum::<i64>(),
        balance["points"].as_i64().unwrap()
    );

    let page = &files["index.html"];
    for there in ["<html lang=\"fa\" dir=\"rtl\">", "زهرا", "تلفن‌ها و کارت‌ها", "خرید", "۱٬۲۰۰ IRR"]
    {
        assert!(page.contains(there), "{there}");
    }
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    let theirs = other_sale.0["receipt"].as_str().unwrap().to_owned();
    for text in files.values() {
        for absent in [other_phone.as_str(), "مریم", &theirs] {
            assert!(!text.contains(absent), "{absent} is somebody else's");
        }
    }

    let agent = stage.as_operator().hire(&[json!({"role": "support_agent"})]).await;
    let by_agent = agent.send(Call::post(me.own("/archives"))).await;
    assert_eq!(unpacked(&by_agent).len(), 5);
    let listed = me.get(me.own("/archives")).await.ok();
    let makers: Vec<&Value> =
        listed["archives"].as_array().unwrap().iter().map(|one| &one["maker"]).collect();
    assert_eq!(makers, ["staff", "member"]);
}
