//! A patient: the hidden level, what is written down about the person, and the lesions.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::{
    Settings,
    cohorts::Purpose,
    scanner::{SCANNERS, VOLTAGES, weighted},
    truth,
};

/// Kinds of cancer, each with how often its lesions lie in each of [`LOCATIONS`].
pub(crate) const CANCERS: [(&str, [f64; 5]); 6] = [
    ("head and neck", [0.55, 0.15, 0.00, 0.25, 0.05]),
    ("lung", [0.00, 0.65, 0.08, 0.22, 0.05]),
    ("liver", [0.00, 0.05, 0.80, 0.10, 0.05]),
    ("bladder", [0.00, 0.15, 0.15, 0.25, 0.45]),
    ("melanoma", [0.05, 0.25, 0.20, 0.30, 0.20]),
    ("kidney", [0.00, 0.35, 0.25, 0.20, 0.20]),
];

/// Where a lesion lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Location {
    HeadAndNeck,
    Lung,
    LiverOrAbdomen,
    LymphNode,
    Other,
}

pub(crate) const LOCATIONS: [Location; 5] =
    [Location::HeadAndNeck, Location::Lung, Location::LiverOrAbdomen, Location::LymphNode, Location::Other];

impl Location {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::HeadAndNeck => "head and neck",
            Self::Lung => "lung",
            Self::LiverOrAbdomen => "liver or abdomen",
            Self::LymphNode => "lymph node",
            Self::Other => "other",
        }
    }
}

/// A lesion's truth.
#[derive(Debug, Clone)]
pub(crate) struct Lesion {
    pub(crate) location: Location,
    pub(crate) level: f64,
    /// Volume that its shape is drawn for, mL; the mask's differs with the shape's waves and the contour's error.
    pub(crate) volume_ml: f64,
    /// Standard deviation of its texture, HU at 120 kV.
    pub(crate) texture_hu: f64,
    /// Standard deviation of the Gaussian behind the texture's correlation, mm.
    pub(crate) length_mm: f64,
    /// Enhancement of its rim on the surface, HU at 120 kV.
    pub(crate) rim_hu: f64,
}

/// A patient's truth and covariates.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Number, from 0.
    pub(crate) number: usize,
    pub(crate) cohort: Purpose,
    /// Place in the cohort, from 0.
    pub(crate) place: usize,
    /// The level that biology and outcome follow.
    pub(crate) level: f64,
    /// The level that the images show.
    pub(crate) shown: f64,
    cancer: usize,
    age: f64,
    female: bool,
    stage: usize,
    /// Lines of treatment before.
    pub(crate) lines: usize,
    /// LDH over its upper limit of normal.
    pub(crate) ldh: f64,
    burden: f64,
    missing: [bool; 3],
    pub(crate) scanner: usize,
    pub(crate) voltage: usize,
    pub(crate) lesions: Vec<Lesion>,
}

/// What a stream of random numbers is for; each has its own, so that a change of one leaves the others as they were.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Person,
    Shown,
    Outcome,
    Anatomy,
    Noise,
    /// What becomes of the lesions over time.
    Course,
    /// Of a lesion, counted from 0.
    Lesion(usize),
    /// Of the noise at a later time point, counted from 0.
    LaterNoise(usize),
}

/// The stream of a patient for a purpose.
pub(crate) fn stream(seed: u64, patient: usize, purpose: Stream) -> ChaCha8Rng {
    let purpose = match purpose {
        Stream::Person => 0,
        Stream::Shown => 1,
        Stream::Outcome => 2,
        Stream::Anatomy => 3,
        Stream::Noise => 4,
        Stream::Course => 5,
        Stream::Lesion(lesion) => 8 + lesion as u64,
        Stream::LaterNoise(time) => 128 + time as u64,
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream((patient as u64) << 8 | purpose);
    rng
}

/// A draw of N(0, 1).
pub(crate) fn normal(rng: &mut impl Rng) -> f64 {
    rng.sample(StandardNormal)
}

impl Person {
    /// Draws the `number`-th patient (from 0), who stands at `place` in a cohort.
    pub(crate) fn draw(settings: &Settings, number: usize, cohort: Purpose, place: usize) -> Self {
        let rng = &mut stream(settings.seed, number, Stream::Person);
        let level = normal(rng);
        let independent = normal(&mut stream(settings.seed, number, Stream::Shown));
        let shown = settings.effect * level + (1.0 - settings.effect.powi(2)).sqrt() * independent;
        let cancer = weighted(&cohort.cancers(), rng);
        let age = (63.0 + 11.0 * normal(rng)).clamp(24.0, 90.0).round();
        let female = rng.random::<f64>() < 0.42;
        let stage = weighted(&[0.05, 0.10, 0.25, 0.60], rng);
        let lines = weighted(&[0.15, 0.35, 0.25, 0.15, 0.10], rng);
        let ldh = (0.10 + 0.40 * normal(rng)).exp();
        let burden = 10_f64.powf(0.8 + truth::BURDEN_SLOPE * level + 0.4 * normal(rng));
        let missing = truth::MISSING.map(|probability| rng.random::<f64>() < probability);
        let scanner = weighted(&cohort.scanners(), rng);
        let voltage = SCANNERS[scanner].voltage(rng);
        let lesions = weighted(&cohort.lesions(), rng) + 1;
        let lesions = (0..lesions).map(|_| Lesion::draw(shown, &CANCERS[cancer].1, rng)).collect();
        Self {
            number,
            cohort,
            place,
            level,
            shown,
            cancer,
            age,
            female,
            stage,
            lines,
            ldh,
            burden,
            missing,
            scanner,
            voltage,
            lesions,
        }
    }

    /// The patient's name.
    pub(crate) fn name(&self) -> String {
        format!("SIM-{:04}", self.number + 1)
    }

    /// The tube voltage, kV.
    pub(crate) fn kvp(&self) -> u32 {
        VOLTAGES[self.voltage].kvp
    }

    /// What is written down of every patient: columns and values, empty where missing.
    pub(crate) fn covariates(&self) -> Vec<(&'static str, String)> {
        let [no_ldh, no_stage, no_burden] = self.missing;
        let unless = |missing: bool, value: String| if missing { String::new() } else { value };
        vec![
            ("patient", self.name()),
            ("cohort", self.cohort.name().into()),
            ("cancer_type", CANCERS[self.cancer].0.into()),
            ("age", format!("{:.0}", self.age)),
            ("sex", if self.female { "female" } else { "male" }.into()),
            ("stage", unless(no_stage, ["I", "II", "III", "IV"][self.stage].into())),
            ("earlier_lines", self.lines.to_string()),
            ("ldh_ratio", unless(no_ldh, format!("{:.2}", self.ldh))),
            ("mutational_burden", unless(no_burden, format!("{:.1}", self.burden))),
        ]
    }
}

impl Lesion {
    fn draw(shown: f64, locations: &[f64], rng: &mut impl Rng) -> Self {
        let location = LOCATIONS[weighted(locations, rng)];
        let level = shown + truth::LESION_SD * normal(rng);
        // Median 5 mL; about one in fourteen is below 1 mL.
        let volume_ml = (5.0_f64.ln() + 1.1 * normal(rng)).exp().clamp(0.4, 40.0);
        let grown = |at_0: f64, slope: f64, spread: f64, chance: f64| at_0 * (slope * level + spread * chance).exp();
        let texture_hu = grown(truth::TEXTURE_HU, truth::TEXTURE_SLOPE, truth::TEXTURE_SPREAD, normal(rng));
        let length_mm = grown(truth::LENGTH_MM, truth::LENGTH_SLOPE, truth::LENGTH_SPREAD, normal(rng));
        let rim_hu = truth::RIM_HU + truth::RIM_SLOPE * level + truth::RIM_SPREAD * normal(rng);
        Self { location, level, volume_ml, texture_hu: texture_hu.min(60.0), length_mm: length_mm.min(6.0), rim_hu }
    }
}
