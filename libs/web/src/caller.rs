//! Who is calling, as services see it.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use kernel::{
    BranchCode, Grant, KeyId, MemberId, PartnerCode, Reach, RegionCode, Role, Scope, SessionId, StaffId,
    TillCode, Timestamp,
};

use crate::{Problem, errors, face::Arrival};

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
    /// A member, by the access token of one of their sessions.
    Member {
        /// Who.
        member: MemberId,
        /// Their session, the scope of their idempotency keys.
        session: SessionId,
        /// Whether they have shown that their phone is theirs.
        confirmed: bool,
        /// Until when a fresh code, besides the session, vouches for them.
        stepped_up_until: Option<Timestamp>,
    },
    /// A person of the chain's staff, by the access token of one of their sessions.
    Staff {
        /// Who.
        staff: StaffId,
        /// Their session.
        session: SessionId,
        /// What they may do, and where.
        grants: Arc<[Grant]>,
    },
    /// A program of one of the chain's partners, by its key.
    Partner {
        /// Whose it is, and the scope of its idempotency keys.
        partner: PartnerCode,
        /// The key it used.
        key_id: KeyId,
        /// What the key opens.
        scopes: Arc<[Scope]>,
    },
    /// The chain's operator, by the key from the settings: who gives the first administrator their role, and who is
    /// left when nobody else can come in.
    Operator,
    /// Another service of the platform, by its name.
    Service(Arc<str>),
}

impl Caller {
    /// The sort of caller in one word, for logs and metrics: `anonymous`, `till`, `member`, `staff`,
    /// `partner`, `operator`, `service`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Till { .. } => "till",
            Self::Member { .. } => "member",
            Self::Staff { .. } => "staff",
            Self::Partner { .. } => "partner",
            Self::Operator => "operator",
            Self::Service(_) => "service",
        }
    }

    /// Lets everybody pass but a member about whom it is not: the same answer whether the other one exists or not.
    ///
    /// # Errors
    /// `web.access_denied` for a member who is not `owner`.
    pub fn owns(&self, owner: MemberId) -> Result<(), Problem> {
        match self {
            Self::Member { member, .. } if *member != owner => Err(Problem::new(&errors::ACCESS_DENIED)),
            _ => Ok(()),
        }
    }

    /// The caller as the text that is signed: fields between `|`, which no code contains.
    pub(crate) fn encode(&self) -> String {
        match self {
            Self::Anonymous => "a".to_owned(),
            Self::Till { branch, region, till, key_id } => format!("t|{branch}|{region}|{till}|{key_id}"),
            Self::Member { member, session, confirmed, stepped_up_until } => {
                let until = stepped_up_until.map_or(0, Timestamp::micros);
                format!("m|{member}|{session}|{}|{until}", u8::from(*confirmed))
            }
            Self::Staff { staff, session, grants } => {
                let mut text = format!("p|{staff}|{session}|");
                for (index, grant) in grants.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { "," });
                    encode_grant(&mut text, grant);
                }
                text
            }
            Self::Partner { partner, key_id, scopes } => {
                let words: Vec<&str> = scopes.iter().map(|scope| scope.word()).collect();
                format!("k|{partner}|{key_id}|{}", words.join(","))
            }
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
            "m" => Self::Member {
                member: fields.next()?.parse().ok()?,
                session: fields.next()?.parse().ok()?,
                confirmed: match fields.next()? {
                    "0" => false,
                    "1" => true,
                    _ => return None,
                },
                stepped_up_until: match fields.next()?.parse::<i64>().ok()? {
                    0 => None,
                    until => Some(Timestamp::from_micros(until)),
                },
            },
            "p" => Self::Staff {
                staff: fields.next()?.parse().ok()?,
                session: fields.next()?.parse().ok()?,
                grants: decode_grants(fields.next()?)?,
            },
            "k" => Self::Partner {
                partner: PartnerCode::parse(fields.next()?).ok()?,
                key_id: fields.next()?.parse().ok()?,
                scopes: decode_scopes(fields.next()?)?,
            },
            "o" => Self::Operator,
            "s" => Self::Service(Arc::from(fields.next()?)),
            _ => return None,
        };
        fields.next().is_none().then_some(caller)
    }
}

/// A grant in few characters: the role's letter, and `*`, `r` with a region or `b` with a branch.
fn encode_grant(text: &mut String, Grant { role, reach }: &Grant) {
    text.push(letter(*role));
    match reach {
        Reach::Chain => text.push('*'),
        Reach::Region(region) => {
            text.push('r');
            text.push_str(region.as_str());
        }
        Reach::Branch(branch) => {
            text.push('b');
            text.push_str(branch.as_str());
        }
    }
}

fn decode_grants(text: &str) -> Option<Arc<[Grant]>> {
    if text.is_empty() { Some(Arc::new([])) } else { text.split(',').map(decode_grant).collect() }
}

fn decode_scopes(text: &str) -> Option<Arc<[Scope]>> {
    if text.is_empty() { Some(Arc::new([])) } else { text.split(',').map(Scope::from_word).collect() }
}

fn decode_grant(text: &str) -> Option<Grant> {
    let mut letters = text.chars();
    let word = letters.next()?;
    let role = Role::ALL.into_iter().find(|role| letter(*role) == word)?;
    let reach = match (letters.next()?, letters.as_str()) {
        ('*', "") => Reach::Chain,
        ('r', region) => Reach::Region(RegionCode::parse(region).ok()?),
        ('b', branch) => Reach::Branch(BranchCode::parse(branch).ok()?),
        _ => return None,
    };
    Some(Grant { role, reach })
}

const fn letter(role: Role) -> char {
    match role {
        Role::Cashier => 'c',
        Role::BranchManager => 'm',
        Role::SupportAgent => 's',
        Role::Marketing => 'k',
        Role::Finance => 'f',
        Role::Auditor => 'a',
        Role::Administrator => 'x',
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Arrival::of(parts)?.caller.clone())
    }
}
