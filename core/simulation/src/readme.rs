//! The text that goes with a simulated cohort: made from the numbers of the truth, so that it cannot differ from them.

use std::fmt::Write;

use crate::{Made, Settings, truth as t};

/// The stated truth of a simulation in words and equations.
pub(crate) fn text(settings: &Settings, made: &Made) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let out = &mut text;
    writeln!(out, "SIMULATED DATA. No scan, no person and no outcome in this folder is real.\n")?;
    writeln!(
        out,
        "Settings: patients = {}, seed = {}, effect = {}\n",
        settings.patients, settings.seed, settings.effect
    )?;
    for cohort in &made.cohorts {
        writeln!(out, "{:13} {:4} patients {:5} lesions", cohort.purpose.name(), cohort.patients, cohort.lesions)?;
    }
    images(out)?;
    tissue(out)?;
    course(out)?;
    writeln!(
        out,
        "
MISSING VALUES
LDH, stage and mutational burden are missing in {:.0}, {:.0} and {:.0} of 100 patients, by chance alone. The outcome of one
patient of each cohort (number {} of it) is missing.

FILES
<cohort>/cases.csv     one row per lesion; of each patient, the first is marked as the one that was biopsied
<cohort>/patients.csv  all that is known of each patient
<cohort>/expression.csv (train, genomic): gene expression alone
<cohort>/scans/        CT in HU and mask; label 1, 2, ... is the lesion's number
truth.csv              what is hidden, per lesion; nobody may learn from it",
        100.0 * t::MISSING[0],
        100.0 * t::MISSING[1],
        100.0 * t::MISSING[2],
        t::WITHOUT_OUTCOME + 1,
    )?;
    Ok(text)
}

fn images(out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "
THE HIDDEN LEVEL
z ~ N(0, 1) per patient is the CD8 level. Biology and outcome follow z; images follow
    u = effect * z + sqrt(1 - effect^2) * z',   z' ~ N(0, 1) independent of everything.
u has the same distribution at every effect. At effect 1 images show z. At effect 0 images and all that follows z are
independent: outcomes can be predicted from z, but not from images. Cancer type, location, size, number of lesions, scanner
and tube voltage follow neither z nor u, and outcomes do not follow them.

IMAGES: per lesion, v = u + {} * N(0, 1); e1, e2, e3 ~ N(0, 1)
texture, standard deviation (HU at 120 kV)   {} * exp({} * v + {} * e1), at most 60
texture, Gaussian behind its correlation (mm) {} * exp({} * v + {} * e2), at most 6
rim on the surface (HU at 120 kV)            r = {} + {} * v + {} * e3
rim at a distance d from the surface         r * exp(-d / {} mm) outside, r * exp(-d / {} mm) inside;
                                             outside a lesion of the lung {} times as strong
All three scale with the contrast, 1.5, 1.2, 1.0, 0.88 at 80, 100, 120, 140 kV, and with the patient's phase. Five scanners
differ in spacing, blur, noise (kernel and strength) and calibration. Size (0.4 to 40 mL), shape, place, mean HU and
a necrotic core of some large lesions follow chance alone.",
        t::LESION_SD,
        t::TEXTURE_HU,
        t::TEXTURE_SLOPE,
        t::TEXTURE_SPREAD,
        t::LENGTH_MM,
        t::LENGTH_SLOPE,
        t::LENGTH_SPREAD,
        t::RIM_HU,
        t::RIM_SLOPE,
        t::RIM_SPREAD,
        t::RIM_OUTSIDE_MM,
        t::RIM_INSIDE_MM,
        t::RIM_IN_LUNG,
    )
}

fn tissue(out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "
EXPRESSION (train, genomic): log2(TPM + 1), not below 0; s ~ N(0, 1) per sample, e ~ N(0, 1) per gene"
    )?;
    for gene in &t::GENES {
        writeln!(
            out,
            "{:6} {} + {} * z + {} * s + {} * e",
            gene.name,
            gene.mean,
            gene.slope,
            gene.shared * t::SHARED_SD,
            gene.own_sd
        )?;
    }
    writeln!(out, "In the genomic cohort {} is added to every gene: another laboratory.", t::OTHER_ASSAY)?;
    writeln!(
        out,
        "
PHENOTYPE (histological): w = z + {} * N(0, 1); inflamed above {}, desert below -{}, else excluded",
        t::PHENOTYPE_SD,
        t::PHENOTYPE_LIMIT,
        t::PHENOTYPE_LIMIT,
    )
}

fn course(out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "
COURSE (clinical): months from the start of treatment
hazard ratio h = {}^z * {}^ln(LDH ratio) * {}^(earlier lines)
death          S(t) = exp(-(t / {})^{} * h)
progression    S(t) = exp(-(t / {})^{} * h)
PFS ends with the first of the two and so has the same hazard ratio: {} per standard deviation of z.
A tumour shrinks with probability 1 / (1 + exp(-({} + {} * z))). response_3m, response_6m: 1 if it shrinks and neither
progression nor death came by that month, 0 if not, empty if the patient was lost before that could be said.
The last look comes after {} to {} months, evenly; patients are lost before at random, after {} months on average.
log10(mutational burden) = 0.8 + {} * z + 0.4 * N(0, 1).",
        t::HAZARD_RATIO_LEVEL,
        t::HAZARD_RATIO_LDH,
        t::HAZARD_RATIO_LINE,
        t::DEATH_MONTHS,
        t::SHAPE,
        t::PROGRESSION_MONTHS,
        t::SHAPE,
        t::HAZARD_RATIO_LEVEL,
        t::SHRINK_INTERCEPT,
        t::SHRINK_SLOPE,
        t::FOLLOW_UP_MONTHS.0,
        t::FOLLOW_UP_MONTHS.1,
        t::LOST_MONTHS,
        t::BURDEN_SLOPE,
    )
}
