//! Pure types and decisions, one concept a file.

pub mod audience;
pub mod best;
pub mod cancellation;
pub mod code;
pub mod code_batch;
pub mod draw;
pub mod event;
pub mod fulfilment;
pub mod gift;
pub mod gift_rule;
pub mod limit;
pub mod measure;
pub mod money;
pub mod offer;
pub mod personal_offer;
pub mod rates;
pub mod redemption;
pub mod refusal;
pub mod reminder;
pub mod reward;
pub mod selection;
pub mod statement;
pub mod taking;
pub mod taste;
pub mod voucher;
pub mod words;
