//! The programme as people read it: the public page, and what changes from one version to another.

use serde_json::{Value, json};
use web::Caller;

use crate::shop::{Shop, base, on_both, programme, rule};

fn weekend() -> Value {
    let mut weekend = rule("weekend", json!({"fixed": {"points": 50}}));
    weekend["when"] = json!({
        "weekdays": ["thursday", "friday"], "hours": {"from": "17:00", "to": "21:00"},
        "branches": ["vanak"], "minimum_basket": 5_000_000,
    });
    weekend["expiry"] = json!({"months": 3});
    weekend
}

async fn html(shop: &Shop, language: &'static str) -> String {
    let reader = shop.by(Caller::Anonymous).speaking(language);
    let answer = reader.send("GET", "/v1/programme", &[("accept", "text/html,*/*;q=0.8")], None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

on_both! {
    async fn everybody_reads_the_programme_in_plain_sentences(shop: Shop) {
        let mut document = programme(&[base(), weekend()]);
        document["debt"] = json!({"recovered_percent": 50});
        shop.operator().put("/v1/programme", document).await.expect(201);
        let mut pages = Vec::new();
        for language in ["fa", "ar", "en"] {
            let read = shop.by(Caller::Anonymous).speaking(language).get("/v1/programme").await.expect(200);
            assert_eq!((&read["version"], &read["state"], &read["live_from"]), (&json!(1), &json!("live"), &json!(crate::shop::START)));
            assert_eq!(read["programme"]["rules"][0]["code"], "base");
            pages.push(read["page"].clone());
        }
        insta::assert_json_snapshot!("the_page_of_a_programme", pages);
    }

    async fn a_browser_gets_a_page_that_fetches_nothing(shop: Shop) {
        let mut named = weekend();
        named["name"]["en"] = "<script>alert('x')</script> & more".into();
        let shop = shop.selling(&[base(), named]).await;
        let english = html(&shop, "en").await;
        assert!(english.contains("<html lang=\"en\" dir=\"ltr\">") && english.contains("21 November 2026"), "{english}");
        assert!(english.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; more"), "{english}");
        let persian = html(&shop, "fa").await;
        assert!(persian.contains("<html lang=\"fa\" dir=\"rtl\">") && persian.contains("۳۰ آبان ۱۴۰۵"), "{persian}");
        assert!(persian.contains("۱۷:۰۰") && persian.contains("پنجشنبه"), "{persian}");
        let arabic = html(&shop, "ar").await;
        assert!(arabic.contains("dir=\"rtl\"") && arabic.contains("٢١ نوفمبر ٢٠٢٦"), "{arabic}");
        for page in [english, persian, arabic] {
            assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"), "{page}");
        }
    }

    async fn what_comes_next_is_on_the_page(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let mut next = programme(&[base(), weekend()]);
        next["expiry"]["months"] = 24.into();
        shop.operator().post("/v1/programme/versions", next).await.expect(201);
        assert_eq!(shop.operator().get("/v1/programme").await.expect(200)["next"], Value::Null, "a draft is nobody's business");
        shop.operator().post("/v1/programme/versions/2/announce", json!({"live_from": "2026-12-22T20:30:00Z"})).await.expect(200);
        let read = shop.by(Caller::Anonymous).get("/v1/programme").await.expect(200);
        assert_eq!((&read["next"]["version"], read["next"]["changes"].as_array().map(Vec::len)), (&json!(2), Some(2)));
        let page = html(&shop, "fa").await;
        // Half past eight in the evening of London's 22nd is midnight of Tehran's 23rd.
        assert!(page.contains("۲ دی ۱۴۰۵") && page.contains("۰۰:۰۰"), "{page}");
        assert!(html(&shop, "en").await.contains("Expiry › Months: 24 (before: 12)"), "{page}");
    }

    async fn two_versions_are_compared_in_sentences(shop: Shop) {
        let shop = shop.selling(&[base(), weekend()]).await;
        let mut newer = rule("base", json!({"per_amount": {"amount": 5_000, "points": 1}}));
        newer["when"] = json!({"regions": ["tehran"]});
        let mut document = programme(&[newer, rule("gift", json!({"fixed": {"points": 1}}))]);
        document.as_object_mut().expect("an object").remove("expiry");
        shop.operator().post("/v1/programme/versions", document).await.expect(201);
        let mut compared = Vec::new();
        for language in ["fa", "ar", "en"] {
            let answer = shop.operator().speaking(language).get("/v1/programme/versions/2/changes?from=1").await.expect(200);
            compared.push(answer["changes"].clone());
        }
        insta::assert_json_snapshot!("changes_between_versions", compared);
        let same = shop.operator().get("/v1/programme/versions/2/changes?from=2").await.expect(200);
        assert_eq!(same["changes"], json!([]));
        shop.operator().get("/v1/programme/versions/2/changes?from=9").await.refused(404, "points.programme_version_unknown");
        shop.operator().get("/v1/programme/versions/9/changes?from=1").await.refused(404, "points.programme_version_unknown");
        shop.till().get("/v1/programme/versions/2/changes?from=1").await.refused(403, "web.access_denied");
    }

    async fn the_schema_of_the_document_is_published(shop: Shop) {
        let schema = shop.by(Caller::Anonymous).get("/v1/programme/schema").await.expect(200);
        assert_eq!(schema, points::programme_schema());
        assert_eq!(schema["$ref"], "#/$defs/ProgrammeDocument");
    }
}
