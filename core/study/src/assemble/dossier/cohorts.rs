//! Design and data: who was there, who was lost, and what is known of them.

use std::collections::BTreeSet;

use voxomics_report::study::{Balance, Cohort, Evaluation, Outcome, Place, Point};

use super::{Given, counted, does_not_apply, names, shown, stated};

pub fn design(of: &Given<'_>) -> Vec<Point> {
    let facts = &of.experiment.facts;
    let mut points: Vec<Point> = ["design", "dates", "eligibility", "ethics", "registration", "sample_size"]
        .map(|key| stated(facts, "design", key))
        .into();
    let cohorts = &of.study.cohorts;
    let places = || cohorts.iter().map(|cohort| Place::Cohort(cohort.name.clone())).collect::<Vec<_>>();
    let said: Vec<String> = cohorts.iter().map(cohort).collect();
    points.push(shown("design.cohorts", "Which cohorts there are, and what each serves", &said, places(), NO_COHORT));
    let said: Vec<String> = cohorts.iter().map(flow).collect();
    points.push(shown("design.flow", "What became of every case", &said, places(), NO_COHORT));
    points.push(separation(of));
    points.push(unit(of));
    points
}

const NO_COHORT: &str = "There is no cohort.";
const NO_EVALUATION: &str = "No score was evaluated.";

fn cohort(of: &Cohort) -> String {
    let flow = &of.flow;
    format!(
        "`{}` ({}): {} of {} in the list, {} of {} with features.",
        of.name,
        of.role,
        counted(flow.listed, "case"),
        counted(flow.listed_patients, "patient"),
        counted(flow.extracted, "lesion"),
        counted(flow.extracted_patients, "patient")
    )
}

fn flow(of: &Cohort) -> String {
    let flow = &of.flow;
    let (done, over_time) = match &flow.before_course {
        None => (flow.extracted_cases, String::new()),
        Some(before) => {
            let stand = format!(
                ", of which {} stand for the course of their lesions; {} lesions or cases could not be followed",
                flow.extracted_cases,
                before.lost.len()
            );
            (before.cases, stand)
        }
    };
    // A region may fail in a case that has others.
    let failures = match flow.failed.len() as u64 {
        0 => String::new(),
        number => format!(" What failed of cases and regions is listed: {}.", counted(number, "failure")),
    };
    format!(
        "`{}`: of {} listed, {} did not join or were left out by a condition, {} gave no features, {done} gave features{over_time}.{failures}",
        of.name,
        counted(flow.listed, "case"),
        flow.unjoined.len(),
        flow.failed_cases,
    )
}

/// Whether those whom a score is evaluated on are others than those whom it was learnt on.
fn separation(of: &Given<'_>) -> Point {
    const KEY: &str = "design.separation";
    const ASKS: &str = "Whether models were evaluated on patients whom they had not seen";
    let evaluations = &of.study.evaluations;
    let learnt =
        |evaluation: &Evaluation| of.study.models.iter().any(|model| model.learnt && model.name == evaluation.model);
    let mut said = Vec::new();
    let (new, other): (Vec<&Evaluation>, Vec<&Evaluation>) = evaluations
        .iter()
        .partition(|evaluation| learnt(evaluation) && evaluation.seen.is_none() && evaluation.predictions.is_empty());
    let (told, untold): (Vec<&Evaluation>, Vec<&Evaluation>) =
        new.into_iter().partition(|evaluation| of.ids_tell(evaluation));
    if !told.is_empty() {
        let all = names(told.iter().map(|evaluation| &evaluation.name));
        said.push(format!("By their ids, no patient of {all} was among those whom the model was learnt from."));
    }
    if !untold.is_empty() {
        let all = names(untold.iter().map(|evaluation| &evaluation.name));
        said.push(format!(
            "Of {all} the run does not know: ids are those of each cohort alone, and one patient may have several."
        ));
    }
    for evaluation in other {
        let name = &evaluation.name;
        said.push(match (&evaluation.seen, evaluation.predictions.as_str()) {
            (Some(seen), "") => format!("In `{name}` the model was {}.", seen.label()),
            (_, "") => format!("Of `{name}` the run does not know: its model was given."),
            (_, how) => format!("In `{name}` each row was scored {how}."),
        });
    }
    shown(KEY, ASKS, &said, evaluations.iter().map(|of| Place::Evaluation(of.name.clone())).collect(), NO_EVALUATION)
}

fn unit(of: &Given<'_>) -> Point {
    let ways: BTreeSet<(&str, &str)> =
        of.study.evaluations.iter().map(|of| (of.unit.as_str(), of.aggregation.as_str())).collect();
    let said: Vec<String> = ways
        .into_iter()
        .map(|(unit, how)| match how {
            "" => format!("Results are of {unit}."),
            how => format!("Results are of {unit} ({how})."),
        })
        .collect();
    let places = of.study.evaluations.iter().map(|of| Place::Evaluation(of.name.clone())).collect();
    shown(
        "design.unit",
        "Whether lesions or patients are counted, and how lesions become patients",
        &said,
        places,
        NO_EVALUATION,
    )
}

pub fn data(of: &Given<'_>) -> Vec<Point> {
    let study = of.study;
    let evaluations = || study.evaluations.iter().map(|of| Place::Evaluation(of.name.clone())).collect::<Vec<_>>();
    let outcomes: Vec<String> = study.evaluations.iter().map(outcome).collect();
    let left: Vec<String> = study.evaluations.iter().map(left_out).collect();
    let of_cohorts = |said: fn(&Cohort) -> String| -> Vec<String> {
        study.cohorts.iter().filter(|cohort| !cohort.table_one.is_empty()).map(said).collect()
    };
    let none = "No cohort has a table of patients, or a column that is shown.";
    vec![
        stated(&of.experiment.facts, "data", "outcome"),
        shown("data.outcomes", "How many outcomes there are", &outcomes, evaluations(), NO_EVALUATION),
        shown(
            "data.characteristics",
            "What the patients are like",
            &of_cohorts(|cohort| {
                format!("`{}`: {}.", cohort.name, counted(cohort.table_one.len() as u64, "characteristic"))
            }),
            vec![Place::Characteristics],
            none,
        ),
        shown(
            "data.missing",
            "Which values of patients are missing",
            &of_cohorts(missing),
            vec![Place::Characteristics],
            none,
        ),
        balance(of),
        shown("data.left_out", "Who was left out of an evaluation", &left, evaluations(), NO_EVALUATION),
    ]
}

fn outcome(of: &Evaluation) -> String {
    let name = &of.name;
    match &of.result {
        Outcome::Class(class) => {
            format!("`{name}`: {} of one class and {} of the other.", class.positives, class.negatives)
        }
        Outcome::Survival(survival) => {
            let rows: u64 = survival.groups.iter().map(|group| group.n).sum();
            let events: u64 = survival.groups.iter().map(|group| group.events).sum();
            match rows == of.n {
                true => format!("`{name}`: {events} events among {} {}.", of.n, of.unit),
                false => format!("`{name}`: {} {}.", of.n, of.unit),
            }
        }
        Outcome::Number(_) => format!("`{name}`: a number of {} {}.", of.n, of.unit),
        Outcome::None { reason } => format!("`{name}`: no result: {}.", reason.trim_end_matches('.')),
    }
}

fn left_out(of: &Evaluation) -> String {
    format!("`{}`: {} left out, {} {} looked at.", of.name, of.left_out.len(), of.n, of.unit)
}

fn missing(of: &Cohort) -> String {
    let rows = of.table_one.iter().filter(|row| row.missing > 0);
    let said: Vec<String> = rows
        .map(|row| match row.name.contains('`') {
            true => format!("{} (of {})", row.name, row.missing),
            false => format!("`{}` of {}", row.name, row.missing),
        })
        .collect();
    match said.as_slice() {
        [] => format!("`{}`: none.", of.name),
        said => format!("`{}`: {}.", of.name, said.join(", ")),
    }
}

/// A name in back-ticks; one in words has those of its own.
fn name(of: &str) -> String {
    if of.contains('`') { of.to_owned() } else { format!("`{of}`") }
}

fn balance(of: &Given<'_>) -> Point {
    const KEY: &str = "data.balance";
    const ASKS: &str = "How much the cohorts differ";
    if of.study.cohorts.len() < 2 {
        return does_not_apply(KEY, ASKS, "There is one cohort.");
    }
    let (measured, apart): (Vec<&Balance>, Vec<&Balance>) =
        of.study.balance.iter().partition(|row| row.difference.is_some());
    let mut said: Vec<String> = apart
        .iter()
        .map(|row| format!("`{}` and `{}` have no value of {} in common.", row.first, row.second, name(&row.name)))
        .collect();
    let most = measured.into_iter().filter_map(|row| Some((row.difference?, row))).max_by(|a, b| a.0.total_cmp(&b.0));
    said.extend(most.map(|(difference, row)| {
        let which = if apart.is_empty() { "largest" } else { "largest measured" };
        format!(
            "The {which} standardised difference is {difference:.2}: {} of `{}` and `{}`.",
            name(&row.name),
            row.first,
            row.second
        )
    }));
    shown(KEY, ASKS, &said, vec![Place::Characteristics], "The cohorts have no characteristic in common.")
}
