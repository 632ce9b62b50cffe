//! Folds of a cross-validation.

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

/// Number of quantile bins over which folds are balanced for a number.
const BINS: usize = 5;

impl Folds {
    /// Cuts the rows of a sample, repeat after repeat and fold after fold.
    ///
    /// Rows of a group stay together. Groups of a stratum come in random order and each goes to the fold that has fewest
    /// rows of its stratum so far, then fewest rows, then the lowest number: strata differ between folds by one group
    /// at most where groups are of equal size. The stratum of a group is that of most of its rows.
    ///
    /// # Errors
    /// If there are fewer groups than folds, or fewer than two folds, or no repeats.
    pub fn cut(&self, sample: &Sample, seed: u64) -> Result<Vec<Split>, Error> {
        let rows = sample.rows();
        let groups = groups(&sample.groups, rows);
        if self.folds < 2 || self.repeats < 1 {
            let Self { folds, repeats } = self;
            return Err(Error::input(format!("{folds} folds, {repeats} repeats: expected at least 2 and 1")));
        }
        if groups.len() < self.folds {
            let what = if sample.groups.is_empty() { "rows" } else { "groups of rows" };
            return Err(Error::input(format!("{} {what} cannot be cut into {} folds", groups.len(), self.folds)));
        }
        let strata = strata(sample);
        let mut splits = Vec::with_capacity(self.folds * self.repeats);
        for repeat in 0..self.repeats {
            let fold_of = self.assign(&groups, &strata, rows, random::derive(seed, repeat as u64));
            for fold in 0..self.folds {
                let (test, train) = (0..rows).partition(|i| fold_of[*i] == fold);
                splits.push(Split { repeat, train, test });
            }
        }
        Ok(splits)
    }

    fn assign(&self, groups: &[Vec<usize>], strata: &[usize], rows: usize, seed: u64) -> Vec<usize> {
        let mut generator = random::generator(seed, 0);
        let levels = strata.iter().max().map_or(1, |last| last + 1);
        let mut of_level: Vec<Vec<&Vec<usize>>> = vec![Vec::new(); levels];
        for group in groups {
            let mut counts = vec![0; levels];
            group.iter().for_each(|i| counts[strata[*i]] += 1);
            let most = (0..levels).rev().max_by_key(|level| counts[*level]).unwrap_or(0);
            of_level[most].push(group);
        }
        let mut fold_of = vec![0; rows];
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

/// Rows by group, in the order in which groups first occur.
fn groups(of_row: &[u64], rows: usize) -> Vec<Vec<usize>> {
    if of_row.is_empty() {
        return (0..rows).map(|i| vec![i]).collect();
    }
    let mut place = std::collections::BTreeMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (i, group) in of_row.iter().enumerate() {
        let at = *place.entry(group).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Vec::new());
        }
        groups[at].push(i);
    }
    groups
}

/// The stratum of each row, from 0 without gaps: as given, or the class, whether there was an event, or the fifth of
/// the target.
fn strata(sample: &Sample) -> Vec<usize> {
    let levels = |of_row: Vec<u64>| {
        let mut sorted = of_row.clone();
        sorted.sort_unstable();
        sorted.dedup();
        of_row.iter().map(|value| sorted.partition_point(|other| other < value)).collect()
    };
    match &sample.response {
        _ if !sample.strata.is_empty() => levels(sample.strata.clone()),
        Response::Binomial(y) => levels(y.iter().map(|y| u64::from(*y == 1.0)).collect()),
        Response::Cox { event, .. } => levels(event.iter().map(|event| u64::from(*event)).collect()),
        Response::Gaussian(y) => {
            let mut sorted = y.clone();
            sorted.sort_by(f64::total_cmp);
            let rank = |y: &f64| sorted.partition_point(|other| other.total_cmp(y).is_lt());
            levels(y.iter().map(|y| (rank(y) * BINS / sorted.len()) as u64).collect())
        }
    }
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
