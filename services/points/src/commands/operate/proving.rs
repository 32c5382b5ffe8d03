//! What whoever spends has to show, and has shown.

use kernel::{MemberId, Points};
use store::Tx;

use super::Operate;
use crate::{
    domain::{ProgrammeDocument, ProofTerms, Rejection, Shown},
    store::phones,
};

/// What is asked of whoever spends so many points, and what is known of them.
#[derive(Clone, Copy)]
pub(super) struct Proof {
    terms: ProofTerms,
    points: Points,
    shown: Shown,
}

impl Proof {
    pub(super) fn allow(self) -> Result<(), Rejection> {
        self.terms.allow(self.points, self.shown)
    }
}

/// What a deed asks of its member; nothing is looked up for deeds that spend nothing, or where phones do not matter. What a hold has
/// was proved when it was set aside.
pub(super) async fn proof(
    tx: &Tx,
    command: &Operate,
    member: MemberId,
    document: Option<&ProgrammeDocument>,
) -> anyhow::Result<Option<Proof>> {
    let Some(points) = command.spends() else { return Ok(None) };
    let Some(terms) = document.and_then(|document| document.proof) else { return Ok(None) };
    let shown = match command.shown {
        Some(shown) => shown,
        None if terms.confirmed_phone => {
            let confirmed = phones::confirmed(tx, &[member.as_uuid()]).await?.contains(&member);
            Shown { confirmed, vouched: false }
        }
        None => Shown::default(),
    };
    Ok(Some(Proof { terms, points, shown }))
}
