//! Random lives of an account: commands of every kind in any order, with repeats and jumps of time, decided by the code of
//! production, checked after each one against a naive model and against what the books promise.
//!
//! The invariants bear the names of the promises: I1 each acknowledged key has one entry, I2 each entry has a command behind
//! it, I3 entries add up to balances and every transaction to zero, I4 nothing is ever below zero, I5 what can be used once is
//! used once. **Each has a planted bug that must be found**: a checker that never said no shows nothing.

mod books;
mod buying;
mod commands;
mod model;
mod passing_on;
mod till;

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use self::{commands::Command, till::Till};

/// What is done wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    /// A key that was used is decided anew.
    ForgetsKeys,
    /// What happened by itself is written down twice.
    WritesTwice,
    /// The last movement of a return is not written.
    LosesAMovement,
    /// Points are spent out of an account as it was a moment ago.
    SpendsFromASnapshot,
    /// What came back before is forgotten when more comes back.
    ReturnsWithoutMemory,
    /// A hold that is over is captured once more, with nothing in it.
    CapturesAgain,
    /// What was activated before its day is activated once more.
    ActivatesAgain,
    /// The latest expiry is spent first.
    SpendsTheYoungest,
    /// Lapsed points are spent.
    SpendsLapsedPoints,
    /// Points that are bound go to another member.
    PassesOnBoundPoints,
}

/// Lives a whole life; says which promise was broken.
fn live(commands: &[Command], bug: Option<Bug>) -> Result<(), String> {
    let mut till = Till::new(bug);
    commands.iter().try_for_each(|command| till.run(command))
}

fn lives() -> impl Strategy<Value = Vec<Command>> {
    prop::collection::vec(commands::any(), 1..260)
}

/// 850 lives of 130 commands on the average: 110,500.
const LIVES: u32 = 850;

#[test]
fn a_hundred_thousand_commands_break_no_promise() {
    let mut runner = TestRunner::new(Config { cases: LIVES, failure_persistence: None, ..Config::default() });
    let ran = std::cell::Cell::new(0_usize);
    let outcome = runner.run(&lives(), |commands| {
        ran.set(ran.get() + commands.len());
        live(&commands, None).map_err(TestCaseError::fail)
    });
    outcome.unwrap_or_else(|broken| panic!("{broken}"));
    assert!(ran.get() >= 100_000, "{} commands", ran.get());
}

/// The promise that a bug breaks, in the smallest life that shows it.
fn found(bug: Bug) -> String {
    let config = Config { cases: LIVES, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&lives(), |commands| live(&commands, Some(bug)).map_err(TestCaseError::fail));
    match outcome {
        Ok(()) => panic!("{bug:?} was not found"),
        Err(broken) => broken.to_string(),
    }
}

#[test]
fn every_planted_bug_is_found_under_its_name() {
    let table = [
        (Bug::ForgetsKeys, "I1"),
        (Bug::WritesTwice, "I2"),
        (Bug::LosesAMovement, "I3"),
        (Bug::SpendsFromASnapshot, "I4"),
        (Bug::ReturnsWithoutMemory, "I5"),
        (Bug::CapturesAgain, "I5"),
        (Bug::ActivatesAgain, "I5"),
        (Bug::SpendsTheYoungest, "expiry order"),
        (Bug::SpendsLapsedPoints, "expiry order"),
        (Bug::PassesOnBoundPoints, "bound points"),
    ];
    for (bug, name) in table {
        let said = found(bug);
        assert!(said.contains(name), "{bug:?} breaks {name}, and was found as: {said}");
    }
}
