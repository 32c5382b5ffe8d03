//! Journeys: what the platform does, told through its public API and its program, in both shapes.
//!
//! A [`Stage`] is a whole platform of its own: embedded (one process, SQLite, the embedded bus) or distributed (gateway,
//! membership and points as processes of the built `vafa` program, on PostgreSQL and NATS). [`play`] runs a journey on
//! the stage that all journeys of a shape share, [`play_alone`] on a fresh one. Actors ([`Operator`], [`Till`]) speak
//! the domain; a [`Reply`] is asked for what it should be and fails with everything that is known when it is not.
//!
//! Promises: whatever way the test process ends, no process and no folder stays behind. Absent on purpose: any look
//! into the services; journeys go through the gateway only.

mod actors;
mod goods;
pub mod http2;
mod leftovers;
mod partner;
mod play;
mod program;
mod reply;
mod staff;
mod stage;

pub use actors::{Branch, Operator, SignedIn, Till};
pub use goods::{Goods, fresh, now, phone, programme};
pub use http2::Http2;
pub use leftovers::Leftovers;
pub use partner::Partner;
pub use play::{block_on, play, play_alone};
pub use program::{Finished, Vafa, repository};
pub use reply::Reply;
pub use staff::Person;
pub use stage::{Remains, Shape, Stage};

/// Makes a test of each journey for each shape.
#[macro_export]
macro_rules! in_both_shapes {
    ($($journey:ident),+ $(,)?) => {
        mod embedded {
            $(#[test] fn $journey() { $crate::play($crate::Shape::Embedded, super::$journey); })+
        }
        mod distributed {
            $(#[test] fn $journey() { $crate::play($crate::Shape::Distributed, super::$journey); })+
        }
    };
}

/// The same on a fresh platform for each, without a programme; for journeys that stop it, fill it or look at all of it.
#[macro_export]
macro_rules! alone_in_both_shapes {
    ($settings:expr; $($journey:ident),+ $(,)?) => {
        mod embedded {
            $(#[test] fn $journey() { $crate::play_alone($crate::Shape::Embedded, $settings, super::$journey); })+
        }
        mod distributed {
            $(#[test] fn $journey() { $crate::play_alone($crate::Shape::Distributed, $settings, super::$journey); })+
        }
    };
}
