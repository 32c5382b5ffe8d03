//! Tells that a member's occasion is marked today: the birthday, or the anniversary of joining (W8).
//!
//! Members are looked up by the keyed hash of the day, or by when they joined, some hundred at a time; nothing that they answered
//! is opened. What was told is compared under a lock, so that any number of replicas tell it once.

use contracts::membership::Occasion;
use kernel::{Day, Digest16, MemberId};
use runtime::Chain;

use super::Desk;
use crate::{
    domain::{
        birthday::{anniversaries_on, birthdays_on},
        occasion::{days_to_tell, near},
    },
    error::Error,
    store::{held::HeldMembers, occasions, telling::Telling},
};

/// How many members are told of in one transaction.
const PIECE: u64 = 200;

/// Tells what is to be told today, and what nobody told on the days before; answers how many facts were told.
///
/// # Errors
/// A fault of the database.
pub async fn mark_occasions(desk: &Desk, chain: &Chain) -> Result<u64, Error> {
    let today = chain.local(desk.clock.now(), None).day;
    Ok(mark_birthdays(desk, today).await? + mark_anniversaries(desk, chain, today).await?)
}

/// Today is looked at again and again: somebody may tell their birthday on the very day.
async fn mark_birthdays(desk: &Desk, today: Day) -> Result<u64, Error> {
    let on = desk.vault.database.connection();
    let through = occasions::through(on, Occasion::Birthday).await?;
    let yesterday = Day::from_number(today.number() - 1);
    let mut told = 0;
    for day in days_to_tell(through, today) {
        let digests: Vec<Digest16> = birthdays_on(day)
            .into_iter()
            .flat_map(|day| desk.vault.day_digests(day))
            .map(|(_, digest)| digest)
            .collect();
        let mut after = None;
        loop {
            let page = occasions::with_birthday(on, &digests, near(day), after, PIECE).await?;
            let Some(last) = page.last() else { break };
            after = Some(*last);
            told += mark(desk, Occasion::Birthday, day, &page).await?;
        }
    }
    done(desk, Occasion::Birthday, through, yesterday).await?;
    Ok(told)
}

/// Who joins today has no anniversary today, so that a day is done when everybody was told.
async fn mark_anniversaries(desk: &Desk, chain: &Chain, today: Day) -> Result<u64, Error> {
    let on = desk.vault.database.connection();
    let through = occasions::through(on, Occasion::JoinAnniversary).await?;
    let days = days_to_tell(through, today);
    let Some(first) = occasions::first_joining(on).await?.filter(|_| !days.is_empty()) else { return Ok(0) };
    let first = chain.local(first, None).day;
    let mut told = 0;
    for day in days {
        for joined in anniversaries_on(day, first) {
            let range = chain.begins(joined)..chain.begins(joined.plus_days(1));
            let mut after = None;
            loop {
                let page = occasions::joined_within(on, &range, near(day), after, PIECE).await?;
                let Some(last) = page.last() else { break };
                after = Some(*last);
                let members: Vec<MemberId> = page.iter().map(|(_, member)| *member).collect();
                told += mark(desk, Occasion::JoinAnniversary, day, &members).await?;
            }
        }
    }
    done(desk, Occasion::JoinAnniversary, through, today).await?;
    Ok(told)
}

async fn mark(desk: &Desk, occasion: Occasion, day: Day, members: &[MemberId]) -> Result<u64, Error> {
    let now = desk.clock.now();
    let tx = desk.vault.database.begin().await?;
    // Who left meanwhile is told of no more.
    let held = HeldMembers::hold(&tx, members).await?;
    let here: Vec<MemberId> = members.iter().copied().filter(|member| held.has(*member)).collect();
    if here.is_empty() {
        return Ok(0);
    }
    let (mut telling, mut told) = (Telling::new(&*desk.ids, now), 0);
    for mut marked in occasions::hold(&tx, &here).await? {
        let Some(fact) = marked.mark(occasion, day) else { continue };
        occasions::save(&tx, &marked).await?;
        telling.tell(format!("{}/occasions", marked.member), marked.told, &fact);
        told += 1;
    }
    desk.conclude(tx, telling).await?;
    Ok(told)
}

async fn done(desk: &Desk, occasion: Occasion, before: Option<Day>, through: Day) -> Result<(), Error> {
    if before.is_some_and(|before| before >= through) {
        return Ok(());
    }
    let tx = desk.vault.database.begin().await?;
    occasions::save_through(&tx, occasion, through).await?;
    Ok(tx.commit().await?)
}
