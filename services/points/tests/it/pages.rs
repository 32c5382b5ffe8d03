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

    async fn what_has_a_name_is_not_called_by_its_code(shop: Shop) {
        for segment in ["regulars", "press"] {
            shop.operator().send("PUT", &format!("/v1/segments/{segment}"), &[], None).await.expect(201);
        }
        let name = |en: &str| json!({"fa": format!("{en} فا"), "ar": format!("{en} عر"), "en": en});
        let mut coffee = rule("coffee", json!({"instant_reward": {"reward": "espresso-1"}}));
        coffee["when"] = json!({"member": {"segments": ["regulars", "press"], "tiers": ["gold"]}});
        let lot = rule("lot", json!({"draw_tickets": {"draw": "d-2026", "tickets": 2}}));
        let mut document = programme(&[coffee, lot, base()]);
        document["budgets"] = json!([{"code": "all", "points": 12, "every": "month", "rules": ["base"]}]);
        document["tiers"] = json!({"measure": "points", "period": "year", "levels": [{"code": "gold", "name": name("Golden"), "from": 9}]});
        document["names"] = json!({"segments": {"regulars": name("Our regulars")}, "rewards": {"espresso-1": name("A coffee")},
            "draws": {"d-2026": name("The car of the year")}});
        shop.operator().put("/v1/programme", document.clone()).await.expect(201);
        // Without the marks that hold parts of a sentence together.
        let page = async |language| {
            let page = html(&shop, language).await;
            page.chars().filter(|c| !('\u{2066}'..='\u{2069}').contains(c)).collect::<String>()
        };
        let english = page("en").await;
        for said in ["Golden", "Our regulars, press", "the reward A coffee at once", "The car of the year", "base en", "coffee en"] {
            assert!(english.contains(said), "{said}: {english}");
        }
        for code in ["espresso-1", "d-2026", "regulars:"] {
            assert!(!english.contains(code), "{code}: {english}");
        }
        let (persian, arabic) = (page("fa").await, page("ar").await);
        assert!(persian.contains("Our regulars فا") && persian.contains("A coffee فا"), "{persian}");
        assert!(arabic.contains("Golden عر") && arabic.contains("The car of the year عر"), "{arabic}");
        let with = |pointer: &str, value: Value| {
            let mut other = document.clone();
            let (place, field) = pointer.rsplit_once('/').expect("a pointer");
            other.pointer_mut(place).expect("a place")[field] = value;
            other
        };
        let mistakes = async |document: Value| {
            let refused = shop.operator().put("/v1/programme", document).await.refused(422, "points.programme_invalid");
            refused["mistakes"].as_array().expect("mistakes").iter()
                .map(|mistake| format!("{} {}", mistake["pointer"].as_str().expect("a place"), mistake["reason"].as_str().expect("a word")))
                .collect::<Vec<_>>()
        };
        assert_eq!(mistakes(with("/names/rewards/A B", name("x"))).await, ["/names/rewards not_a_code"]);
        let empty = json!({"fa": "", "ar": "x", "en": "x"});
        assert_eq!(mistakes(with("/names/draws/d-1", empty)).await, ["/names/draws/d-1/fa one_to_eighty_characters"]);
        let many: serde_json::Map<String, Value> = (0..201).map(|n| (format!("s{n}"), name("x"))).collect();
        assert_eq!(mistakes(with("/names/segments", many.into())).await, ["/names/segments up_to_200_names"]);
        // What is compared is called so, too.
        let mut other = document.clone();
        other["rules"][0]["when"]["member"]["segments"] = json!(["regulars"]);
        shop.operator().post("/v1/programme/versions", other).await.expect(201);
        let changes = shop.operator().speaking("en").get("/v1/programme/versions/2/changes?from=1").await.expect(200);
        let sentence = changes["changes"][0]["sentence"].as_str().expect("a sentence");
        assert!(sentence.contains("press") || sentence.contains("Our regulars"), "{changes}");
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
