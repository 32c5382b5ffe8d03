//! Running journeys: one runtime and one stage for each shape that most of them share, others for those that need
//! a stage of their own.

use std::{
    future::Future,
    sync::{Arc, OnceLock},
};

use tokio::runtime::{Builder, Runtime};

use crate::{Shape, Stage};

fn threads() -> Runtime {
    Builder::new_multi_thread().enable_all().build().expect("threads for the journeys")
}

/// Tests come and go on threads of their own; what the shared stages started goes on here.
fn shared() -> &'static Runtime {
    static SHARED: OnceLock<Runtime> = OnceLock::new();
    SHARED.get_or_init(threads)
}

/// Runs a future on a runtime of its own. Whatever it started ends with it: a platform that nobody stopped would else
/// go on without its folder, beside all journeys that follow.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = threads();
    let outcome = runtime.block_on(future);
    runtime.shutdown_background();
    outcome
}

/// Plays a journey on the stage that all journeys of this shape share.
pub fn play<F: Future<Output = ()>>(shape: Shape, journey: impl FnOnce(Arc<Stage>) -> F) {
    static STAGES: [OnceLock<Arc<Stage>>; 3] = [const { OnceLock::new() }; 3];
    let place = match shape {
        Shape::Embedded => &STAGES[0],
        Shape::EmbeddedProcess => &STAGES[1],
        Shape::Distributed => &STAGES[2],
    };
    let stage = place.get_or_init(|| shared().block_on(Stage::open(shape, &[])).into());
    shared().block_on(journey(Arc::clone(stage)));
}

/// Plays a journey on a stage of its own with these settings and without a programme.
pub fn play_alone<F: Future<Output = ()>>(
    shape: Shape,
    settings: &[(&str, &str)],
    journey: impl FnOnce(Stage) -> F,
) {
    block_on(async { journey(Stage::bare(shape, settings).await).await });
}
