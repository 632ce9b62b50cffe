//! A study in the words of its readers: everything but its patients, with labels in the place of names.

use std::collections::BTreeMap;

use crate::{
    number,
    study::{
        Asked, Balance, Characteristic, Cohort, Compared, Evaluation, Forest, LearntFrom, Lost, Model, Outcome, Study,
        Subject, Summary, SurvivalResult, Workflow,
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
        evaluations: raw.evaluations.iter().map(|evaluation| self::evaluation(evaluation, words)).collect(),
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
    all.iter_mut().for_each(|text| *text = words.said(text));
}

fn model(raw: &Model, words: &Words<'_>) -> Model {
    let mut told = Model { name: words.model(&raw.name), ..raw.clone() };
    let column =
        raw.target.strip_prefix('`').and_then(|target| target.strip_suffix('`')).filter(|name| !name.contains('`'));
    told.target = column.map_or_else(|| words.said(&raw.target), |column| words.with_unit(column));
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
    match name {
        "auc" => "AUC".to_owned(),
        "mse" => "Mean squared error".to_owned(),
        other => capital(other),
    }
}

fn compared(raw: &Compared, words: &Words<'_>) -> Compared {
    let mut told = Compared { title: words.said(&raw.title), measure: measure(&raw.measure), ..raw.clone() };
    let model = |name: &str| match name.split_once(": ") {
        Some((model, what)) => format!("{}: {what}", words.model(model)),
        None => words.model(name),
    };
    told.reference = model(&told.reference);
    told.rows.iter_mut().for_each(|row| row.name = model(&row.name));
    told
}

fn evaluation(raw: &Evaluation, words: &Words<'_>) -> Evaluation {
    let mut told = Evaluation {
        name: words.evaluation(&raw.name),
        cohort: words.cohort(&raw.cohort),
        model: words.model(&raw.model),
        outcome: words.outcome(&raw.asked).unwrap_or_else(|| capital(&words.said(&raw.outcome))),
        aggregation: words.said(&raw.aggregation),
        ..raw.clone()
    };
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
        Outcome::Survival(result) => survival(result, &raw.asked, words),
        Outcome::Number(result) => result.label = words.with_unit(&result.label),
        Outcome::None { reason } => *reason = words.said(reason),
        Outcome::Class(_) => {}
    }
    if let Some(forest) = &mut told.forest {
        self::forest(forest, words);
    }
    told
}

fn survival(result: &mut SurvivalResult, asked: &Asked, words: &Words<'_>) {
    if let Some(name) = words.outcome(asked) {
        result.event = name;
    }
    result.split = capital(&words.said(&result.split));
    if !result.split.is_empty() && !result.split.ends_with('.') {
        result.split.push('.');
    }
    result.groups.iter_mut().for_each(|group| group.name = words.group(&group.name));
    result.incidence.iter_mut().for_each(|group| group.name = words.group(&group.name));
    for cox in &mut result.cox {
        cox.rows.iter_mut().for_each(|row| row.0 = words.covariate(&row.0));
        sentences(&mut cox.notes, words);
    }
}

fn forest(forest: &mut Forest, words: &Words<'_>) {
    forest.estimate = capital(&forest.estimate);
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
