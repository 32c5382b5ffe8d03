//! Archives of everything that is kept of a member: whole or not at all, of nobody else, a few a day (J4).

use std::io::{Cursor, Read as _};

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing,
};
use kernel::{Grant, Ids as _, MemberId, Reach, Role, SessionId, StaffId};
use runtime::SystemIds;
use serde_json::{Value, json};
use web::Caller;
use zip::ZipArchive;

use crate::{
    club::{Answer, Club, Sender, on_both},
    leaving::{count, zahra},
    profile::question,
};

/// A service `points` that answers every question with this.
fn points(answer: fn(&Value) -> Response) -> Router {
    let answered = move |Json(question): Json<Value>| async move { answer(&question) };
    Router::new().route("/internal/v1/members/{member_id}/archive", routing::post(answered))
}

/// Two pages of one sheet, the second behind the first.
fn two_pages(question: &Value) -> Response {
    let row = |receipt: &str, amount: i64| json!({"recorded_at": "2026-11-21T08:00:00Z", "kind": "purchase", "receipt": receipt, "amount": amount, "currency": "IRR"});
    let page = |row: Value, next: Option<Value>| {
        let heads = [
            ("recorded_at", "زمان", "time"),
            ("kind", "چه", "word"),
            ("receipt", "رسید", "text"),
            ("amount", "مبلغ", "money"),
        ];
        let heads: Vec<Value> = heads
            .iter()
            .map(|(name, label, shape)| json!({"name": name, "label": label, "shape": shape}))
            .collect();
        let piece = json!({"sheet": "history", "title": "تاریخچه", "wide": false, "heads": heads, "words": {"kind": {"purchase": "خرید"}}, "rows": [row]});
        let mut part = json!({"title": "امتیازها", "pieces": [piece]});
        if let Some(next) = next {
            part["next"] = next;
        }
        Json(part).into_response()
    };
    match question.get("from") {
        None => page(row("R-1", 1_234_500), Some(json!({"sheet": "history", "after": [{"whole": 7}]}))),
        Some(from) => {
            assert_eq!(from["after"][0]["whole"], 7);
            page(row("<R-2>", 20_000), None)
        }
    }
}

fn silent(_: &Value) -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// Pages without end.
fn endless(_: &Value) -> Response {
    let ids = SystemIds::default();
    let rows: Vec<Value> = (0..4_000).map(|_| json!({"id": ids.uuid().to_string()})).collect();
    let piece =
        json!({"sheet": "history", "title": "", "wide": false, "heads": [], "words": {}, "rows": rows});
    Json(json!({"title": "", "pieces": [piece], "next": {"sheet": "history", "after": [{"whole": 7}]}}))
        .into_response()
}

fn path(member: MemberId) -> String {
    format!("/v1/members/{member}/archives")
}

fn of_staff(role: Role) -> (StaffId, Caller) {
    let staff = StaffId::from_uuid(SystemIds::default().uuid());
    let session = SessionId::from_uuid(SystemIds::default().uuid());
    (staff, Caller::Staff { staff, session, grants: [Grant { role, reach: Reach::Chain }].into() })
}

async fn made(by: &Sender<'_>, member: MemberId) -> Answer {
    by.post_nothing(&path(member)).await
}

/// The files of an archive, by name.
fn unpacked(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut archive = ZipArchive::new(Cursor::new(answer.bytes.clone())).expect("a zip");
    let files = archive.len();
    let mut read = |index| {
        let mut file = archive.by_index(index).expect("a file");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("text");
        (file.name().expect("a name").into_owned(), text)
    };
    (0..files).map(&mut read).collect()
}

on_both! {
    async fn an_archive_holds_everything_of_the_member_and_nothing_of_others(club: Club) {
        let club = club.asking(points(two_pages)).await;
        let id = zahra(&club).await;
        club.operator().put("/v1/questions/birthday", question("birthday", 1)).await.expect(201);
        let born = json!({"answer": {"calendar": "jalali", "month": 8, "day": 30}});
        club.operator().put(&format!("/v1/members/{id}/answers/birthday"), born).await.expect(201);
        let answer = made(&club.raised(&id.to_string()), id).await;
        let files = unpacked(&answer);
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["membership.json", "points.json", "rewards.json", "notifications.json", "index.html"]);

        let own: Value = serde_json::from_str(&files[0].1).expect("JSON");
        assert_eq!((&own["service"], &own["member_id"]), (&json!("membership"), &json!(id)));
        let sheets = &own["sheets"];
        assert_eq!((&sheets["profile"][0]["first_name"], &sheets["profile"][0]["branch"]), (&json!("Zahra"), &json!("tehran-vanak")));
        let kinds: Vec<&Value> = sheets["identifiers"].as_array().expect("rows").iter().map(|row| &row["kind"]).collect();
        assert_eq!(kinds.len(), 2);
        assert!(files[0].1.contains("+989121234567"), "the whole phone");
        assert_eq!((&sheets["answers"][0]["question"], &sheets["answers"][0]["answer"]["month"]), (&json!("birthday"), &json!(8)));
        assert_eq!((&sheets["consents"][0]["purpose"], &sheets["consents"][0]["given"]), (&json!("offers"), &json!(true)));
        assert_eq!((&sheets["household"][0]["role"], &sheets["sessions"][0]["device"]), (&json!("head"), &json!("Zahra's phone")));
        for (sheet, rows) in [("invitations_made", 1), ("invitations_came", 1), ("codes", 2), ("card_tokens", 1), ("refresh_tokens", 1), ("occasions", 1), ("archives", 0)] {
            assert_eq!(sheets[sheet].as_array().expect("rows").len(), rows, "{sheet}");
        }
        for hidden in ["data_key", "digest", "\"code\"", "Maryam", "+989121234570", "+989121234568"] {
            assert!(!files[0].1.contains(hidden), "{hidden}");
        }
        let others: Value = serde_json::from_str(&files[1].1).expect("JSON");
        assert_eq!(others["sheets"]["history"].as_array().map(Vec::len), Some(2), "both pages");

        let page = &files[4].1;
        for there in ["lang=\"fa\" dir=\"rtl\"", "Zahra", "۳۰ آبان ۱۴۰۵", "+۹۸۹۱۲۱۲۳۴۵۶۷", "عضویت شما", "امتیازها", "خرید", "&lt;R-2&gt;", "۱۲٬۳۴۵ IRR", "سرپرست"] {
            assert!(page.contains(there), "{there}: {page}");
        }
        for absent in ["<script", "http://", "https://", "<R-2>", "archive-"] {
            assert!(!page.contains(absent), "{absent}: {page}");
        }
    }

    async fn an_archive_is_whole_or_there_is_none(club: Club) {
        let club = club.asking(points(silent)).await;
        let id = zahra(&club).await;
        let refused = made(&club.raised(&id.to_string()), id).await.refused(503, "membership.archive_unready");
        assert_eq!((&refused["service"], count(&club, "archives").await), (&json!("points"), 0));
        let club = club.with(&[("archive_mib", "1")]).await.asking(points(endless)).await;
        let refused = made(&club.operator(), id).await.refused(409, "membership.archive_too_large");
        assert_eq!((&refused["limit"], count(&club, "archives").await), (&json!(1), 0));
    }

    async fn a_process_that_does_not_know_where_points_is_makes_none(club: Club) {
        let id = zahra(&club).await;
        made(&club.operator(), id).await.refused(503, "membership.archive_unready");
    }

    async fn a_few_are_handed_out_in_a_day_and_each_is_noted(club: Club) {
        let club = club.with(&[("archives_day", "2")]).await.asking(points(two_pages)).await;
        let id = zahra(&club).await;
        let (agent, by_agent) = of_staff(Role::SupportAgent);
        assert_eq!(made(&club.raised(&id.to_string()), id).await.status, 200);
        club.wait_s(3_600);
        assert_eq!(made(&club.sender(by_agent.clone()), id).await.status, 200);
        let refused = made(&club.operator(), id).await.refused(429, "membership.archives_too_many");
        assert_eq!(refused["limit"], 2);
        club.wait_s(23 * 3_600 + 2);
        assert_eq!(made(&club.operator(), id).await.status, 200);

        let makers = |list: &Value| -> Vec<Value> {
            list["archives"].as_array().expect("a list").iter().map(|one| json!([one["maker"], one["staff_id"]])).collect()
        };
        let (_, auditor) = of_staff(Role::Auditor);
        let seen = club.sender(auditor).get(&path(id)).await.expect(200);
        assert_eq!(makers(&seen), [json!(["operator", null]), json!(["staff", agent]), json!(["member", null])]);
        let hers = club.signed_in(&id.to_string()).get(&path(id)).await.expect(200);
        assert_eq!(makers(&hers), [json!(["operator", null]), json!(["staff", null]), json!(["member", null])]);
        let club = club.later(365 * 86_400 + 7_200).await;
        crate::retention::looked(&club).await;
        assert_eq!(count(&club, "archives").await, 1, "a year after each");
    }

    async fn two_at_the_same_time_are_counted_one_after_the_other(club: Club) {
        let club = club.with(&[("archives_day", "1")]).await.asking(points(two_pages)).await;
        let id = zahra(&club).await;
        let me = club.operator();
        let (first, second) = tokio::join!(made(&me, id), made(&me, id));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!((statuses, count(&club, "archives").await), ([200, 429], 1));
    }

    async fn only_they_themselves_and_who_helps_them_have_it(club: Club) {
        let club = club.asking(points(two_pages)).await;
        let id = zahra(&club).await;
        made(&club.signed_in(&id.to_string()), id).await.refused(403, "membership.step_up_needed");
        let other = club.till().post("/v1/members", json!({"phone": "09121234571", "first_name": "Ali"})).await.expect(201);
        let other = other["member_id"].as_str().expect("an id").to_owned();
        made(&club.raised(&other), id).await.refused(403, "web.access_denied");
        made(&club.till(), id).await.refused(403, "web.access_denied");
        for role in [Role::Cashier, Role::Marketing, Role::Auditor] {
            made(&club.sender(of_staff(role).1), id).await.refused(403, "web.access_denied");
        }
        let nobody = MemberId::from_uuid(SystemIds::default().uuid());
        made(&club.operator(), nobody).await.refused(404, "membership.member_unknown");
        club.operator().get(&path(nobody)).await.refused(404, "membership.member_unknown");
        club.operator().post(&format!("/v1/members/{id}/leaving"), json!({"reason": "asked"})).await.expect(200);
        made(&club.operator(), id).await.refused(404, "membership.member_unknown");
        assert_eq!(count(&club, "archives").await, 0);
    }
}
