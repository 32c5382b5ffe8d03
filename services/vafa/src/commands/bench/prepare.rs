//! The chain that is measured on, made through the public API as its users would.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, bail};
use futures_util::{TryStreamExt as _, stream::FuturesUnordered};
use serde_json::{Value, json};

use super::{documents::three_rules, requests::phone, signing::signer, stage::Stage, wire::Wire};

/// Branches of the chain, `branch-0` and on.
pub const BRANCHES: u32 = 8;
const JOINING: usize = 32;

/// Keys of the tills and ids of the members.
pub struct Chain {
    /// A key for each till.
    pub keys: Vec<String>,
    /// The ids of the members that joined, in the order of their phones.
    pub members: Vec<String>,
    /// How many members there are, with those that were written straight into the database.
    pub population: usize,
}

/// Opens regions and branches, enrols tills, publishes a programme and lets members join.
///
/// # Errors
/// What the platform refused.
pub async fn prepare(stage: &Stage, tills: u32, members: usize) -> anyhow::Result<Chain> {
    let mut desk = Desk::open(stage.address(), stage.operator_key()).await?;
    for region in ["north", "south"] {
        desk.put(&format!("/v1/regions/{region}"), &json!({"names": {"en": region}})).await?;
    }
    for branch in 0..BRANCHES {
        let region = if branch % 2 == 0 { "north" } else { "south" };
        let body = json!({"region": region, "names": {"en": format!("Branch {branch}")}});
        desk.put(&format!("/v1/branches/branch-{branch}"), &body).await?;
    }
    let mut keys = Vec::new();
    for till in 0..tills {
        let place = format!("/v1/branches/branch-{}/tills/till-{till}", till % BRANCHES);
        desk.ask("PUT", &place, None).await?;
        let issued = desk.ask("POST", &format!("{place}/keys"), None).await?;
        keys.push(text(&issued, "key")?);
    }
    publish(stage, &three_rules()).await?;
    let lanes: FuturesUnordered<_> =
        (0..JOINING.min(members)).map(|lane| join_some(stage, lane, members)).collect();
    let mut joined: Vec<(usize, String)> = lanes.try_collect::<Vec<_>>().await?.concat();
    joined.sort_unstable();
    quiet(stage).await?;
    Ok(Chain { keys, members: joined.into_iter().map(|(_, id)| id).collect(), population: members })
}

/// Registers a public key for each till, beside its plain one.
///
/// # Errors
/// What the platform refused.
pub async fn register_keys(stage: &Stage, tills: u32) -> anyhow::Result<()> {
    let mut desk = Desk::open(stage.address(), stage.operator_key()).await?;
    for till in 0..tills {
        let place = format!("/v1/branches/branch-{}/tills/till-{till}/enrolments", till % BRANCHES);
        let opened = desk.ask("POST", &place, None).await?;
        let body = json!({"code": text(&opened, "code")?, "public_key": signer(till).public_key()});
        desk.ask("POST", "/v1/till-enrolments", Some(&body)).await?;
    }
    Ok(())
}

/// Waits until no fact is on its way any more.
///
/// # Errors
/// When facts are still applied after a minute.
pub async fn quiet(stage: &Stage) -> anyhow::Result<()> {
    const CALM: u32 = 3;
    let (mut last, mut calm) = (f64::NAN, 0);
    for _ in 0..300 {
        let scrape = stage.scrape().await?;
        let applied = scrape.total("vafa_consumer_applied_total");
        let waits = scrape.most("vafa_consumer_pending") > 0.0;
        calm = if (applied - last).abs() < 0.5 && !waits { calm + 1 } else { 0 };
        if calm == CALM {
            return Ok(());
        }
        last = applied;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    bail!("facts are still on their way after a minute")
}

/// Publishes a programme. Rules mention branches, of which points hears a moment after they are opened.
///
/// # Errors
/// When it is still refused after ten seconds.
pub async fn publish(stage: &Stage, document: &Value) -> anyhow::Result<()> {
    let mut desk = Desk::open(stage.address(), stage.operator_key()).await?;
    let mut last = None;
    for _ in 0..100 {
        match desk.put("/v1/programme", document).await {
            Ok(_) => return Ok(()),
            Err(refused) => last = Some(refused),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(last.context("the programme was never sent")?)
}

/// Gives every member points by hand, as many as one person may give alone.
///
/// # Errors
/// What the platform refused.
pub async fn give_points(stage: &Stage, members: &[String]) -> anyhow::Result<()> {
    let lanes: FuturesUnordered<_> = (0..JOINING.min(members.len()))
        .map(|lane| async move {
            let mut desk = Desk::open(stage.address(), stage.operator_key()).await?;
            let body =
                json!({"points": 10_000, "funder": "branch-0", "actor": "bench", "reason": "To pass on"});
            for member in members.iter().skip(lane).step_by(JOINING) {
                let path = format!("/v1/members/{member}/adjustments");
                desk.named(&format!("gift-{member}")).ask("POST", &path, Some(&body)).await?;
            }
            anyhow::Ok(())
        })
        .collect();
    lanes.try_collect::<Vec<_>>().await?;
    quiet(stage).await
}

/// Puts as many rewards on offer, each for a point, with more of each than can be redeemed.
///
/// # Errors
/// What the platform refused.
pub async fn offer_rewards(stage: &Stage, rewards: u16) -> anyhow::Result<()> {
    let mut desk = Desk::open(stage.address(), stage.operator_key()).await?;
    for reward in 0..rewards {
        let path = format!("/v1/rewards/mug-{reward:04}");
        let terms = json!({
            "name": {"en": "A mug"}, "kind": {"type": "free_item", "sku": "mug"}, "points": 1, "voucher_days": 30,
        });
        desk.put(&path, &terms).await?;
        desk.put(&format!("{path}/schedule"), &json!({"live_from": "2020-01-01T00:00:00Z"})).await?;
        desk.put(&format!("{path}/stock"), &json!({"units": 100_000_000})).await?;
    }
    quiet(stage).await
}

async fn join_some(stage: &Stage, lane: usize, members: usize) -> anyhow::Result<Vec<(usize, String)>> {
    let mut desk = Desk::open(stage.address(), stage.operator_key()).await?;
    let mut joined = Vec::new();
    for member in (lane..members).step_by(JOINING) {
        let body = json!({"phone": phone(member), "first_name": "Bench"});
        let answer = desk.ask("POST", "/v1/members", Some(&body)).await?;
        joined.push((member, text(&answer, "member_id")?));
    }
    Ok(joined)
}

fn text(answer: &Value, field: &str) -> anyhow::Result<String> {
    Ok(answer[field].as_str().with_context(|| format!("an answer without {field}: {answer}"))?.to_owned())
}

/// A connection of the back office.
struct Desk<'a> {
    wire: Wire,
    key: &'a str,
    idempotency_key: String,
}

impl<'a> Desk<'a> {
    async fn open(address: SocketAddr, key: &'a str) -> anyhow::Result<Self> {
        Ok(Self { wire: Wire::connect(address).await?, key, idempotency_key: "none".to_owned() })
    }

    /// The same, with an idempotency key for what is asked next.
    fn named(&mut self, idempotency_key: &str) -> &mut Self {
        idempotency_key.clone_into(&mut self.idempotency_key);
        self
    }

    async fn put(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask("PUT", path, Some(body)).await
    }

    async fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {}\r\nidempotency-key: {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.key,
            self.idempotency_key,
            body.len()
        );
        let answer =
            self.wire.exchange(request.as_bytes()).await.with_context(|| format!("{method} {path}"))?;
        let text = String::from_utf8_lossy(answer.body);
        if !(200..300).contains(&answer.status) {
            bail!("{method} {path} was answered {}: {text}", answer.status);
        }
        serde_json::from_str(&text).with_context(|| format!("{method} {path}: {text}"))
    }
}
