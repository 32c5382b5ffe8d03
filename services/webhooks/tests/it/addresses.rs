//! Nothing inside is ever called, whatever an address says, and whenever its host changes where it leads.

use std::net::IpAddr;

use serde_json::json;

use crate::{
    house::{EARNED, House, on_both},
    receiver::Receiver,
};

fn public() -> IpAddr {
    IpAddr::from([93, 184, 216, 34])
}

on_both! {
    async fn addresses_inside_are_refused_when_they_are_named(house: House) {
        let house = house.with(&[("private_networks", ""), ("plain_http", "true")]).await;
        *house.leads_to.lock().expect("no panic") = vec![IpAddr::from([10, 0, 0, 7])];
        for (url, code) in [
            ("http://127.0.0.1:9000/", "webhooks.address_refused"),
            ("http://[::1]:9000/", "webhooks.address_refused"),
            ("http://[::ffff:127.0.0.1]:9000/", "webhooks.address_refused"),
            ("http://169.254.169.254/latest/meta-data/", "webhooks.address_refused"),
            ("http://hooks.example/", "webhooks.address_refused"),
            ("http://nowhere.example/", "webhooks.address_refused"),
            ("http://2130706433/", "webhooks.address_refused"),
            ("http://me:pass@hooks.example/", "webhooks.url_invalid"),
            ("http://hooks.example:22/", "webhooks.url_invalid"),
            ("gopher://hooks.example/", "webhooks.url_invalid"),
        ] {
            let refused = house.operator().post("/v1/webhooks", json!({"url": url, "kinds": [EARNED]})).await;
            assert_eq!(refused.refused(422, code)["pointer"], "/url", "{url}");
        }
        *house.leads_to.lock().expect("no panic") = vec![public(), IpAddr::from([127, 0, 0, 1])];
        let both = json!({"url": "http://hooks.example/", "kinds": [EARNED]});
        house.operator().post("/v1/webhooks", both).await.refused(422, "webhooks.address_refused");
    }

    async fn a_host_that_leads_inside_later_is_not_called_then(house: House) {
        let house = house.with(&[("private_networks", "")]).await;
        let receiver = Receiver::start().await;
        *house.leads_to.lock().expect("no panic") = vec![public()];
        let (webhook, _) = house.subscribed(&receiver).await;
        *house.leads_to.lock().expect("no panic") = vec![IpAddr::from([127, 0, 0, 1])];
        house.purchases(1).await;
        assert_eq!(house.send().await.failed, 1);
        assert_eq!(house.messages(&webhook).await[0]["last_outcome"], "address_refused");
        assert!(receiver.calls().is_empty());
        // The same receiver is called where its network is opened: what was refused was the address alone.
        let house = house.with(&[("private_networks", "127.0.0.0/8")]).await;
        house.wait_s(60);
        assert_eq!((house.send().await.taken, receiver.calls().len()), (1, 1));
    }

    async fn an_address_written_as_a_number_is_compared_at_the_call_too(house: House) {
        let receiver = Receiver::start().await;
        let url = format!("http://127.0.0.1:{}/", receiver.port);
        house.operator().post("/v1/webhooks", json!({"url": url, "kinds": [EARNED]})).await.expect(201);
        let house = house.with(&[("private_networks", "")]).await;
        house.purchases(1).await;
        assert_eq!((house.send().await.failed, receiver.calls().len()), (1, 0));
    }

    async fn the_chains_list_of_hosts_and_https_alone_hold_for_calls_too(house: House) {
        let receiver = Receiver::start().await;
        house.subscribed(&receiver).await;
        let house = house.with(&[("hosts", "hooks.bank.example,*.shop.example")]).await;
        let body = json!({"url": receiver.url(), "kinds": [EARNED]});
        house.operator().post("/v1/webhooks", body.clone()).await.refused(422, "webhooks.host_not_listed");
        house.purchases(1).await;
        assert_eq!((house.send().await.failed, receiver.calls().len()), (1, 0));
        let house = house.with(&[("hosts", ""), ("plain_http", "false")]).await;
        house.operator().post("/v1/webhooks", body).await.refused(422, "webhooks.url_invalid");
        house.purchases(1).await;
        assert_eq!((house.send().await.failed >= 1, receiver.calls().len()), (true, 0));
    }
}
