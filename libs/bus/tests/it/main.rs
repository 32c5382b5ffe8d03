//! The bus, over both carriers and both databases.

mod conformance;
mod faults;
mod journey;
mod measure;
mod order;
mod place;
mod poison;
mod stalls;
mod tally;
mod traces;
