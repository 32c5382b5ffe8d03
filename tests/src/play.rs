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

/// Tests come and go on threads of their own; what a shared stage started goes on.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(threads)
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

/// Plays a journey on a stage of its own with these settings and without a programme. Whatever it started ends with
/// it: a platform that nobody stopped would else go on without its folder, beside all journeys that follow.
pub fn play_alone<F: Future<Output = ()>>(
    shape: Shape,
    settings: &[(&str, &str)],
    journey: impl FnOnce(Stage) -> F,
) {
    let runtime = Alone(Some(threads()));
    let threads = runtime.0.as_ref().expect("it is taken when dropped");
    threads.block_on(async { journey(Stage::bare(shape, settings).await).await });
}

/// A runtime that does not wait for what still runs on it.
struct Alone(Option<Runtime>);

impl Drop for Alone {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
