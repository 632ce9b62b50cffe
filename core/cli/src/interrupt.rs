//! Signals: Ctrl-C, and that a file has become too large.

use std::sync::atomic::{AtomicUsize, Ordering};

use voxomics_engine::host::Services;

use crate::{CODE_GIVEN_UP, Refused};

/// The first Ctrl-C stops after what is at work, and says what becomes of what is finished; a second one stops at once.
pub fn give_up_on_ctrl_c(services: &Services, finished: &'static str) -> Result<(), Refused> {
    let cancelled = services.cancelled.clone();
    let pressed = AtomicUsize::new(0);
    ctrlc::set_handler(move || {
        cancelled.store(true, Ordering::Relaxed);
        if pressed.fetch_add(1, Ordering::Relaxed) > 0 {
            std::process::exit(i32::from(CODE_GIVEN_UP));
        }
        tell!("stopping: what is finished will be {finished} (press again to stop at once)");
    })
    .map_err(|cause| Refused(format!("cannot listen for Ctrl-C: {cause}")))
}

/// Where files may not become larger than a limit (`ulimit -f`), the system ends a program that writes more, unless it has said that it
/// looks after itself: it is then told so like of a full disk.
pub fn outlive_limits() {
    #[cfg(unix)]
    // SAFETY: no other thread runs yet, and to pass over a signal calls nothing of ours.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}
