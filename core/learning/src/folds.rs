//! Folds of a cross-validation.

use std::collections::BTreeMap;

use crate::{Error, Response, Sample, random};

/// How rows are cut into folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folds {
    /// Number of folds, at least 2.
    pub folds: usize,
    /// How often the rows are cut anew, at least 1.
    pub repeats: usize,
}

/// One fold: the rows that are learnt from and those that are predicted, each in rising order.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// Which cut it belongs to.
    pub repeat: usize,
    /// Rows that are learnt from.
    pub train: Vec<usize>,
    /// Rows that are predicted.
    pub test: Vec<usize>,
}

impl Split {
    /// Which fold the split number `at` of some is, for a person: "3", or "3 of repeat 2" where there are several.
    pub(crate) fn place(&self, splits: &[Self], at: usize) -> String {
        let first = splits.iter().position(|split| split.repeat == self.repeat).unwrap_or(0);
        match splits.last().map_or(0, |last| last.repeat) {
            0 => format!("{}", at - first + 1),
            _ => format!("{} of repeat {}", at - first + 1, self.repeat + 1),
        }
    }
}

/// Number of quantile bins over which folds are balanced for a number.
const BINS: usize = 5;

impl Folds {
    /// The fold of each row, for each repeat.
    ///
    /// Rows of equal keys stay together. The keys of a stratum come in random order, which depends on their order and the
    /// seed alone and not on the order of the rows, and each goes to the fold that has fewest rows of its stratum so far,
    /// then fewest rows, then the lowest number: strata differ between folds by one key at most where all keys have as many
    /// rows. The stratum of a key is that of most of its rows.
    ///
    /// ```
    /// use voxomics_learning::folds::Folds;
    ///
    /// // Three patients with two lesions each: both are in one fold.
    /// let folds = Folds { folds: 3, repeats: 1 }.deal(&["a", "a", "b", "b", "c", "c"], &[0; 6], 7).unwrap();
    /// assert!(folds[0][0] == folds[0][1] && folds[0][2] == folds[0][3] && folds[0][0] != folds[0][2]);
    /// assert!(Folds { folds: 4, repeats: 1 }.deal(&["a", "b"], &[0; 2], 7).is_err());
    /// ```
    ///
    /// # Errors
    /// If there are fewer keys than folds, or fewer than two folds, or no repeats.
    pub fn deal<K: Ord>(&self, keys: &[K], strata: &[u64], seed: u64) -> Result<Vec<Vec<usize>>, Error> {
        let Self { folds, repeats } = *self;
        if folds < 2 || repeats < 1 {
            return Err(Error::input(format!("{folds} folds, {repeats} repeats: expected at least 2 and 1")));
        }
        let mut groups: BTreeMap<&K, Vec<usize>> = BTreeMap::new();
        keys.iter().enumerate().for_each(|(i, key)| groups.entry(key).or_default().push(i));
        if groups.len() < folds {
            let what = if groups.len() == keys.len() { "rows" } else { "groups of rows" };
            return Err(Error::input(format!("{} {what} cannot be cut into {folds} folds", groups.len())));
        }
        let groups: Vec<Vec<usize>> = groups.into_values().collect();
        let strata = numbered(strata);
        Ok((0..repeats).map(|repeat| self.assign(&groups, &strata, random::derive(seed, repeat as u64))).collect())
    }

    /// Cuts the rows of a sample, repeat after repeat and fold after fold, by its groups and strata.
    ///
    /// ```
    /// use voxomics_learning::{Matrix, Response, Sample, Table, folds::Folds};
    ///
    /// let response = Response::Gaussian(vec![1.0, 2.0, 3.0, 4.0]);
    /// let sample = Sample::new(Table::new(Matrix::zeros(4, 1)), response).unwrap();
    /// let cut = Folds { folds: 2, repeats: 3 }.cut(&sample, 7).unwrap();
    /// assert_eq!((cut.len(), cut[0].train.len(), cut[0].test.len(), cut[5].repeat), (6, 2, 2, 2));
    /// ```
    ///
    /// # Errors
    /// See [`deal`](Self::deal).
    pub fn cut(&self, sample: &Sample, seed: u64) -> Result<Vec<Split>, Error> {
        let strata = if sample.strata.is_empty() { strata(&sample.response) } else { sample.strata.clone() };
        let dealt = match sample.groups.is_empty() {
            true => self.deal(&(0..sample.rows()).collect::<Vec<_>>(), &strata, seed)?,
            false => self.deal(&sample.groups, &strata, seed)?,
        };
        Ok(splits(&dealt))
    }

    fn assign(&self, groups: &[Vec<usize>], strata: &[usize], seed: u64) -> Vec<usize> {
        let mut generator = random::generator(seed, 0);
        let levels = strata.iter().max().map_or(1, |last| last + 1);
        let mut of_level: Vec<Vec<&Vec<usize>>> = vec![Vec::new(); levels];
        for group in groups {
            let mut counts = vec![0; levels];
            group.iter().for_each(|i| counts[strata[*i]] += 1);
            let most = (0..levels).rev().max_by_key(|level| counts[*level]).unwrap_or(0);
            of_level[most].push(group);
        }
        let mut fold_of = vec![0; strata.len()];
        let mut sizes = vec![0; self.folds];
        for mut level in of_level {
            random::shuffle(&mut generator, &mut level);
            // Large groups first: the small ones then even out what they leave.
            level.sort_by_key(|group| std::cmp::Reverse(group.len()));
            let mut of_stratum = vec![0; self.folds];
            for group in level {
                let fold = (0..self.folds).min_by_key(|f| (of_stratum[*f], sizes[*f], *f)).unwrap_or(0);
                of_stratum[fold] += group.len();
                sizes[fold] += group.len();
                group.iter().for_each(|i| fold_of[*i] = fold);
            }
        }
        fold_of
    }
}

/// Folds that somebody has dealt for all that a cross-validation cuts: numbers from 0 without gaps, row by row.
///
/// ```
/// use voxomics_learning::folds::Dealt;
///
/// let dealt = Dealt { outer: vec![vec![0, 1, 0]], ..Dealt::default() };
/// assert!(dealt.check(3).is_ok() && dealt.check(4).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dealt {
    /// For each repeat of the outer cross-validation.
    pub outer: Vec<Vec<usize>>,
    /// For each repeat of the cross-validation that chooses parameters on all rows.
    pub inner: Vec<Vec<usize>>,
    /// For each outer fold, repeat after repeat: as `inner`, for the rows that are not in it; those of the fold itself
    /// have any number. Empty where nothing is chosen.
    pub within: Vec<Vec<Vec<usize>>>,
}

impl Dealt {
    /// Checks that there is a number for each row, and for each outer fold if there is for one.
    ///
    /// # Errors
    /// What is missing.
    pub fn check(&self, rows: usize) -> Result<(), Error> {
        let lists = self.outer.iter().chain(&self.inner).chain(self.within.iter().flatten());
        if let Some(list) = lists.into_iter().find(|list| list.len() != rows) {
            return Err(Error::input(format!("{} numbers of folds for {rows} rows", list.len())));
        }
        for list in self.outer.iter().chain(&self.inner) {
            let mut seen = list.clone();
            seen.sort_unstable();
            seen.dedup();
            if rows > 0 && (seen.len() < 2 || seen[seen.len() - 1] != seen.len() - 1) {
                return Err(Error::input(format!("folds have the numbers {seen:?}, expected 0, 1, … without gaps")));
            }
        }
        let folds = splits(&self.outer).len();
        match self.within.len() {
            0 => Ok(()),
            found if found == folds => Ok(()),
            found => Err(Error::input(format!("inner folds of {found} outer folds, expected {folds}"))),
        }
    }
}

/// The folds of numbers that were dealt, repeat after repeat and fold after fold.
///
/// ```
/// let splits = voxomics_learning::folds::splits(&[vec![0, 1, 0]]);
/// assert_eq!((splits[0].test.as_slice(), splits[0].train.as_slice()), (&[0, 2][..], &[1][..]));
/// ```
pub fn splits(dealt: &[Vec<usize>]) -> Vec<Split> {
    let mut splits = Vec::new();
    for (repeat, fold_of) in dealt.iter().enumerate() {
        for fold in 0..fold_of.iter().max().map_or(0, |last| last + 1) {
            let (test, train) = (0..fold_of.len()).partition(|i| fold_of[*i] == fold);
            splits.push(Split { repeat, train, test });
        }
    }
    splits
}

/// What folds are balanced over where nothing else is stated: the class, whether there was an event, the fifth of the
/// target.
///
/// ```
/// use voxomics_learning::{Response, folds::strata};
///
/// let of = strata(&Response::Binomial(vec![0.0, 1.0, 1.0]));
/// assert!(of[1] == of[2] && of[0] != of[1]);
/// ```
pub fn strata(response: &Response) -> Vec<u64> {
    match response {
        Response::Binomial(y) => y.iter().map(|y| u64::from(*y == 1.0)).collect(),
        Response::Cox { event, .. } => event.iter().map(|event| u64::from(*event)).collect(),
        Response::Gaussian(y) => {
            let mut sorted = y.clone();
            sorted.sort_by(f64::total_cmp);
            let rank = |y: &f64| sorted.partition_point(|other| other.total_cmp(y).is_lt());
            y.iter().map(|y| (rank(y) * BINS / sorted.len()) as u64).collect()
        }
    }
}

/// The same, from 0 without gaps.
fn numbered(of_row: &[u64]) -> Vec<usize> {
    let mut sorted = of_row.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    of_row.iter().map(|value| sorted.partition_point(|other| other < value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Matrix, Table, testing::Normal};

    fn sample(rows: usize) -> Sample {
        let y = (0..rows).map(|i| f64::from(u8::from(i % 3 == 0))).collect();
        Sample::new(Table::new(Matrix::zeros(rows, 0)), Response::Binomial(y)).expect("it is sound")
    }

    #[test]
    fn every_row_is_predicted_once_in_each_repeat_and_classes_are_balanced() {
        let sample = sample(47);
        let splits = Folds { folds: 5, repeats: 3 }.cut(&sample, 1).expect("there are enough rows");
        assert_eq!(splits.len(), 15);
        for repeat in 0..3 {
            let mut rows: Vec<usize> =
                splits.iter().filter(|s| s.repeat == repeat).flat_map(|s| s.test.clone()).collect();
            rows.sort_unstable();
            assert_eq!(rows, (0..47).collect::<Vec<_>>());
        }
        for split in &splits {
            let ones = split.test.iter().filter(|i| **i % 3 == 0).count();
            assert!((3..=4).contains(&ones) && (9..=10).contains(&split.test.len()), "{ones} of {}", split.test.len());
            assert_eq!(split.train.len() + split.test.len(), 47);
        }
        assert_ne!(splits[0], Split { repeat: 0, ..splits[5].clone() });
    }

    #[test]
    fn groups_are_never_split() {
        let mut normal = Normal::new(3);
        let mut sample = sample(100);
        sample.groups = (0..100).map(|_| (normal.uniform() * 30.0) as u64).collect();
        for split in (Folds { folds: 4, repeats: 5 }).cut(&sample, 9).expect("there are enough groups") {
            assert!(split.test.iter().all(|i| split.train.iter().all(|j| sample.groups[*i] != sample.groups[*j])));
            assert!((20..=30).contains(&split.test.len()), "{}", split.test.len());
        }
    }

    #[test]
    fn a_number_is_balanced_by_fifths_and_given_strata_count_instead() {
        let y: Vec<f64> = (0..50).map(f64::from).collect();
        let mut sample = Sample { response: Response::Gaussian(y), ..sample(50) };
        for split in (Folds { folds: 5, repeats: 1 }).cut(&sample, 2).expect("there are enough rows") {
            let fifths: Vec<usize> = (0..5).map(|k| split.test.iter().filter(|i| **i / 10 == k).count()).collect();
            assert_eq!(fifths, [2; 5]);
        }
        sample.strata = (0..50).map(|i| i % 2).collect();
        for split in (Folds { folds: 5, repeats: 1 }).cut(&sample, 2).expect("there are enough rows") {
            assert_eq!(split.test.iter().filter(|i| **i % 2 == 0).count(), 5);
        }
    }

    /// Whoever sorts a table by another column must not get another model.
    #[test]
    fn the_order_of_the_rows_does_not_move_anybody_to_another_fold() {
        let mut normal = Normal::new(4);
        let keys: Vec<String> = (0..90).map(|_| format!("p{}", (normal.uniform() * 40.0) as u64)).collect();
        let strata: Vec<u64> = (0..90).map(|i| i % 3).collect();
        let folds = Folds { folds: 4, repeats: 3 };
        let dealt = folds.deal(&keys, &strata, 5).expect("there are enough keys");
        let mut order: Vec<usize> = (0..90).collect();
        for seed in 0..20 {
            random::shuffle(&mut random::generator(seed, 1), &mut order);
            let pick = |i: &usize| (keys[*i].clone(), strata[*i]);
            let (keys, strata): (Vec<String>, Vec<u64>) = order.iter().map(pick).unzip();
            let other = folds.deal(&keys, &strata, 5).expect("there are enough keys");
            for (dealt, other) in dealt.iter().zip(&other) {
                assert!(order.iter().zip(other).all(|(i, fold)| dealt[*i] == *fold));
            }
        }
    }

    #[test]
    fn numbers_that_are_no_folds_are_refused() {
        let outer = vec![vec![0, 1, 0, 1]];
        let refused = |dealt: Dealt| dealt.check(4).expect_err("it is refused").to_string();
        assert_eq!(Dealt { outer: outer.clone(), ..Dealt::default() }.check(4), Ok(()));
        assert!(
            refused(Dealt { outer: vec![vec![0, 1]], ..Dealt::default() }).contains("2 numbers of folds for 4 rows")
        );
        assert!(refused(Dealt { outer: vec![vec![0, 2, 0, 2]], ..Dealt::default() }).contains("without gaps"));
        assert!(refused(Dealt { inner: vec![vec![0; 4]], ..Dealt::default() }).contains("without gaps"));
        let within = vec![outer.clone()];
        assert!(refused(Dealt { outer, within, ..Dealt::default() }).contains("expected 2"));
    }

    #[test]
    fn the_same_seed_cuts_the_same_and_too_few_rows_are_refused() {
        let folds = Folds { folds: 4, repeats: 2 };
        assert_eq!(folds.cut(&sample(20), 5), folds.cut(&sample(20), 5));
        assert_ne!(folds.cut(&sample(20), 5), folds.cut(&sample(20), 6));
        let refusal = |sample: &Sample| folds.cut(sample, 5).expect_err("it is refused").to_string();
        assert_eq!(refusal(&sample(3)), "3 rows cannot be cut into 4 folds");
        let mut grouped = sample(20);
        grouped.groups = (0..20).map(|i| i % 3).collect();
        assert_eq!(refusal(&grouped), "3 groups of rows cannot be cut into 4 folds");
        assert!(Folds { folds: 1, repeats: 1 }.cut(&sample(9), 5).is_err());
    }
}
