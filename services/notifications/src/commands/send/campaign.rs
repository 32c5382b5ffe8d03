//! Messages of campaigns: they wait while theirs is held, and do not go any more once it was stopped.

use super::{Message, over, waits};
use crate::{
    commands::{Desk, campaigns::said::Said},
    domain::{campaign::Stage, message::State, routing::WhyNot, trigger::CAMPAIGN},
    store::messages::Ending,
};

/// How long what is queued waits before it is looked whether its campaign goes on, in milliseconds.
const HELD: i64 = 5 * 60_000;

/// What keeps a message of a campaign from going now; nothing where it goes like any other.
pub(super) fn held(desk: &Desk, message: &Message, said: Option<&Said>) -> Option<Ending> {
    let stopped = || Some(over(desk, message, State::Dropped, Some(WhyNot::Stopped.word())));
    let Some(said) = said else {
        return if message.trigger == CAMPAIGN { stopped() } else { None };
    };
    if said.template.is_none() || said.stage == Stage::Stopped {
        return stopped();
    }
    (said.stage == Stage::Paused).then(|| waits(message, desk.clock.now().plus_millis(HELD)))
}
