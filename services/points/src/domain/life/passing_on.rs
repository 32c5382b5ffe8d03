//! Points go to another member, and come back when nobody wants them.

use kernel::{MemberId, Points, Timestamp, TransferId};
use uuid::Uuid;

use super::{
    Bug,
    till::{Till, lots, slip},
};
use crate::domain::{
    Account, Lot, Relation, SentBefore, Template, TransferAsk, decide_transfer, give_back,
    settle::{journal, movement},
};

/// What left for another member: what travels, and what paid the fee.
pub(super) struct OnTheWay {
    lots: Vec<Lot>,
    fee: Vec<Lot>,
    back: bool,
}

/// What the programme takes for a transfer.
const FEE: i64 = 1;

impl Till {
    pub(super) fn pass_on(&mut self, points: i64) -> Result<bool, String> {
        if self.bug == Some(Bug::PassesOnBoundPoints) {
            self.passes_on_as_if_spent(points)?;
        }
        let today = self.today();
        let ask = TransferAsk {
            id: TransferId::from_uuid(self.next_id().as_uuid()),
            sender: self.account.member,
            receiver: MemberId::from_uuid(Uuid::from_u128(u128::MAX)),
            points: Some(Points::new(points)),
            agent: None,
            now: Timestamp::from_micros(self.now),
            today,
        };
        let document = &self.programme.document;
        let terms = (document.transfers.as_ref().expect("it has transfers"), document.debt);
        let (mut other, before) = (Account::new(ask.receiver), SentBefore::default());
        let asked = decide_transfer(&mut self.account, &mut other, terms, &ask, Relation::default(), &before);
        let Ok(sent) = asked else { return Ok(false) };
        self.write(&sent.settled, &sent.journal)?;
        self.model.pass_on(points, FEE, today);
        let fee = lots(&sent.journal, Template::TransferFee);
        self.on_the_way.push(OnTheWay { lots: sent.lots, fee, back: false });
        Ok(true)
    }

    /// Takes points for another member as if the member spent them.
    fn passes_on_as_if_spent(&mut self, points: i64) -> Result<(), String> {
        let lots = self.account.oldest(Points::new(points), self.today());
        if lots.iter().all(|lot| lot.bound.is_zero()) {
            return Ok(());
        }
        let mut movements = Vec::new();
        for lot in &lots {
            let sent = movement(&self.account, Template::TransferSent, lot);
            self.account.evolve(&sent).expect("it is there");
            movements.push(sent);
        }
        let journal = journal(&mut self.account, movements);
        self.write(&[], &journal)
    }

    pub(super) fn come_back(&mut self, which: usize) -> Result<bool, String> {
        let (today, terms) = (self.today(), self.terms());
        let way = &mut self.on_the_way[which];
        // Whether it has ended is looked up by the command, as here.
        if std::mem::replace(&mut way.back, true) {
            return Ok(false);
        }
        let (lots, fee) = (way.lots.clone(), way.fee.clone());
        let arrival = give_back(&mut self.account, &lots, &fee, terms).map_err(|e| format!("I3: {e}"))?;
        self.write(&arrival.settled, &arrival.journal)?;
        self.write_settled(&arrival.lapsed)?;
        for lot in lots.iter().chain(&fee) {
            self.model.come(slip(lot), None);
        }
        self.model.pay(i64::MAX, today);
        self.model.pass(today, self.now, super::till::SHARE);
        Ok(true)
    }
}
