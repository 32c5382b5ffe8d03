//! Running journeys: one runtime for all of them, and one stage for each shape that they share.

use std::{
    future::Future,
    sync::{Arc, OnceLock},
};

use tokio::runtime::{Builder, Runtime};

use crate::{Shape, Stage};

/// Tests come and go on threads of their own; what a stage started goes on.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME
        .get_or_init(|| Builder::new_multi_thread().enable_all().build().expect("threads for the journeys"))
}

/// Runs a future on the journeys' own runtime.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    runtime().block_on(future)
}

/// Plays a journey on the stage that all journeys of this shape share.
pub fn play<F: Future<Output = ()>>(shape: Shape, journey: impl FnOnce(Arc<Stage>) -> F) {
    static STAGES: [OnceLock<Arc<Stage>>; 3] = [const { OnceLock::new() }; 3];
    let shared = match shape {
        Shape::Embedded => &STAGES[0],
        Shape::EmbeddedProcess => &STAGES[1],
        Shape::Distributed => &STAGES[2],
    };
    let stage = shared.get_or_init(|| block_on(Stage::open(shape, &[])).into());
    block_on(journey(Arc::clone(stage)));
}

/// Plays a journey on a stage of its own with these settings and without a programme.
pub fn play_alone<F: Future<Output = ()>>(
    shape: Shape,
    settings: &[(&str, &str)],
    journey: impl FnOnce(Stage) -> F,
) {
    block_on(async { journey(Stage::bare(shape, settings).await).await });
}
