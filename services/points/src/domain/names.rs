//! What people read in place of codes whose things are kept elsewhere: segments, rewards, draws.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{LocalText, programme::Found, rule::is_code};

/// Names for codes that the document's rules use and that it does not define itself; a code without one is shown as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeNames {
    /// Of segments, by their codes; up to 200.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, LocalText>,
    /// Of rewards, by their codes; up to 200.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rewards: BTreeMap<String, LocalText>,
    /// Of draws, by their codes; up to 200.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub draws: BTreeMap<String, LocalText>,
}

const MOST: usize = 200;

impl CodeNames {
    /// Notes every mistake in them.
    pub(super) fn check(&self, found: &mut Found) {
        for (kind, names) in
            [("segments", &self.segments), ("rewards", &self.rewards), ("draws", &self.draws)]
        {
            let at = format!("/names/{kind}");
            found.check(names.len() <= MOST, &at, "up_to_200_names");
            for (code, name) in names {
                // A code has no sign that a pointer would write otherwise; anything else is told by its place alone.
                if is_code(code) {
                    found.local_text(name, &format!("{at}/{code}"));
                } else {
                    found.check(false, &at, "not_a_code");
                }
            }
        }
    }
}
