//! What many redemptions need to begin, read at once, and the rows that they begin with.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::Hash,
    sync::LazyLock,
};

use kernel::{BranchCode, Digest16, MemberId, RegionCode, RewardCode, Timestamp};
use sea_orm::QueryResult;
use store::{
    Column,
    ColumnType::{Bytes, I16, I32, I64, Text, Uuid as Id},
    Tx,
    bulk::{BulkInsert, BulkSelect},
};
use uuid::Uuid;

use super::{
    at, broken, erasures,
    offers::offer,
    redemptions::{Redemption, Request, count},
    stock::Left,
    tallies,
    vouchers::{CodeRow, Kept},
};
use crate::{domain::offer::Offer, error::Error};

static ASKED: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("redemptions", "request_key", ("request_key", Id)));
static OFFERS: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("rewards", "code, version, document, live_from, live_until", ("code", Text))
});
static REGIONS: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("branches", "branch, region", ("branch", Text)));
static SURVIVORS: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("merged_members", "member_id, survivor", ("member_id", Id)));
static REDEMPTIONS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("id", Id),
        ("member_id", Id),
        ("reward", Text),
        ("version", I32),
        ("branch", Text),
        ("points", I64),
        ("money", I64),
        ("state", Text),
        ("requested_at", I64),
        ("due_at", I64),
        ("chain_stock", I16),
        ("branch_stock", I16),
        ("counted", Text),
        ("told", I64),
        ("request_key", Id),
        ("fingerprint", Id),
        ("cancel_by", I64),
    ];
    BulkInsert::new("redemptions", &columns, "")
});
static VOUCHERS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("id", Id),
        ("redemption_id", Id),
        ("member_id", Id),
        ("reward", Text),
        ("version", I32),
        ("worth", I64),
        ("money", I64),
        ("places", Text),
        ("state", Text),
        ("valid_until", I64),
        ("code_hash", Id),
        ("code_sealed", Bytes),
        ("sealed_by", I16),
        ("created_at", I64),
        ("told", I64),
        ("gift", I16),
        ("expires_at", I64),
        ("remind_at", I64),
    ];
    BulkInsert::new("vouchers", &columns, "")
});

/// What is looked up.
pub struct Sought<'a> {
    /// Keys of requests.
    pub keys: Vec<Digest16>,
    /// Who asks.
    pub members: Vec<MemberId>,
    /// For what.
    pub rewards: Vec<&'a RewardCode>,
    /// Where.
    pub branches: Vec<&'a BranchCode>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Looked {
    /// Keys under which something was asked for before.
    pub asked: HashSet<Digest16>,
    /// Rewards as they stand.
    pub offers: HashMap<RewardCode, Offer>,
    /// Regions of branches.
    pub regions: HashMap<BranchCode, RegionCode>,
    /// Who stayed of members who became one.
    pub survivors: HashMap<MemberId, MemberId>,
    /// Those whose data is erased.
    pub erased: HashSet<MemberId>,
    /// How often members had what.
    pub used: HashMap<tallies::Name, i64>,
    /// How many there are left of what.
    pub stock: Left,
}

impl Looked {
    /// Who a member is by now.
    #[must_use]
    pub fn member(&self, named: MemberId) -> MemberId {
        self.survivors.get(&named).copied().unwrap_or(named)
    }
}

fn once_each<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<BTreeSet<T>>().into_iter().collect()
}

fn found<K: Hash + Eq, V>(
    rows: &[QueryResult],
    read: impl Fn(&QueryResult) -> Result<(K, V), Error>,
) -> Result<HashMap<K, V>, Error> {
    rows.iter().map(read).collect()
}

/// Looks up what is asked for before stock and limits, and who asks.
///
/// # Errors
/// A fault of the database.
pub async fn look(tx: &Tx, sought: &Sought<'_>) -> Result<Looked, Error> {
    let keys = once_each(sought.keys.iter().map(|key| Uuid::from_bytes(key.0)));
    let asked = ASKED.run(tx, Column::Uuid(&keys)).await?;
    let codes = once_each(sought.rewards.iter().map(|code| code.as_str()));
    let offers = OFFERS.run(tx, Column::Text(&codes)).await?;
    let branches = once_each(sought.branches.iter().map(|branch| branch.as_str()));
    let regions = REGIONS.run(tx, Column::Text(&branches)).await?;
    let named = once_each(sought.members.iter().map(|member| member.as_uuid()));
    let survivors = SURVIVORS.run(tx, Column::Uuid(&named)).await?;
    let survivors =
        found(&survivors, |row| Ok((MemberId::from_uuid(at(row, 0)?), MemberId::from_uuid(at(row, 1)?))))?;
    let present = named.iter().copied().chain(survivors.values().map(|member: &MemberId| member.as_uuid()));
    let erased = erasures::among(tx, &once_each(present)).await?;
    Ok(Looked {
        asked: asked
            .iter()
            .map(|row| Ok(Digest16(at::<Uuid>(row, 0)?.into_bytes())))
            .collect::<Result<_, Error>>()?,
        offers: found(&offers, |row| offer(row).map(|offer| (offer.code.clone(), offer)))?,
        regions: found(&regions, |row| {
            let branch = BranchCode::parse(&at::<String>(row, 0)?).map_err(|_| broken("a branch"))?;
            Ok((branch, RegionCode::parse(&at::<String>(row, 1)?).map_err(|_| broken("a region"))?))
        })?,
        survivors,
        erased,
        used: HashMap::new(),
        stock: Left::default(),
    })
}

/// A redemption that begins, with the voucher that it is to bring.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The redemption.
    pub redemption: Redemption,
    /// Under which key it was asked for.
    pub request: Request,
    /// Its voucher, which nobody has yet.
    pub voucher: Kept,
    /// The voucher's code.
    pub code: CodeRow,
    /// When to look whether its member is to be reminded.
    pub remind_at: Option<Timestamp>,
}

/// Writes fresh redemptions and their vouchers down.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, begun: &[Begun]) -> Result<(), Error> {
    insert_redemptions(tx, begun).await?;
    insert_vouchers(tx, begun).await
}

async fn insert_redemptions(tx: &Tx, begun: &[Begun]) -> Result<(), Error> {
    let all = || begun.iter().map(|begun| &begun.redemption);
    let asked = || begun.iter().map(|begun| begun.request);
    let columns = [
        Column::Uuid(&all().map(|one| one.id.as_uuid()).collect::<Vec<_>>()),
        Column::Uuid(&all().map(|one| one.member.as_uuid()).collect::<Vec<_>>()),
        Column::Text(&all().map(|one| one.reward.as_str()).collect::<Vec<_>>()),
        Column::I32(&all().map(|one| one.version).collect::<Vec<_>>()),
        Column::TextOrNull(&all().map(|one| one.branch.as_ref().map(BranchCode::as_str)).collect::<Vec<_>>()),
        Column::I64(&all().map(|one| one.points.count()).collect::<Vec<_>>()),
        Column::I64(&all().map(|one| one.money).collect::<Vec<_>>()),
        Column::Text(&all().map(|one| one.state.word()).collect::<Vec<_>>()),
        Column::I64(&all().map(|one| one.requested_at.micros()).collect::<Vec<_>>()),
        Column::I64(&all().map(|one| one.due_at.micros()).collect::<Vec<_>>()),
        Column::I16(&all().map(|one| i16::from(one.taken.chain)).collect::<Vec<_>>()),
        Column::I16(&all().map(|one| i16::from(one.taken.branch)).collect::<Vec<_>>()),
        Column::Text(&all().map(|one| one.counted.as_str()).collect::<Vec<_>>()),
        Column::I64(&all().map(|one| count(one.told)).collect::<Vec<_>>()),
        Column::Uuid(&asked().map(|request| Uuid::from_bytes(request.key.0)).collect::<Vec<_>>()),
        Column::Uuid(&asked().map(|request| Uuid::from_bytes(request.fingerprint.0)).collect::<Vec<_>>()),
        Column::I64OrNull(&all().map(|one| one.cancel_by.map(Timestamp::micros)).collect::<Vec<_>>()),
    ];
    REDEMPTIONS.run(tx, &columns).await?;
    Ok(())
}

async fn insert_vouchers(tx: &Tx, begun: &[Begun]) -> Result<(), Error> {
    let all = || begun.iter().map(|begun| &begun.voucher);
    let codes = || begun.iter().map(|begun| &begun.code);
    let places =
        |kept: &Kept| kept.voucher.branches.iter().map(BranchCode::as_str).collect::<Vec<_>>().join(",");
    let places: Vec<String> = all().map(places).collect();
    let columns = [
        Column::Uuid(&all().map(|one| one.id.as_uuid()).collect::<Vec<_>>()),
        Column::Uuid(&begun.iter().map(|begun| begun.redemption.id.as_uuid()).collect::<Vec<_>>()),
        Column::Uuid(&all().map(|one| one.member.as_uuid()).collect::<Vec<_>>()),
        Column::Text(&all().map(|one| one.reward.as_str()).collect::<Vec<_>>()),
        Column::I32(&all().map(|one| one.version).collect::<Vec<_>>()),
        Column::I64(&all().map(|one| one.voucher.worth).collect::<Vec<_>>()),
        Column::I64(&all().map(|one| one.money).collect::<Vec<_>>()),
        Column::Text(&places.iter().map(String::as_str).collect::<Vec<_>>()),
        Column::Text(&all().map(|one| one.voucher.state.word()).collect::<Vec<_>>()),
        Column::I64(&all().map(|one| one.voucher.valid_until.micros()).collect::<Vec<_>>()),
        Column::Uuid(&codes().map(|code| Uuid::from_bytes(code.hash.0)).collect::<Vec<_>>()),
        Column::Bytes(&codes().map(|code| code.sealed.as_slice()).collect::<Vec<_>>()),
        Column::I16(&codes().map(|code| i16::from(code.sealed_by)).collect::<Vec<_>>()),
        Column::I64(&begun.iter().map(|begun| begun.redemption.requested_at.micros()).collect::<Vec<_>>()),
        Column::I64(&vec![0; begun.len()]),
        Column::I16(&vec![0; begun.len()]),
        Column::I64(&all().map(|one| one.voucher.valid_until.micros()).collect::<Vec<_>>()),
        Column::I64OrNull(
            &begun.iter().map(|begun| begun.remind_at.map(Timestamp::micros)).collect::<Vec<_>>(),
        ),
    ];
    VOUCHERS.run(tx, &columns).await?;
    Ok(())
}
