use kernel::Language;
use web::{Kind, Problem, Texts, problem_text};

use crate::platform::Call;

#[tokio::test]
async fn a_problem_speaks_the_callers_language() {
    let mut titles = Vec::new();
    for (accepted, spoken) in [("fa", "fa"), ("ar-EG,fr;q=0.8", "ar"), ("en-GB", "en"), ("de", "en")] {
        let answer = Call::get("/v1/nothing").header("accept-language", accepted).send().await;
        assert_eq!(answer.headers["content-language"], spoken, "{accepted}");
        titles.push(answer.body["title"].as_str().unwrap().to_owned());
    }
    assert_eq!(titles[2], "There is nothing at this address");
    assert_eq!(titles[0], "چیزی در این نشانی نیست");
    assert_ne!(titles[0], titles[1]);
}

#[tokio::test]
async fn a_problem_is_a_whole_rfc_9457_document() {
    let answer = Call::get("/v1/nothing").header("x-request-id", "req-1").send().await;
    for (member, value) in
        [("type", "urn:vafa:problem:web.route_unknown"), ("code", "web.route_unknown"), ("trace_id", "req-1")]
    {
        assert_eq!(answer.body[member], value);
    }
    assert_eq!(answer.body["status"], 404);
    assert!(answer.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn the_trace_of_the_request_is_its_reference() {
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    let answer = Call::get("/v1/nothing").header("traceparent", parent).send().await;
    assert_eq!(answer.body["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[tokio::test]
async fn a_fault_and_a_panic_show_a_reference_and_nothing_else() {
    for path in ["/v1/broken", "/v1/panics"] {
        let answer = Call::get(path).header("x-request-id", "req-2").send().await;
        assert_eq!(answer.refusal(), (500, "web.fault"));
        assert_eq!(answer.body["trace_id"], "req-2");
        let text = answer.body.to_string();
        assert!(!text.contains("0912") && !text.contains("ledger") && !text.contains("planted"), "{text}");
    }
}

#[test]
fn a_problem_in_a_log_shows_its_code_and_no_values() {
    static CODE: web::ErrorCode = web::ErrorCode::new("shop.phone_unknown", Kind::Missing, "No such phone.");
    let problem = Problem::new(&CODE).arg("phone", "+989123456789").pointer("/phone");
    assert_eq!(format!("{problem:?} {problem}"), "Problem(shop.phone_unknown) shop.phone_unknown");
}

#[test]
fn a_text_takes_its_values() {
    let texts = Texts::new(&[]);
    let problem = Problem::new(&web::BODY_TOO_LARGE).arg("limit_bytes", 65_536_usize);
    let (_, english) = problem_text(&texts, Language::En, &problem);
    assert!(english.contains("65,536") || english.contains("65536"), "{english}");
    let (_, persian) = problem_text(&texts, Language::Fa, &problem);
    assert!(persian.contains('۶'), "{persian}");
}
