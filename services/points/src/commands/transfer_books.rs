//! How transfers are written down: journals on both sides, and the facts about them.

use std::sync::Arc;

use contracts::{
    Fact, FactData,
    points::{TransferCompleted, TransferDeclined, TransferExpired, TransferRecalled, TransferRequested},
};
use kernel::{Digest16, JournalId, MemberId, Overflow, Points, Timestamp};

use super::{
    changes::{Changes, head},
    record_purchases::Recorder,
    request_transfer::RequestTransfer,
};
use crate::{
    domain::{Arrival, Journal, JournalKind, Settled, Transfer, TransferKind, TransferSent, TransferStatus},
    store::{
        ledger::{JournalRow, OperationRow},
        transfers::TransferRow,
    },
};

/// Writes the journals of one transfer in one transaction.
pub(super) struct TransferBooks<'a> {
    pub(super) recorder: &'a Recorder,
    pub(super) changes: &'a mut Changes,
    pub(super) now: Timestamp,
    pub(super) traceparent: Option<&'a str>,
}

impl TransferBooks<'_> {
    /// What had happened to an account by itself.
    fn settle(&mut self, member: MemberId, settled: &[Settled]) -> Result<(), Overflow> {
        self.changes.settle(self.recorder, member, settled, self.now, self.traceparent)
    }

    /// What was decided about a transfer that was requested; answers its row.
    pub(super) fn requested(
        &mut self,
        command: &RequestTransfer,
        sent: &TransferSent,
        programme_version: u32,
    ) -> Result<TransferRow, Overflow> {
        let mut row = TransferRow {
            transfer: sent.transfer.clone(),
            reason: command.behalf.as_ref().map(|behalf| behalf.reason.clone()),
            programme_version,
            sent_version: sent.journal.version,
            ended_version: None,
        };
        self.settle(command.sender, &sent.settled)?;
        let request = command.request.map(|(key, fingerprint)| (key, fingerprint.first()));
        self.sent(&row, &sent.journal, request)?;
        if let Some(arrival) = &sent.arrival {
            row.ended_version = Some(self.ended(&row.transfer, arrival)?);
        }
        Ok(row)
    }

    /// Points left the sender.
    fn sent(
        &mut self,
        row: &TransferRow,
        journal: &Journal,
        request: Option<(Digest16, Digest16)>,
    ) -> Result<(), Overflow> {
        let transfer = &row.transfer;
        let operation = OperationRow {
            request,
            actor: transfer.agent.clone(),
            reason: row.reason.clone(),
            ..about(transfer, JournalKind::TransferSent)
        };
        let stored = self.journal(transfer.sender, journal, operation)?;
        self.tell::<TransferRequested>(transfer, &stored);
        Ok(())
    }

    /// Points reached the receiver, or came back to the sender; answers the version of the account with that journal.
    pub(super) fn ended(&mut self, transfer: &Transfer, arrival: &Arrival) -> Result<u64, Overflow> {
        let completed = transfer.status == TransferStatus::Completed;
        let (member, operation) = if completed {
            (transfer.receiver, about(transfer, JournalKind::TransferReceived))
        } else {
            let returned = OperationRow {
                actor: transfer.reviewer.clone(),
                reason: Some(transfer.status.word().to_owned()),
                ..about(transfer, JournalKind::TransferReturned)
            };
            (transfer.sender, returned)
        };
        self.settle(member, &arrival.settled)?;
        let stored = self.journal(member, &arrival.journal, operation)?;
        match transfer.status {
            TransferStatus::Completed => self.tell::<TransferCompleted>(transfer, &stored),
            TransferStatus::Declined => self.tell::<TransferDeclined>(transfer, &stored),
            TransferStatus::Recalled => self.tell::<TransferRecalled>(transfer, &stored),
            _ => self.tell::<TransferExpired>(transfer, &stored),
        }
        self.settle(member, &arrival.lapsed)?;
        Ok(stored.version)
    }

    fn journal(
        &mut self,
        member: MemberId,
        journal: &Journal,
        operation: OperationRow,
    ) -> Result<Arc<JournalRow>, Overflow> {
        let id = JournalId::from_uuid(self.recorder.ids.uuid());
        self.changes.operate(member, (id, journal), operation, self.now)
    }

    fn tell<T: FactData + From<Told>>(&mut self, transfer: &Transfer, row: &JournalRow) {
        let told = Told { transfer: transfer.clone(), balance: row.balance, account_version: row.version };
        self.changes.facts.push(Fact::new(head(self.recorder, row, self.traceparent), &T::from(told)));
    }
}

/// A transfer with the account that it changed.
struct Told {
    transfer: Transfer,
    balance: Points,
    account_version: u64,
}

/// The facts about transfers say the same, each of another moment.
macro_rules! told_as {
    ($($fact:ident)*) => {$(
        impl From<Told> for $fact {
            fn from(Told { transfer, balance, account_version }: Told) -> Self {
                Self {
                    transfer_id: transfer.id,
                    sender_id: transfer.sender,
                    receiver_id: transfer.receiver,
                    points: transfer.points,
                    fee: transfer.fee,
                    hand_over: transfer.kind == TransferKind::HandOver,
                    balance,
                    account_version,
                }
            }
        }
    )*};
}

told_as! { TransferRequested TransferCompleted TransferDeclined TransferRecalled TransferExpired }

fn about(transfer: &Transfer, kind: JournalKind) -> OperationRow {
    OperationRow { about: Some(transfer.id.as_uuid()), ..OperationRow::of_kind(kind) }
}
