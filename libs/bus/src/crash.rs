//! Named places where a fault rig can kill the process: `VAFA_CRASH_AT=relay.after_publish` aborts at the first passage,
//! `VAFA_CRASH_AT=relay.after_publish:3` at the third. Without the variable a passage costs one load.

use std::sync::{
    LazyLock,
    atomic::{AtomicU32, Ordering},
};

/// The variable that arms a point.
pub const VARIABLE: &str = "VAFA_CRASH_AT";

/// Every point there is, in the order in which a fact passes them.
pub const POINTS: [&str; 7] = [
    "relay.before_publish",
    "relay.after_publish",
    "relay.after_mark",
    "consumer.before_commit",
    "consumer.after_commit",
    "consumer.before_ack",
    "consumer.after_ack",
];

struct Armed {
    name: String,
    left: AtomicU32,
}

static ARMED: LazyLock<Option<Armed>> = LazyLock::new(|| {
    let wish = std::env::var(VARIABLE).ok()?;
    let (name, nth) = wish.split_once(':').unwrap_or((&wish, "1"));
    Some(Armed { name: name.to_owned(), left: AtomicU32::new(nth.parse().unwrap_or(1)) })
});

/// Passes the point `name`; aborts the process when it is armed and its turn has come.
pub fn point(name: &str) {
    let Some(armed) = &*ARMED else { return };
    if armed.name == name && armed.left.fetch_sub(1, Ordering::AcqRel) == 1 {
        std::process::abort();
    }
}
