//! Secrets: shown once, replaced with an overlap, sealed in the database.

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;
use webhooks::commands::reseal_secrets::reseal_secrets;

use crate::{
    house::{House, on_both, text},
    receiver::Receiver,
};

on_both! {
    async fn during_the_overlap_both_secrets_sign_and_afterwards_the_new_one_alone(house: House) {
        let receiver = Receiver::start().await;
        let (webhook, old) = house.subscribed(&receiver).await;
        let path = format!("/v1/webhooks/{webhook}/secret");
        let rotated = house.operator().post(&path, json!({"overlap_s": 3_600})).await.expect(201);
        let new = text(&rotated, "secret");
        house.purchases(1).await;
        house.send().await;
        house.wait_s(3_600);
        house.purchases(1).await;
        house.send().await;
        let calls = receiver.calls();
        assert!(calls[0].is_signed_by(&old) && calls[0].is_signed_by(&new));
        assert!(!calls[1].is_signed_by(&old) && calls[1].is_signed_by(&new));
        assert_eq!(calls[0].signature.split(' ').count(), 2);
        assert_eq!(reseal_secrets(&house.desk).await.expect("it runs"), 1, "the old secret is forgotten");
        assert_eq!(reseal_secrets(&house.desk).await.expect("it runs"), 0);
        house.operator().post(&path, json!({"overlap_s": 604_801})).await.refused(422, "webhooks.overlap_too_long");
        let shown = house.webhook(&webhook).await.to_string();
        assert!(!shown.contains("whsec_"), "{shown}");
    }

    async fn secrets_are_sealed_and_brought_to_the_newest_master_key(house: House) {
        let receiver = Receiver::start().await;
        let (_, secret) = house.subscribed(&receiver).await;
        let key = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &secret[6..]).expect("base64");
        let on = house.database.connection();
        let sql = Statement::from_string(on.get_database_backend(), "SELECT secret FROM webhooks");
        let row = on.query_one_raw(sql).await.expect("a question").expect("a row");
        let sealed: Vec<u8> = row.try_get_by_index(0).expect("bytes");
        assert!(!sealed.windows(key.len()).any(|part| part == key), "it lies there sealed");
        let house = house.with_keys(vec![(2, [22; 32]), (1, [11; 32])]).await;
        assert_eq!(reseal_secrets(&house.desk).await.expect("it runs"), 1);
        let house = house.with_keys(vec![(2, [22; 32])]).await;
        house.purchases(1).await;
        assert_eq!(house.send().await.taken, 1);
        assert!(receiver.calls()[0].is_signed_by(&secret), "the secret is the same");
    }
}
