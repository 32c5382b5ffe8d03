//! Which challenges and contests does a member see, how far have they come, and how do they stand for the chain?

use kernel::{MemberId, RewardCode, Timestamp, VoucherId};
use store::Database;

use crate::{
    domain::{challenge::Aim, gift::State, gift_rule::DAY_MS},
    error::Error,
    store::{
        challenge_entries::{self, Entry},
        challenges::{self, KeptChallenge},
        gifts, offers,
    },
};

/// What is over is shown so many days longer to whoever took part.
const SHOWN_DAYS: i64 = 30;
/// So many of the first places are shown, as counts alone.
const LEADING: usize = 10;

/// What a member is given.
#[derive(Clone, Debug)]
pub struct Prize {
    /// What.
    pub reward: RewardCode,
    /// Where it stands.
    pub state: State,
    /// Why it came to nothing.
    pub reason: Option<String>,
    /// Its voucher, once there is one.
    pub voucher: Option<VoucherId>,
}

/// How a member stands in a contest.
#[derive(Clone, Debug, Default)]
pub struct Ranking {
    /// Their place, from 1; nothing while nothing counts.
    pub place: Option<i64>,
    /// Of how many something counts.
    pub participants: i64,
    /// How far the first ones have come.
    pub leading: Vec<i64>,
}

/// A challenge or a contest as a member sees it.
#[derive(Clone, Debug)]
pub struct MemberChallenge {
    /// What it says.
    pub kept: KeptChallenge,
    /// How far they have come; nothing before their first purchase.
    pub entry: Option<Entry>,
    /// How they stand, in a contest.
    pub ranking: Option<Ranking>,
    /// What they are given.
    pub prize: Option<Prize>,
}

/// What a member sees, by code: what has begun and is not closed, and what is over where they took part.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    database: &Database,
    member: MemberId,
    now: Timestamp,
) -> Result<Vec<MemberChallenge>, Error> {
    let on = database.connection();
    let entries = challenge_entries::of_member(on, member).await?;
    let mut found = Vec::new();
    for kept in challenges::live(on, now.plus_millis(-SHOWN_DAYS * DAY_MS)).await? {
        let entry = entries.iter().find(|entry| entry.challenge == kept.code).cloned();
        let over = kept.closes_at() <= now && entry.is_none();
        if now < kept.starts_at() || over {
            continue;
        }
        let contest = matches!(kept.terms.aim, Aim::Contest { .. });
        let ranking = if contest { Some(ranking(database, &kept, entry.as_ref()).await?) } else { None };
        let prize = match entry.as_ref().and_then(|entry| entry.gift) {
            None => None,
            Some(gift) => gifts::load(on, gift).await?.map(|gift| Prize {
                reward: gift.reward,
                state: gift.state,
                reason: gift.reason,
                voucher: gift.voucher,
            }),
        };
        found.push(MemberChallenge { kept, entry, ranking, prize });
    }
    Ok(found)
}

async fn ranking(database: &Database, kept: &KeptChallenge, entry: Option<&Entry>) -> Result<Ranking, Error> {
    let on = database.connection();
    let counting = entry.filter(|entry| entry.progress.counted > 0);
    let place = match counting {
        None => None,
        Some(Entry { place: Some(place), .. }) => Some(*place),
        Some(entry) => Some(challenge_entries::before(on, entry).await? + 1),
    };
    let (participants, _) = challenge_entries::figures(on, &kept.code).await?;
    let first = challenge_entries::first(on, &kept.code, LEADING).await?;
    let leading = first.iter().map(|entry| entry.progress.counted).collect();
    Ok(Ranking { place, participants, leading })
}

/// How one stands for the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Of how many members something counts.
    pub participants: i64,
    /// How many reached the goal.
    pub reached: i64,
    /// How many were given something.
    pub given: i64,
    /// What that cost, in minor units, by the cost that the rewards' terms name now.
    pub cost: i64,
}

/// The figures of one.
///
/// # Errors
/// A fault of the database.
pub async fn figures(database: &Database, kept: &KeptChallenge) -> Result<Figures, Error> {
    let on = database.connection();
    let (participants, reached) = challenge_entries::figures(on, &kept.code).await?;
    let mut found = Figures { participants, reached, ..Figures::default() };
    for (reward, given) in challenge_entries::given(on, &kept.source()).await? {
        let reward = RewardCode::parse(&reward).map_err(|error| anyhow::anyhow!("{error}"))?;
        let cost = offers::cost(on, &reward).await?;
        found.given = found.given.saturating_add(given);
        found.cost = found.cost.saturating_add(cost.saturating_mul(given));
    }
    Ok(found)
}
