//! The harness: a points service of its own for each test, tills that send to it, and a clock that the test holds.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use axum::Router;
use bus::Reaction;
use contracts::{
    Fact, FactData, FactHead,
    membership::{
        BranchOpened, IdentifierLinked, MemberJoined, Occasion, OccasionReached, RegionOpened, SOURCE,
    },
    parcel,
};
use kernel::{
    BranchCode, Clock, FactId, IdentifierKind, Ids, KeyId, MemberId, RegionCode, TillCode, Timestamp,
};
use points::Points;
use runtime::{
    AuditRow, BlindKeys, CHAIN_SETTINGS, Chain, Context, ManualClock, Peers, SECRET_SETTINGS, Secrets,
    Service as _, SystemIds, Tasks,
};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use store::{Database, DatabaseSettings, outbox};
use tempfile::TempDir;
use testkit::servers::Postgres;
use web::{Caller, CallerKey, Upstream};

use crate::{sender::Sender, upstream::FakeMembership};

/// When the tests begin: a Saturday, 11:30 in Tehran.
pub const START: &str = "2026-11-21T08:00:00Z";
pub const ZAHRA: &str = "+989121234567";
pub const ALI: &str = "+989121234568";
pub const ZAHRAS_CARD: &str = "6274000000000007";

/// Runs each test on both databases.
macro_rules! on_both {
    ($($(#[$note:meta])* async fn $name:ident($shop:ident: Shop) $body:block)*) => {
        $($(#[$note])* async fn $name($shop: Shop) $body)*

        mod on_sqlite {
            $(#[tokio::test] async fn $name() { super::$name(crate::shop::Shop::on_sqlite().await).await; })*
        }

        mod on_postgres {
            $(#[tokio::test] async fn $name() { super::$name(crate::shop::Shop::on_postgres().await).await; })*
        }
    };
}
pub(crate) use on_both;

/// A running service; more than one after [`Shop::replica`].
pub struct Shop {
    pub database: Database,
    pub clock: Arc<ManualClock>,
    pub membership: FakeMembership,
    pub tasks: Tasks,
    reactions: Vec<Arc<dyn Reaction>>,
    pub blind_keys: BlindKeys,
    pub caller_key: CallerKey,
    pub router: Router,
    settings: DatabaseSettings,
    folder: Arc<TempDir>,
}

/// A member whose id is their number.
pub fn member(number: u128) -> MemberId {
    MemberId::from_uuid(uuid::Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0000 + number))
}

/// What a till sends for Zahra's basket.
pub fn basket(receipt: &str, amount: i64) -> Value {
    json!({
        "member": {"phone": ZAHRA},
        "receipt": receipt,
        "occurred_at": START,
        "currency": "IRR",
        "amount": amount,
    })
}

/// A programme of these rules whose points last for a year.
pub fn programme(rules: &[Value]) -> Value {
    json!({
        "name": {"fa": "باشگاه", "ar": "نادي", "en": "Club"},
        "currency": "IRR",
        "expiry": {"months": 12},
        "rules": rules,
    })
}

/// A rule with a name made from its code.
#[expect(clippy::needless_pass_by_value, reason = "tests write what is given on the spot")]
pub fn rule(code: &str, give: Value) -> Value {
    json!({"code": code, "name": {"fa": format!("{code} fa"), "ar": format!("{code} ar"), "en": format!("{code} en")}, "give": give})
}

/// A point for each 10,000.
pub fn base() -> Value {
    rule("base", json!({"per_amount": {"amount": 10_000, "points": 1}}))
}

impl Shop {
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/points.db", folder.path().display());
        Self::furnished(DatabaseSettings::at(url), folder).await
    }

    pub async fn on_postgres() -> Self {
        let url = Postgres::shared().fresh_database("points").expect("a database");
        let folder = tempfile::tempdir().expect("a folder");
        Self::furnished(DatabaseSettings::at(url), folder).await
    }

    /// Regions, branches and two members are known; there is no programme yet.
    async fn furnished(settings: DatabaseSettings, folder: TempDir) -> Self {
        let database = store::connect(&settings).await.expect("the database opens");
        store::migrate(&database, Points.migrations()).await.expect("the tables are made");
        let clock = Arc::new(ManualClock::at(Timestamp::parse(START).expect("a time")));
        let membership = FakeMembership::default();
        let shop = Self::start(
            settings,
            Arc::new(folder),
            database,
            clock,
            membership,
            &[],
            BlindKeys::one(&[7; 32]),
        )
        .await;
        for (seq, (branch, region)) in
            [("vanak", "tehran"), ("tajrish", "tehran"), ("isf-1", "isfahan")].into_iter().enumerate()
        {
            let (branch, region) = (branch_code(branch), RegionCode::parse(region).expect("a code"));
            let opened = BranchOpened { branch, region: region.clone(), time_zone: None };
            shop.hear(&[shop.fact(seq, &RegionOpened { region }), shop.fact(seq, &opened)]).await;
        }
        shop.joined(member(1), ZAHRA, IdentifierKind::Phone).await;
        shop.joined(member(1), ZAHRAS_CARD, IdentifierKind::Card).await;
        shop.joined(member(2), ALI, IdentifierKind::Phone).await;
        shop
    }

    async fn start(
        settings: DatabaseSettings,
        folder: Arc<TempDir>,
        database: Database,
        clock: Arc<ManualClock>,
        membership: FakeMembership,
        changed: &[(&str, &str)],
        blind_keys: BlindKeys,
    ) -> Self {
        let tables = [CHAIN_SETTINGS, SECRET_SETTINGS, Points.settings()];
        let mut values = runtime::settings::load(&tables, None, std::iter::empty()).expect("good defaults");
        for (name, value) in changed {
            values = values.with(&tables, name, value).expect("a good value");
        }
        let secrets = Arc::new(Secrets {
            blind_keys,
            service_keys: vec![(1, [8; 32])],
            master_keys: vec![(1, [11; 32])],
            operator_key: "vo_test-operator-of-the-tests".to_owned(),
        });
        let caller_key = CallerKey::ring(&secrets.service_keys, clock.clone()).expect("a key");
        let cell = Arc::new(OnceLock::new());
        cell.set(membership.router()).expect("the cell is fresh");
        let tasks = Tasks::new();
        let context = Context {
            clock: clock.clone() as Arc<dyn Clock>,
            ids: Arc::new(SystemIds::default()) as Arc<dyn Ids>,
            chain: Arc::new(Chain::from_settings(&values).expect("a chain")),
            values: Arc::new(values),
            secrets: secrets.clone(),
            caller_key: caller_key.clone(),
            database: database.clone(),
            peers: Peers::new(BTreeMap::from([("membership", Upstream::in_process(cell))])),
            relay: bus::Waker::default(),
            tasks: tasks.clone(),
        };
        let parts = Points.start(context).await.expect("the service starts");
        let reactions = parts.reactions;
        let blind_keys = secrets.blind_keys.clone();
        let router = parts.router;
        Self {
            database,
            clock,
            membership,
            tasks,
            reactions,
            blind_keys,
            caller_key,
            router,
            settings,
            folder,
        }
    }

    /// Another service, with a pool of its own, on the same database.
    pub async fn replica(&self) -> Self {
        self.with(&[], |_| {}).await
    }

    /// Another service on the same database, with other settings.
    pub async fn with(&self, changed: &[(&str, &str)], database: impl FnOnce(&mut DatabaseSettings)) -> Self {
        let mut settings = self.settings.clone();
        database(&mut settings);
        let database = store::connect(&settings).await.expect("the database opens");
        let (clock, membership) = (self.clock.clone(), self.membership.clone());
        let keys = self.blind_keys.clone();
        Self::start(settings, self.folder.clone(), database, clock, membership, changed, keys).await
    }

    /// Another service on the same database, with other keys of the blind index.
    pub async fn hashing(&self, keys: BlindKeys) -> Self {
        let database = store::connect(&self.settings).await.expect("the database opens");
        let (settings, folder) = (self.settings.clone(), self.folder.clone());
        let (clock, membership) = (self.clock.clone(), self.membership.clone());
        Self::start(settings, folder, database, clock, membership, &[], keys).await
    }

    /// With a programme of these rules.
    pub async fn selling(self, rules: &[Value]) -> Self {
        self.operator().put("/v1/programme", programme(rules)).await.expect(201);
        self
    }

    /// With a programme of one point for each 10,000, and these terms of transfer.
    pub async fn transferring(self, terms: Value) -> Self {
        let mut document = programme(&[base()]);
        document["transfers"] = terms;
        self.operator().put("/v1/programme", document).await.expect(201);
        self
    }

    /// A fact of membership as of now.
    pub fn fact<T: FactData>(&self, seq: usize, data: &T) -> Fact {
        let head = FactHead {
            id: FactId::from_uuid(SystemIds::default().uuid()),
            source: SOURCE,
            subject: "test".to_owned(),
            seq: seq as u64 + 1,
            time: self.clock.now(),
            traceparent: None,
        };
        Fact::new(head, data)
    }

    /// Whoever hears these facts applies them.
    pub async fn hear(&self, facts: &[Fact]) {
        self.try_to_hear(facts).await.expect("heard");
    }

    pub async fn try_to_hear(&self, facts: &[Fact]) -> Result<(), bus::ReactionError> {
        for reaction in &self.reactions {
            let heard = facts.iter().filter(|fact| reaction.hears().contains(&fact.kind.as_ref()));
            let tx = self.database.begin().await.expect("a transaction");
            reaction.apply(&tx, &heard.cloned().collect::<Vec<_>>()).await?;
            tx.commit().await.expect("the commit");
        }
        Ok(())
    }

    /// Membership tells something.
    pub async fn tells<T: FactData>(&self, data: &T) {
        self.hear(&[self.fact(0, data)]).await;
    }

    /// Membership tells something that cannot be; answers why.
    pub async fn cannot_hear<T: FactData>(&self, data: &T) -> String {
        self.try_to_hear(&[self.fact(0, data)]).await.expect_err("refused").to_string()
    }

    /// Membership tells that somebody joined.
    pub async fn joined(&self, member_id: MemberId, identifier: &str, kind: IdentifierKind) {
        let joined = MemberJoined { member_id, ..MemberJoined::sample() };
        self.hear(&[self.fact(0, &joined)]).await;
        self.links(member_id, identifier, kind, true).await;
    }

    /// Membership tells that it marks an occasion.
    pub async fn occasion(&self, member_id: MemberId, occasion: Occasion) {
        self.hear(&[self.fact(0, &OccasionReached { member_id, occasion })]).await;
    }

    /// Membership tells where an identifier leads.
    pub async fn links(&self, member_id: MemberId, identifier: &str, kind: IdentifierKind, active: bool) {
        let digest = self.blind_keys.digests(kind, identifier).first();
        self.hear(&[self.fact(0, &IdentifierLinked { member_id, kind, digest, active, former: None })]).await;
    }

    /// The keyed hash of an identifier, as text.
    pub fn digest(&self, kind: IdentifierKind, identifier: &str) -> String {
        self.blind_keys.digests(kind, identifier).first().to_string()
    }

    pub fn till(&self) -> Sender<'_> {
        self.till_of("vanak", "till-1")
    }

    pub fn till_of(&self, branch: &str, till: &str) -> Sender<'_> {
        let region = if branch.starts_with("isf") { "isfahan" } else { "tehran" };
        let caller = Caller::Till {
            branch: branch_code(branch),
            region: RegionCode::parse(region).expect("a code"),
            till: TillCode::parse(till).expect("a code"),
            key_id: KeyId::from_uuid(SystemIds::default().uuid()),
        };
        self.by(caller)
    }

    pub fn operator(&self) -> Sender<'_> {
        self.by(Caller::Operator)
    }

    pub fn by(&self, caller: Caller) -> Sender<'_> {
        Sender::new(self, caller)
    }

    /// Moves the clock on by so many days.
    pub fn days_later(&self, days: i64) {
        self.clock.advance_millis(days * 86_400_000);
    }

    /// Every fact told so far, in the order of the outbox.
    pub async fn facts(&self) -> Vec<Fact> {
        let rows = outbox::page(&self.database, 0, 10_000).await.expect("the outbox is readable");
        let decoded = rows.iter().flat_map(|row| parcel::decode(&row.parcel.payload).expect("a parcel"));
        decoded.map(|fact| fact.expect("a good fact")).collect()
    }

    /// The facts of one type, read.
    pub async fn told<T: FactData>(&self) -> Vec<(u64, T)> {
        let facts = self.facts().await;
        let of_type = facts.iter().filter(|fact| fact.kind == T::TYPE);
        of_type.map(|fact| (fact.seq, fact.read().expect("readable"))).collect()
    }

    /// One number from the database.
    pub async fn number(&self, sql: &str) -> i64 {
        let on = self.database.connection();
        let row = on.query_one_raw(Statement::from_string(on.get_database_backend(), sql)).await;
        row.expect("the SQL runs").expect("one row").try_get_by_index(0).expect("a number")
    }

    pub async fn execute(&self, sql: &str) {
        let on = self.database.connection();
        on.execute_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("the SQL runs");
    }

    /// Rows that purchases make: journals, entries, lots, accounts, parcels of the outbox.
    pub async fn rows(&self) -> [i64; 5] {
        let mut counts = [0; 5];
        for (count, table) in counts.iter_mut().zip(["journals", "entries", "lots", "accounts", "outbox"]) {
            *count = self.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        }
        counts
    }

    pub async fn audited(&self) -> Vec<AuditRow> {
        Points.audit(&self.database).await.expect("the audit runs")
    }

    /// Asserts that everything that the ledger promises holds.
    pub async fn holds(&self) {
        let rows = self.audited().await;
        let wrong: Vec<_> = rows.iter().filter(|row| !row.holds()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

fn branch_code(text: &str) -> BranchCode {
    BranchCode::parse(text).expect("a code")
}
