//! How members come into households, get another role and go. Members are held first, then the household, as by everybody who
//! needs both.

use contracts::membership::HouseholdChanged;

use super::member_changes::MemberChanges;
use crate::{
    domain::{household::Belonging, rejection::Rejection},
    error::Error,
    store::households,
};

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

    /// Stores that a member belongs nowhere from now on.
    pub async fn goes(&mut self, belonging: &Belonging) -> Result<(), Error> {
        households::delete(&self.tx, belonging.member).await?;
        households::free_place(&self.tx, belonging.household).await?;
        let told = HouseholdChanged { member_id: belonging.member, household: None, role: None };
        self.tell(belonging.member, &told).await
    }
}
