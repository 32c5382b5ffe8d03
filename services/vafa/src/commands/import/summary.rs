//! What a person reads before and after an import.

use std::{path::Path, time::Duration};

use kernel::Currency;

use super::{
    Kind,
    amount::written,
    progress::{grouped, per_second},
    say::say,
    state::State,
    tally::Tally,
};

pub(super) fn greet(file: &Path, base: &str, programme: u32, state: &State) {
    say!("Importing {} into {base} (programme version {programme})", file.display());
    if state.tally.rows > 0 {
        say!("An earlier run was stopped after {} rows; going on there.", grouped(state.tally.rows.into()));
    }
}

pub(super) fn tell(kind: Kind, tally: &Tally, (currency, exponent): (Currency, u8), time: Duration) {
    let money = |minor: i64| format!("{} {currency}", written(minor.into(), exponent));
    let count = |number: u64| grouped(number.into());
    let sum = money(tally.recorded_amount.saturating_add(tally.replayed_amount));
    let mut lines = vec![
        ("rows", count(tally.rows)),
        ("recorded", format!("{} ({})", count(tally.recorded), money(tally.recorded_amount))),
        ("recorded before", format!("{} ({})", count(tally.replayed), money(tally.replayed_amount))),
    ];
    let of_kind = match kind {
        Kind::Purchases => [
            ("refused", count(tally.refused)),
            ("members", both(tally.members_new, tally.members_known)),
            ("branches", both(tally.branches_new, tally.branches_known)),
            ("points earned", written(tally.points.into(), 0)),
            ("revenue", sum),
        ],
        Kind::Returns => [
            ("in part", count(tally.in_part)),
            ("of no purchase", format!("{} ({})", count(tally.unmatched), money(tally.unmatched_amount))),
            ("refused", count(tally.refused)),
            ("points taken", written(tally.points.into(), 0)),
            ("returned", sum),
        ],
    };
    lines.extend(of_kind);
    lines.extend([
        ("time", format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100)),
        ("rate", format!("{} rows/s", count(per_second(tally.rows, time)))),
    ]);
    say!("");
    for (name, value) in lines {
        say!("  {name:<16} {value}");
    }
}

fn both(new: u64, known: u64) -> String {
    format!("{} ({} new)", grouped((new + known).into()), grouped(new.into()))
}

pub(super) fn next_steps(tally: &Tally, base: &str, report: &Path) {
    say!("");
    if !tally.is_whole() {
        say!("What is not recorded, each row with its reason: {}", report.display());
        say!("Mend them there or in the file and import again: what is recorded already changes nothing.");
    }
    say!("Look at it:  {base}/docs   ·   {base}/metrics");
    say!("Audit it:    vafa verify   (with the settings of the platform)");
}
