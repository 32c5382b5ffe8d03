//! How members come into households, get another role and go. Members are held first, then the household, as by everybody who
//! needs both.

use contracts::membership::HouseholdChanged;
use kernel::MemberId;

use super::{Desk, member_changes::MemberChanges};
use crate::{
    domain::{
        household::{Belonging, successor},
        rejection::Rejection,
    },
    error::Error,
    store::households,
};

impl Desk {
    /// Begins to change something about a member who may go from their household: whoever heads it then is held, too.
    pub(super) async fn changes_with_heir(&self, member: MemberId) -> Result<MemberChanges<'_>, Error> {
        let on = self.vault.database.connection();
        // Looked up before anybody is held, to know whom to hold; looked up again when they are.
        let heir = match households::of_member(on, member).await? {
            Some(before) => successor(&before, &households::members(on, before.household).await?),
            None => None,
        };
        let concerned: Vec<MemberId> = heir.iter().map(|heir| heir.member).chain([member]).collect();
        self.member_changes(&concerned).await
    }
}

impl MemberChanges<'_> {
    /// Stores that a member comes into a household, which has `limit` members at most.
    ///
    /// # Errors
    /// [`Rejection::HouseholdFull`], or a fault of the database.
    pub async fn comes(&mut self, belonging: &Belonging, limit: u32) -> Result<(), Error> {
        if !households::take_place(&self.tx, belonging.household, limit).await? {
            return Err(Rejection::HouseholdFull { limit }.into());
        }
        households::insert(&self.tx, belonging).await?;
        self.tell(belonging.member, &belonging.told()).await
    }

    /// Stores that a member has another role.
    pub async fn changes_role(&mut self, belonging: &Belonging) -> Result<(), Error> {
        households::update_role(&self.tx, belonging).await?;
        self.tell(belonging.member, &belonging.told()).await
    }

    /// Stores that a member goes, and who heads the household then; `false`, and nothing is stored, when that is somebody who
    /// is not held.
    pub async fn departs(&mut self, before: &Belonging) -> Result<bool, Error> {
        households::hold(&self.tx, before.household).await?;
        let members = households::members(&self.tx, before.household).await?;
        match successor(before, &members) {
            Some(heir) if !self.holds(heir.member) => return Ok(false),
            Some(heir) => self.changes_role(&heir).await?,
            None => {}
        }
        self.goes(before).await?;
        Ok(true)
    }

    /// Stores that a member belongs nowhere from now on.
    pub async fn goes(&mut self, belonging: &Belonging) -> Result<(), Error> {
        households::delete(&self.tx, belonging.member).await?;
        households::free_place(&self.tx, belonging.household).await?;
        let told = HouseholdChanged { member_id: belonging.member, household: None, role: None };
        self.tell(belonging.member, &told).await
    }
}
