//! A plugin in this process that calls `exit` ends the program: the least is that nobody takes it for success.

use std::{
    cell::Cell,
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
};

thread_local! {
    /// The name of the plugin that this thread is inside of: where its bytes are, and how many.
    static INSIDE: Cell<Option<(*const u8, usize)>> = const { Cell::new(None) };
}

/// Whether this process may be ended by its plugin: then somebody else looks after it.
static EXPENDABLE: AtomicBool = AtomicBool::new(false);

/// What the program ends with if a plugin ends it.
const CODE: i32 = 1;

/// Says that this process is a worker: how it ends is the affair of the program that started it.
#[cfg(target_os = "linux")]
pub fn this_is_a_worker() {
    EXPENDABLE.store(true, Ordering::Relaxed);
}

/// Enters a plugin. If it calls `exit`, the program says so in the plugin's name, and its exit code is that of a failure.
/// (`_exit` cannot be noticed. A process of its own contains both.)
pub fn noticed<T>(plugin: &str, work: impl FnOnce() -> T) -> T {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        // SAFETY: the function has the signature that `atexit` asks for, and never unwinds. If there is no room for it, an exit
        // goes unnoticed.
        let _ = unsafe { libc::atexit(leaving) };
    });
    // The one before comes back, also when a panic unwinds: chunks of one plugin run while a thread waits inside another.
    struct Back(Option<(*const u8, usize)>);
    impl Drop for Back {
        fn drop(&mut self) {
            INSIDE.set(self.0);
        }
    }
    let _back = Back(INSIDE.replace(Some((plugin.as_ptr(), plugin.len()))));
    work()
}

extern "C" fn leaving() {
    if EXPENDABLE.load(Ordering::Relaxed) {
        return;
    }
    let Some((bytes, length)) = INSIDE.try_with(Cell::get).ok().flatten() else { return };
    // SAFETY: it was set from a `&str` that `noticed` borrows until it puts the one before back, on this thread.
    let name = unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(bytes, length)) };
    // Written directly: what the plugin has left of standard error's lock is not known.
    let said = format!(
        "error: {name} ended the whole program in the middle of its work. What was not written yet is lost. Leave out \
         isolation = \"none\", and it costs this plugin's values of one case. Report it to its author.\n"
    );
    // SAFETY: writes bytes that are there, and ends the process without running anything else of it.
    unsafe {
        libc::write(2, said.as_ptr().cast(), said.len() as _);
        libc::_exit(CODE);
    }
}
