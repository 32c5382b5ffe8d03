//! What does a member have?

use kernel::MemberId;
use store::Database;
use web::Problem;

use crate::{domain::Account, error, store::reading};

/// The account with its lots, of one moment; `None` before the first purchase.
///
/// # Errors
/// A fault.
pub async fn read(database: &Database, member: MemberId) -> Result<Option<Account>, Problem> {
    reading::account(database, member).await.map_err(error::fault)
}
