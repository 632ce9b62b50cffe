//! Score: every lesion by every model.

use voxomics_engine::{
    host::CaseHost,
    output::{self, Also, CONTROL_SCORES, Folder, SCORES, Scored},
    plan::{Plan, Predictor},
    results::{Output, perturbation::Control},
    table::{FeatureValue, Undefined, number},
};

use crate::{
    data::{Cohort, LeftOut, Lesion, Patient, Score, Term},
    files, learn,
    stages::left_out,
};

/// The table of scores of a cohort.
pub const TABLE: &str = "scores.csv";

/// Scores the lesions of a cohort with a model.
///
/// # Errors
/// If the predictor fails.
pub fn score(plan: &Plan, predictor: &Predictor, cohort: &mut Cohort, host: &CaseHost) -> Result<(), String> {
    let places = &plan.places;
    // What is worth saying of a lesion is said of it as it is.
    let quiet = host.quiet();
    let unused: Vec<(&String, usize)> = predictor
        .model
        .iter()
        .flat_map(|model| model.unused.keys())
        .filter_map(|name| Some((name, *places.get(name)?)))
        .collect();
    for lesion in cohort.patients.iter_mut().flat_map(|patient| &mut patient.lesions) {
        let value = |name: &String| match places.get(name.as_str()) {
            Some(index) => lesion.inputs[*index].clone(),
            None => Err(Undefined::from(format!("the experiment does not offer `{name}`"))),
        };
        let values: Vec<FeatureValue> = predictor.instance.inputs.iter().map(value).collect();
        let prediction = predictor.predict(&values, host).map_err(|error| error.to_string())?;
        let scored = prediction.score.is_ok();
        let doubt = |name: &str, value: &FeatureValue| match value {
            Ok(value) => predictor.doubt(name, *value),
            Err(reason) => {
                scored.then(|| format!("`{name}` is missing ({reason}); the model puts a value in its place"))
            }
        };
        let terms = predictor.instance.inputs.iter().zip(values).enumerate().map(|(index, (name, value))| Term {
            doubt: doubt(name, &value),
            input: name.clone(),
            value,
            contribution: prediction.contributions.get(index).copied(),
        });
        let outside = |(name, index): &(&String, usize)| {
            predictor.model.as_ref()?.doubt_unused(name, lesion.inputs[*index].as_ref().ok().copied()?)
        };
        let mut outputs = predictor.outputs().into_iter();
        let Some(output) = outputs.next() else {
            return Err(format!("{} has no output", predictor.instance.name));
        };
        let score = Score {
            terms: terms.collect(),
            value: prediction.score,
            output,
            others: outputs.zip(prediction.others).collect(),
            doubts: unused.iter().filter_map(outside).collect(),
            doubtful: predictor.doubtful.clone(),
        };
        lesion.scores.insert(predictor.name.clone(), score);
        if !lesion.controls.is_empty() {
            let controls = lesion.controls.iter().map(|inputs| learn::control_score(plan, predictor, inputs, &quiet));
            let controls = controls.collect::<Result<Vec<Option<f64>>, String>>()?;
            lesion.control_scores.insert(predictor.name.clone(), controls);
        }
    }
    Ok(())
}

/// Writes the scores of a cohort's lesions, with every term.
///
/// # Errors
/// Which file, and why not.
pub fn write(folder: &Folder, also: &[Also], cohort: &Cohort) -> Result<(), String> {
    output::write_scores(&folder.below(&cohort.name)?, also, &|take| {
        for patient in &cohort.patients {
            let scores =
                patient.lesions.iter().flat_map(|lesion| lesion.scores.iter().map(move |score| (lesion, score)));
            for (lesion, score) in scores {
                rows(&cohort.name, &patient.id, lesion, score).into_iter().try_for_each(&mut *take)?;
            }
        }
        Ok(())
    })
}

/// Writes the scores of a cohort's lesions in negative controls; takes those of an earlier run away if there are no controls.
///
/// # Errors
/// Which file, and why not.
pub fn write_controls(folder: &Folder, cohort: &Cohort) -> Result<(), String> {
    let folder = folder.below(&cohort.name)?;
    if cohort.controls.is_empty() {
        return folder.remove(CONTROL_SCORES);
    }
    let header = ["patient", "case", "component", "model", "control", "where", "score"];
    let lesions =
        cohort.patients.iter().flat_map(|patient| patient.lesions.iter().map(move |lesion| (patient, lesion)));
    let rows = lesions.flat_map(|(patient, lesion)| {
        let of = move |(model, scores): (&String, &Vec<Option<f64>>)| {
            let row = |(control, score): (&Control, &Option<f64>)| {
                let component = lesion.component.map(|number| number.to_string()).unwrap_or_default();
                let score = score.map(number).unwrap_or_default();
                let [kind, place] = [control.kind.word(), control.place.word()].map(str::to_owned);
                vec![patient.id.clone(), lesion.case.clone(), component, model.clone(), kind, place, score]
            };
            cohort.controls.iter().zip(scores).map(row).collect::<Vec<_>>()
        };
        lesion.control_scores.iter().flat_map(of)
    });
    files::write_csv(&folder, CONTROL_SCORES, &header, rows)
}

/// How many lesions of a cohort have a doubtful score by a model, and the first doubt.
pub fn doubts(model: &str, cohort: &Cohort) -> Option<String> {
    let lesions = || cohort.patients.iter().flat_map(|patient| &patient.lesions);
    let doubt = |lesion: &Lesion| {
        let score = lesion.scores.get(model)?;
        score.terms.iter().find_map(|term| term.doubt.clone()).or_else(|| score.doubts.first().cloned())
    };
    let doubtful: Vec<(&Lesion, String)> = lesions().filter_map(|lesion| Some((lesion, doubt(lesion)?))).collect();
    let (first, why) = doubtful.first()?;
    let have = if doubtful.len() == 1 { "has" } else { "have" };
    Some(format!(
        "{model}: {} of {} of `{}` {have} inputs outside the range of the training, or none, see the doubts in \
         {}/{TABLE}; the first: {}: {why}",
        doubtful.len(),
        voxomics_report::count(lesions().count() as u64, "lesion"),
        cohort.name,
        cohort.name,
        first.case
    ))
}

/// The first scores of a cohort: cohort, lesion, model, and the score with the two terms that weigh most, or why there is
/// none.
pub fn shown(cohort: &Cohort, most: usize) -> Vec<[String; 4]> {
    let lesions = cohort.patients.iter().flat_map(|patient| &patient.lesions);
    let scores = lesions.flat_map(|lesion| lesion.scores.iter().map(move |(model, score)| (lesion, model, score)));
    let words = |score: &Score| match &score.value {
        Err(reason) => format!("no score: {reason}"),
        Ok(value) => {
            let mut terms: Vec<(&str, f64)> =
                score.terms.iter().filter_map(|term| Some((term.input.as_str(), term.contribution?))).collect();
            terms.retain(|(_, contribution)| *contribution != 0.0);
            terms.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            let terms: Vec<String> =
                terms.iter().take(2).map(|(input, contribution)| format!("{input} {contribution:+.3}")).collect();
            let of = if terms.is_empty() { String::new() } else { format!("  ({})", terms.join(", ")) };
            format!("{value:.4}{of}")
        }
    };
    let row = |(lesion, model, score): (&Lesion, &String, &Score)| {
        [cohort.name.clone(), lesion.name(), model.clone(), words(score)]
    };
    scores.take(most).map(row).collect()
}

/// How many lesions of a cohort have no score by a model, and the reason that is most frequent.
pub fn gaps(model: &str, cohort: &Cohort, unscored: &[LeftOut]) -> Option<String> {
    let counts = left_out::counts(unscored);
    let most = counts.iter().rev().max_by_key(|count| count.rows)?;
    let lesions: usize = cohort.patients.iter().map(|patient| patient.lesions.len()).sum();
    // Those whose lesions are all without one.
    let without = |patient: &&Patient| {
        let none = |lesion: &Lesion| lesion.scores.get(model).is_some_and(|score| score.value.is_err());
        !patient.lesions.is_empty() && patient.lesions.iter().all(none)
    };
    Some(format!(
        "{model}: {} of {lesions} lesions of `{}` have no score, and so {} of {} patients have none; for {} of the lesions: \
         {}; see {}/{TABLE}",
        unscored.len(),
        cohort.name,
        cohort.patients.iter().filter(without).count(),
        cohort.patients.len(),
        most.rows,
        most.reason,
        cohort.name
    ))
}

fn rows(
    cohort: &str,
    patient: &str,
    lesion: &Lesion,
    (model, score): (&String, &Score),
) -> Vec<[String; SCORES.len()]> {
    let terms = score.terms.iter().filter_map(|term| Some((term.input.as_str(), term.contribution?)));
    let scored = Scored { case: &lesion.case, component: lesion.component, patient, cohort, model };
    let outputs: Vec<Output> =
        [&score.output].into_iter().chain(score.others.iter().map(|(output, _)| output)).cloned().collect();
    let values = [&score.value].into_iter().chain(score.others.iter().map(|(_, value)| value));
    scored.rows(&outputs, values, terms, &score.all_doubts())
}
