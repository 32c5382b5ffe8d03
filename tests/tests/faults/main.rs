//! Faults: the real program as processes, a real PostgreSQL and a real nats-server, hurt on purpose under load, and a
//! checker that compares what tills were told with what the books hold.
//!
//! Small enough for every change; `VAFA_LONG=1` for the sizes that are promised. `VAFA_SEED=n` repeats the dice of a
//! run. Every rig has a planted bug that its checker must find.

mod alarm;
mod careless;
mod checker;
mod clocks;
mod conserved;
mod crashes;
mod cuts;
mod diary;
mod double_spend;
mod kills;
mod limits;
mod load;
mod messages;
mod plan;
mod redemptions;
mod repeated_operations;
mod repeats;
mod rig;
mod salvo;
