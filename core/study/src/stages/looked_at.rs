//! Says of an evaluation that images of its patients were looked at before: something was fitted on them that scores may depend on.

use voxomics_engine::experiment::Experiment;
use voxomics_report::study::Evaluation;

/// Adds that to the evaluations of cohorts that something was fitted on, unless the model was learnt from them: that is said already.
pub fn note(experiment: &Experiment, evaluations: &mut [Evaluation]) {
    for evaluation in evaluations {
        let learn = experiment.study.learn.iter().find(|learn| learn.name == evaluation.model);
        if learn.is_some_and(|learn| learn.cohorts.contains(&evaluation.cohort)) {
            continue;
        }
        let fitted = fitted_on(experiment, &evaluation.cohort);
        if !fitted.is_empty() {
            evaluation.notes.insert(
                0,
                format!(
                    "{} {} fitted on images of these patients: what scores that depend on it achieve here may be optimistic.",
                    fitted.join(", "),
                    if fitted.len() == 1 { "was" } else { "were" }
                ),
            );
        }
    }
}

/// The sections that are fitted on a cohort.
fn fitted_on(experiment: &Experiment, cohort: &String) -> Vec<String> {
    let regions = experiment.regions.iter().filter_map(|region| {
        let (_, fit) = region.maker.as_ref()?;
        fit.on.contains(cohort).then(|| format!("[regions.{}]", region.section))
    });
    let images = experiment.images.iter().filter(|image| image.fit.on.contains(cohort));
    let mut all: Vec<String> = regions.chain(images.map(|image| format!("[images.{}]", image.name))).collect();
    all.dedup();
    all
}
