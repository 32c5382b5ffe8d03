//! Sets the scene through the public API: places, tills, programme, members, purchases.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    chain::{BRANCHES, REGIONS, SampleBranch, TILLS, names, programme},
    people::Person,
    shopping::SamplePurchase,
    state::State,
};
use crate::{
    client::{Call, Client, ClientError, Flow, in_lanes},
    commands::import::progress::Progress,
};

const AT_A_TIME: usize = 48;
/// How long is waited for a redemption.
const PATIENCE: Duration = Duration::from_secs(20);
const SAVE_EVERY: Duration = Duration::from_millis(500);

/// The API with the key of its back office.
#[derive(Clone)]
pub struct Office {
    /// The API.
    pub client: Client,
    /// The operator's key.
    pub key: Arc<str>,
}

#[derive(Deserialize)]
struct Issued {
    key: String,
}

#[derive(Deserialize)]
struct Joined {
    member_id: String,
}

#[derive(Deserialize)]
struct Recorded {
    points: i64,
}

impl Office {
    async fn ask(&self, call: Call) -> Result<crate::client::Answer, ClientError> {
        self.client.ask(&call.bearer(&self.key).language("en")).await
    }

    async fn put(&self, path: String, body: &Value) -> Result<(), ClientError> {
        self.ask(Call::put(path).json(body)).await.map(|_| ())
    }

    /// Asks a question as the back office.
    ///
    /// # Errors
    /// When the API refuses.
    pub async fn read(&self, path: &str) -> Result<Value, ClientError> {
        self.ask(Call::get(path)).await?.json()
    }

    /// Writes something down as the back office.
    ///
    /// # Errors
    /// When the API refuses.
    pub async fn write(&self, path: &str, body: &Value) -> Result<(), ClientError> {
        self.put(path.to_owned(), body).await
    }

    /// Sends a call as the back office.
    ///
    /// # Errors
    /// When the API refuses.
    pub async fn send(&self, call: Call) -> Result<Value, ClientError> {
        self.ask(call).await?.json()
    }

    /// Offers a reward in the catalogue.
    ///
    /// # Errors
    /// When the API refuses.
    pub async fn offer(&self, code: &str, terms: &Value) -> Result<(), ClientError> {
        self.put(format!("/v1/rewards/{code}"), terms).await?;
        let always = json!({"live_from": "2020-01-01T00:00:00Z"});
        self.put(format!("/v1/rewards/{code}/schedule"), &always).await
    }

    /// Redeems a reward for a member, once however often it is called; the redemption when it is over.
    ///
    /// # Errors
    /// When the API refuses, or it comes to nothing.
    pub async fn redeem(&self, code: &str, member: &str) -> anyhow::Result<Value> {
        let body = json!({"reward": code, "member": {"id": member}});
        let key = format!("demo-redeems-{code}");
        let wanted = Call::post("/v1/reward-redemptions").idempotency_key(&key).json(&body);
        let mut redemption = self.send(wanted).await?;
        let begun = Instant::now();
        while redemption["state"] != "completed" {
            ensure!(begun.elapsed() < PATIENCE, "the redemption of {code} is not over: {redemption}");
            tokio::time::sleep(Duration::from_millis(20)).await;
            let id = redemption["redemption_id"].as_str().context("a redemption has an id")?;
            redemption = self.read(&format!("/v1/reward-redemptions/{id}")).await?;
        }
        Ok(redemption)
    }

    /// Whether the keys of an earlier start are keys of this installation.
    pub async fn knows(&self, state: &State) -> bool {
        let Some(key) = state.keys.values().next() else { return false };
        self.client.ask(&Call::get("/v1/regions?limit=1").bearer(key)).await.is_ok()
    }

    /// Opens regions and branches, sets up tills with keys, publishes the programme.
    ///
    /// # Errors
    /// When the API refuses.
    pub async fn open_chain(&self, state: &mut State) -> anyhow::Result<()> {
        for region in REGIONS {
            let path = format!("/v1/regions/{}", region.code);
            self.put(path, &json!({"names": names(region.names)})).await.context(region.code)?;
        }
        let missing = BRANCHES.iter().filter(|branch| !is_complete(branch, state));
        let jobs: Vec<_> = (0_u64..).zip(missing).collect();
        let (office, mut failed) = (self.clone(), None);
        let work = move |branch: &'static SampleBranch| {
            let office = office.clone();
            async move { office.open_branch(branch).await.context(branch.code) }
        };
        in_lanes(AT_A_TIME, AT_A_TIME, jobs, work, |opened| match opened {
            Ok(keys) => {
                state.keys.extend(keys);
                Flow::On
            }
            Err(fault) => {
                failed = Some(fault);
                Flow::Stop
            }
        })
        .await;
        failed.map_or(Ok(()), Err)?;
        self.put("/v1/programme".to_owned(), &programme()).await.context("the programme")
    }

    async fn open_branch(&self, branch: &SampleBranch) -> Result<Vec<(String, String)>, ClientError> {
        let mut body = json!({"region": branch.region, "names": names(branch.names)});
        if let Some(zone) = branch.time_zone {
            body["time_zone"] = json!(zone);
        }
        self.put(format!("/v1/branches/{}", branch.code), &body).await?;
        let mut keys = Vec::new();
        for till in TILLS {
            let path = format!("/v1/branches/{}/tills/{till}", branch.code);
            self.ask(Call::put(path.clone())).await?;
            let issued: Issued = self.ask(Call::post(format!("{path}/keys"))).await?.json()?;
            keys.push((place(branch.code, till), issued.key));
        }
        Ok(keys)
    }

    /// Joins the sample members, each at a till of the branch where they shop first.
    ///
    /// # Errors
    /// When the API refuses.
    pub async fn join_people(
        &self,
        people: &[Person],
        purchases: &[SamplePurchase],
        state: &mut State,
    ) -> anyhow::Result<()> {
        let missing =
            people.iter().enumerate().filter(|(_, person)| !state.members.contains_key(&person.phone));
        let jobs: Vec<_> = missing
            .map(|(number, person)| {
                let first = purchases.iter().find(|purchase| purchase.person == number);
                let at = first.map_or((BRANCHES[0].code, TILLS[0]), |p| (BRANCHES[p.branch].code, p.till));
                let key = state.keys.get(&place(at.0, at.1)).cloned().unwrap_or_default();
                (u64::try_from(number).unwrap_or_default(), (person.clone(), key))
            })
            .collect();
        let (client, mut failed) = (self.client.clone(), None);
        let work = move |(person, key): (Person, String)| {
            let client = client.clone();
            async move {
                let body =
                    json!({"phone": person.phone, "first_name": person.name, "language": person.language});
                let call = Call::post("/v1/members").bearer(&key).json(&body).repeatable();
                let joined: Joined = client.ask(&call).await?.json()?;
                Ok::<_, ClientError>((person.phone, joined.member_id))
            }
        };
        in_lanes(AT_A_TIME, AT_A_TIME, jobs, work, |joined| match joined {
            Ok((phone, id)) => {
                state.members.insert(phone, id);
                Flow::On
            }
            Err(fault) => {
                failed = Some(fault);
                Flow::Stop
            }
        })
        .await;
        failed.map_or(Ok(()), |fault| Err(anyhow::Error::new(fault).context("joining the sample members")))
    }

    /// Records the purchases that are not recorded yet, those of one member in their order.
    ///
    /// # Errors
    /// When the API refuses, or the state cannot be written.
    pub async fn replay(
        &self,
        people: &[Person],
        purchases: Vec<SamplePurchase>,
        state: &mut State,
        folder: &Path,
    ) -> anyhow::Result<()> {
        let total = u64::try_from(purchases.len()).unwrap_or(u64::MAX);
        let (mut progress, mut saved, mut failed) = (Progress::new("purchases", total), Instant::now(), None);
        let missing = purchases.into_iter().skip(state.done);
        let jobs: Vec<_> = missing
            .map(|purchase| {
                let key = state.keys.get(&place(BRANCHES[purchase.branch].code, purchase.till));
                let (phone, key) = (people[purchase.person].phone.clone(), key.cloned().unwrap_or_default());
                (u64::try_from(purchase.person).unwrap_or_default(), (purchase, phone, key))
            })
            .collect();
        let client = self.client.clone();
        let work = move |(purchase, phone, key): (SamplePurchase, String, String)| {
            let client = client.clone();
            async move { record(&client, purchase, &phone, &key).await }
        };
        in_lanes(AT_A_TIME, 4 * AT_A_TIME, jobs, work, |recorded| {
            let kept = recorded.map_err(anyhow::Error::from).and_then(|(purchase, points)| {
                let sold = state.sold.entry(BRANCHES[purchase.branch].code.to_owned()).or_default();
                sold.purchases += 1;
                sold.amount += purchase.amount;
                sold.points += points;
                state.done += 1;
                let done = u64::try_from(state.done).unwrap_or_default();
                progress.at(done, done);
                if saved.elapsed() < SAVE_EVERY {
                    return Ok(());
                }
                saved = Instant::now();
                state.save(folder)
            });
            match kept {
                Ok(()) => Flow::On,
                Err(fault) => {
                    failed = Some(fault.context("replaying the sample purchases"));
                    Flow::Stop
                }
            }
        })
        .await;
        progress.finish();
        state.save(folder)?;
        failed.map_or(Ok(()), Err)
    }
}

async fn record(
    client: &Client,
    purchase: SamplePurchase,
    phone: &str,
    key: &str,
) -> Result<(SamplePurchase, i64), ClientError> {
    let body = json!({
        "member": {"phone": phone},
        "receipt": purchase.receipt,
        "occurred_at": purchase.occurred_at,
        "currency": "IRR",
        "amount": purchase.amount,
        "lines": purchase.lines,
    });
    let name = format!("demo-{}", purchase.receipt);
    let call = Call::post("/v1/purchases").bearer(key).idempotency_key(&name).json(&body);
    let recorded: Recorded = client.ask(&call).await?.json()?;
    Ok((purchase, recorded.points))
}

/// A till's place in the state.
pub fn place(branch: &str, till: &str) -> String {
    format!("{branch}/{till}")
}

fn is_complete(branch: &SampleBranch, state: &State) -> bool {
    TILLS.iter().all(|till| state.keys.contains_key(&place(branch.code, till)))
}
