//! Purchases bring tickets of draws, by the draw itself or by a rule of the programme, and take them along when they are brought back.

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    points::{GrantKind, PointsEarned, PointsReturned, RewardsGranted, RewardsRevoked, SOURCE},
};
use kernel::{DrawCode, JournalId};
use store::Tx;

use crate::{
    commands::{
        Teller,
        draws::tickets::{Bringing, bring_heard, by_rule, return_purchase, revoke},
    },
    domain::draw::{EntryState, MOST_TICKETS, Source},
    error::Error,
    store::{
        draw_entries::Cause,
        draws::{self, Draw},
    },
};

/// The name under which draws hear points.
pub const CONSUMER: &str = "rewards-draws";

/// What is heard of a purchase later than this after a draw has closed is not even counted: 30 days.
const LATE_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Fills draws with tickets.
#[derive(Clone)]
pub struct FillDraws {
    teller: Teller,
}

impl FillDraws {
    /// Makes ids with this teller.
    #[must_use]
    pub const fn new(teller: Teller) -> Self {
        Self { teller }
    }

    async fn hear(&self, tx: &Tx, fact: &Fact, draws: &[Draw]) -> Result<(), ReactionError> {
        let heard = match &*fact.kind {
            PointsEarned::TYPE => self.purchased(tx, &fact.read()?, draws).await,
            RewardsGranted::TYPE => self.granted(tx, &fact.read()?).await,
            PointsReturned::TYPE => {
                let returned: PointsReturned = fact.read()?;
                let how = (returned.journal_id.as_uuid(), returned.amount);
                return_purchase(tx, returned.purchase_id.as_uuid(), how).await
            }
            RewardsRevoked::TYPE => taken_back(tx, &fact.read()?).await,
            _ => Ok(()),
        };
        heard.map_err(fault)
    }

    async fn purchased(&self, tx: &Tx, bought: &PointsEarned, draws: &[Draw]) -> Result<(), Error> {
        for draw in draws.iter().filter(|draw| draw.terms.takes(bought.occurred_at)) {
            let tickets = draw.terms.of_purchase(bought.amount, 0);
            if tickets == 0 {
                continue;
            }
            let wanted = Bringing {
                draw: draw.code.clone(),
                member: bought.member_id,
                cause: purchase(bought.journal_id),
                tickets,
                amount: bought.amount,
                at: bought.occurred_at,
                state: EntryState::Live,
            };
            bring_heard(&self.teller, tx, &wanted).await?;
        }
        Ok(())
    }

    async fn granted(&self, tx: &Tx, granted: &RewardsGranted) -> Result<(), Error> {
        for grant in granted.grants.iter().filter(|grant| grant.kind == GrantKind::DrawTickets) {
            // A programme may name draws that are none.
            let Ok(draw) = DrawCode::parse(&grant.code) else { continue };
            let tickets = grant.quantity.clamp(0, i64::from(MOST_TICKETS));
            let wanted = Bringing {
                draw,
                member: granted.member_id,
                cause: by_rule(granted.purchase_id.as_uuid(), &grant.rule),
                tickets: u32::try_from(tickets).unwrap_or_default(),
                amount: 0,
                at: granted.occurred_at,
                state: EntryState::Live,
            };
            bring_heard(&self.teller, tx, &wanted).await?;
        }
        Ok(())
    }
}

fn fault(error: Error) -> ReactionError {
    ReactionError::Fault(error.into())
}

async fn taken_back(tx: &Tx, revoked: &RewardsRevoked) -> Result<(), Error> {
    for grant in revoked.grants.iter().filter(|grant| grant.kind == GrantKind::DrawTickets) {
        let how = (revoked.return_id.as_uuid(), grant.quantity);
        revoke(tx, revoked.purchase_id.as_uuid(), &grant.rule, how).await?;
    }
    Ok(())
}

fn purchase(id: JournalId) -> Cause {
    Cause { source: Source::Purchase, reference: id.to_string() }
}

#[async_trait]
impl Reaction for FillDraws {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[PointsEarned::TYPE, PointsReturned::TYPE, RewardsGranted::TYPE, RewardsRevoked::TYPE]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let since = self.teller.clock.now().plus_millis(-LATE_MS);
        let mut draws = draws::published(tx, since).await.map_err(fault)?;
        draws.retain(|draw| draw.terms.by_purchase.is_some());
        for fact in facts {
            self.hear(tx, fact, &draws).await?;
        }
        Ok(())
    }
}
