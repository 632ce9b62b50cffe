//! Who runs the chunks of a computation.

use std::sync::{Mutex, PoisonError};

/// Runs the chunks of a computation, on one thread or on many.
///
/// Implementations must call `chunk(i)` exactly once for every `i` in `0..count`, in any order and on any thread,
/// and must not return before the last call has returned.
///
/// ```
/// use voxomics_imaging::{Executor, Serial};
///
/// let sum = std::sync::atomic::AtomicUsize::new(0);
/// Serial.for_each(4, &|chunk| drop(sum.fetch_add(chunk, std::sync::atomic::Ordering::Relaxed)));
/// assert_eq!(sum.into_inner(), 6);
/// ```
pub trait Executor: Sync {
    /// Calls `chunk(0)` … `chunk(count - 1)`, each exactly once.
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync));
}

/// Runs every chunk on the calling thread, in order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Serial;

impl Executor for Serial {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        (0..count).for_each(chunk);
    }
}

/// A function that keeps the promise of [`Executor::for_each`], such as the threads of a host.
impl<F: Fn(usize, &(dyn Fn(usize) + Sync)) + Sync> Executor for F {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        self(count, chunk);
    }
}

/// Maps every chunk to a value and returns the values in chunk order.
///
/// ```
/// use voxomics_imaging::{Serial, executor::map};
///
/// assert_eq!(map(&Serial, 3, &|chunk| 10 * chunk), [0, 10, 20]);
/// ```
///
/// # Panics
/// If the executor broke its promise and left a chunk out.
pub fn map<T: Send>(executor: &dyn Executor, count: usize, chunk: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
    let slots: Vec<Mutex<Option<T>>> = (0..count).map(|_| Mutex::new(None)).collect();
    executor.for_each(count, &|i| {
        let value = chunk(i);
        *slots[i].lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    });
    slots
        .into_iter()
        .map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner))
        .map(|value| value.expect("the executor runs every chunk"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn map_keeps_the_order_of_the_chunks() {
        assert_eq!(map(&Serial, 4, &|i| i * i), [0, 1, 4, 9]);
    }

    #[test]
    fn a_function_is_an_executor() {
        let backwards = |count: usize, chunk: &(dyn Fn(usize) + Sync)| (0..count).rev().for_each(chunk);
        assert_eq!(map(&backwards, 4, &|i| i * i), [0, 1, 4, 9]);
    }
}
