//! Promise 2: clients that hang up at any moment never spoil the pool for those who come after.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::{proxy::TcpProxy, servers::Postgres};
use vafa::client::{Call, Client};

use crate::{
    checker::judge,
    load::{Habit, Load, Street, goods, purchase_call},
    plan::Plan,
    rig::{Dice, Rig, long, say},
};

/// Requests of every kind, cut off at a random moment of their first 200 ms.
async fn cut_off(rig: &Rig, street: &mut Street, cuts: u64, dice: &mut Dice) {
    let mut open = tokio::task::JoinSet::new();
    for cut in 0..cuts {
        let place = usize::try_from(cut).expect("small");
        let (till, diary) = (&street.tills[place % street.tills.len()], place % street.diaries.len());
        let customer = &street.customers[place % street.customers.len()];
        let receipt = journeys::fresh("cut");
        let mut body = goods(customer, &receipt, 5_000);
        let call = match cut % 4 {
            0 | 1 => {
                street.diaries[diary].sends(1_000_000 + cut, &till.code, &receipt);
                purchase_call(till, &receipt, &body)
            }
            2 => {
                body["dry_run"] = json!(true);
                purchase_call(till, &receipt, &body)
            }
            _ => Call::get("/v1/programme").bearer(&till.key),
        };
        let client =
            Client::patient(&rig.base(), Duration::from_secs(10), Duration::ZERO).expect("an address");
        let patience = Duration::from_millis(dice.next(200));
        open.spawn(async move {
            // Hangs up: the request is dropped, and its connection with it.
            let _ = tokio::time::timeout(patience, client.send(&call.once())).await;
        });
        if open.len() >= 20 {
            open.join_next().await;
        }
    }
    open.join_all().await;
}

#[test]
fn clients_that_hang_up_spoil_nothing_for_those_who_come_after() {
    // 2,000 cuts and 10,000 earns are promised; the pool without guards, which must lose, is tested in libs/store.
    let (cuts, earns) = if long() { (2_000, 10_000) } else { (300, 300) };
    journeys::block_on(async {
        let (mut dice, begun) = (Dice::thrown(), Instant::now());
        let upstream = format!("127.0.0.1:{}", Postgres::shared().port());
        let proxy = TcpProxy::start(upstream).await.expect("a proxy");
        let rig = Rig::planned(Plan { points_through: Some(proxy.port()), ..Plan::default() }).await;
        let mut street = Street::open(&rig, 8, 8).await;
        proxy.delay(Duration::from_millis(60));
        cut_off(&rig, &mut street, cuts, &mut dice).await;
        proxy.restore();
        let mut load = Load::begin(&rig, street, Habit::Careful);
        load.until_more(earns).await;
        // What was left open by a cut would by now be open for longer than 5 s.
        let rest = Duration::from_millis(5_500).saturating_sub(begun.elapsed());
        tokio::time::sleep(rest).await;
        let street = load.finish().await;
        let stuck = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
                     AND state LIKE 'idle in transaction%' AND state_change < now() - interval '1 second'";
        let stuck = rig.number("points", stuck).await;
        rig.is_whole().await;
        let verdict = judge(&rig, &street.diaries).await;
        let seconds = begun.elapsed().as_secs_f32();
        say(&format!("row 2: {cuts} requests cut off in {seconds:.1} s; {verdict}; backends stuck {stuck}"));
        assert!(verdict.is_clean(), "{verdict}");
        assert_eq!(stuck, 0, "backends idle in a transaction");
        assert!(verdict.unknown > 0, "cuts that cut nothing off show nothing");
    });
}
