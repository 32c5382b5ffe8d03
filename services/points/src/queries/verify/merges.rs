//! Did everything of an account that went into another one get there?

use runtime::AuditRow;
use store::Tx;

use crate::store::merges;

pub(super) async fn leave_nothing(tx: &Tx) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new(
        "what left a merged account came to another one, lot by lot, and nothing is left there",
    );
    row.examined += merges::all(tx).await?.len() as u64;
    for (member, what) in merges::left_behind(tx).await? {
        row.differs(format!("{member}: {what}"));
    }
    for (member, over) in merges::uneven(tx).await? {
        row.examined += 1;
        if over != 0 {
            row.differs(format!("{member}: of a lot {over} more left than came"));
        }
    }
    Ok(row)
}
