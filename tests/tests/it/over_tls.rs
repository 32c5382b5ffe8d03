//! A chain whose gateway speaks TLS: a till and a web page on it, with a client that is not ours (G1).

use std::process::Command;

use journeys::{Stage, alone_in_both_shapes, fresh, now, phone, programme};
use serde_json::{Value, json};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../libs/web/tests/fixtures");

alone_in_both_shapes!(
    &[
        ("gateway.tls_certificate", concat!(env!("CARGO_MANIFEST_DIR"), "/../libs/web/tests/fixtures/one.crt")),
        ("gateway.tls_key", concat!(env!("CARGO_MANIFEST_DIR"), "/../libs/web/tests/fixtures/one.key")),
        ("gateway.cors_origins", "https://club.example"),
        ("gateway.strict_transport_s", "31536000"),
    ];
    a_till_sells_over_tls_and_a_page_of_the_chain_may_read,
);

/// What `curl` saw: status, protocol, headers in lower case, and body.
struct Seen {
    status: u16,
    protocol: String,
    headers: Value,
    body: String,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    fn ok(self) -> Value {
        assert!(matches!(self.status, 200 | 201), "{} {}", self.status, self.body);
        self.json()
    }
}

struct Curl {
    port: String,
}

impl Curl {
    fn of(stage: &Stage) -> Self {
        let base = stage.base_url();
        Self { port: base.rsplit(':').next().unwrap().to_owned() }
    }

    /// Runs it with this certificate as the only one that is trusted; `None` when it could not connect.
    fn run(&self, trusted: &str, more: &[&str], path: &str) -> Option<Seen> {
        let mark = "\n--seen--";
        let out = Command::new("curl")
            .args(["--silent", "--max-time", "20", "--cacert", &format!("{FIXTURES}/{trusted}.crt")])
            .args(["--resolve", &format!("one.test:{}:127.0.0.1", self.port)])
            .args(["--write-out", &format!("{mark}%{{http_code}} %{{http_version}} %{{header_json}}")])
            .args(more)
            .arg(format!("https://one.test:{}{path}", self.port))
            .output()
            .expect("curl is installed by the provision of the tests");
        let text = String::from_utf8(out.stdout).unwrap();
        let (body, seen) = text.rsplit_once(mark)?;
        let mut parts = seen.splitn(3, ' ');
        let mut next = || parts.next().unwrap().to_owned();
        let status: u16 = next().parse().unwrap();
        (out.status.success()).then(|| Seen {
            status,
            protocol: next(),
            headers: serde_json::from_str(&next()).unwrap(),
            body: body.to_owned(),
        })
    }

    fn send(&self, method: &str, path: &str, key: &str, body: &Value) -> Seen {
        let bearer = format!("authorization: Bearer {key}");
        let (body, once) = (body.to_string(), format!("idempotency-key: {}", fresh("key")));
        let more = ["--request", method, "--header", &bearer, "--header", &once, "--json", &body];
        self.run("one", &more, path).expect("the gateway answers over TLS")
    }
}

async fn a_till_sells_over_tls_and_a_page_of_the_chain_may_read(stage: Stage) {
    let curl = Curl::of(&stage);
    let operator = stage.operator_key();
    let put = |path: &str, body: &Value| curl.send("PUT", path, operator, body).ok();
    put("/v1/programme", &programme(&[]));
    let names = json!({"fa": "رشت", "ar": "رشت", "en": "Rasht"});
    put("/v1/regions/north", &json!({"names": names}));
    put("/v1/branches/rasht", &json!({"region": "north", "names": names}));
    put("/v1/branches/rasht/tills/one", &json!({}));
    let key = curl.send("POST", "/v1/branches/rasht/tills/one/keys", operator, &json!({})).ok();
    let till = key["key"].as_str().unwrap();
    let phone = phone();
    let joined =
        curl.send("POST", "/v1/members", till, &json!({"phone": phone, "first_name": "Nasrin"})).ok();
    let member = joined["member_id"].as_str().unwrap();
    let goods = json!({
        "member": {"phone": phone}, "receipt": fresh("R"), "occurred_at": now(), "currency": "IRR", "amount": 9_000,
    });
    assert_eq!(curl.send("POST", "/v1/purchases", till, &goods).ok()["points"], 9);

    let bearer = format!("authorization: Bearer {till}");
    let balance = format!("/v1/members/{member}/balance");
    let read = |more: &[&str]| curl.run("one", &[&["--header", &bearer], more].concat(), &balance).unwrap();
    let page = read(&["--header", "origin: https://club.example"]);
    assert_eq!((page.status, page.protocol.as_str()), (200, "2"), "both sides speak HTTP/2 over TLS");
    assert_eq!(page.json()["points"], 9);
    assert_eq!(page.headers["access-control-allow-origin"], json!(["https://club.example"]));
    assert_eq!(page.headers["strict-transport-security"], json!(["max-age=31536000; includeSubDomains"]));
    assert_eq!(read(&["--http1.1"]).protocol, "1.1");
    let stranger = read(&["--header", "origin: https://evil.example"]);
    assert_eq!(stranger.headers.get("access-control-allow-origin"), None);
    ask_first(&curl, &balance);

    assert!(curl.run("two", &[], &balance).is_none(), "who trusts another certificate does not connect");
    let address = format!("http://127.0.0.1:{}/readyz", curl.port);
    let plain = Command::new("curl").args(["--silent", &address]).output().unwrap();
    assert!(!plain.status.success(), "plain text is not spoken where TLS is");
    stage.stop().await;
}

/// What a browser asks before it sends what a page wants.
fn ask_first(curl: &Curl, path: &str) {
    let ask = |origin: &str| {
        let origin = format!("origin: {origin}");
        let more = [
            "--request",
            "OPTIONS",
            "--header",
            &origin,
            "--header",
            "access-control-request-method: GET",
            "--header",
            "access-control-request-headers: authorization",
        ];
        curl.run("one", &more, path).unwrap()
    };
    let allowed = ask("https://club.example");
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.headers["access-control-allow-origin"], json!(["https://club.example"]));
    assert!(allowed.headers["access-control-allow-headers"].to_string().contains("authorization"));
    assert_eq!(allowed.headers.get("access-control-allow-credentials"), None);
    assert_eq!(ask("https://evil.example").headers.get("access-control-allow-origin"), None);
}
