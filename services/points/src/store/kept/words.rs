//! Words for what rows hold as numbers: the same as in the answers of the API.

use serde::Serialize;

use crate::{
    domain::{JournalKind, Template, TransferKind, TransferStatus},
    store::{ledger::read_marks, occasions::occasion},
};

/// The word by which a value is told elsewhere, too.
fn word(value: impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn small(number: i64) -> Option<i16> {
    i16::try_from(number).ok()
}

pub(super) fn account_state(marks: i64) -> Option<String> {
    word(read_marks(small(marks)?).ok()?.0)
}

pub(super) fn journal_kind(number: i64) -> Option<String> {
    word(JournalKind::from_number(small(number)?)?)
}

pub(super) fn template(number: i64) -> Option<String> {
    word(Template::from_number(small(number)?)?)
}

pub(super) fn transfer_kind(number: i64) -> Option<String> {
    word(TransferKind::from_number(small(number)?)?)
}

pub(super) fn transfer_status(number: i64) -> Option<String> {
    word(TransferStatus::from_number(small(number)?)?)
}

pub(super) fn proposal_state(number: i64) -> Option<String> {
    let state = match number {
        0 => "waiting",
        1 => "approved",
        2 => "rejected",
        _ => return None,
    };
    Some(state.to_owned())
}

pub(super) fn occasion_word(number: i64) -> Option<String> {
    word(occasion(small(number)?)?)
}
