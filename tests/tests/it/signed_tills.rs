//! Calls that a till signed, and calls that somebody would like to have signed (promise 22).
//!
//! `VAFA_LONG` makes a thousand of each.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use journeys::{Goods, Reply, Stage, Till, fresh, in_both_shapes};
use kernel::Ids as _;
use runtime::SystemIds;
use serde_json::{Value, json};
use vafa::client::Call;
use web::MessageSigner;

in_both_shapes!(
    a_till_that_signs_sells_and_a_forged_call_never_does,
    a_revoked_signing_key_is_refused_within_five_seconds,
    a_key_names_its_successor_and_is_revoked_by_it,
);

fn tries() -> usize {
    if std::env::var_os("VAFA_LONG").is_some() { 1_000 } else { 20 }
}

fn now_s() -> i64 {
    journeys::now().micros() / 1_000_000
}

fn signer() -> MessageSigner {
    let mut seed = [0; 32];
    SystemIds::default().secret(&mut seed);
    MessageSigner::new(&seed)
}

/// A till that signs.
struct Signing {
    signer: MessageSigner,
    key_id: String,
}

impl Signing {
    /// Brings a key to this till by a code.
    async fn enrol(stage: &Stage, till: &Till) -> Self {
        let path = format!("/v1/branches/{}/tills/{}/enrolments", till.branch.code, till.code);
        let opened = stage.as_operator().send(Call::post(path)).await.created();
        let signer = signer();
        let body = json!({"code": opened["code"], "public_key": signer.public_key()});
        let registered = stage.call(Call::post("/v1/till-enrolments").json(&body)).await.created();
        assert_eq!(
            (&registered["branch"], &registered["till"]),
            (&json!(till.branch.code), &json!(till.code))
        );
        Self { signer, key_id: registered["key_id"].as_str().unwrap().to_owned() }
    }

    fn sign(&self, call: Call) -> Call {
        call.signed(&self.signer, now_s())
    }
}

fn sale(key: &str, goods: &Value) -> Call {
    Call::post("/v1/purchases").idempotency_key(key).json(goods)
}

async fn a_till_that_signs_sells_and_a_forged_call_never_does(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let other = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let (ours, theirs) = (Signing::enrol(&stage, &till).await, Signing::enrol(&stage, &other).await);
    let gone = Signing::enrol(&stage, &till).await;
    let revoke = Call::delete(format!("/v1/till-keys/{}", gone.key_id));
    assert_eq!(stage.as_operator().send(revoke).await.status(), 204);
    let goods = Goods::by_phone(&phone, 1_000).0;
    let key = fresh("key");
    let sold = ours.sign(sale(&key, &goods));
    let first = stage.call(sold.clone()).await.created();
    assert_eq!(till.balance_of(&member).await["points"], 1);
    for _ in 0..tries() {
        // The same bytes again answer what they answered: nothing is done twice.
        let again = stage.call(sold.clone()).await;
        assert_eq!((again.status(), again.header("idempotency-replayed")), (200, "true"), "{}", again.text());
        assert_eq!(again.value()["purchase_id"], first["purchase_id"]);
        let fresh_sale = || sale(&fresh("key"), &Goods::by_phone(&phone, 1_000).0);
        let mut larger = Goods::by_phone(&phone, 1_000).0;
        larger["amount"] = 9_000_000.into();
        let altered = ours.sign(fresh_sale()).json(&larger);
        stage.call(altered).await.refused(401, "gateway.body_altered");
        let renamed = ours.sign(fresh_sale()).idempotency_key(&fresh("key"));
        stage.call(renamed).await.refused(401, "gateway.signature_wrong");
        let old = fresh_sale().signed(&ours.signer, now_s() - 301);
        stage.call(old).await.refused(401, "gateway.signature_old");
        let early = fresh_sale().signed(&ours.signer, now_s() + 120);
        stage.call(early).await.refused(401, "gateway.signature_old");
        // Their signature, in the name of our key.
        let wanted = fresh_sale();
        let (borrowed, named) = (theirs.sign(wanted.clone()), ours.sign(wanted));
        let forged = borrowed.header("signature-input", &named.header_text("signature-input"));
        stage.call(forged).await.refused(401, "gateway.signature_wrong");
        let revoked = stage.call(gone.sign(fresh_sale())).await;
        assert_eq!(revoked.status(), 401, "{}", revoked.text());
    }
    assert_eq!(till.balance_of(&member).await["points"], 1);
}

async fn a_revoked_signing_key_is_refused_within_five_seconds(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let ours = Signing::enrol(&stage, &till).await;
    let look = || ours.sign(Call::get("/v1/branches?limit=1"));
    assert_eq!(stage.call(look()).await.status(), 200);
    let revoke = Call::delete(format!("/v1/till-keys/{}", ours.key_id));
    assert_eq!(stage.as_operator().send(revoke).await.status(), 204);
    let since = Instant::now();
    loop {
        let reply: Reply = stage.call(look()).await;
        if reply.status() == 401 {
            reply.refused(401, "gateway.till_key_revoked");
            return;
        }
        assert!(since.elapsed() < Duration::from_secs(5), "still open after 5 s");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn a_key_names_its_successor_and_is_revoked_by_it(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let neighbour = stage.as_operator().open_shop().await;
    let old = Signing::enrol(&stage, &till).await;
    let next = signer();
    let body = json!({"public_key": next.public_key()});
    let bring = || Call::post("/v1/till-keys").json(&body);
    let registered = stage.call(old.sign(bring())).await.created();
    assert_eq!(registered["till"], till.code);
    assert_eq!(stage.call(old.sign(bring())).await.status(), 200);
    till.send(bring()).await.refused(409, "membership.till_key_plain");
    let end = || Call::delete(format!("/v1/till-keys/{}", old.key_id));
    neighbour.send(end()).await.refused(404, "membership.till_key_unknown");
    assert_eq!(stage.call(end().signed(&next, now_s())).await.status(), 204);
    let look = Call::get("/v1/branches?limit=1").signed(&next, now_s());
    assert_eq!(stage.call(look).await.status(), 200);
}
