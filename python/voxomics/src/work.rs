//! Work on threads of its own, while Python goes on and may interrupt it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};

use pyo3::prelude::*;
use rayon::ThreadPool;

use crate::refused;

/// How often Python is asked whether somebody pressed Ctrl-C.
const LOOK: Duration = Duration::from_millis(50);

/// Threads that were started: by which process, how many.
static POOLS: Mutex<Vec<(u32, usize, Arc<ThreadPool>)>> = Mutex::new(Vec::new());

/// The threads that work; 0 for as many as there are processors. A process that was forked has none of its parent's, and
/// starts its own.
fn pool(threads: usize) -> PyResult<Arc<ThreadPool>> {
    let threads = if threads == 0 { std::thread::available_parallelism().map_or(1, usize::from) } else { threads };
    let process = std::process::id();
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((.., pool)) = pools.iter().find(|(of, count, _)| (*of, *count) == (process, threads)) {
        return Ok(pool.clone());
    }
    let started = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = Arc::new(started.map_err(|cause| refused(format!("cannot start {threads} threads: {cause}")))?);
    pools.push((process, threads, pool.clone()));
    Ok(pool)
}

/// Does something without the interpreter's lock. After Ctrl-C `cancelled` is set, and what the signal's handler raised is
/// raised once the work has come to an end.
pub fn without_lock<T: Send>(
    py: Python<'_>,
    threads: usize,
    cancelled: &AtomicBool,
    work: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    let pool = pool(threads)?;
    py.detach(|| {
        std::thread::scope(|scope| {
            let (done, ended) = mpsc::channel();
            scope.spawn(move || {
                // Nobody waits for it if the thread below has panicked.
                let _ = done.send(pool.install(work));
            });
            let mut raised = None;
            loop {
                match ended.recv_timeout(LOOK) {
                    Ok(value) => return raised.map_or(Ok(value), Err),
                    Err(RecvTimeoutError::Disconnected) => return Err(refused("the work ended without a result")),
                    Err(RecvTimeoutError::Timeout) => {
                        if let Err(error) = Python::attach(|py| py.check_signals()) {
                            cancelled.store(true, Ordering::Relaxed);
                            raised.get_or_insert(error);
                        }
                    }
                }
            }
        })
    })
}
