//! The effect of covariates within batches, by least squares: what ComBat keeps, while it removes what is between them.

use crate::{Error, Matrix, algebra::dot};

/// Covariates without their means in the batches, made orthonormal one after the other.
pub(super) struct Within {
    /// Orthonormal directions, one for each covariate that varies.
    directions: Vec<Vec<f64>>,
    /// The covariates that vary, by place, and each as the sum of the directions up to its own.
    of: Vec<(usize, Vec<f64>)>,
    /// Number of covariates.
    width: usize,
}

/// Values of some rows without the mean of their batch; rows of no batch count nothing.
fn centred(x: &[f64], batches: &[Vec<usize>]) -> Vec<f64> {
    let mut centred = vec![0.0; x.len()];
    for rows in batches.iter().filter(|rows| !rows.is_empty()) {
        let mean = rows.iter().map(|i| x[*i]).sum::<f64>() / rows.len() as f64;
        rows.iter().for_each(|i| centred[*i] = x[*i] - mean);
    }
    centred
}

fn length(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

impl Within {
    /// Takes the covariates `kept` (a column each) of rows in `batches`. One that has a single value has no effect; nor has
    /// one that follows from those before it (the last level of several), which tell what it would.
    ///
    /// # Errors
    /// If a covariate varies between batches alone: nobody can tell its effect from theirs.
    pub(super) fn new(kept: &Matrix, batches: &[Vec<usize>]) -> Result<Self, Error> {
        let mut within = Self { directions: Vec::new(), of: Vec::new(), width: kept.columns() };
        let known: Vec<usize> = batches.iter().flatten().copied().collect();
        for place in 0..kept.columns() {
            let x = kept.column(place);
            if known.iter().all(|i| x[*i] == x[known[0]]) {
                continue;
            }
            let mut rest = centred(x, batches);
            let whole = length(&rest);
            let largest = known.iter().fold(0.0, |largest: f64, i| largest.max(x[*i].abs()));
            if whole <= 1e-12 * largest * (known.len() as f64).sqrt() {
                let message = "it varies between batches alone, and its effect cannot be told from theirs".into();
                return Err(Error::Kept { covariate: place, message });
            }
            let mut parts = vec![0.0; within.directions.len()];
            // Twice, for what rounding has left.
            for _ in 0..2 {
                for (direction, part) in within.directions.iter().zip(&mut parts) {
                    let share = dot(direction, &rest);
                    *part += share;
                    rest.iter_mut().zip(direction).for_each(|(rest, direction)| *rest -= share * direction);
                }
            }
            let own = length(&rest);
            if own <= 1e-9 * whole {
                continue;
            }
            rest.iter_mut().for_each(|rest| *rest /= own);
            within.directions.push(rest);
            parts.push(own);
            within.of.push((place, parts));
        }
        Ok(within)
    }

    /// The effect of each covariate on `y`: how much `y` grows, within a batch, with one unit of it and the others held.
    pub(super) fn effects(&self, y: &[f64], batches: &[Vec<usize>]) -> Vec<f64> {
        let y = centred(y, batches);
        let mut shares: Vec<f64> = self.directions.iter().map(|direction| dot(direction, &y)).collect();
        let mut effects = vec![0.0; self.width];
        for (at, (place, parts)) in self.of.iter().enumerate().rev() {
            let effect = shares[at] / parts[at];
            effects[*place] = effect;
            shares.iter_mut().zip(parts).take(at).for_each(|(share, part)| *share -= effect * part);
        }
        effects
    }
}

/// What the covariates of a row add, given their effects.
pub(super) fn added(kept: &Matrix, effects: &[f64], row: usize) -> f64 {
    effects.iter().enumerate().map(|(place, effect)| effect * kept.column(place)[row]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_within_batches_are_found_whatever_is_between_them() {
        let batches = [vec![0, 2, 4, 6], vec![1, 3, 5], vec![]];
        let (a, b) = ([1.0, 2.0, 4.0, -1.0, 0.5, 3.0, 2.5, 9.0], [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 9.0]);
        let kept = Matrix::new(8, 3, a.iter().chain(&b).chain(&[5.0; 8]).copied().collect()).expect("as many values");
        let within = Within::new(&kept, &batches).expect("they can be told apart");
        // The last row is of no batch.
        let y: Vec<f64> = (0..8).map(|i| 3.0 * a[i] - 2.0 * b[i] + if i % 2 == 0 { 10.0 } else { -4.0 }).collect();
        let effects = within.effects(&y, &batches);
        assert!((effects[0] - 3.0).abs() < 1e-14 && (effects[1] + 2.0).abs() < 1e-14, "{effects:?}");
        assert_eq!(effects[2], 0.0, "one that never varies");
    }

    #[test]
    fn what_varies_between_batches_alone_is_refused_and_what_others_tell_is_none() {
        let batches = [vec![0, 1], vec![2, 3]];
        let of = |second: [f64; 4]| {
            let values = [1.0, 2.0, 1.0, 2.0].into_iter().chain(second).collect();
            Within::new(&Matrix::new(4, 2, values).expect("as many values"), &batches)
        };
        assert!(matches!(of([7.0, 7.0, 8.0, 8.0]), Err(Error::Kept { covariate: 1, .. })));
        let within = of([-1.0, -2.0, 5.0, 4.0]).expect("the first tells it");
        assert_eq!(within.effects(&[3.0, 4.0, 0.0, 1.0], &batches), [1.0, 0.0]);
    }
}
