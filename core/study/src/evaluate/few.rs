//! How few rows of a class are too few.

/// Fewer of a class than this have no interval of the AUC: one could swap its side with a single row.
pub(super) const LEAST_OF_A_CLASS: usize = 5;

/// How many the lesser class has.
pub(super) fn fewest(outcome: &[bool]) -> usize {
    let with = outcome.iter().filter(|with| **with).count();
    with.min(outcome.len() - with)
}
