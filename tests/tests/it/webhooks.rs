//! A partner is told what happens, in signed messages, by the receivers of the guide (G1).

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use journeys::{Goods, Stage, alone_in_both_shapes, programme, repository};
use serde_json::{Value, json};
use testkit::servers::free_port;
use vafa::client::Call;

alone_in_both_shapes!(
    &[("webhooks.plain_http", "true"), ("webhooks.private_networks", "127.0.0.0/8")];
    a_partner_is_told_of_joinings_and_purchases_and_of_no_person,
);

const JOINED: &str = "vafa.membership.member_joined.v1";
const EARNED: &str = "vafa.points.points_earned.v1";

/// A receiver of the guide, and what it printed.
struct Receiver {
    child: Child,
    told: PathBuf,
}

impl Receiver {
    fn start(folder: &Path, language: &str, port: u16, secret: &str) -> Self {
        let page = fs::read_to_string(repository().join("docs/guides/webhooks.md")).unwrap();
        let mark = format!("{language}\n");
        let mut blocks = page.split("```").skip(1).step_by(2);
        let code = blocks.find_map(|block| block.strip_prefix(mark.as_str())).unwrap();
        let (program, file) =
            if language == "js" { ("node", "receiver.mjs") } else { ("python3", "receiver.py") };
        fs::write(folder.join(file), code).unwrap();
        let told = folder.join(format!("{language}.jsonl"));
        let log = File::create(folder.join(format!("{language}.log"))).unwrap();
        let child = Command::new(program)
            .arg(file)
            .current_dir(folder)
            .envs([("PORT", port.to_string()), ("WEBHOOK_SECRET", secret.to_owned())])
            .stdout(File::create(&told).unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|fault| panic!("{program} is needed for the examples: {fault}"));
        Self { child, told }
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.told).unwrap()
    }

    /// What it was told, once it is so much.
    async fn told(&self, count: usize) -> Vec<Value> {
        let begun = Instant::now();
        loop {
            let text = self.text();
            let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            if lines.len() >= count {
                return lines;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "told so far: {text}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // One that ended by itself cannot be ended again.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn a_partner_is_told_of_joinings_and_purchases_and_of_no_person(stage: Stage) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let bank = operator.befriend(&["webhooks:manage", "members:read", "history:read"], &[]).await;
    let mut receivers = Vec::new();
    for language in ["python", "js"] {
        let port = free_port().unwrap();
        let body = json!({"url": format!("http://127.0.0.1:{port}/vafa"), "kinds": [JOINED, EARNED]});
        let made = bank.send(Call::post("/v1/webhooks").json(&body)).await.created();
        let secret = made["secret"].as_str().unwrap();
        receivers.push((
            made["webhook"]["webhook_id"].clone(),
            Receiver::start(stage.folder(), language, port, secret),
        ));
    }
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 250_000)).await.created();
    for (webhook, receiver) in &receivers {
        let told = receiver.told(2).await;
        let of =
            |kind: &str| told.iter().find(|one| one["type"] == kind).unwrap_or_else(|| panic!("{told:?}"));
        assert_eq!(of(JOINED)["data"]["member_id"], member.as_str());
        assert_eq!(
            (&of(EARNED)["data"]["member_id"], &of(EARNED)["data"]["points"]),
            (&json!(member), &json!(250))
        );
        let text = receiver.text();
        assert!(!text.contains(phone.trim_start_matches('+')) && !text.contains("digest"), "{text}");
        let path = format!("/v1/webhooks/{}", webhook.as_str().unwrap());
        let queued = bank.send(Call::post(format!("{path}/ping"))).await.with(202);
        assert_eq!(receiver.told(3).await[2]["type"], "vafa.webhooks.ping.v1");
        let delivery = format!("{path}/deliveries/{}", queued["delivery_id"].as_str().unwrap());
        let begun = Instant::now();
        while bank.get(delivery.clone()).await.ok()["delivery"]["state"] != "delivered" {
            assert!(begun.elapsed() < Duration::from_secs(20), "it is written down that it was taken");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let inside = json!({"url": "https://10.0.0.1/", "kinds": [JOINED]});
    bank.send(Call::post("/v1/webhooks").json(&inside)).await.refused(422, "webhooks.address_refused");
    let stranger = operator.befriend(&["members:read"], &[]).await;
    stranger.get("/v1/webhooks").await.refused(403, "web.scope_missing");
}
