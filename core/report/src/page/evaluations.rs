//! Evaluations: whether a score holds in a cohort.

use crate::{
    figure::{self, Figure},
    number,
    page::{Block, Gallery, Section, gallery::anchor, outcomes, risk as risk_words},
    study::{ClassResult, CoxTable, Evaluation, NumberResult, Outcome, RiskResult, Study, SurvivalResult},
    table::Table,
};

/// A section an evaluation.
pub fn sections(study: &Study, gallery: &mut Gallery) -> Vec<Section> {
    let evaluations = study.evaluations.iter().enumerate();
    evaluations
        .map(|(at, evaluation)| {
            let axis = figure::score_axis(study, evaluation);
            section(at, evaluation, &axis, gallery)
        })
        .collect()
}

fn section(at: usize, evaluation: &Evaluation, axis: &str, gallery: &mut Gallery) -> Section {
    let mut section = Section::new(anchor("evaluation", at, &evaluation.name), &evaluation.name);
    section.fact("Outcome", &evaluation.outcome);
    section.fact("Cohort", &evaluation.cohort);
    section.fact("Model", &evaluation.model);
    section.fact("Predictions", &evaluation.predictions);
    let left_out = match evaluation.left_out.len() {
        0 => String::new(),
        n => format!("; {n} left out"),
    };
    section.fact("Rows", format!("{} {}{left_out}", evaluation.n, evaluation.unit));
    section.fact("Aggregation", &evaluation.aggregation);
    if let Some(seen) = &evaluation.seen {
        let said = seen.label();
        let end = if seen.same_cohort { "." } else { ", if patients of the same name are the same." };
        section.callout("Optimistic:", format!("the model was {said}{end} This is no validation."));
    }
    if !evaluation.predictions.is_empty() {
        section.callout(
            "Out of fold:",
            "each row is scored by a model that has not seen it. This tells of the way of learning in the only cohort that there \
             is. It is no validation in other patients.",
        );
    }
    section.notes.clone_from(&evaluation.notes);
    section.methods.clone_from(&evaluation.methods);
    match &evaluation.result {
        Outcome::Class(result) => class(evaluation, result, axis, &mut section, gallery),
        Outcome::Survival(result) => survival(evaluation, result, axis, &mut section, gallery),
        Outcome::Number(result) => agreement(evaluation, result, axis, &mut section, gallery),
        Outcome::None { reason } => {
            let reason = if reason.is_empty() { "The reason was not recorded." } else { reason };
            section.callout("There is no result.", reason);
            show(&mut section, gallery, [scores(evaluation, axis, None)]);
        }
    }
    if let Some(controls) = &evaluation.controls {
        section.heading("Beside negative controls");
        section.words(outcomes::CONTROLS);
        section.table(gallery.table(&section.id, outcomes::controls(controls)));
    }
    if let Some(forest) = &evaluation.forest
        && let Some(figure) = figure::forest(forest, None)
    {
        section.heading("Subgroups");
        show(&mut section, gallery, [Some(figure)]);
        let table = gallery.table(&section.id, outcomes::forest(forest));
        section.blocks.push(Block::Folded { summary: "Numbers of the subgroups".into(), table });
    }
    if !evaluation.left_out.is_empty() {
        let table = Table::lost("left-out", "Rows that were left out, and why.", &evaluation.left_out);
        let table = gallery.table(&section.id, table);
        let summary = format!("{} left out, with reasons", number::count(evaluation.left_out.len() as u64, "row"));
        section.blocks.push(Block::Folded { summary, table });
    }
    section
}

/// Takes figures into the gallery, in this order, and shows them side by side.
fn show(section: &mut Section, gallery: &mut Gallery, figures: impl IntoIterator<Item = Option<Figure>>) {
    let id = section.id.clone();
    section.figures(figures.into_iter().map(|figure| figure.map(|figure| gallery.figure(&id, figure))));
}

/// A table that is a file alone, if it has a row.
fn file(section: &mut Section, gallery: &mut Gallery, kind: &str, text: &str, table: Table) {
    if !table.rows.is_empty() {
        let file = gallery.file(&format!("{}-{kind}", section.id), table);
        section.blocks.push(Block::File { text: text.to_owned(), file });
    }
}

/// Words followed by a p-value, if there is one.
fn with_p(said: String, p: Option<f64>) -> String {
    let p = number::p_said(p);
    if p.is_empty() { said } else { format!("{said}, {p}") }
}

fn scores(evaluation: &Evaluation, axis: &str, cutoff: Option<f64>) -> Option<Figure> {
    figure::distribution(&evaluation.distribution, axis, cutoff, None)
}

fn class(evaluation: &Evaluation, result: &ClassResult, axis: &str, section: &mut Section, gallery: &mut Gallery) {
    section.fact("Positive / negative", format!("{} / {}", result.positives, result.negatives));
    section.fact("AUC", with_p(number::estimate(&result.auc), result.auc.p));
    let cutoff = result.cutoff.as_ref().map(|cutoff| cutoff.value);
    show(section, gallery, [scores(evaluation, axis, cutoff), figure::roc(result, None)]);
    file(section, gallery, "roc-points", "All points of the ROC curve:", outcomes::roc(result));
    if let Some(cutoff) = &result.cutoff {
        section.table(gallery.table(&section.id, outcomes::cutoff(cutoff)));
    }
    let calibration = result.calibration.as_ref();
    let decision = result.decision.as_ref();
    show(
        section,
        gallery,
        [calibration.and_then(|of| figure::calibration(of, None)), decision.and_then(|of| figure::decision(of, None))],
    );
    if let Some(decision) = decision {
        file(section, gallery, "decision-points", "All points of the decision curve:", outcomes::decision(decision));
    }
    if let Some(calibration) = calibration {
        section.table(gallery.table(&section.id, outcomes::calibration(calibration)));
    }
}

fn survival(
    evaluation: &Evaluation,
    result: &SurvivalResult,
    axis: &str,
    section: &mut Section,
    gallery: &mut Gallery,
) {
    section.fact("Event", &result.event);
    section.fact("Split", &result.split);
    for (test, found) in [("Log-rank test", result.log_rank), ("Gray’s test", result.gray)] {
        let Some((chi, degrees, p)) = found else { continue };
        let said = format!("χ² = {}, {}", number::number(chi), number::count(degrees, "degree"));
        section.fact(test, with_p(format!("{said} of freedom"), Some(p)));
    }
    if let Some(time) = &result.follow_up {
        let unit = figure::unit_of(&result.time_unit);
        section.fact("Median follow-up", format!("{} {unit} (reverse Kaplan–Meier)", number::estimate(time)));
    }
    section.fact("Harrell’s C", result.concordance.as_ref().map(number::estimate).unwrap_or_default());
    if let Some((horizon, c)) = &result.uno {
        let unit = figure::unit_of(&result.time_unit);
        section.fact("Uno’s C", format!("{} up to {} {unit}", number::estimate(c), number::number(*horizon)));
    }
    if let Some(figure) = figure::incidence(result, None) {
        show(section, gallery, [Some(figure)]);
        section.table(gallery.table(&section.id, outcomes::incidence(result)));
    }
    for model in &result.fine_gray {
        hazards(model, "Model of Fine and Gray", outcomes::fine_gray, section, gallery);
    }
    show(section, gallery, [figure::kaplan_meier(result, None)]);
    file(section, gallery, "steps", "All steps of the curves:", outcomes::steps(result));
    if !result.groups.is_empty() {
        section.table(gallery.table(&section.id, outcomes::groups(result)));
    }
    if result.groups.iter().any(|group| !group.landmarks.is_empty()) {
        section.table(gallery.table(&section.id, outcomes::landmarks(result)));
    }
    for cox in &result.cox {
        hazards(cox, "Cox model", outcomes::cox, section, gallery);
    }
    if let Some(risk) = &result.risk {
        risks(result, risk, section, gallery);
    }
    show(section, gallery, [figure::time_auc(result, None), scores(evaluation, axis, None)]);
    if !result.time_auc.is_empty() {
        section.blocks.push(Block::Folded {
            summary: "Numbers of AUC over time".into(),
            table: gallery.table(&section.id, outcomes::time_auc(result)),
        });
    }
}

/// A model of hazards, or why there is none.
fn hazards(model: &CoxTable, what: &str, table: fn(&CoxTable) -> Table, section: &mut Section, gallery: &mut Gallery) {
    if model.rows.is_empty() {
        return section.words(format!("{what}: {}. {}", model.title, model.notes.join(" ")));
    }
    section.table(gallery.table(&section.id, table(model)));
    model.notes.iter().for_each(|note| section.words(note));
}

/// Risks at times: what they are, whether they are right, and what it is worth to act on them.
fn risks(result: &SurvivalResult, risk: &RiskResult, section: &mut Section, gallery: &mut Gallery) {
    section.heading("Risk at a time");
    section.words(risk_words::READ);
    section.table(gallery.table(&section.id, risk_words::table(risk, &result.time_unit)));
    if let Some(slope) = &risk.slope {
        section.words(format!("Calibration slope {}. {}", number::estimate(slope), risk_words::SLOPE));
    }
    if let Some(whole) = &risk.integrated {
        section.words(risk_words::integrated(whole, &result.time_unit));
    }
    for at in &risk.at {
        let unit = figure::unit_of(&result.time_unit);
        let when = format!("{} {unit}", number::number(at.time));
        show(section, gallery, [figure::risk_calibration(at, &when, None), figure::risk_decision(at, &when, None)]);
        let table = gallery.table(&section.id, risk_words::groups(at));
        section.blocks.push(Block::Folded { summary: format!("Groups of the predicted risk at {when}"), table });
    }
}

fn agreement(evaluation: &Evaluation, result: &NumberResult, axis: &str, section: &mut Section, gallery: &mut Gallery) {
    for (name, estimate) in [("Pearson’s r", &result.pearson), ("Spearman’s ρ", &result.spearman)] {
        let Some(estimate) = estimate else { continue };
        section.fact(name, with_p(number::estimate(estimate), estimate.p));
    }
    let calibrated = figure::number_calibration(evaluation, result, axis, None);
    let points = calibrated.or_else(|| figure::agreement(evaluation, result, axis, None));
    show(section, gallery, [points, scores(evaluation, axis, None)]);
    file(section, gallery, "points", "All points:", outcomes::points(result));
    if let Some(calibration) = &result.calibration {
        section.table(gallery.table(&section.id, outcomes::number_calibration(calibration)));
    }
}
