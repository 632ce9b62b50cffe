//! The guard at the plugin's edge: a panic becomes an error, with its message and place.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Once,
    thread::Result as Outcome,
};

use crate::Error;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Why guarded work ended by unwinding; as a payload, what is handed on from a chunk to the call that it is of.
pub(crate) enum Caught {
    /// A panic, described on the thread where it happened.
    Panic(String),
    /// Chunks were left out, because the host gives the work up.
    Cancelled,
}

/// Runs a plugin's code; a panic in it becomes an error.
pub(crate) fn guard<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    quietly(|| catch_unwind(AssertUnwindSafe(work))).map_err(|caught| match caught {
        Caught::Panic(message) => Error::panic(message),
        Caught::Cancelled => Error::cancelled(),
    })?
}

/// Runs guarded work without the standard panic message on the host's terminal; a panic's message is returned.
pub(crate) fn quietly<T>(work: impl FnOnce() -> Outcome<T>) -> Result<T, Caught> {
    // Every plugin library has its own copy of the standard library, and so its own hook.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if DEPTH.get() == 0 {
                return previous(info);
            }
            let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
            PLACE.with_borrow_mut(|slot| *slot = place);
        }));
    });
    DEPTH.set(DEPTH.get() + 1);
    let outcome = work();
    DEPTH.set(DEPTH.get() - 1);
    outcome.map_err(|payload| {
        let payload = match payload.downcast::<Caught>() {
            Ok(caught) => return *caught,
            Err(payload) => payload,
        };
        let message = describe(payload.as_ref());
        // Its destructor is the author's code, and could panic again outside of the guard.
        std::mem::forget(payload);
        Caught::Panic(message)
    })
}

fn describe(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".into());
    match PLACE.take() {
        Some(place) => format!("the plugin panicked at {place}: {text}"),
        None => format!("the plugin panicked: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_that_panics_when_it_is_dropped_stays_inside() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        let error = guard::<()>(|| std::panic::panic_any(Bomb)).expect_err("a panic is an error");
        assert!(error.to_string().ends_with("a panic without a message"), "{error}");
    }

    #[test]
    fn a_panic_becomes_an_error_that_says_where() {
        let error = guard::<()>(|| panic!("no such voxel")).expect_err("a panic is an error");
        let text = error.to_string();
        assert!(text.contains("guard.rs:") && text.ends_with("no such voxel"), "{text}");
    }
}
