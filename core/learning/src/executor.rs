//! Who runs the chunks of a computation.

use std::sync::{Mutex, PoisonError};

use crate::Error;

/// Runs the chunks of a computation, on one thread or on many.
///
/// Implementations must call `chunk(i)` exactly once for every `i` in `0..count`, in any order and on any thread,
/// and must not return before the last call has returned.
pub trait Executor: Sync {
    /// Calls `chunk(0)` … `chunk(count - 1)`, each exactly once.
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync));

    /// Whether the work is to be given up; asked before each chunk.
    fn cancelled(&self) -> bool {
        false
    }
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

/// Runs on the calling thread but gives up when another executor is asked to: for work inside a chunk.
pub struct Inside<'a>(pub &'a dyn Executor);

impl Executor for Inside<'_> {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        (0..count).for_each(chunk);
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// Maps every chunk to a value and returns the values in chunk order.
///
/// ```
/// use voxomics_learning::{Error, Serial, executor::map};
///
/// assert_eq!(map(&Serial, 3, &|chunk| Ok(10 * chunk)), Ok(vec![0, 10, 20]));
/// let refused: Result<Vec<()>, Error> = map(&Serial, 3, &|chunk| Err(Error::input(format!("chunk {chunk}"))));
/// assert_eq!(refused, Err(Error::input("chunk 0")));
/// ```
///
/// # Errors
/// That of the chunk with the lowest index; [`Error::Cancelled`] if the executor was asked to give up.
///
/// # Panics
/// If the executor broke its promise and left a chunk out.
pub fn map<T: Send>(
    executor: &dyn Executor,
    count: usize,
    chunk: &(dyn Fn(usize) -> Result<T, Error> + Sync),
) -> Result<Vec<T>, Error> {
    let slots: Vec<Mutex<Option<Result<T, Error>>>> = (0..count).map(|_| Mutex::new(None)).collect();
    executor.for_each(count, &|i| {
        let value = if executor.cancelled() { Err(Error::Cancelled) } else { chunk(i) };
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
    fn results_keep_the_order_of_the_chunks() {
        let backwards = |count: usize, chunk: &(dyn Fn(usize) + Sync)| (0..count).rev().for_each(chunk);
        assert_eq!(map(&backwards, 4, &|i| Ok(i * i)), Ok(vec![0, 1, 4, 9]));
    }

    #[test]
    fn the_first_error_is_returned() {
        let fail = |i: usize| if i < 2 { Ok(i) } else { Err(Error::input(format!("{i}"))) };
        assert_eq!(map(&Serial, 4, &fail), Err(Error::input("2")));
    }

    #[test]
    fn work_is_given_up_on_demand() {
        struct Cancelled;
        impl Executor for Cancelled {
            fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
                (0..count).for_each(chunk);
            }
            fn cancelled(&self) -> bool {
                true
            }
        }
        assert_eq!(map(&Inside(&Cancelled), 1, &|i| Ok(i)), Err(Error::Cancelled));
    }
}
