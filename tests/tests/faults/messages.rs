//! A message goes once where its provider knows repetitions; where none can tell, at most twice, and that is counted: however often
//! the sender is killed (N5).

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use journeys::{Goods, Till};
use serde_json::json;
use testkit::scripted::{Heard, Reply, ScriptedServer};

use crate::rig::{Dice, Rig, long, say};

/// What a killed sender had taken is looked at again after two minutes.
const PATIENCE: Duration = Duration::from_mins(4);

/// A provider that takes every message, a little later.
fn provider() -> ScriptedServer {
    let taken = Reply::json(200, &json!({"taken": true}));
    ScriptedServer::start(Reply::After(Duration::from_millis(100), Box::new(taken))).expect("a provider")
}

/// All roles, with this provider alone.
async fn rig(provider: &ScriptedServer, knows_ids: bool) -> Rig {
    let mut rig = Rig::start().await;
    let file = rig.folder().join("providers.toml");
    let text = format!(
        "[[provider]]\nname = \"sms\"\nkind = \"http\"\nurl = \"{}/send\"\nknows_ids = {knows_ids}\n\
         json = {{ id = \"{{{{ id }}}}\", to = \"{{{{ to }}}}\", text = \"{{{{ text }}}}\" }}\n\
         answer.taken = [{{ status = 200 }}]\n",
        provider.url()
    );
    std::fs::write(&file, text).expect("a file");
    rig.stop("notifications").await;
    rig.surround("notifications", "VAFA_NOTIFICATIONS__PROVIDERS", &file.display().to_string());
    rig.launch("notifications", None);
    rig.ready("notifications").await;
    rig
}

/// A fresh member buys; answers who.
async fn buys(till: &Till) -> (String, String) {
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 20_000)).await.created();
    (phone, member)
}

/// The ids under which each message came, by phone and words.
fn by_message(heard: &[Heard]) -> BTreeMap<(String, String), Vec<String>> {
    let mut all = BTreeMap::<(String, String), Vec<String>>::new();
    for one in heard {
        let body = one.json();
        let part = |name: &str| body[name].as_str().expect("a text").to_owned();
        all.entry((part("to"), part("text"))).or_default().push(part("id"));
    }
    all
}

/// Waits until every member's two messages went.
async fn all_went(rig: &Rig, members: &[(String, String)]) {
    let (operator, begun) = (rig.operator(), Instant::now());
    for (_, member) in members {
        loop {
            let log = operator.get(format!("/v1/members/{member}/messages")).await.ok();
            let all = log["messages"].as_array().expect("a list");
            if all.len() == 2 && all.iter().all(|one| one["state"] == "sent") {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "{log}\n{}", rig.log_of("notifications"));
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// What the provider has heard once it has heard more than `heard`.
async fn heard_more(rig: &Rig, provider: &ScriptedServer, heard: &mut Vec<Heard>) {
    let (before, begun) = (heard.len(), Instant::now());
    while heard.len() == before {
        if begun.elapsed() > PATIENCE {
            let queue = rig.operator().get("/v1/message-queue").await.ok();
            panic!("nothing is sent: {queue}\n{}", rig.log_of("notifications"));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        heard.extend(provider.heard());
    }
}

/// Kills the sender while a provider has what it was handed and has not answered; answers the members who were told, and all that
/// the provider heard.
async fn killed_while_sending(
    rig: &mut Rig,
    provider: &ScriptedServer,
    kills: usize,
) -> (Vec<(String, String)>, Vec<Heard>) {
    let (mut dice, till) = (Dice::thrown(), rig.operator().open_shop().await);
    let (mut members, mut heard) = (Vec::new(), Vec::new());
    for _ in 0..kills {
        let buying = join_all((0..6).map(|_| buys(&till)));
        let (bought, ()) = tokio::join!(buying, heard_more(rig, provider, &mut heard));
        members.extend(bought);
        heard_more(rig, provider, &mut heard).await;
        tokio::time::sleep(Duration::from_millis(dice.next(60))).await;
        rig.kill("notifications");
        rig.launch("notifications", None);
        rig.ready("notifications").await;
    }
    all_went(rig, &members).await;
    heard.extend(provider.heard());
    (members, heard)
}

#[test]
fn a_killed_sender_sends_each_message_once_where_the_provider_knows_repetitions() {
    let kills = if long() { 50 } else { 4 };
    journeys::block_on(async {
        let provider = provider();
        let mut rig = rig(&provider, true).await;
        let (members, heard) = killed_while_sending(&mut rig, &provider, kills).await;
        let came = by_message(&heard);
        assert_eq!(came.len(), 2 * members.len(), "each of a joining and a purchase");
        let again = came.values().filter(|ids| ids.len() > 1).count();
        let twice: Vec<_> =
            came.iter().filter(|(_, ids)| ids.iter().collect::<BTreeSet<_>>().len() != 1).collect();
        say(&format!(
            "{kills} kills, {} messages: {again} repeated under their id, {} twice",
            came.len(),
            twice.len()
        ));
        assert!(twice.is_empty(), "{twice:#?}");
        assert!(again > 0, "kills that cut nothing off show nothing");
        rig.is_whole().await;
    });
}

#[test]
fn a_killed_sender_sends_no_message_more_than_twice_and_says_which_where_nobody_can_tell() {
    let kills = if long() { 50 } else { 4 };
    journeys::block_on(async {
        let provider = provider();
        let mut rig = rig(&provider, false).await;
        let (members, heard) = killed_while_sending(&mut rig, &provider, kills).await;
        let came = by_message(&heard);
        assert_eq!(came.len(), 2 * members.len(), "each of a joining and a purchase");
        let most = came.values().map(Vec::len).max();
        assert!(most.is_some_and(|most| most <= 2), "{came:#?}");
        let twice: BTreeSet<&String> =
            came.iter().filter(|(_, ids)| ids.len() == 2).map(|((to, _), _)| to).collect();
        let operator = rig.operator();
        let mut uncertain = 0;
        for (phone, member) in &members {
            let log = operator.get(format!("/v1/members/{member}/messages")).await.ok();
            let attempts = log["messages"].as_array().expect("a list").iter();
            let attempts = attempts.flat_map(|one| one["attempts"].as_array().expect("a list"));
            let doubtful = attempts.filter(|one| one["standing"] == "uncertain").count();
            assert!(doubtful > 0 || !twice.contains(phone), "sent twice, and nobody says so: {log}");
            uncertain += doubtful;
        }
        say(&format!(
            "{kills} kills, {} messages: {} members had one twice, {uncertain} attempts are told as uncertain",
            came.len(),
            twice.len()
        ));
        assert!(uncertain > 0, "kills that cut nothing off show nothing");
        rig.is_whole().await;
    });
}
