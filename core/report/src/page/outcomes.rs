//! The tables of an evaluation.

use crate::{
    figure,
    number::{self, ABSENT},
    study::{
        AtCutoff, Calibration, ClassResult, Controls, CoxTable, Decision, Forest, NumberCalibration, NumberResult,
        SurvivalResult,
    },
    table::{Cell, Column, Table},
};

/// Classification at a cut-off.
pub fn cutoff(cutoff: &AtCutoff) -> Table {
    let caption = match cutoff.source.as_str() {
        "" => format!("At the cut-off {}.", number::number(cutoff.value)),
        source => format!("At the cut-off {} ({source}).", number::number(cutoff.value)),
    };
    let rows = cutoff.figures.iter().map(|(name, estimate)| vec![Cell::text(name), Cell::estimate(Some(estimate))]);
    Table::new("cutoff", caption, vec![Column::text("Measure"), Column::estimate("Value")]).with(rows)
}

/// How the table of negative controls is read.
pub const CONTROLS: &str = "In a negative control, intensities are put elsewhere or are others; volume and outline stay. The same model \
                            scores these images. A signature that reads what is within the region loses most of its worth. One that \
                            keeps it reads volume, outline, or other columns.";

/// What is left of a signature in negative controls.
pub fn controls(controls: &Controls) -> Table {
    let measure = &controls.measure;
    let columns = vec![
        Column::text("Control"),
        Column::number("n"),
        Column::number(&format!("{measure} of the signature")),
        Column::estimate(&format!("{measure} in the control")),
        Column::estimate("Difference"),
        Column::number("p"),
        Column::number("Same score"),
        Column::text("Note"),
    ];
    let rows = controls.rows.iter().map(|row| {
        vec![
            Cell::text(&row.name),
            Cell::count(row.n),
            Cell::number(row.signature),
            Cell::estimate(row.control.as_ref()),
            Cell::estimate(row.difference.as_ref()),
            Cell::p(row.difference.as_ref().and_then(|difference| difference.p)),
            Cell::count(row.same),
            Cell::text(&row.note),
        ]
    });
    let caption = "The signature beside its negative controls, on the rows that have a score of both; difference: signature − control.";
    Table::new("controls", caption, columns).with(rows)
}

/// Calibration: the groups.
pub fn calibration(result: &Calibration) -> Table {
    let columns = vec![Column::number("Mean predicted"), Column::estimate("Observed"), Column::number("n")];
    let rows = result.groups.iter().map(|(predicted, observed, n)| {
        vec![Cell::number(Some(*predicted)), Cell::estimate(Some(observed)), Cell::count(*n)]
    });
    let caption = format!(
        "Calibration by groups. Intercept {}; slope {}; Brier score {}.",
        number::estimate(&result.intercept),
        number::estimate(&result.slope),
        number::number(result.brier)
    );
    Table::new("calibration", caption, columns).with(rows)
}

/// Calibration of predicted numbers.
pub fn number_calibration(of: &NumberCalibration) -> Table {
    let columns = vec![Column::text("Figure"), Column::estimate("Value"), Column::text("Perfect"), Column::number("p")];
    let rows = [
        ("Mean of observed − predicted", &of.difference, "0"),
        ("Intercept of the line", &of.intercept, "0"),
        ("Slope of the line", &of.slope, "1"),
        ("R² of the predictions", &of.explained, "1"),
        ("Root mean squared difference", &of.root_mean_square, "0"),
        ("Mean absolute difference", &of.mean_absolute, "0"),
    ];
    let rows = rows.map(|(name, estimate, ideal)| {
        vec![Cell::text(name), Cell::estimate(Some(estimate)), Cell::text(ideal), Cell::p(estimate.p)]
    });
    let caption = "Calibration of the predicted number. R²: the share of the variance of the observed numbers that the predictions \
                   tell as they are; below 0, their mean alone would have told more. p: of the perfect value.";
    Table::new("number-calibration", caption, columns).with(rows)
}

/// Observed numbers and scores.
pub fn points(result: &NumberResult) -> Table {
    let columns = ["observed", "score"].map(Column::number).to_vec();
    let rows =
        result.points.iter().map(|(observed, score)| [*observed, *score].map(|of| Cell::number(Some(of))).to_vec());
    Table::new("", "", columns).with(rows)
}

/// Groups of a Kaplan–Meier plot, with their medians. Beside competing events they have none: their curve is no share of patients.
pub fn groups(result: &SurvivalResult) -> Table {
    let unit = format!(", {}", figure::unit_of(&result.time_unit));
    let alone = result.incidence.is_empty();
    let columns = [Column::text("Group"), Column::number("n"), Column::number("Events")]
        .into_iter()
        .chain(alone.then(|| Column::estimate(&format!("Median{unit}"))))
        .chain([Column::estimate(&format!("Median follow-up{unit}"))])
        .collect();
    let rows = result.groups.iter().map(|group| {
        let mut median = Cell::estimate(group.median.as_ref());
        if group.median.is_none() {
            median.text = "not reached".to_owned();
        }
        [Cell::text(&group.name), Cell::count(group.n), Cell::count(group.events)]
            .into_iter()
            .chain(alone.then_some(median))
            .chain([Cell::estimate(group.follow_up.as_ref())])
            .collect()
    });
    let caption = match alone {
        true => "Groups and their median survival.",
        false => {
            "Groups, their events and their follow-up. Beside competing events there is no median of these curves."
        }
    };
    Table::new("groups", caption, columns).with(rows)
}

/// Rates at the times that somebody asked for, or at the ticks.
pub fn landmarks(result: &SurvivalResult) -> Table {
    let columns = vec![
        Column::text("Group"),
        Column::number(&format!("Time, {}", figure::unit_of(&result.time_unit))),
        Column::number("At risk"),
        Column::percent("Rate"),
    ];
    let at = result.groups.iter().flat_map(|group| group.landmarks.iter().map(move |at| (&group.name, at)));
    let rows = at.map(|(name, (time, survival, at_risk))| {
        let time = Cell::both(number::plain(*time), number::exact(Some(*time)));
        vec![Cell::text(name), time, Cell::count(*at_risk), Cell::percent(survival)]
    });
    let caption = match result.event.as_str() {
        "" => "Rates at times: the share without the event.".to_owned(),
        name if name.to_lowercase().contains("survival") => format!("Rates at times: {name}."),
        name => format!("Rates at times: the share without {name}."),
    };
    Table::new("rates", caption, columns).with(rows)
}

/// Cumulative incidence at times.
pub fn incidence(result: &SurvivalResult) -> Table {
    let columns = vec![
        Column::text("Group"),
        Column::number(&format!("Time, {}", figure::unit_of(&result.time_unit))),
        Column::estimate("Incidence of the event"),
        Column::estimate("Of competing events"),
    ];
    let at = result.incidence.iter().flat_map(|group| group.at.iter().map(move |at| (&group.name, at)));
    let rows = at.map(|(name, (time, first, other))| {
        vec![Cell::text(name), Cell::number(Some(*time)), Cell::estimate(Some(first)), Cell::estimate(Some(other))]
    });
    Table::new("incidence", "Cumulative incidence at times.", columns).with(rows)
}

/// A model of Fine and Gray.
pub fn fine_gray(model: &CoxTable) -> Table {
    let columns =
        vec![Column::text("Covariate"), Column::estimate("Subdistribution hazard ratio"), Column::number("p")];
    let rows =
        model.rows.iter().map(|(name, ratio, _)| vec![Cell::text(name), Cell::estimate(Some(ratio)), Cell::p(ratio.p)]);
    let events = number::count(model.events, "event");
    let caption = format!("Model of Fine and Gray: {}. n = {}, {events}.", model.title, model.n);
    Table::new("fine-gray", caption, columns).with(rows)
}

/// A Cox model.
pub fn cox(cox: &CoxTable) -> Table {
    let columns = vec![
        Column::text("Covariate"),
        Column::estimate("Hazard ratio"),
        Column::number("p"),
        Column::number("p of proportional hazards"),
    ];
    let rows = cox.rows.iter().map(|(name, ratio, check)| {
        vec![Cell::text(name), Cell::estimate(Some(ratio)), Cell::p(ratio.p), Cell::p(*check)]
    });
    let caption = format!("Cox model: {}. n = {}, {}.", cox.title, cox.n, number::count(cox.events, "event"));
    Table::new("cox", caption, columns).with(rows)
}

/// AUC at times.
pub fn time_auc(result: &SurvivalResult) -> Table {
    let time = format!("Time, {}", figure::unit_of(&result.time_unit));
    let rows = result.time_auc.iter().map(|at| {
        vec![
            Cell::number(Some(at.time)),
            Cell::count(at.cases),
            Cell::count(at.controls),
            Cell::estimate(at.auc.as_ref()),
            Cell::both(if at.note.is_empty() { ABSENT.to_owned() } else { at.note.clone() }, at.note.clone()),
        ]
    });
    let columns = vec![
        Column::number(&time),
        Column::number("Cases"),
        Column::number("Controls"),
        Column::estimate("AUC"),
        Column::text("Note"),
    ];
    Table::new("time-auc", "Cumulative/dynamic AUC.", columns).with(rows)
}

/// The points of a ROC curve.
pub fn roc(result: &ClassResult) -> Table {
    let columns = ["score from which positive", "1 − specificity", "sensitivity"].map(Column::number).to_vec();
    let scores = result.roc_scores.iter().copied().chain(std::iter::repeat(None));
    let points = result.roc.iter().zip(scores);
    let rows = points.map(|((x, y), score)| [score, Some(*x), Some(*y)].map(Cell::number).to_vec());
    Table::new("", "", columns).with(rows)
}

/// The steps of Kaplan–Meier curves.
pub fn steps(result: &SurvivalResult) -> Table {
    let time = format!("time, {}", figure::unit_of(&result.time_unit));
    let mut columns = vec![Column::text("group")];
    columns.extend([&time, "at risk", "events", "censored"].map(Column::number));
    columns.push(Column::estimate("survival"));
    let steps = result.groups.iter().flat_map(|group| group.steps.iter().map(|step| (&group.name, step)));
    let rows = steps.map(|(group, step)| {
        let counts = [step.at_risk, step.events, step.censored].map(Cell::count);
        let start = [Cell::text(group), Cell::number(Some(step.time))];
        start.into_iter().chain(counts).chain([Cell::estimate(Some(&step.survival))]).collect()
    });
    Table::new("", "", columns).with(rows)
}

/// A decision curve.
pub fn decision(result: &Decision) -> Table {
    let columns = ["threshold probability", "net benefit of the model", "of treating all"].map(Column::number).to_vec();
    let rows = result.thresholds.iter().zip(&result.model).zip(&result.all);
    let rows = rows.map(|((t, model), all)| [*t, *model, *all].map(|value| Cell::number(Some(value))).to_vec());
    Table::new("", "", columns).with(rows)
}

/// The subgroups of a forest plot.
pub fn forest(forest: &Forest) -> Table {
    let mut columns = vec![Column::text("Subgroup"), Column::number("n"), Column::number("Events")];
    let has_arms = forest.rows.iter().any(|row| row.arms.is_some());
    let arms = forest.arms_named.clone().unwrap_or_else(|| ["High score", "Low score"].map(str::to_owned));
    columns.extend(arms.iter().filter(|_| has_arms).map(|name| Column::number(name)));
    columns.extend([Column::estimate(&forest.estimate), Column::number("p"), Column::text("Note")]);
    let rows = forest.rows.iter().map(|row| {
        let note = if row.note.is_empty() { ABSENT } else { &row.note };
        let mut cells = vec![Cell::text(&row.name), Cell::count(row.n), Cell::count(row.events)];
        if has_arms {
            let (high, low) = row.arms.unzip();
            cells.extend([high, low].map(|arm| arm.map_or_else(|| Cell::text(""), Cell::count)));
        }
        cells.extend([
            Cell::estimate(row.estimate.as_ref()),
            Cell::p(row.estimate.as_ref().and_then(|estimate| estimate.p)),
            Cell::both(note.to_owned(), row.note.clone()),
        ]);
        cells
    });
    let interaction = number::p_said(forest.interaction);
    let interaction = match interaction.as_str() {
        "" => String::new(),
        said => format!(" Whether the subgroups differ from each other: {said}."),
    };
    Table::new("forest", format!("{} in subgroups.{interaction}", forest.estimate), columns).with(rows)
}
