//! Problems speak the caller's language (N3, G1).

use std::{collections::BTreeSet, sync::Arc};

use journeys::{Goods, Stage, fresh, in_both_shapes, phone};
use vafa::client::Call;

in_both_shapes!(a_problem_is_told_in_the_callers_language, rules_are_named_in_the_callers_language);

async fn a_problem_is_told_in_the_callers_language(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let goods = Goods::by_phone(&phone(), 1_000);
    let ask = |accept: &'static str| {
        let call = Call::post("/v1/purchases").idempotency_key(&fresh("key")).json(&goods.0);
        if accept.is_empty() { call } else { call.language(accept) }
    };
    let mut titles = BTreeSet::new();
    for (accept, language, script) in [
        ("en", "en", 'a'..='z'),
        ("fa", "fa", 'ا'..='ی'),
        ("ar-SA,ar;q=0.9,en;q=0.5", "ar", 'ا'..='ي'),
        ("de, fa;q=0.3", "fa", 'ا'..='ی'),
        ("", "fa", 'ا'..='ی'),
    ] {
        let reply = till.send(ask(accept)).await;
        let problem = reply.refused(404, "points.customer_unknown");
        assert_eq!(reply.header("content-language"), language, "{accept}");
        let title = problem["title"].as_str().unwrap().to_owned();
        assert!(title.chars().any(|letter| script.contains(&letter)), "{accept}: {title}");
        titles.insert(title);
    }
    assert_eq!(titles.len(), 3, "{titles:?}");
    // The gateway's own, too.
    for (accept, language) in [("ar", "ar"), ("fa", "fa"), ("en", "en")] {
        let reply = stage.call(Call::get("/v1/nothing").language(accept)).await;
        reply.refused(404, "web.route_unknown");
        assert_eq!(reply.header("content-language"), language);
    }
}

async fn rules_are_named_in_the_callers_language(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, _) = till.welcome().await;
    let goods = Goods::by_phone(&phone, 1_000).with("dry_run", true);
    for (accept, name) in [("fa", "باشگاه"), ("ar", "نادي"), ("en", "One point for every 1,000")] {
        let call = Call::post("/v1/purchases").idempotency_key(&fresh("key")).json(&goods.0).language(accept);
        assert_eq!(till.send(call).await.ok()["rules"][0]["name"], name);
    }
}
