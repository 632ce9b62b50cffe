//! What ended an observation, where several things can.

use crate::{
    error::{Error, Result},
    input::{finite, same_length},
};

/// What ended an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The end of the observation.
    Censored,
    /// What is asked for.
    Event,
    /// Something that prevents it.
    Other,
}

/// Causes by number: 0 is censored, `of` the event.
///
/// # Errors
/// [`Error::NoEvents`] of the cause, [`Error::OutOfRange`] if `of` is 0 or a time negative, and what is wrong with the input.
pub(super) fn causes(times: &[f64], cause: &[usize], of: usize) -> Result<Vec<Cause>> {
    same_length(("times", times.len()), ("causes", cause.len()))?;
    finite("times", times)?;
    if let Some(&value) = times.iter().find(|&&time| time < 0.0) {
        return Err(Error::OutOfRange { what: "times", value, expected: "no negative time" });
    }
    if of == 0 {
        return Err(Error::OutOfRange { what: "the cause", value: 0.0, expected: "1 or more: 0 is censored" });
    }
    if !cause.contains(&of) {
        return Err(Error::NoEvents { observations: times.len() });
    }
    let one = |number: &usize| match *number {
        0 => Cause::Censored,
        number if number == of => Cause::Event,
        _ => Cause::Other,
    };
    Ok(cause.iter().map(one).collect())
}
