//! What changes about members who are held meanwhile, in the order of their ids, so that nobody waits in a circle.

use contracts::FactData;
use kernel::{MemberId, Timestamp};
use store::Tx;

use super::Desk;
use crate::{
    error::{Error, Missing},
    store::{held::HeldMembers, telling::Telling},
};

/// A transaction that changes something about members and tells it.
pub(super) struct MemberChanges<'a> {
    /// The transaction.
    pub tx: Tx,
    /// When it happens.
    pub now: Timestamp,
    held: HeldMembers,
    telling: Telling<'a>,
}

impl Desk {
    /// Begins to change something about these members; who does not exist is not held.
    pub(super) async fn member_changes(&self, members: &[MemberId]) -> Result<MemberChanges<'_>, Error> {
        let now = self.clock.now();
        let tx = self.vault.database.begin().await?;
        let held = HeldMembers::hold(&tx, members).await?;
        Ok(MemberChanges { tx, now, held, telling: Telling::new(&*self.ids, now) })
    }

    /// Commits what was changed, and tells it.
    pub(super) async fn conclude_changes(&self, changes: MemberChanges<'_>) -> Result<(), Error> {
        self.conclude(changes.tx, changes.telling).await
    }
}

impl MemberChanges<'_> {
    /// Whether this member is held.
    pub fn holds(&self, member: MemberId) -> bool {
        self.held.has(member)
    }

    /// The same, for whom nothing goes on without.
    ///
    /// # Errors
    /// [`Missing::Member`].
    pub fn must_hold(&self, member: MemberId) -> Result<(), Error> {
        if self.holds(member) { Ok(()) } else { Err(Missing::Member(member).into()) }
    }

    /// Tells a fact about a member who is held.
    ///
    /// # Errors
    /// [`Missing::Member`], or a fault of the database.
    pub async fn tell<T: FactData>(&mut self, member: MemberId, fact: &T) -> Result<(), Error> {
        let counted = self.held.count_fact(&self.tx, member).await?;
        let number = counted.ok_or(Missing::Member(member))?;
        self.telling.tell(member.to_string(), number, fact);
        Ok(())
    }

    /// Tells a fact whose subject is numbered on its own.
    pub fn tell_apart<T: FactData>(&mut self, subject: String, number: u64, fact: &T) {
        self.telling.tell(subject, number, fact);
    }
}
