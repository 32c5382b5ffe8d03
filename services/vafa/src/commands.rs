//! The commands of the binary, one a file.
#![expect(clippy::print_stdout, reason = "what a command says goes to standard output")]

pub mod bench;
pub mod bus;
pub mod demo;
pub mod docs;
pub mod door;
pub mod draw;
pub mod facts;
pub mod import;
pub mod keys;
pub mod migrate;
pub mod openapi;
pub mod run;
pub mod simulate;
pub mod staff;
pub mod verify;

/// How a command ended, as its exit code tells the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is as it should be: exit code 0.
    Fine,
    /// The command did its work and found something that is not as it should be: exit code 1.
    Found,
}
