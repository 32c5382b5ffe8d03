//! Faults: the real program as processes, a real PostgreSQL and a real nats-server, hurt on purpose under load, and a
//! checker that compares what tills were told with what the books hold.
//!
//! Small enough for every change; `VAFA_LONG=1` for the sizes that are promised. `VAFA_SEED=n` repeats the dice of a
//! run. Every rig has a planted bug that its checker must find.

mod alarm;
mod checker;
mod crashes;
mod cuts;
mod diary;
mod kills;
mod load;
mod repeats;
mod rig;
