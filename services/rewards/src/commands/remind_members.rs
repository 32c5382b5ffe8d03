//! Tells that the time of vouchers is over soon, once for each step of the settings.

use contracts::rewards::VoucherExpiring;

use super::{Desk, Telling, persistence::persistently};
use crate::{
    domain::{reminder::due, voucher::State},
    error::Error,
    store::{reminders, vouchers},
};

/// How many one transaction looks at.
const BATCH: u32 = 200;

/// Looks at some vouchers whose time to be looked at has come; answers how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn remind_members(desk: &Desk) -> Result<usize, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut telling = Telling::new(&desk.teller, None);
        let now = telling.now();
        let found = reminders::due(&tx, now, BATCH).await?;
        for (id, looked) in &found {
            let Some(mut kept) = vouchers::load(&tx, *id).await? else { continue };
            let issued = kept.issued_at.unwrap_or(now);
            let steps = &desk.settings.remind_days;
            let wanted = due(steps, (issued, *looked), kept.voucher.valid_until, now);
            let left = kept.voucher.left(now);
            let is_had = kept.voucher.state == State::Issued && left > 0;
            if let Some(days) = wanted.tell.filter(|_| is_had) {
                let told = VoucherExpiring {
                    voucher_id: *id,
                    member_id: kept.member,
                    reward: kept.reward.clone(),
                    valid_until: kept.voucher.valid_until,
                    days,
                    left,
                };
                telling.tell(id.to_string(), &mut kept.told, &told);
                vouchers::update(&tx, &kept).await?;
            }
            reminders::looked(&tx, *id, now, wanted.again).await?;
        }
        telling.stage(&tx).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(found.len())
    })
    .await
}
