//! What several regions of a case need, and is made once.

use std::sync::{Arc, Mutex, PoisonError};

use super::Fault;

/// What was made for a region, by the region's place in the plan; or why it could not be made.
pub struct Once<T>(Mutex<Vec<Made<T>>>);

type Made<T> = (usize, Result<Arc<T>, Fault>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Once<T> {
    /// What is made for a region, once.
    ///
    /// # Errors
    /// Why it cannot be made, every time.
    pub fn get(&self, region: usize, make: impl FnOnce() -> Result<T, Fault>) -> Result<Arc<T>, Fault> {
        let known = |made: &[Made<T>]| made.iter().find(|(other, _)| *other == region).map(|(_, made)| made.clone());
        if let Some(made) = known(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return made;
        }
        // Not under the lock: what makes it runs chunks on threads that may ask for the same.
        let made = make().map(Arc::new);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((region, made.clone()));
        made
    }
}
