//! Bad input: each has a code of its own, nothing is written, and nothing answers 500.

use serde_json::json;

use crate::club::{Club, on_both};

/// Status, code, pointer, method, path, body. `-` is nothing; `NUL`, `RLO` and `LRI` stand for U+0000, U+202E and
/// U+2066, `LONG` for 41 characters, `LONGER` for 81, `HUGE` for 5,000.
const CASES: &str = r#"
400 web.body_malformed                     -            POST /v1/members {
400 web.field_missing                      /first_name  POST /v1/members {"phone": "09121234567"}
400 web.field_type                         /phone       POST /v1/members {"phone": 9, "first_name": "A"}
400 web.field_unknown                      /x           POST /v1/members {"phone": "09121234567", "first_name": "A", "x": 1}
400 web.field_choice                       /language    POST /v1/members {"phone": "09121234567", "first_name": "A", "language": "de"}
422 membership.phone_invalid               /phone       POST /v1/members {"phone": "", "first_name": "A"}
422 membership.phone_invalid               /phone       POST /v1/members {"phone": "call me", "first_name": "A"}
422 membership.phone_invalid               /phone       POST /v1/members {"phone": "0912123456", "first_name": "A"}
422 membership.phone_not_mobile            /phone       POST /v1/members {"phone": "02188776655", "first_name": "A"}
422 membership.first_name_empty            /first_name  POST /v1/members {"phone": "09121234567", "first_name": " "}
422 membership.first_name_too_long         /first_name  POST /v1/members {"phone": "09121234567", "first_name": "LONG"}
422 membership.first_name_forbidden        /first_name  POST /v1/members {"phone": "09121234567", "first_name": "aRLOb"}
422 membership.first_name_forbidden        /first_name  POST /v1/members {"phone": "09121234567", "first_name": "aNULb"}
422 membership.card_malformed              /card        POST /v1/members {"phone": "09121234567", "first_name": "A", "card": "12"}
422 membership.card_check_digit            /card        POST /v1/members {"phone": "09121234567", "first_name": "A", "card": "4111111111111112"}
413 web.body_too_large                     -            POST /v1/members {"phone": "09121234567", "first_name": "HUGE"}
400 membership.lookup_needs_one            -            POST /v1/members/lookup {}
400 membership.lookup_needs_one            -            POST /v1/members/lookup {"phone": "09121234567", "card": "4111111111111111"}
422 membership.card_malformed              /card        POST /v1/members/lookup {"card": "411111111111111x"}
422 membership.phone_invalid               /phone       POST /v1/members/lookup {"phone": "12"}
400 web.path_invalid                       -            GET /v1/members/zahra -
404 membership.member_unknown              -            GET /v1/members/0192f3a1-7c00-7000-8000-000000000002 -
400 web.path_invalid                       -            PUT /v1/regions/Tehran {"names": {"en": "T"}}
422 membership.place_name_missing          /names       PUT /v1/regions/tehran {"names": {}}
422 membership.place_name_empty            /names/fa    PUT /v1/regions/tehran {"names": {"fa": " "}}
422 membership.place_name_too_long         /names/ar    PUT /v1/regions/tehran {"names": {"ar": "LONGER"}}
422 membership.place_name_forbidden        /names/en    PUT /v1/regions/tehran {"names": {"en": "aLRIb"}}
400 web.field_unknown                      /names/de    PUT /v1/regions/tehran {"names": {"de": "T"}}
400 web.field_invalid                      /region      PUT /v1/branches/b {"region": "R 1", "names": {"en": "B"}}
422 membership.time_zone_unknown           /time_zone   PUT /v1/branches/b {"region": "r", "names": {"en": "B"}, "time_zone": "Mars/Base"}
422 membership.region_unknown              /region      PUT /v1/branches/b {"region": "r", "names": {"en": "B"}}
400 web.query_parameter_invalid            -            GET /v1/branches?region=R -
400 web.query_parameter_unknown            -            GET /v1/branches?colour=red -
400 membership.limit_out_of_range          -            GET /v1/regions?limit=501 -
400 web.query_parameter_invalid            -            GET /v1/regions?limit=many -
400 membership.cursor_invalid              -            GET /v1/regions?cursor=b3Bz -
400 web.path_invalid                       -            DELETE /v1/till-keys/none -
400 web.field_choice                       /role        POST /v1/staff/0192f3a1-7c00-7000-8000-000000000002/grants {"role": "king"}
400 web.path_invalid                       -            GET /v1/staff/zahra -
422 membership.user_name_invalid           /user_name   POST /v1/staff {"user_name": "زهرا", "name": "A"}
422 membership.staff_name_invalid          /name        POST /v1/staff {"user_name": "zahra", "name": "aRLOb"}
"#;

fn spelt_out(body: &str) -> Option<String> {
    let long = |characters| "ز".repeat(characters);
    let body = body.replace("NUL", "\\u0000").replace("RLO", "\u{202E}").replace("LRI", "\u{2066}");
    let body = body.replace("LONGER", &long(81)).replace("LONG", &long(41)).replace("HUGE", &long(5_000));
    (body != "-").then_some(body)
}

on_both! {
    async fn each_mistake_has_its_code_and_writes_nothing(club: Club) {
        for case in CASES.lines().filter(|line| !line.is_empty()) {
            let mut words = case.split_whitespace();
            let mut word = || words.next().expect("six words");
            let (status, code, pointer, method, path) = (word(), word(), word(), word(), word());
            let body = case.split_once(path).map_or("-", |(_, body)| body.trim());
            let answer = club.operator().send(method, path, spelt_out(body)).await;
            assert_eq!((answer.status.to_string().as_str(), answer.code()), (status, code), "{case}: {}", answer.text);
            let found = answer.body["pointer"].as_str().unwrap_or("-");
            assert!(pointer == "-" || pointer == found, "{case}: {}", answer.text);
            for sent in ["09121234567", "4111111111111112", "02188776655"] {
                assert!(!answer.text.contains(sent), "{case}: {}", answer.text);
            }
        }
        assert!(club.told().await.is_empty());
    }

    async fn refusals_speak_the_callers_language(club: Club) {
        let lookup = json!({"phone": "09121234567"});
        for (language, word) in [("fa-IR,en;q=0.5", "عضو"), ("ar", "ينضم"), ("en-GB", "joined"), ("de", "joined")] {
            let answer = club.till().speaking(language).post("/v1/members/lookup", lookup.clone()).await;
            let refusal = answer.refused(404, "membership.identifier_unknown");
            let title = refusal["title"].as_str().unwrap_or_default();
            assert!(title.contains(word), "{language}: {title}");
        }
    }
}
