//! A study in the words of its readers: everything but its patients, with labels in the place of names.

use std::collections::BTreeMap;

use crate::{
    number,
    study::{
        Asked, Balance, Characteristic, Cohort, ColumnLabel, Compared, Evaluation, Forest, ForestRow, Labels,
        LearntFrom, Lost, Model, Outcome, Study, Subject, Summary, SurvivalResult, Workflow,
    },
    words::{Words, capital},
};

/// The study as it is read. Its patients are left where they are: there may be many, and each is told when it is shown.
pub fn study(raw: &Study, words: &Words<'_>) -> Study {
    let classes = classes(raw);
    Study {
        title: raw.title.clone(),
        description: raw.description.clone(),
        simulated: raw.simulated,
        workflow: raw.workflow.as_ref().map(|found| workflow(found, words)),
        figures: raw.figures.clone(),
        notices: raw.notices.clone(),
        record: raw.record.clone(),
        cohorts: raw.cohorts.iter().map(|cohort| self::cohort(cohort, &classes, words)).collect(),
        balance: raw.balance.iter().map(|row| balance(row, words)).collect(),
        models: raw.models.iter().map(|model| self::model(model, words)).collect(),
        compared: raw.compared.iter().map(|table| compared(table, words)).collect(),
        evaluations: raw
            .evaluations
            .iter()
            .map(|evaluation| self::evaluation(evaluation, &raw.labels, words))
            .collect(),
        patients: Vec::new(),
        single_file: raw.single_file,
        labels: raw.labels.clone(),
        methods: raw.methods.clone(),
        dossier: raw.dossier.iter().map(|subject| self::subject(subject, words)).collect(),
        stated: raw.stated.clone(),
        open: raw.open.clone(),
    }
}

fn workflow(raw: &Workflow, words: &Words<'_>) -> Workflow {
    Workflow { regions: raw.regions.iter().map(|name| words.region(name)).collect(), ..raw.clone() }
}

fn subject(raw: &Subject, words: &Words<'_>) -> Subject {
    let mut told = raw.clone();
    told.points.iter_mut().for_each(|point| point.said = words.said(&point.said));
    told
}

/// The classes of each characteristic that any cohort has.
fn classes(raw: &Study) -> BTreeMap<&str, Vec<&str>> {
    let mut classes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in raw.cohorts.iter().flat_map(|cohort| &cohort.table_one) {
        let Summary::Categorical { levels, .. } = &row.summary else { continue };
        let known = classes.entry(&row.name).or_default();
        for (level, _) in levels {
            if !known.contains(&level.as_str()) {
                known.push(level);
            }
        }
    }
    classes
}

fn cohort(raw: &Cohort, classes: &BTreeMap<&str, Vec<&str>>, words: &Words<'_>) -> Cohort {
    let mut told = Cohort { name: words.cohort(&raw.name), ..raw.clone() };
    told.table_one.iter_mut().for_each(|row| characteristic(row, classes, words));
    let flow = &mut told.flow;
    [&mut flow.unjoined, &mut flow.absent, &mut flow.failed].into_iter().for_each(|lost| self::lost(lost, words));
    told
}

/// A row of table 1: its name, and its classes in their order with what they mean. The order is that of the classes of all cohorts: one that
/// a cohort lacks has its place there, too.
fn characteristic(row: &mut Characteristic, classes: &BTreeMap<&str, Vec<&str>>, words: &Words<'_>) {
    let column = row.name.clone();
    if let Summary::Categorical { levels, .. } = &mut row.summary {
        let known: &[&str] = classes.get(column.as_str()).map_or(&[], Vec::as_slice);
        let order = words.order(&column, known);
        let is_flag = known.iter().all(|level| ["0", "1"].contains(level));
        // Every class of an order has its place in every cohort, also where nobody has it.
        for level in &order {
            if !levels.iter().any(|(name, _)| name == level) {
                levels.push((level.clone(), 0));
            }
        }
        // A stable sort: classes without a place stay as they come, after those that have one.
        levels.sort_by_key(|(level, _)| order.iter().position(|name| name == level).unwrap_or(usize::MAX));
        levels.iter_mut().for_each(|(level, _)| {
            *level =
                if is_flag { words.class(&column, std::slice::from_ref(level)) } else { words.level(&column, level) };
        });
    }
    row.name = characteristic_name(&column, words);
}

fn characteristic_name(name: &str, words: &Words<'_>) -> String {
    if name.contains([' ', '`']) { capital(&words.said(name)) } else { words.with_unit(name) }
}

fn balance(raw: &Balance, words: &Words<'_>) -> Balance {
    Balance {
        name: characteristic_name(&raw.name, words),
        difference: raw.difference,
        first: words.cohort(&raw.first),
        second: words.cohort(&raw.second),
    }
}

fn lost(rows: &mut [Lost], words: &Words<'_>) {
    rows.iter_mut().for_each(|row| row.reason = words.said(&row.reason));
}

fn sentences(all: &mut [String], words: &Words<'_>) {
    all.iter_mut().for_each(|text| *text = with_minus(&words.said(text)));
}

fn model(raw: &Model, words: &Words<'_>) -> Model {
    let mut told = Model { name: words.model(&raw.name), ..raw.clone() };
    told.target = words.outcome(&raw.asked).unwrap_or_else(|| words.said(&raw.target));
    told.performance.iter_mut().for_each(|metric| metric.name = measure(&metric.name));
    told.score_label = words.said(&raw.score_label);
    told.cutoffs.iter_mut().for_each(|(name, _)| *name = cutoff(name));
    sentences(&mut told.formula, words);
    sentences(&mut told.notes, words);
    let from = |from: &mut LearntFrom| {
        from.cohort = words.cohort(&from.cohort);
        lost(&mut from.left_out, words);
    };
    told.learnt_from.iter_mut().for_each(from);
    told.path.iter_mut().flat_map(|path| &mut path.inputs).for_each(|(input, _)| *input = words.input(input));
    told
}

/// A sentence whose negative numbers have a true minus, as those of tables and figures have.
pub(crate) fn with_minus(sentence: &str) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut letters = sentence.chars().peekable();
    while let Some(letter) = letters.next() {
        let begins = out.is_empty() || out.ends_with([' ', '(', '\u{a0}', '[']);
        let negative = letter == '-' && begins && letters.peek().is_some_and(char::is_ascii_digit);
        out.push(if negative { '−' } else { letter });
    }
    out
}

/// What readers call high and low scores, if somebody has said.
fn arms(groups: &BTreeMap<String, String>) -> Option<[String; 2]> {
    let of = |name: &str, otherwise: &str| groups.get(name).cloned().unwrap_or_else(|| otherwise.to_owned());
    let said = ["high", "low"].iter().any(|name| groups.contains_key(*name));
    said.then(|| [of("high", "high score"), of("low", "low score")])
}

/// A sentence in which a column is named and then one of its values, with what the value means.
fn with_levels(sentence: &str, labels: &Labels) -> String {
    let mut out = String::new();
    let mut column = None;
    for (at, piece) in sentence.split('`').enumerate() {
        // What stands between two back-ticks is a name or a value.
        let meaning = column.and_then(|label: &ColumnLabel| label.levels.get(piece.trim())).filter(|_| at % 2 == 1);
        match meaning {
            Some(meaning) => out.push_str(meaning),
            None if at % 2 == 1 => {
                column = labels.columns.get(piece).or(column);
                out.push('`');
                out.push_str(piece);
                out.push('`');
            }
            None => out.push_str(piece),
        }
    }
    // A back-tick without its fellow is none of a name.
    if sentence.matches('`').count() % 2 == 1 { sentence.to_owned() } else { out }
}

/// Whether two cells say the same: 1 is 1.0.
fn same_value(one: &str, other: &str) -> bool {
    match (one.trim().parse::<f64>(), other.trim().parse::<f64>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one.trim() == other.trim(),
    }
}

/// A cut-off of a model file: `patients_quantile_0.25` is "25 % quantile of patients".
fn cutoff(name: &str) -> String {
    let quantile = name.split_once("_quantile_").and_then(|(unit, share)| Some((unit, share.parse::<f64>().ok()?)));
    match (name.strip_suffix("_median"), quantile) {
        (Some(unit), _) => format!("Median of {unit}"),
        (None, Some((unit, share))) => format!("{} % quantile of {unit}", number::plain((share * 1e6).round() / 1e4)),
        (None, None) => name.to_owned(),
    }
}

/// A measure by which learners are compared, as it is read.
fn measure(name: &str) -> String {
    let (name, how) = name.split_once(", ").map_or((name, ""), |(name, how)| (name, how));
    let measure = match name {
        "auc" => "AUC".to_owned(),
        "mse" => "Mean squared error".to_owned(),
        "concordance" => "Concordance (C)".to_owned(),
        other => capital(other),
    };
    if how.is_empty() { measure } else { format!("{measure}, {how}") }
}

fn compared(raw: &Compared, words: &Words<'_>) -> Compared {
    let mut told = Compared {
        title: words.outcome(&raw.asked).unwrap_or_else(|| words.said(&raw.title)),
        measure: measure(&raw.measure),
        ..raw.clone()
    };
    let model = |name: &str| match name.split_once(": ") {
        Some((model, what)) => format!("{}: {what}", words.model(model)),
        None => words.model(name),
    };
    told.reference = model(&told.reference);
    told.rows.iter_mut().for_each(|row| row.name = model(&row.name));
    told
}

fn evaluation(raw: &Evaluation, labels: &Labels, words: &Words<'_>) -> Evaluation {
    let mut told = Evaluation {
        name: words.evaluation(&raw.name),
        cohort: words.cohort(&raw.cohort),
        model: words.model(&raw.model),
        outcome: words.outcome(&raw.asked).unwrap_or_else(|| capital(&words.said(&raw.outcome))),
        aggregation: words.said(&raw.aggregation),
        ..raw.clone()
    };
    told.notes.iter_mut().for_each(|note| *note = with_levels(note, labels));
    sentences(&mut told.notes, words);
    sentences(&mut told.methods, words);
    lost(&mut told.left_out, words);
    let classes = words.classes(&raw.asked);
    for (at, group) in told.distribution.iter_mut().enumerate() {
        // The positive class comes first.
        group.name = match classes.as_ref().filter(|_| raw.distribution.len() == 2) {
            Some(classes) => match (classes[at].as_str(), &raw.asked) {
                (answer @ ("yes" | "no"), Asked::Class { column, .. }) => format!("{}: {answer}", words.column(column)),
                (class, _) => capital(class),
            },
            None => capital(&words.said(&group.name)),
        };
    }
    if let Outcome::Class(result) = &mut told.result
        && let Some(cutoff) = &mut result.cutoff
    {
        cutoff.source = words.said(&cutoff.source);
        cutoff.figures.iter_mut().for_each(|(name, _)| *name = capital(name));
    }
    match &mut told.result {
        Outcome::Survival(result) => survival(result, &raw.asked, labels, words),
        Outcome::Number(result) => result.label = words.with_unit(&result.label),
        Outcome::None { reason } => *reason = words.said(reason),
        Outcome::Class(_) => {}
    }
    if let Some(forest) = &mut told.forest {
        self::forest(forest, arms(&labels.groups), words);
    }
    told
}

fn survival(result: &mut SurvivalResult, asked: &Asked, labels: &Labels, words: &Words<'_>) {
    if let Some(name) = words.outcome(asked) {
        result.event = name;
    }
    result.split = with_minus(&capital(&words.said(&result.split)));
    if !result.split.is_empty() && !result.split.ends_with('.') {
        result.split.push('.');
    }
    result.stratified_by = result.stratified_by.as_ref().map(|column| words.column(column));
    result.groups.iter_mut().for_each(|group| group.name = words.group(&group.name));
    result.incidence.iter_mut().for_each(|group| group.name = words.group(&group.name));
    for cox in result.cox.iter_mut().chain(&mut result.fine_gray) {
        let contrasts = std::mem::take(&mut cox.contrasts);
        for (at, row) in cox.rows.iter_mut().enumerate() {
            row.0 = match contrasts.get(at) {
                Some(contrast) => words.contrast(&row.0, contrast),
                None => words.covariate(&row.0),
            };
        }
        cox.notes.iter_mut().for_each(|note| *note = with_levels(note, labels));
        sentences(&mut cox.notes, words);
    }
}

fn forest(forest: &mut Forest, arms: Option<[String; 2]>, words: &Words<'_>) {
    if let Some([high, low]) = arms {
        forest.estimate = forest.estimate.replace("high against low", &format!("{high} against {low}"));
        forest.arms_named = Some([high, low]);
    }
    forest.estimate = capital(&forest.estimate);
    // The subgroups stand in the order of their column's values.
    let known: Vec<&str> = forest.rows.iter().skip(1).map(|row| row.name.as_str()).collect();
    let order = words.order(&forest.column, &known);
    let place = |row: &ForestRow| order.iter().position(|value| same_value(value, &row.name)).unwrap_or(usize::MAX);
    if let Some((_, subgroups)) = forest.rows.split_first_mut().filter(|_| !forest.column.is_empty()) {
        subgroups.sort_by_key(place);
    }
    for row in forest.rows.iter_mut().skip(1) {
        row.name = match forest.column.as_str() {
            "" => words.said(&row.name),
            column => format!("{}: {}", words.column(column), words.level(column, &row.name)),
        };
        row.note = words.said(&row.note);
    }
    if let Some(first) = forest.rows.first_mut().filter(|row| row.name == "all") {
        first.name = "All".to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_numbers_have_a_true_minus_and_dates_and_words_keep_their_hyphens() {
        assert_eq!(
            with_minus("above -0.1 (-2 to 1-3), on 2020-01-02, in-sample, a - b"),
            "above −0.1 (−2 to 1-3), on 2020-01-02, in-sample, a - b"
        );
    }
}
