//! The way of a study from its patients to its results, with its own numbers.

use crate::{
    draw::{
        Drawing, Stroke,
        style::{BLUE, INK, MUTED},
        text::{self, Label},
    },
    essence::headline,
    figure::Figure,
    number::count,
    study::{Evaluation, LearntFrom, Model, Study},
    words::capital,
};

/// Width of the figure on a page.
const WIDTH: f64 = 900.0;
/// From this width on, the steps stand beside each other.
const BESIDE: f64 = 620.0;
const SIZE: f64 = 11.5;
const LINE: f64 = 15.0;
/// Between two steps, where the arrow is.
const GAP: f64 = 18.0;
/// Between the frame of a box and its text.
const INNER: f64 = 9.0;
/// Room of the head of a box.
const HEAD: f64 = 27.0;
/// Items of a step that are named; more are counted.
const MOST: usize = 6;

/// A step of the way.
struct Step {
    head: &'static str,
    items: Vec<Item>,
}

/// What a step says: of whom or of what, and how many.
struct Item {
    of: String,
    lines: Vec<String>,
}

/// The workflow; none of a study without a cohort.
pub fn workflow(study: &Study, width: Option<f64>) -> Option<Figure> {
    if study.cohorts.is_empty() {
        return None;
    }
    let width = width.unwrap_or(WIDTH);
    let steps = steps(study);
    let drawing = if width >= BESIDE { beside(&steps, width) } else { below(&steps, width) };
    let said = steps.iter().map(|step| {
        let items = step.items.iter().map(|item| format!("{}: {}", item.of, item.lines.join(", ")));
        format!("{}: {}", step.head, items.collect::<Vec<_>>().join("; "))
    });
    Some(Figure {
        kind: "workflow",
        title: "Workflow of the study".into(),
        caption: "Patients and lesions in each step. Who was lost between two steps stands in the flow of the cohort, or with the model or \
                  evaluation."
            .into(),
        description: said.collect::<Vec<_>>().join(". "),
        drawing,
    })
}

fn steps(study: &Study) -> Vec<Step> {
    let listed = study.cohorts.iter().map(|cohort| Item {
        of: capital(&cohort.name),
        lines: vec![count(cohort.flow.listed_patients, "patient"), count(cohort.flow.listed, "case")],
    });
    let with_features = study.cohorts.iter().map(|cohort| Item {
        of: capital(&cohort.name),
        lines: vec![count(cohort.flow.extracted_patients, "patient"), count(cohort.flow.extracted, "lesion")],
    });
    let all = vec![
        Step { head: "Patients listed", items: listed.collect() },
        Step { head: "Images and features", items: measured(study) },
        Step { head: "With features", items: with_features.collect() },
        Step { head: "Models", items: study.models.iter().map(model).collect() },
        Step { head: "Evaluations", items: study.evaluations.iter().map(evaluation).collect() },
    ];
    all.into_iter().filter(|step| !step.items.is_empty()).map(shortened).collect()
}

/// What was measured, where scans were.
fn measured(study: &Study) -> Vec<Item> {
    let Some(measured) = &study.workflow else { return Vec::new() };
    let regions = measured.regions.iter().map(|name| capital(name)).collect();
    let mut items = vec![Item { of: "Regions".into(), lines: regions }];
    if measured.filtered > 0 || measured.scans > 1 {
        let counts = [
            (measured.scans, count(measured.scans, "scan")),
            (measured.filtered, format!("{} filtered", measured.filtered)),
        ];
        let lines = counts.into_iter().filter(|(number, _)| *number > 0).map(|(_, said)| said);
        items.push(Item { of: "Images".into(), lines: lines.collect() });
    }
    let mut lines = vec![format!("{} a region", count(measured.features, "feature"))];
    lines.extend(measured.families.iter().map(|(name, columns)| format!("{name}: {columns}")));
    items.push(Item { of: "Features".into(), lines });
    items
}

fn model(model: &Model) -> Item {
    let kept = count(model.terms.len() as u64, "input");
    let lines = if model.learnt {
        let sum = |of: fn(&LearntFrom) -> u64| model.learnt_from.iter().map(of).sum::<u64>();
        let from = match model.learnt_from.as_slice() {
            [] => (model.patients, model.rows),
            _ => (sum(|from| from.patients), sum(|from| from.rows)),
        };
        let of = format!("{} of {} chosen", kept, model.offered);
        vec![format!("learnt from {}", count(from.0, "patient")), count(from.1, "lesion"), of]
    } else if model.terms.is_empty() {
        vec!["given".into()]
    } else {
        vec!["given".into(), kept]
    };
    Item { of: capital(&model.name), lines }
}

fn evaluation(evaluation: &Evaluation) -> Item {
    let mut lines = vec![format!("{} {}, {}", evaluation.n, evaluation.unit, evaluation.cohort)];
    lines.push(headline(&evaluation.result));
    lines.extend(evaluation.seen.as_ref().map(|seen| format!("optimistic: {}", seen.label())));
    lines.extend((!evaluation.predictions.is_empty()).then(|| evaluation.predictions.clone()));
    Item { of: capital(&evaluation.name), lines }
}

/// A step whose items are no more than a reader takes in.
fn shortened(mut step: Step) -> Step {
    let more = step.items.len().saturating_sub(MOST);
    if more > 1 {
        step.items.truncate(MOST);
        step.items.push(Item { of: format!("and {more} more"), lines: Vec::new() });
    }
    for item in &mut step.items {
        let more = item.lines.len().saturating_sub(MOST + 2);
        if more > 1 {
            item.lines.truncate(MOST + 2);
            item.lines.push(format!("and {more} more"));
        }
    }
    step
}

/// The lines of a step within a width: text, and whether it is a name.
fn set(step: &Step, room: f64, in_lines: bool) -> Vec<(String, bool)> {
    let mut out = Vec::new();
    for item in &step.items {
        // Bold text is about a tenth wider.
        out.extend(text::wrap(&item.of, SIZE, room * 0.9, 2).into_iter().map(|line| (line, true)));
        // Where there is room, what belongs together stands in a line.
        let lines = if in_lines { item.lines.clone() } else { vec![item.lines.join("; ")] };
        let lines = lines.iter().flat_map(|line| text::wrap(line, SIZE, room, 4));
        out.extend(lines.map(|line| (line, false)));
    }
    out
}

/// Steps beside each other, with arrows to the right.
fn beside(steps: &[Step], width: f64) -> Drawing {
    let number = steps.len() as f64;
    let wide = (width - 2.0 - GAP * (number - 1.0)) / number;
    let all: Vec<Vec<(String, bool)>> = steps.iter().map(|step| set(step, wide - 2.0 * INNER, true)).collect();
    let high = all.iter().map(|lines| height(lines)).fold(0.0, f64::max);
    let mut drawing = Drawing::new(width, high + 2.0);
    for (at, (step, lines)) in steps.iter().zip(&all).enumerate() {
        let left = 1.0 + (wide + GAP) * at as f64;
        boxed(&mut drawing, (left, 1.0), (wide, high), step.head, lines);
        if at > 0 {
            let y = 1.0 + HEAD / 2.0;
            let tip = left - 2.0;
            drawing.line((left - GAP + 1.0, y), (tip - 6.0, y), Stroke::solid(INK, 1.2));
            drawing.polygon(&[(tip, y), (tip - 7.0, y - 4.0), (tip - 7.0, y + 4.0)], INK, 1.0);
        }
    }
    drawing
}

/// Steps below each other, with arrows down.
fn below(steps: &[Step], width: f64) -> Drawing {
    let mut drawing = Drawing::new(width, 0.0);
    let mut top = 1.0;
    for (at, step) in steps.iter().enumerate() {
        if at > 0 {
            let (x, tip) = (width / 2.0, top + GAP - 2.0);
            drawing.line((x, top + 1.0), (x, tip - 6.0), Stroke::solid(INK, 1.2));
            drawing.polygon(&[(x, tip), (x - 4.0, tip - 7.0), (x + 4.0, tip - 7.0)], INK, 1.0);
            top += GAP;
        }
        let lines = set(step, width - 2.0 - 2.0 * INNER, false);
        let high = height(&lines);
        boxed(&mut drawing, (1.0, top), (width - 2.0, high), step.head, &lines);
        top += high;
    }
    drawing.height = top + 1.0;
    drawing
}

/// Height of a box: names have a little room above them.
fn height(lines: &[(String, bool)]) -> f64 {
    HEAD + lines.iter().map(|(_, name)| LINE + if *name { 4.0 } else { 0.0 }).sum::<f64>() + 8.0
}

fn boxed(
    drawing: &mut Drawing,
    (left, top): (f64, f64),
    (wide, high): (f64, f64),
    head: &str,
    lines: &[(String, bool)],
) {
    drawing.rectangle((left, top), (wide, high), "#fff", Some(Stroke::solid(MUTED, 1.0)));
    drawing.rectangle((left, top), (wide, HEAD), BLUE, None);
    let head = text::fit(head, SIZE + 0.5, (wide - 2.0 * INNER) * 0.95);
    drawing.text((left + INNER, top + 18.0), &head, Label::start(SIZE + 0.5).bold().coloured("#fff"));
    let mut y = top + HEAD + 2.0;
    for (line, is_name) in lines {
        y += LINE + if *is_name { 4.0 } else { 0.0 };
        let label = if *is_name { Label::start(SIZE).bold() } else { Label::start(SIZE) };
        drawing.text((left + INNER, y - 2.0), line, label);
    }
}
