//! Is this a member?

use std::time::Duration;

use kernel::MemberId;
use serde::Deserialize;
use web::Problem;

use crate::{error, http::Counter, store::reading};

#[derive(Deserialize)]
struct Found {}

impl Counter {
    /// Whether the member exists: by what points was told, or else by membership's answer.
    ///
    /// # Errors
    /// A fault, or that membership gave no answer.
    pub async fn knows(&self, member: MemberId) -> Result<bool, Problem> {
        if reading::knows_member(&self.database, member).await.map_err(error::fault)? {
            return Ok(true);
        }
        let within = Duration::from_millis(self.settings.ask_timeout_ms);
        let path = format!("/internal/v1/members/{member}");
        match self.membership.ask::<_, Found>(http::Method::GET, &path, &(), within).await {
            Ok(_) => Ok(true),
            Err(why) if why.is_missing() => Ok(false),
            Err(why) => {
                tracing::warn!(%why, "membership gave no answer about a member");
                Err(error::come_back(&error::MEMBERSHIP_SILENT))
            }
        }
    }
}
