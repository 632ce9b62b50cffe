//! The four cohorts: who is in them, and in which proportions.

use crate::Error;

/// Fewest patients of a cohort.
pub(crate) const FEWEST: usize = 8;

/// What a cohort is for, and hence what is known of its patients besides the scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Learning: gene expression.
    Train,
    /// Validation on gene expression measured elsewhere.
    Genomic,
    /// Validation on the immune phenotype seen in tissue.
    Histological,
    /// Validation on response and survival under immunotherapy.
    Clinical,
}

/// All four, in the order of their patients' numbers.
pub(crate) const ALL: [Purpose; 4] = Purpose::ALL;

impl Purpose {
    /// All four, in the order of their patients' numbers.
    pub const ALL: [Self; 4] = [Self::Train, Self::Genomic, Self::Histological, Self::Clinical];

    /// Its name, and that of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Genomic => "genomic",
            Self::Histological => "histological",
            Self::Clinical => "clinical",
        }
    }

    /// Whether gene expression was measured.
    pub fn has_expression(self) -> bool {
        matches!(self, Self::Train | Self::Genomic)
    }

    /// Patients of the study that is mimicked (Sun et al., Lancet Oncology 2018;19:1180–1191).
    pub(crate) fn share(self) -> usize {
        match self {
            Self::Train => 135,
            Self::Genomic => 119,
            Self::Histological => 100,
            Self::Clinical => 137,
        }
    }

    /// How often each of the scanners is found here.
    pub(crate) fn scanners(self) -> [f64; 5] {
        match self {
            Self::Train => [0.40, 0.30, 0.20, 0.10, 0.00],
            Self::Genomic => [0.05, 0.20, 0.25, 0.25, 0.25],
            Self::Histological => [0.45, 0.25, 0.20, 0.10, 0.00],
            Self::Clinical => [0.35, 0.20, 0.15, 0.20, 0.10],
        }
    }

    /// How often each of [`crate::person::CANCERS`] is found here.
    pub(crate) fn cancers(self) -> [f64; 6] {
        match self {
            Self::Train => [0.25, 0.25, 0.10, 0.15, 0.10, 0.15],
            Self::Genomic => [0.30, 0.35, 0.15, 0.20, 0.00, 0.00],
            Self::Histological => [0.25, 0.25, 0.15, 0.10, 0.15, 0.10],
            Self::Clinical => [0.15, 0.30, 0.05, 0.20, 0.15, 0.15],
        }
    }

    /// How often a patient has 1, 2, 3 or 4 lesions here.
    pub(crate) fn lesions(self) -> [f64; 4] {
        match self {
            Self::Clinical => [0.30, 0.30, 0.25, 0.15],
            _ => [0.70, 0.20, 0.07, 0.03],
        }
    }
}

/// Shares the patients out: by largest remainder, and [`FEWEST`] at least in each cohort.
pub(crate) fn shares(patients: usize) -> Result<[usize; 4], Error> {
    let least = FEWEST * ALL.len();
    if patients < least {
        return Err(Error::Settings(format!(
            "{patients} patients are too few: four cohorts of at least {FEWEST} patients need {least}"
        )));
    }
    let whole: usize = ALL.iter().map(|cohort| cohort.share()).sum();
    let exact = ALL.map(|cohort| cohort.share() as f64 * patients as f64 / whole as f64);
    let mut shares = exact.map(|share| share.floor() as usize);
    let mut order = [0, 1, 2, 3];
    order.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()));
    let left = patients.saturating_sub(shares.iter().sum());
    order.iter().cycle().take(left).for_each(|&cohort| shares[cohort] += 1);
    while let Some(small) = (0..4).find(|&cohort| shares[cohort] < FEWEST) {
        let large = (0..4).max_by_key(|&cohort| shares[cohort]).unwrap_or(0);
        shares[large] -= 1;
        shares[small] += 1;
    }
    Ok(shares)
}

/// The cohort of a patient (counted from 0) and the patient's place in it (counted from 0).
pub(crate) fn place(shares: &[usize; 4], mut patient: usize) -> Option<(Purpose, usize)> {
    for (cohort, &share) in ALL.into_iter().zip(shares) {
        if patient < share {
            return Some((cohort, patient));
        }
        patient -= share;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_the_study_s_and_never_below_the_fewest() {
        assert_eq!(shares(491).expect("shares"), [135, 119, 100, 137]);
        assert_eq!(shares(32).expect("shares"), [8; 4]);
        for patients in [33, 40, 57, 100, 1000] {
            let shares = shares(patients).expect("shares");
            assert!(shares.iter().sum::<usize>() == patients && shares.iter().all(|&share| share >= 8), "{shares:?}");
        }
        assert!(shares(31).expect_err("too few").to_string().contains("need 32"));
    }

    #[test]
    fn every_patient_has_one_place() {
        let shares = shares(40).expect("shares");
        let first = place(&shares, shares[0]).expect("a place");
        assert_eq!((first.0, first.1), (Purpose::Genomic, 0));
        assert!(place(&shares, 39).is_some_and(|(cohort, _)| cohort == Purpose::Clinical));
        assert!(place(&shares, 40).is_none());
    }
}
