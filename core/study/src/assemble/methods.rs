//! The methods in words, from what ran: nothing is said that the run does not show, or that `[study]` does not state. What models
//! predict and what evaluations ask is added by the report, in the words of its labels.

mod learnt;
mod measured;
mod regions;

use std::collections::BTreeMap;

use serde_json::Value as Json;
use voxomics_engine::{cases::Case, plan::Plan};
use voxomics_report::study::{Evaluation, Model, Paragraph};

use super::{
    preparation::{Preparation, preparation},
    said::listed,
};
use crate::{
    cohort::Joined,
    data::{Cohort, Lesion},
    work::Work,
};

/// How many different words of the scans are listed.
const LISTED: usize = 6;

const IBSI_1: &str = "Zwanenburg A, Vallières M, Abdalah MA, et al. The Image Biomarker Standardization Initiative: standardized \
                      quantitative radiomics for high-throughput image-based phenotyping. Radiology 2020;295:328-338.";
const IBSI_2: &str = "Whybra P, Zwanenburg A, Andrearczyk V, et al. The Image Biomarker Standardization Initiative: standardized \
                      convolutional filters for reproducible radiomics and enhanced clinical insights. Radiology 2024;310:e231319.";

const FROM_TABLES: &str =
    "Features were not computed here, but taken from tables; their names stand in the record of the run.";

/// Every subject, in the order of a paper.
pub fn paragraphs(work: &Work<'_>, cohorts: &[Cohort], found: &Found) -> Vec<Paragraph> {
    let facts = &work.experiment.study.facts;
    let of = |title: &str, stated: &[&str], found: Vec<String>| Paragraph {
        title: title.into(),
        sentences: stated.iter().filter_map(|key| facts.get(key)).map(sentence).chain(found).collect(),
    };
    let Found { preparation, .. } = found;
    let prepared = [&preparation.interpolation, &preparation.resegmentation, &preparation.images, &preparation.fitted]
        .map(Vec::as_slice)
        .concat();
    let from_tables = || vec![FROM_TABLES.to_owned()];
    vec![
        of(
            "Study",
            &["design", "dates", "eligibility", "ethics", "registration", "sample_size"],
            patients(work, cohorts),
        ),
        of("Outcome", &["outcome"], Vec::new()),
        of("Acquisition", &["acquisition"], found.acquisition.clone()),
        of("Segmentation", &["segmentation"], found.readers.clone()),
        of("Regions", &[], found.regions.clone()),
        of("Image preparation", &[], prepared),
        of("Features", &[], if found.of_tables { from_tables() } else { found.features.clone() }),
        of("Perturbations", &[], [found.perturbed.clone(), found.controls.clone()].concat()),
        of("Lesions over time", &[], found.course.clone()),
        of("Models", &["intended_use"], found.learnt.iter().flat_map(|(_, said)| said.clone()).collect()),
        of("Evaluation", &["limitations"], found.evaluated.clone()),
        of("Software", &[], found.software.clone()),
        of("Funding and availability", &["funding", "availability"], Vec::new()),
        of("References", &[], references(work.plan)),
    ]
}

/// What ran, in sentences.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Whether features were taken from tables; then there are no sentences on scans.
    pub of_tables: bool,
    /// What the scans tell of their acquisition.
    pub acquisition: Vec<String>,
    /// Who outlined.
    pub readers: Vec<String>,
    /// A sentence a region.
    pub regions: Vec<String>,
    /// What became of images.
    pub preparation: Preparation,
    /// How many features there are; then a sentence a family.
    pub features: Vec<String>,
    /// How cases were perturbed, if they were.
    pub perturbed: Vec<String>,
    /// Which negative controls were computed, if some were.
    pub controls: Vec<String>,
    /// How lesions were followed over time, if they were.
    pub course: Vec<String>,
    /// What evaluations looked at.
    pub evaluated: Vec<String>,
    /// Each model with how it was learnt; nothing of one that was given.
    pub learnt: Vec<(String, Vec<String>)>,
    /// The program; then what else took part.
    pub software: Vec<String>,
}

impl Found {
    /// What ran. `resolved` is the experiment with every default.
    pub fn new(
        work: &Work<'_>,
        (joined, cohorts): (&[Joined], &[Cohort]),
        (models, evaluations): (&[Model], &[Evaluation]),
        resolved: &Json,
    ) -> Self {
        let learnt = models.iter().map(|model| (model.name.clone(), learnt(work, model, resolved))).collect();
        let (course, labels) = (&work.experiment.course, &work.experiment.study.labels);
        let found = Self {
            of_tables: work.experiment.study.is_of_tables(),
            acquisition: acquisition(cohorts, work.experiment.course.is_some(), work.plan.scans().len() > 1),
            readers: readers(work),
            learnt,
            evaluated: evaluated(work, evaluations),
            perturbed: work.experiment.perturb.iter().flat_map(measured::perturbed).collect(),
            controls: work.experiment.controls.iter().map(measured::controls).collect(),
            course: course.iter().flat_map(|course| measured::course(course, labels)).collect(),
            software: software(work),
            ..Self::default()
        };
        if found.of_tables {
            return found;
        }
        let (regions, features) = (regions(work, joined), features(work));
        Self { regions, features, preparation: preparation(work, resolved), ..found }
    }
}

/// Words of people, with a full stop.
pub(super) fn sentence(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.ends_with(['.', '!', '?']) { words } else { words + "." }
}

fn counted(number: usize, word: &str) -> String {
    voxomics_report::count(number as u64, word)
}

fn lesions(cohorts: &[Cohort]) -> impl Iterator<Item = &Lesion> {
    cohorts.iter().flat_map(|cohort| &cohort.patients).flat_map(|patient| &patient.lesions)
}

/// What readers call something.
fn called<'a>(labels: &'a BTreeMap<String, String>, name: &'a str) -> &'a str {
    labels.get(name).map_or(name, String::as_str)
}

fn patients(work: &Work<'_>, cohorts: &[Cohort]) -> Vec<String> {
    let one = |cohort: &Cohort| {
        let with_features = cohort.patients.iter().filter(|patient| !patient.lesions.is_empty()).count();
        let lesions: usize = cohort.patients.iter().map(|patient| patient.lesions.len()).sum();
        let name = called(&work.experiment.study.labels.cohorts, &cohort.name);
        format!("{name} ({} with {})", counted(with_features, "patient"), counted(lesions, "lesion"))
    };
    let cohorts: Vec<String> = cohorts.iter().map(one).collect();
    match cohorts.len() {
        0 => Vec::new(),
        1 => vec![format!("There was one cohort: {}.", cohorts[0])],
        count => vec![format!("There were {count} cohorts: {}.", listed(&cohorts))],
    }
}

/// Each word and how often it is there, the most frequent first.
fn tally(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let others = counts.len().saturating_sub(LISTED);
    let mut all: Vec<String> = counts.into_iter().take(LISTED).map(|(word, n)| format!("{word} ({n})")).collect();
    if others > 0 {
        all.push(counted(others, "other"));
    }
    all
}

/// "5 mm (median; 1.25 to 5 mm)", of the values that there are.
fn spread(mut values: Vec<f64>, unit: &str) -> Option<String> {
    values.sort_by(f64::total_cmp);
    let (first, last) = (*values.first()?, *values.last()?);
    let middle = values.len() / 2;
    let median = if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) };
    // A header's single precision is nothing to be read.
    let [first, median, last] = [first, median, last].map(|value| (value * 1e4).round() / 1e4);
    Some(match first == last {
        true => format!("{first} {unit}"),
        false => format!("{median} {unit} (median; {first} to {last} {unit})"),
    })
}

/// What files and lists tell of the scans. Of a lesion that is followed over time they tell of its first scan, and of a case with several
/// scans of one.
fn acquisition(cohorts: &[Cohort], over_time: bool, several: bool) -> Vec<String> {
    let all = lesions(cohorts).count();
    let mut said = Vec::new();
    // Whoever reads of an agent or a thickness takes it for that of everybody.
    let unknown = |known: usize| match all - known {
        0 => String::new(),
        silent => format!("; {silent} of {all} do not say"),
    };
    let mut words = |what: &str, of: fn(&Lesion) -> Option<String>| {
        let found = tally(lesions(cohorts).filter_map(of));
        if !found.is_empty() {
            let known = lesions(cohorts).filter_map(of).count();
            said.push(format!("{what}, by lesions: {}{}.", listed(&found), unknown(known)));
        }
    };
    words("Scanner", |lesion| lesion.scan.scanner.clone());
    words("Contrast agent", |lesion| lesion.scan.contrast.clone());
    words("Reconstruction kernel", |lesion| lesion.scan.kernel.clone());
    words("Tube voltage", |lesion| lesion.acquisition.kvp.map(|kvp| format!("{kvp} kV")));
    let mut length = |what: &str, of: fn(&Lesion) -> Option<f64>| {
        let found: Vec<f64> = lesions(cohorts).filter_map(of).collect();
        let known = found.len();
        said.extend(spread(found, "mm").map(|spread| format!("{what}, by lesions: {spread}{}.", unknown(known))));
    };
    length("Thickness of slices", |lesion| lesion.scan.slice_thickness_mm);
    length("Distance of slices", |lesion| lesion.acquisition.spacing_mm.map(|[.., across]| across));
    length("Width of voxels within a slice", |lesion| lesion.acquisition.spacing_mm.map(|[within, ..]| within));
    if !said.is_empty() {
        said.extend(several.then(|| "Of several scans of a case, these are of the first.".to_owned()));
        said.extend(over_time.then(|| "Of lesions over time, these are of the scan at the baseline.".to_owned()));
    }
    said
}

fn readers(work: &Work<'_>) -> Vec<String> {
    let cohorts = work.experiment.study.cohorts.iter();
    cohorts
        .filter_map(|cohort| {
            let readers = cohort.readers.as_ref()?;
            Some(format!(
                "In {} several readers outlined the lesions; those of {} are the lesions of the cohort.",
                called(&work.experiment.study.labels.cohorts, &cohort.name),
                readers.main
            ))
        })
        .collect()
}

fn regions(work: &Work<'_>, joined: &[Joined]) -> Vec<String> {
    let plan = work.plan;
    // With pseudonyms, a name of the list may be somebody's.
    let region = |case: &Case| case.region.clone().filter(|_| work.experiment.privacy.is_none());
    let listed: Vec<_> =
        joined.iter().flat_map(|cohort| &cohort.cases).map(|case| (case.label, region(case))).collect();
    let interpolated = plan.interpolation.is_some() || plan.prepare.is_some_and(|prepare| prepare.spacing_mm.is_some());
    let labels = &work.experiment.study.labels;
    regions::Regions { regions: &plan.regions, labels, interpolated, listed: &listed }.said()
}

fn features(work: &Work<'_>) -> Vec<String> {
    let columns = &work.plan.columns;
    let with_code = columns.iter().filter(|column| !column.ibsi.is_empty()).count();
    let families = measured::Computed::all(work.plan, &work.experiment.study.labels);
    measured::features(&families, columns.len(), with_code)
}

/// How each model was learnt; nothing of one that was given.
fn learnt(work: &Work<'_>, model: &Model, resolved: &Json) -> Vec<String> {
    let study = &work.experiment.study;
    let stated = study.learn.iter().find(|learn| learn.name == model.name).filter(|_| model.learnt);
    stated.map(|stated| learnt::learnt(stated, &study.labels, &resolved["learn"][&model.name])).unwrap_or_default()
}

fn evaluated(work: &Work<'_>, evaluations: &[Evaluation]) -> Vec<String> {
    let study = &work.experiment.study;
    let stated = study.evaluate.iter().filter_map(|stated| {
        let shown = evaluations.iter().find(|evaluation| evaluation.name == stated.name)?;
        learnt::evaluated(stated, shown, &study.labels)
    });
    stated.collect()
}

fn software(work: &Work<'_>) -> Vec<String> {
    let program = &work.record.program;
    let digest: String = program.digest.chars().take(12).collect();
    // Tables say of themselves what computed them, if anybody does.
    let what = if work.experiment.study.is_of_tables() { "Everything but the features" } else { "All of it" };
    let mut said = vec![format!(
        "{what} was computed by Voxomics {} (digest of its sources {digest}), seed {}.",
        program.version, work.plan.seed
    )];
    let others = work.plan.libraries.iter().filter(|library| !library.is_ours());
    let others: Vec<String> = others
        .map(|library| {
            let (names, version, _) = library.named();
            format!("{} {version}", names.join(" and "))
        })
        .collect();
    if !others.is_empty() {
        said.push(format!("Plugins of others took part: {}.", listed(&others)));
    }
    said.push("The experiment, every setting and every digest stand in the record of the run.".into());
    said
}

fn references(plan: &Plan) -> Vec<String> {
    let has_filters = plan.images.iter().any(|image| image.filter.is_some());
    let has_codes = plan.columns.iter().any(|column| !column.ibsi.is_empty());
    let said = [has_codes.then_some(IBSI_1), has_filters.then_some(IBSI_2)];
    said.into_iter().flatten().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_told_without_the_noise_of_single_precision() {
        assert_eq!(spread(vec![f64::from(0.9f32); 2], "mm").as_deref(), Some("0.9 mm"));
        let several = vec![5.0, 1.25, f64::from(0.7f32), 3.0];
        assert_eq!(spread(several, "mm").as_deref(), Some("2.125 mm (median; 0.7 to 5 mm)"));
        assert_eq!(spread(Vec::new(), "mm"), None);
    }

    #[test]
    fn frequent_words_come_first_and_the_rest_is_counted() {
        let words = ["b", "a", "b", "c", "d", "e", "f", "g", "h"].map(str::to_owned);
        assert_eq!(listed(&tally(words.into_iter())), "b (2), a (1), c (1), d (1), e (1), f (1) and 2 others");
        assert_eq!(sentence(" one  line\nor two"), "one line or two.");
    }
}
