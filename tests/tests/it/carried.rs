//! Messages by providers of a file, and what these say of them later, through the gateway.

use std::time::{Duration, Instant};

use journeys::{Operator, Shape, Stage, block_on, programme};
use serde_json::{Value, json};
use testkit::scripted::{Heard, Reply, ScriptedServer};
use vafa::client::Call;

const DOOR: &str = "/v1/receipts/sms?key=a-long-secret-of-the-tests";

mod embedded {
    #[test]
    fn a_provider_carries_messages_and_says_what_became_of_them() {
        super::play_with_a_provider(journeys::Shape::Embedded);
    }
}
mod distributed {
    #[test]
    fn a_provider_carries_messages_and_says_what_became_of_them() {
        super::play_with_a_provider(journeys::Shape::Distributed);
    }
}

fn play_with_a_provider(shape: Shape) {
    block_on(async {
        let provider = ScriptedServer::start(Reply::json(200, &json!({"ok": true}))).expect("a provider");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("providers.toml");
        let text = format!(
            "[[provider]]\nname = \"sms\"\nkind = \"http\"\nurl = \"{}/send\"\n\
             json = {{ to = \"{{{{ to }}}}\", text = \"{{{{ text }}}}\", ref = \"{{{{ id }}}}\" }}\n\
             [provider.receipts]\nkey = \"a-long-secret-of-the-tests\"\nid = \"ref\"\nstatus = \"state\"\n\
             delivered = [\"DELIVRD\"]\nread = [\"SEEN\"]\n",
            provider.url()
        );
        std::fs::write(&file, text).expect("written");
        let path = file.display().to_string();
        let settings = [
            ("notifications.providers", &*path),
            ("notifications.quiet_from", "0"),
            ("notifications.quiet_until", "0"),
        ];
        let stage = Stage::bare(shape, &settings).await;
        a_provider_carries_messages(stage, &provider).await;
    });
}

async fn a_provider_carries_messages(stage: Stage, provider: &ScriptedServer) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let sent = carried(provider, &phone).await;
    assert!(sent["text"].as_str().unwrap().contains("زهرا"), "{sent}");
    let id = sent["ref"].as_str().unwrap();
    stands(&operator, &member, id, "taken").await;

    // In a form, in the address, and by whoever does not know the secret.
    let form = |state: &str| {
        Call::post(DOOR).raw("application/x-www-form-urlencoded", format!("ref={id}&state={state}"))
    };
    assert_eq!(stage.call(form("DELIVRD")).await.status(), 204);
    stands(&operator, &member, id, "delivered").await;
    let forged =
        Call::post("/v1/receipts/sms?key=another-long-secret").json(&json!({"ref": id, "state": "SEEN"}));
    stage.call(forged).await.refused(404, "notifications.receipt_door_unknown");
    stands(&operator, &member, id, "delivered").await;
    assert_eq!(stage.call(Call::get(format!("{DOOR}&ref={id}&state=SEEN"))).await.status(), 204);
    assert_eq!(stage.call(form("DELIVRD")).await.status(), 204);
    stands(&operator, &member, id, "read").await;
}

/// The message that a phone was sent.
async fn carried(provider: &ScriptedServer, phone: &str) -> Value {
    let begun = Instant::now();
    loop {
        let heard: Vec<Value> = provider.heard().iter().map(Heard::json).collect();
        if let Some(sent) = heard.into_iter().find(|sent| sent["to"] == phone) {
            return sent;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "nothing was sent");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until an attempt stands so: the provider heard of it before it was written down that it took it.
async fn stands(operator: &Operator, member: &str, attempt: &str, standing: &str) {
    let begun = Instant::now();
    loop {
        let log = operator.get(format!("/v1/members/{member}/messages")).await.ok();
        let attempts =
            log["messages"].as_array().unwrap().iter().filter_map(|one| one["attempts"].as_array());
        let own =
            attempts.flatten().find(|one| one["attempt_id"] == attempt).map(|one| one["standing"].clone());
        if own == Some(json!(standing)) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{own:?} is not {standing}: {log}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
