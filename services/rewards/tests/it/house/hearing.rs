//! Facts of other services, as the consumers of this one hear them.

use contracts::{Fact, FactData, FactHead};
use kernel::{Clock as _, FactId, Ids as _};
use runtime::SystemIds;

use super::House;

impl House {
    /// A fact of another service, heard as its consumer does it.
    pub async fn hear<T: FactData>(&self, source: &'static str, data: &T) {
        self.hear_as(source, 1, data).await;
    }

    /// The same, as the so-manyth fact of its subject.
    pub async fn hear_as<T: FactData>(&self, source: &'static str, seq: u64, data: &T) {
        self.hear_fact(&self.fact(source, seq, data)).await;
    }

    /// A fact of now, the so-manyth of its subject.
    pub fn fact<T: FactData>(&self, source: &'static str, seq: u64, data: &T) -> Fact {
        let head = FactHead {
            id: FactId::from_uuid(SystemIds::default().uuid()),
            source,
            subject: "somebody".to_owned(),
            seq,
            time: self.clock.now(),
            traceparent: None,
        };
        Fact::new(head, data)
    }

    /// A fact, heard by every consumer that it is for; nobody looks whether it was heard before.
    pub async fn hear_fact(&self, fact: &Fact) {
        for reaction in self.reactions.iter().filter(|one| one.stream() == fact.source) {
            if !reaction.hears().contains(&&*fact.kind) {
                continue;
            }
            let tx = self.database.begin().await.expect("a transaction");
            reaction.apply(&tx, std::slice::from_ref(fact)).await.expect("it is heard");
            tx.commit().await.expect("it stays");
        }
    }
}
