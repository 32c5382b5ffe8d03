//! Compares a code with the one that was sent. Each attempt is counted in the transaction that compares it.

use kernel::SignInId;
use store::Tx;

use super::Desk;
use crate::{
    domain::{
        code::OneTimeCode,
        member::{Member, confirm_phone},
        rejection::Rejection,
        sign_in::{Attempt, attempt},
    },
    error::Error,
    store::{member_seal::MemberSeal, members, sign_ins, telling::Telling},
};

/// What somebody says that they were sent.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The sign-in.
    pub sign_in: SignInId,
    /// The code.
    pub code: OneTimeCode,
}

/// A transaction in which a code was right and is used now.
pub(super) struct Confirmed<'a> {
    /// The transaction, for what follows from it.
    pub tx: Tx,
    /// Whose phone it is.
    pub member: Member,
    /// What their values are sealed with.
    pub seal: MemberSeal<'a>,
    /// What is told of it.
    pub telling: Telling<'a>,
}

impl Desk {
    /// Uses the code up; a wrong one costs an attempt, which is committed here.
    ///
    /// # Errors
    /// [`Rejection::CodeWrong`], [`Rejection::CodeSpent`], or a fault of the database.
    pub(super) async fn confirm(&self, answered: &Answered) -> Result<Confirmed<'_>, Error> {
        let now = self.clock.now();
        let tx = self.vault.database.begin().await?;
        let mut sign_in = sign_ins::hold(&tx, answered.sign_in).await?.ok_or(Rejection::CodeSpent)?;
        let id = match attempt(&sign_in, self.vault.fits(&sign_in, &answered.code), now)? {
            Attempt::Right(member) => member,
            Attempt::Wrong { left } => {
                sign_in.tries_left = left;
                sign_ins::update(&tx, &sign_in).await?;
                tx.commit().await?;
                return Err(Rejection::CodeWrong { left }.into());
            }
        };
        sign_in.used_at = Some(now);
        sign_ins::update(&tx, &sign_in).await?;
        // The phone may have gone to somebody else since the code was sent.
        let phones = members::identifiers_of(&tx, id).await?;
        let held = members::hold_sealed(&tx, &self.vault, id).await?;
        let (mut member, seal) = held.ok_or(Rejection::CodeSpent)?;
        if !seal.has_phone(&phones, sign_in.phone)? {
            return Err(Rejection::CodeSpent.into());
        }
        let mut telling = Telling::new(&*self.ids, now);
        if let Some(fact) = confirm_phone(&member) {
            member.confirmed_at = Some(now);
            member.version += 1;
            members::update_confirmed(&tx, id, now, member.version).await?;
            telling.tell(id.to_string(), member.version, &fact);
        }
        Ok(Confirmed { tx, member, seal, telling })
    }
}
