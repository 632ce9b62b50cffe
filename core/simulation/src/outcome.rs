//! What becomes of a patient, and what tissue tells: driven by the hidden level, never by the images.

use rand::{Rng, RngExt};
use rand_distr::Exp1;

use crate::{
    cohorts::Purpose,
    person::{Person, Stream, normal, stream},
    truth,
};

/// The columns of a patient's cohort and their values, empty where missing.
pub(crate) fn columns(seed: u64, person: &Person) -> Vec<(&'static str, String)> {
    let rng = &mut stream(seed, person.number, Stream::Outcome);
    let mut columns = match person.cohort {
        Purpose::Train | Purpose::Genomic => expression(person, rng),
        Purpose::Histological => vec![("phenotype", phenotype(person, rng).into())],
        Purpose::Clinical => Course::draw(person, rng).columns(),
    };
    if person.place == truth::WITHOUT_OUTCOME {
        columns.iter_mut().for_each(|(_, value)| value.clear());
    }
    columns
}

fn expression(person: &Person, rng: &mut impl Rng) -> Vec<(&'static str, String)> {
    let assay = if person.cohort == Purpose::Genomic { truth::OTHER_ASSAY } else { 0.0 };
    let immune = truth::SHARED_SD * normal(rng);
    let value = |gene: &truth::Gene, own: f64| {
        (gene.mean + assay + gene.slope * person.level + gene.shared * immune + gene.own_sd * own).max(0.0)
    };
    truth::GENES.iter().map(|gene| (gene.name, format!("{:.3}", value(gene, normal(rng))))).collect()
}

fn phenotype(person: &Person, rng: &mut impl Rng) -> &'static str {
    match person.level + truth::PHENOTYPE_SD * normal(rng) {
        seen if seen > truth::PHENOTYPE_LIMIT => "inflamed",
        seen if seen < -truth::PHENOTYPE_LIMIT => "desert",
        _ => "excluded",
    }
}

/// The course under treatment: months from its start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course {
    /// Death, were everybody seen to the end.
    pub(crate) death: f64,
    /// Progression or death, were everybody seen to the end.
    pub(crate) progression_or_death: f64,
    /// The last sight of the patient.
    pub(crate) censoring: f64,
    /// Whether the tumour shrinks.
    shrinks: bool,
}

impl Course {
    pub(crate) fn draw(person: &Person, rng: &mut impl Rng) -> Self {
        let log_hazard = truth::HAZARD_RATIO_LEVEL.ln() * person.level
            + truth::HAZARD_RATIO_LDH.ln() * person.ldh.ln()
            + truth::HAZARD_RATIO_LINE.ln() * person.lines as f64;
        // Weibull: S(t) = exp(−(t / scale)^shape · hazard ratio). The smaller of two with one shape has the same ratio.
        let mut time = |scale: f64| {
            let chance: f64 = rng.sample(Exp1);
            scale * (chance / log_hazard.exp()).powf(1.0 / truth::SHAPE)
        };
        let (death, progression) = (time(truth::DEATH_MONTHS), time(truth::PROGRESSION_MONTHS));
        let odds = rng.random::<f64>();
        let shrinks = odds < 1.0 / (1.0 + (-truth::SHRINK_INTERCEPT - truth::SHRINK_SLOPE * person.level).exp());
        let (from, to) = truth::FOLLOW_UP_MONTHS;
        let last_look = from + (to - from) * rng.random::<f64>();
        let lost: f64 = truth::LOST_MONTHS * rng.sample::<f64, _>(Exp1);
        Self { death, progression_or_death: progression.min(death), censoring: last_look.min(lost), shrinks }
    }

    /// Response at a month: the tumour shrank and nothing progressed; empty if the patient was lost before.
    fn response(&self, month: f64) -> String {
        if self.censoring < month.min(self.progression_or_death) {
            return String::new();
        }
        u8::from(self.shrinks && self.progression_or_death > month).to_string()
    }

    fn columns(&self) -> Vec<(&'static str, String)> {
        // A day at least: a time of 0 is refused by most tools.
        let seen = |time: f64| (format!("{:.2}", time.min(self.censoring).max(0.03)), time <= self.censoring);
        let (pfs, progressed) = seen(self.progression_or_death);
        let (os, died) = seen(self.death);
        vec![
            ("response_3m", self.response(3.0)),
            ("response_6m", self.response(6.0)),
            ("pfs_months", pfs),
            ("pfs_event", u8::from(progressed).to_string()),
            ("os_months", os),
            ("os_event", u8::from(died).to_string()),
        ]
    }
}
