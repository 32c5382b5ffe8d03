//! Did the members of households get what the others gave?

use runtime::AuditRow;
use store::Tx;

use crate::store::auditing;

pub(super) async fn give_what_is_drawn(tx: &Tx) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("what left for another member of the household was drawn, lot by lot");
    for (about, day, funder, over) in auditing::drawn_lots(tx).await? {
        row.examined += 1;
        if over != 0 {
            row.differs(format!("{about} {day} {funder}: {over} more given than drawn"));
        }
    }
    Ok(row)
}
