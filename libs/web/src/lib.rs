//! How every service of Vafa speaks HTTP.
//!
//! Owns the conventions at the border: problem details (RFC 9457) in the caller's language, extractors whose every
//! refusal has a code of its own, the signed caller header that services believe, route tables with access rules,
//! upstreams (a router in this process, or HTTP), the serving loop, and the shape of the OpenAPI documents.
//!
//! Promises: a route without a [`RouteSpec`] cannot be added, so none is without an access rule; bad input never
//! answers 500; bodies and keys never appear in logs; what is not sampled makes no span.
//! Absent on purpose: business rules, databases, and any status code outside this crate's one table ([`Kind`]).

mod ageing;
mod ask;
mod body;
mod caller;
mod deadline;
mod errors;
mod face;
pub mod html;
mod idempotency;
mod identity_token;
mod kind;
mod lang;
mod leftover;
mod looks;
mod measure;
mod message_signature;
mod openapi;
mod origin;
mod pairs;
mod params;
mod problem;
mod proof;
mod rate;
mod reading;
mod render;
mod route;
mod serve;
mod signing;
mod staff;
pub mod symbol;
mod table;
mod texts;
mod token;
mod trace;
mod upstream;
mod verb;

pub use ageing::Deprecation;
pub use ask::{AskError, Peer};
pub use body::{Body, Sent, pass_over};
pub use caller::Caller;
pub use deadline::{DEADLINE_HEADER, DeadlineAt};
pub use errors::{
    ACCESS_DENIED, BODY_CUT_OFF, BODY_TOO_LARGE, CALLER_REQUIRED, ERRORS, FAULT, HEADERS_TOO_MANY,
    METHOD_NOT_ALLOWED, PATH_INVALID, ROUTE_UNKNOWN, SCOPE_MISSING,
};
pub use face::Face;
pub use idempotency::IdempotencyKey;
pub use identity_token::{IdentityFlaw, IdentityKeys, IdentityRules};
pub use kind::{ErrorCode, Kind};
pub use lang::Lang;
pub use locale::Arg;
pub use looks::{Look, LookReason, Looks, Shown, Shows};
pub use measure::{ROUTE_UNMATCHED, RouteMeter};
pub use message_signature::{
    CONTENT_DIGEST, MessageSignature, MessageSigner, SIGNATURE, SIGNATURE_INPUT, SignatureFlaw,
    content_digest,
};
pub use openapi::{check_routes, complete};
pub use origin::Origin;
pub use params::{PathParams, QueryParams};
pub use problem::Problem;
pub use proof::{MOST_PROOFS, ProofFound, ProofPlace, ProofQuestion, ProofQuestions};
pub use rate::RateClass;
pub use render::{RequestFacts, finish, problem_text};
pub use route::{Access, Lane, Ownership, RouteSpec};
pub use serve::{PeerAddress, ServeLimits, TlsFiles, serve, serve_tls};
pub use signing::{CALLER_HEADER, CallerKey, ORIGIN_HEADER};
pub use staff::{Bound, StaffPolicy, StaffReach, Whereabouts};
pub use table::{Found, RouteTable};
pub use texts::{Catalog, LOCALES, Texts};
pub use token::{AccessClaims, KeySet, PublicKey, TOKEN_ISSUER, TokenFlaw, TokenKey, TokenKeys};
pub use trace::{REQUEST_ID_HEADER, RequestIds, TraceParent, child_span, inject, root_span};
pub use upstream::{Upstream, UpstreamError};
pub use verb::Verb;

/// A body of an HTTP message, on its way in or out.
pub type RawBody = axum::body::Body;
/// A request as routers take it.
pub type Request = http::Request<RawBody>;
/// A response as routers give it.
pub type Response = http::Response<RawBody>;
