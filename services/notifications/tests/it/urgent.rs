//! Texts that somebody waits for go at once, by whoever takes them, and lie nowhere.

use notifications::domain::channel::Channel;
use serde_json::{Value, json};
use uuid::Uuid;
use web::Caller;

use crate::{
    house::{House, member, on_both},
    world::Does,
};

const PATH: &str = "/internal/v1/urgent-texts";

fn code(number: u128) -> Value {
    json!({"message_id": Uuid::from_u128(number), "member_id": member(1), "to": "+989121234567", "language": "fa", "text": "کد شما: 012345"})
}

async fn hands(house: &House, number: u128) -> bool {
    let answer =
        house.calling(Caller::Service("membership".into())).post(PATH, code(number)).await.expect(200);
    answer["handed"] == true
}

on_both! {
    async fn a_code_goes_by_the_first_that_takes_it_and_once(house: House) {
        let (first, second) = (house.fleet.add("first", Channel::Sms, true), house.fleet.add("second", Channel::Sms, true));
        first.does(Does::Fails);
        assert!(hands(&house, 1).await && hands(&house, 1).await);
        assert_eq!((first.texts().len(), second.texts()), (0, vec!["کد شما: 012345".to_owned()]));
        let log = house.messages(member(1)).await;
        assert_eq!((log.len(), &log[0]["kind"], &log[0]["state"]), (1, &json!("one_time_code"), &json!("sent")));
        assert!(!log[0].to_string().contains("012345") && !log[0].to_string().contains("+98912"));
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn a_code_that_nobody_takes_is_asked_for_again(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, false);
        sms.does(Does::Fails);
        assert!(!hands(&house, 1).await);
        // It may have been sent: it is sent again, for somebody waits.
        sms.does(Does::Swallows);
        assert!(!hands(&house, 1).await);
        sms.does(Does::Takes);
        assert!(hands(&house, 1).await);
        assert_eq!(sms.texts().len(), 2);
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn nobody_but_services_hands_codes_over(house: House) {
        house.fleet.add("sms", Channel::Sms, true);
        for caller in [Caller::Operator, Caller::Anonymous] {
            let answer = house.calling(caller).post(PATH, code(1)).await;
            assert!(matches!(answer.status, 401 | 403), "{}", answer.text);
        }
    }
}
