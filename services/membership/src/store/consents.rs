//! Purposes, the words that ask for them, and what members said. Lines of the ledger are added, never changed.

use anyhow::{Context as _, anyhow};
use kernel::{MemberId, PurposeCode, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict, Query},
};
use store::Tx;

use super::{
    coded, counted, instant, signed, spoken,
    tables::{consent_texts, consents},
};
use crate::{
    domain::consent::{ConsentTexts, Entry, Purpose, Said, SaidAt, channel_word},
    error::Error,
};

/// A purpose with one version of its words, when there is one; without a version, the newest.
///
/// # Errors
/// A fault of the database.
pub async fn purpose(
    on: &impl ConnectionTrait,
    code: &PurposeCode,
    version: Option<u32>,
) -> Result<Option<Purpose>, Error> {
    let mut query = consent_texts::Entity::find()
        .filter(consent_texts::Column::Purpose.eq(code.as_str()))
        .order_by_desc(consent_texts::Column::Version);
    if let Some(version) = version {
        query = query.filter(consent_texts::Column::Version.eq(i64::from(version)));
    }
    query.limit(1).one(on).await?.as_ref().map(read_purpose).transpose()
}

/// Every purpose with its newest words, by code.
///
/// # Errors
/// A fault of the database.
pub async fn purposes(on: &impl ConnectionTrait) -> Result<Vec<Purpose>, Error> {
    let newest = Query::select()
        .column(consent_texts::Column::Purpose)
        .expr(consent_texts::Column::Version.max())
        .from(consent_texts::Entity)
        .group_by_col(consent_texts::Column::Purpose)
        .to_owned();
    let place =
        Expr::tuple([Expr::col(consent_texts::Column::Purpose), Expr::col(consent_texts::Column::Version)]);
    let query = consent_texts::Entity::find()
        .filter(place.in_subquery(newest))
        .order_by_asc(consent_texts::Column::Purpose);
    query.all(on).await?.iter().map(read_purpose).collect()
}

/// Stores a version of a purpose's words; `false` when another writer was faster.
///
/// # Errors
/// A fault of the database.
pub async fn insert_words(tx: &Tx, purpose: &Purpose) -> Result<bool, Error> {
    let [fa, ar, en] = purpose.texts.all().clone();
    let row = consent_texts::Model {
        purpose: purpose.code.to_string(),
        version: narrow(purpose.version)?,
        fa,
        ar,
        en,
        since: purpose.since.micros(),
    };
    let key = [consent_texts::Column::Purpose, consent_texts::Column::Version];
    let first = OnConflict::columns(key).do_nothing().to_owned();
    let insert = consent_texts::Entity::insert(row.into_active_model()).on_conflict(first);
    Ok(insert.exec_without_returning(tx).await? == 1)
}

/// The last line about a purpose in a member's ledger, when there is one.
///
/// # Errors
/// A fault of the database.
pub async fn last_about(
    on: &impl ConnectionTrait,
    member: MemberId,
    purpose: &PurposeCode,
) -> Result<Option<Entry>, Error> {
    let query = consents::Entity::find()
        .filter(consents::Column::MemberId.eq(member.as_uuid()))
        .filter(consents::Column::Purpose.eq(purpose.as_str()))
        .order_by_desc(consents::Column::Number)
        .limit(1);
    query.one(on).await?.as_ref().map(entry).transpose()
}

/// The last line about each purpose in a member's ledger, by purpose.
///
/// # Errors
/// A fault of the database.
pub async fn standing(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<Entry>, Error> {
    let last = consents::Entity::find()
        .select_only()
        .column_as(consents::Column::Number.max(), "number")
        .filter(consents::Column::MemberId.eq(member.as_uuid()))
        .group_by(consents::Column::Purpose)
        .into_query();
    let query = consents::Entity::find()
        .filter(consents::Column::MemberId.eq(member.as_uuid()))
        .filter(consents::Column::Number.in_subquery(last))
        .order_by_asc(consents::Column::Purpose);
    query.all(on).await?.iter().map(entry).collect()
}

/// Up to `limit` lines of a member's ledger, the newest first, before the one with number `before`.
///
/// # Errors
/// A fault of the database.
pub async fn history(
    on: &impl ConnectionTrait,
    member: MemberId,
    before: Option<u64>,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    let mut query = consents::Entity::find()
        .filter(consents::Column::MemberId.eq(member.as_uuid()))
        .order_by_desc(consents::Column::Number)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(consents::Column::Number.lt(signed(before)?));
    }
    query.all(on).await?.iter().map(entry).collect()
}

/// Adds a line to the ledger of a member whom the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn append(tx: &Tx, member: MemberId, said: Said) -> Result<Entry, Error> {
    let last = history(tx, member, None, 1).await?;
    let number = last.first().map_or(1, |last| last.number + 1);
    let (branch, till) = match &said.at {
        SaidAt::Till(branch, till) => (Some(branch.to_string()), Some(till.to_string())),
        SaidAt::App | SaidAt::Office => (None, None),
    };
    let row = consents::Model {
        member_id: member.as_uuid(),
        number: signed(number)?,
        purpose: said.purpose.to_string(),
        given: said.given,
        version: narrow(said.version)?,
        language: said.language.tag().to_owned(),
        channel: channel_word(said.at.channel()).to_owned(),
        branch,
        till,
        said_at: said.time.micros(),
    };
    consents::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(Entry { number, said })
}

fn narrow(version: u32) -> Result<i32, Error> {
    i32::try_from(version).map_err(|_| Error::Fault(anyhow!("the version {version} does not fit a row")))
}

fn widened(version: i32) -> Result<u32, Error> {
    u32::try_from(version).map_err(|_| Error::Fault(anyhow!("a row holds the negative version {version}")))
}

fn read_purpose(row: &consent_texts::Model) -> Result<Purpose, Error> {
    let texts = ConsentTexts::parse([&row.fa, &row.ar, &row.en]);
    let texts = texts.map_err(|(language, flaw)| anyhow!("text of {} in {language}: {flaw}", row.purpose))?;
    Ok(Purpose {
        code: coded(&row.purpose)?,
        version: widened(row.version)?,
        texts,
        since: instant(row.since),
    })
}

fn entry(row: &consents::Model) -> Result<Entry, Error> {
    let at = match (row.channel.as_str(), &row.branch, &row.till) {
        ("app", None, None) => Some(SaidAt::App),
        ("office", None, None) => Some(SaidAt::Office),
        ("till", Some(branch), Some(till)) => Some(SaidAt::Till(coded(branch)?, coded(till)?)),
        _ => None,
    };
    let at = at.with_context(|| format!("a consent was said through the unknown {:?}", row.channel))?;
    let said = Said {
        purpose: coded(&row.purpose)?,
        given: row.given,
        version: widened(row.version)?,
        language: spoken(&row.language)?,
        at,
        time: Timestamp::from_micros(row.said_at),
    };
    Ok(Entry { number: counted(row.number)?, said })
}
