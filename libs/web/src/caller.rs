//! Who is calling, as services see it.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use kernel::{BranchCode, KeyId, RegionCode, TillCode};

use crate::{Problem, face::Arrival};

/// Who is calling. The gateway finds out and signs it ([`crate::CallerKey`]); services check the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody known.
    Anonymous,
    /// A till, by its key.
    Till {
        /// The branch the till stands in.
        branch: BranchCode,
        /// The branch's region.
        region: RegionCode,
        /// The till within the branch.
        till: TillCode,
        /// The key it used; the scope of its idempotency keys.
        key_id: KeyId,
    },
    /// The chain's operator.
    Operator,
    /// Another service of the platform, by its name.
    Service(Arc<str>),
}

impl Caller {
    /// The sort of caller in one word, for logs and metrics: `anonymous`, `till`, `operator`, `service`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Till { .. } => "till",
            Self::Operator => "operator",
            Self::Service(_) => "service",
        }
    }

    /// The caller as the text that is signed: fields between `|`, which no code contains.
    pub(crate) fn encode(&self) -> String {
        match self {
            Self::Anonymous => "a".to_owned(),
            Self::Till { branch, region, till, key_id } => format!("t|{branch}|{region}|{till}|{key_id}"),
            Self::Operator => "o".to_owned(),
            Self::Service(name) => format!("s|{name}"),
        }
    }

    /// Reads what [`Caller::encode`] wrote.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let mut fields = text.split('|');
        let caller = match fields.next()? {
            "a" => Self::Anonymous,
            "t" => Self::Till {
                branch: BranchCode::parse(fields.next()?).ok()?,
                region: RegionCode::parse(fields.next()?).ok()?,
                till: TillCode::parse(fields.next()?).ok()?,
                key_id: fields.next()?.parse().ok()?,
            },
            "o" => Self::Operator,
            "s" => Self::Service(Arc::from(fields.next()?)),
            _ => return None,
        };
        fields.next().is_none().then_some(caller)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Arrival::of(parts)?.caller.clone())
    }
}
