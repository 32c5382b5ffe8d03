//! Stores of a file become branches, each with a till of ours and a key for it.
//!
//! What the chain has already is left as it is: a branch keeps its region and its names. Keys are issued when the first
//! row of a store needs one, kept in the state file until the import ends, and revoked then.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use http::StatusCode;
use kernel::{BranchCode, RegionCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Mutex;

use crate::client::{Call, Client, ClientError, Flow, in_lanes};

/// The till of an import at every branch.
pub(super) const TILL: &str = "import";

/// A till key that was issued for the import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// By which it is revoked.
    pub key_id: String,
    /// The key itself.
    pub key: String,
}

/// Keys by branch, shared with the state file.
pub type Keys = Arc<std::sync::Mutex<BTreeMap<String, Key>>>;

/// A store of the file.
pub struct Shop {
    /// The branch that it becomes.
    pub code: BranchCode,
    store: String,
    key: Mutex<Option<Key>>,
    is_new: AtomicBool,
    counted: AtomicBool,
}

impl Shop {
    /// Whether its branch was opened by this import.
    pub fn is_new(&self) -> bool {
        self.is_new.load(Ordering::Relaxed)
    }

    /// True once.
    pub fn count(&self) -> bool {
        !self.counted.swap(true, Ordering::Relaxed)
    }
}

/// The stores seen so far, by their number in the file.
#[derive(Default)]
pub struct Shops(HashMap<String, Option<Arc<Shop>>>);

impl Shops {
    /// The shop of a store; none when its number makes no branch code.
    pub fn of(&mut self, store: &str, keys: &Keys) -> Option<Arc<Shop>> {
        if let Some(known) = self.0.get(store) {
            return known.clone();
        }
        let code = BranchCode::parse(&format!("store-{}", store.to_lowercase())).ok();
        let shop = code.map(|code| {
            let key = keys.lock().unwrap_or_else(PoisonError::into_inner).get(code.as_str()).cloned();
            let (is_new, counted) = (AtomicBool::new(false), AtomicBool::new(false));
            Arc::new(Shop { code, store: store.to_owned(), key: Mutex::new(key), is_new, counted })
        });
        self.0.insert(store.to_owned(), shop.clone());
        shop
    }
}

/// The chain's back office, as far as an import needs it.
#[derive(Clone)]
pub struct Office {
    /// The API.
    pub client: Client,
    /// The operator's key.
    pub operator_key: Arc<str>,
    /// The region of branches that are opened.
    pub region: RegionCode,
    /// The keys issued so far.
    pub keys: Keys,
}

impl Office {
    fn call(&self, call: Call) -> Call {
        call.bearer(&self.operator_key).language("en")
    }

    /// Opens the region when the chain has none of its code.
    ///
    /// # Errors
    /// When the API cannot be reached or refuses.
    pub async fn ensure_region(&self) -> Result<(), ClientError> {
        let mut cursor = String::new();
        loop {
            let call = self.call(Call::get(format!("/v1/regions?limit=500{cursor}")));
            let page: RegionPage = self.client.ask(&call).await?.json()?;
            if page.regions.iter().any(|known| known.region == self.region) {
                return Ok(());
            }
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let names = json!({"names": {"fa": "واردشده", "ar": "مستورد", "en": "Imported"}});
        let call = Call::put(format!("/v1/regions/{}", self.region)).json(&names);
        self.client.ask(&self.call(call)).await.map(|_| ())
    }

    /// The key of a shop's till: opens the branch, sets up the till and issues a key when there is none yet.
    ///
    /// # Errors
    /// When the API cannot be reached or refuses.
    pub async fn key_of(&self, shop: &Shop) -> Result<Key, ClientError> {
        let mut slot = shop.key.lock().await;
        if let Some(key) = &*slot {
            return Ok(key.clone());
        }
        self.ensure_branch(shop).await?;
        let till = Call::put(format!("/v1/branches/{}/tills/{TILL}", shop.code));
        self.client.ask(&self.call(till)).await?;
        let key = self.issue(shop).await?;
        self.keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(shop.code.as_str().to_owned(), key.clone());
        *slot = Some(key.clone());
        Ok(key)
    }

    /// Forgets a key that the API does not take any more, so that the next caller gets a fresh one.
    pub async fn drop_key(&self, shop: &Shop, refused: &Key) {
        let mut slot = shop.key.lock().await;
        if slot.as_ref() == Some(refused) {
            *slot = None;
            self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(shop.code.as_str());
        }
    }

    async fn ensure_branch(&self, shop: &Shop) -> Result<(), ClientError> {
        let path = format!("/v1/branches/{}", shop.code);
        let found = self.client.ask(&self.call(Call::get(&path))).await;
        match found {
            Ok(_) => return Ok(()),
            Err(ClientError::Refused(refusal)) if refusal.code == "membership.branch_unknown" => {}
            Err(error) => return Err(error),
        }
        let store = &shop.store;
        let names = json!({"fa": format!("فروشگاه {store}"), "ar": format!("متجر {store}"), "en": format!("Store {store}")});
        let body = json!({"region": self.region, "names": names});
        let opened = self.client.ask(&self.call(Call::put(&path).json(&body))).await?;
        shop.is_new.store(opened.status == StatusCode::CREATED, Ordering::Relaxed);
        Ok(())
    }

    async fn issue(&self, shop: &Shop) -> Result<Key, ClientError> {
        let call = self.call(Call::post(format!("/v1/branches/{}/tills/{TILL}/keys", shop.code)));
        match self.client.ask(&call).await {
            Err(ClientError::Refused(refusal)) if refusal.code == "membership.till_keys_too_many" => {
                // Imports that were killed left theirs behind; the till is ours alone.
                self.revoke_old(shop).await?;
                self.client.ask(&call).await?.json()
            }
            answer => answer?.json(),
        }
    }

    async fn revoke_old(&self, shop: &Shop) -> Result<(), ClientError> {
        let call = self.call(Call::get(format!("/v1/branches/{}/tills", shop.code)));
        let list: TillList = self.client.ask(&call).await?.json()?;
        let ours = list.tills.into_iter().filter(|till| till.till == TILL).flat_map(|till| till.keys);
        for key in ours.filter(|key| key.revoked_at.is_none()) {
            self.revoke(&key.key_id).await?;
        }
        Ok(())
    }

    async fn revoke(&self, key_id: &str) -> Result<(), ClientError> {
        self.client.ask(&self.call(Call::delete(format!("/v1/till-keys/{key_id}")))).await.map(|_| ())
    }

    /// Revokes every key of the import; answers how many could not be.
    pub async fn revoke_all(&self) -> usize {
        let keys = std::mem::take(&mut *self.keys.lock().unwrap_or_else(PoisonError::into_inner));
        let jobs: Vec<_> = (0_u64..).zip(keys.into_values()).collect();
        let (office, mut failed) = (self.clone(), 0);
        let work = move |key: Key| {
            let office = office.clone();
            async move { office.revoke(&key.key_id).await.is_ok() }
        };
        in_lanes(16, 64, jobs, work, |revoked| {
            failed += usize::from(!revoked);
            Flow::On
        })
        .await;
        failed
    }

    /// Whether keys from an earlier run are keys of this installation.
    pub async fn knows(&self, key: &Key) -> Result<bool, ClientError> {
        let call = Call::get("/v1/regions?limit=1").bearer(&key.key);
        match self.client.ask(&call).await {
            Ok(_) => Ok(true),
            Err(ClientError::Refused(refusal)) if refusal.status == 401 => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[derive(Deserialize)]
struct RegionPage {
    regions: Vec<RegionEntry>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct RegionEntry {
    region: RegionCode,
}

#[derive(Deserialize)]
struct TillList {
    tills: Vec<TillEntry>,
}

#[derive(Deserialize)]
struct TillEntry {
    till: String,
    keys: Vec<KeyEntry>,
}

#[derive(Deserialize)]
struct KeyEntry {
    key_id: String,
    revoked_at: Option<String>,
}
