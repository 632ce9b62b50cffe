//! The stated truth: every number that links the hidden CD8 level to what can be seen.
//!
//! The level *z* of a patient is N(0, 1) and drives biology and outcome. What the images show is driven by
//! u = effect · z + √(1 − effect²) · z′ with z′ ~ N(0, 1) independent of everything: u is N(0, 1) at every effect, so
//! that only the link between images and biology changes, and no distribution of either. A lesion's own level is
//! v = u + [`LESION_SD`] · N(0, 1).

/// Standard deviation of a lesion's level around its patient's.
pub(crate) const LESION_SD: f64 = 0.25;

/// Standard deviation of a tumour's texture at level 0, HU at 120 kV.
pub(crate) const TEXTURE_HU: f64 = 11.0;
/// Change of its logarithm per unit of the lesion's level.
pub(crate) const TEXTURE_SLOPE: f64 = 0.50;
/// Standard deviation of its logarithm that the level does not explain.
pub(crate) const TEXTURE_SPREAD: f64 = 0.20;

/// Standard deviation of the Gaussian that gives the texture its correlation, at level 0, mm.
pub(crate) const LENGTH_MM: f64 = 2.2;
/// Change of its logarithm per unit of the lesion's level: infiltrated tumours have a finer texture.
pub(crate) const LENGTH_SLOPE: f64 = -0.15;
/// Standard deviation of its logarithm that the level does not explain.
pub(crate) const LENGTH_SPREAD: f64 = 0.20;

/// Enhancement of the rim on the tumour's surface at level 0, HU at 120 kV.
pub(crate) const RIM_HU: f64 = 18.0;
/// Its change per unit of the lesion's level.
pub(crate) const RIM_SLOPE: f64 = 14.0;
/// Its standard deviation that the level does not explain.
pub(crate) const RIM_SPREAD: f64 = 5.0;
/// Depth at which the rim has fallen to 1/e, outside the surface, mm.
pub(crate) const RIM_OUTSIDE_MM: f64 = 3.0;
/// The same inside the surface, mm.
pub(crate) const RIM_INSIDE_MM: f64 = 2.0;
/// In lung, infiltration replaces air: the rim outside the surface is so many times as strong.
pub(crate) const RIM_IN_LUNG: f64 = 6.0;

/// A gene: log2(TPM + 1) = mean + slope · z + [`SHARED_SD`] · `shared` · s + `own_sd` · e, not below 0.
pub(crate) struct Gene {
    pub(crate) name: &'static str,
    pub(crate) mean: f64,
    pub(crate) slope: f64,
    /// 1 if it rises and falls with the sample's share of immune cells s, 0 if not.
    pub(crate) shared: f64,
    pub(crate) own_sd: f64,
}

/// Standard deviation of what the immune genes of a sample have in common beyond z (how much of it was immune tissue).
pub(crate) const SHARED_SD: f64 = 0.25;
/// What another laboratory's sequencing adds to every gene in the genomic cohort.
pub(crate) const OTHER_ASSAY: f64 = 0.4;

pub(crate) const GENES: [Gene; 9] = [
    Gene { name: "CD8B", mean: 3.0, slope: 0.90, shared: 1.0, own_sd: 0.25 },
    Gene { name: "CD8A", mean: 4.2, slope: 0.95, shared: 1.0, own_sd: 0.30 },
    Gene { name: "CD3E", mean: 4.5, slope: 0.80, shared: 1.0, own_sd: 0.40 },
    Gene { name: "GZMB", mean: 3.8, slope: 0.75, shared: 1.0, own_sd: 0.60 },
    Gene { name: "PRF1", mean: 3.9, slope: 0.70, shared: 1.0, own_sd: 0.60 },
    Gene { name: "ACTB", mean: 11.5, slope: 0.0, shared: 0.0, own_sd: 0.50 },
    Gene { name: "EPCAM", mean: 6.0, slope: 0.0, shared: 0.0, own_sd: 2.00 },
    Gene { name: "MKI67", mean: 4.5, slope: 0.0, shared: 0.0, own_sd: 1.10 },
    Gene { name: "VEGFA", mean: 5.5, slope: 0.0, shared: 0.0, own_sd: 0.90 },
];

/// The phenotype follows w = z + this · N(0, 1): desert below −[`PHENOTYPE_LIMIT`], inflamed above it, else excluded.
pub(crate) const PHENOTYPE_SD: f64 = 0.50;
pub(crate) const PHENOTYPE_LIMIT: f64 = 0.50;

/// A tumour shrinks with log-odds intercept + slope · z.
pub(crate) const SHRINK_INTERCEPT: f64 = 0.10;
pub(crate) const SHRINK_SLOPE: f64 = 1.20;

/// Hazard ratio of death, of progression, and of either, per standard deviation of z.
pub(crate) const HAZARD_RATIO_LEVEL: f64 = 0.60;
/// The same per e-fold of LDH over its upper limit of normal.
pub(crate) const HAZARD_RATIO_LDH: f64 = 1.60;
/// The same per earlier line of treatment.
pub(crate) const HAZARD_RATIO_LINE: f64 = 1.12;
/// Shape of the Weibull distributions of both times.
pub(crate) const SHAPE: f64 = 1.10;
/// Scale of the time to death at covariates 0, months.
pub(crate) const DEATH_MONTHS: f64 = 24.0;
/// Scale of the time to progression at covariates 0, months.
pub(crate) const PROGRESSION_MONTHS: f64 = 12.0;
/// The last look at the records comes between these months after the start, evenly.
pub(crate) const FOLLOW_UP_MONTHS: (f64, f64) = (8.0, 40.0);
/// Mean time until a patient is lost from sight, months.
pub(crate) const LOST_MONTHS: f64 = 80.0;

/// Log10 of the mutational burden is 0.8 + this · z + 0.4 · N(0, 1).
pub(crate) const BURDEN_SLOPE: f64 = 0.10;

/// Probabilities that a value is missing: LDH, stage, mutational burden.
pub(crate) const MISSING: [f64; 3] = [0.05, 0.03, 0.10];
/// The patient of each cohort (counted from 0) of whom the outcome is not known.
pub(crate) const WITHOUT_OUTCOME: usize = 5;
