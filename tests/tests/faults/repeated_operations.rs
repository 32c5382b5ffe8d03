//! Promise 5 for everything else that is sent under a key: redemptions, holds, adjustments and transfers, on two replicas.

use futures_util::{StreamExt as _, future::join_all, stream};
use journeys::{Goods, Till, fresh};
use serde_json::{Value, json};
use vafa::client::{Answer, Call};

use crate::{
    plan::Plan,
    repeats::{Outcome, SENDS, Summary, Way},
    rig::{Rig, long, say},
};

/// What is sent under a key, and the kind of its journal.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Hold = 6,
    Redemption = 9,
    Adjustment = 11,
    Transfer = 12,
}

const DEEDS: [Deed; 4] = [Deed::Hold, Deed::Redemption, Deed::Adjustment, Deed::Transfer];

/// Who sends: two tills, and the back office; and who gets what is transferred.
struct Callers {
    tills: [Till; 2],
    office: String,
    receiver: String,
}

impl Deed {
    fn path(self, member: &str) -> String {
        match self {
            Self::Hold => "/v1/holds".to_owned(),
            Self::Redemption => "/v1/redemptions".to_owned(),
            Self::Adjustment => format!("/v1/members/{member}/adjustments"),
            Self::Transfer => "/v1/transfers".to_owned(),
        }
    }

    fn body(self, member: &str, callers: &Callers, points: i64) -> Value {
        match self {
            Self::Hold | Self::Redemption => json!({"member": {"id": member}, "points": points}),
            Self::Adjustment => json!({"points": -points, "actor": "staff-1", "reason": "A correction"}),
            Self::Transfer => json!({"from": member, "to": {"id": callers.receiver}, "points": points}),
        }
    }

    /// Our bearer and another caller's, who may or may not do the same.
    fn bearers(self, callers: &Callers, way: Way) -> (&str, &str) {
        let (ours, theirs) = match self {
            Self::Hold | Self::Redemption => (&callers.tills[0].key, &callers.tills[1].key),
            Self::Adjustment | Self::Transfer => (&callers.office, &callers.tills[1].key),
        };
        (ours, if way == Way::SameCaller { ours } else { theirs })
    }

    /// The id that only we are told.
    fn id(self, answer: &Value) -> String {
        let id =
            if matches!(self, Self::Transfer) { &answer["transfer"]["transfer_id"] } else { &answer["id"] };
        id.as_str().unwrap_or("nothing was done").to_owned()
    }
}

/// One key: five sends at once, then another payload, then other callers.
async fn try_key(rig: &Rig, callers: &Callers, way: Way, deed: Deed) -> Outcome {
    let (phone, member) = callers.tills[0].welcome().await;
    let _ = callers.tills[0].sell(&Goods::by_phone(&phone, 100_000)).await.created();
    let (key, body) = (fresh("key"), deed.body(&member, callers, 10));
    let (ours, theirs) = deed.bearers(callers, way);
    let send = async |bearer: &str, key: &str, body: &Value| -> Answer {
        let call = Call::post(deed.path(&member)).bearer(bearer).idempotency_key(key).once().json(body);
        rig.client().send(&call).await.expect("an answer")
    };
    let keys: Vec<String> =
        (0..SENDS).map(|_| if way == Way::NewNames { fresh("key") } else { key.clone() }).collect();
    let answers = join_all(keys.iter().map(|key| send(ours, key, &body))).await;
    let mut outcome = Outcome::of_sends(&answers);
    let other = send(ours, &keys[0], &deed.body(&member, callers, 11)).await;
    outcome.must_be(&other, 422, "points.idempotency_key_reused");
    let forged = format!("vt_{}", "0".repeat(43));
    let others = [send(theirs, &keys[0], &body).await, send(&forged, &keys[0], &body).await];
    let secret = deed.id(&answers[0].json::<Value>().unwrap_or_default());
    outcome.must_not_hold(&secret, others.iter().chain([&other]));
    // Whoever may do the same under a key that happens to be ours has done it for themselves.
    let theirs = others.iter().filter(|answer| answer.status == 201).count();
    let sql =
        format!("SELECT COUNT(*) FROM journals WHERE member_id = '{member}' AND kind = {}", deed as i16);
    let all = usize::try_from(rig.number("points", &sql).await).expect("a count");
    outcome.effects = all - theirs;
    outcome
}

fn summary_of(way: Way, keys: usize) -> Summary {
    journeys::block_on(async {
        let rig = Rig::planned(Plan::twins(&json!({"transfers": {"to": "anyone"}}))).await;
        let operator = rig.operator();
        let branch = operator.open_branch().await;
        let tills = [operator.enrol_till(&branch).await, operator.enrol_till(&branch).await];
        let (_, receiver) = tills[0].welcome().await;
        let callers = Callers { tills, office: rig.operator_key().to_owned(), receiver };
        let tries = stream::iter(0..keys).map(|n| try_key(&rig, &callers, way, DEEDS[n % DEEDS.len()]));
        let outcomes: Vec<Outcome> = tries.buffered(8).collect().await;
        rig.is_whole().await;
        Summary::of(&outcomes)
    })
}

#[test]
fn the_same_key_of_any_operation_has_the_same_answer_and_one_effect_on_two_replicas() {
    // 1,000 keys are promised.
    let summary = summary_of(Way::Right, if long() { 1_000 } else { 60 });
    say(&format!("row 5: holds, redemptions, adjustments, transfers on two replicas; {summary}"));
    assert!(summary.is_clean(), "{summary}");
}

#[test]
fn operations_that_are_doubled_and_answers_that_leak_are_found() {
    let doubled = summary_of(Way::NewNames, 4);
    say(&format!("row 5, planted (a new key for each send of an operation): {doubled}"));
    assert!(doubled.fewest_effects >= SENDS && !doubled.is_clean(), "{doubled}");
    let leaked = summary_of(Way::SameCaller, 4);
    say(&format!("row 5, planted (the other caller of an operation is the same): {leaked}"));
    assert!(leaked.leaks == 4 && !leaked.is_clean(), "{leaked}");
}
