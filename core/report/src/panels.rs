//! Figures of several panels, at the width of a journal's column: the same drawing as SVG and as PDF, and its caption.
//!
//! Text has the size that was asked for, whatever the width: each panel is laid out anew for the room that it has, and nothing is scaled.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    Error,
    draw::{
        Drawing, Stroke,
        frame::{TICK, TITLE},
        pdf,
        style::MUTED,
        text::{self, Label},
    },
    figure::{self, Figure},
    labelled,
    study::{Evaluation, Letters, Outcome, Panel, Panels, Shows, Study},
    words::{Words, capital},
};

/// Points of a millimetre.
const POINTS: f64 = 72.0 / 25.4;
/// Between panels.
const GAP: f64 = 22.0;
/// Room of a panel's letter and name.
const HEAD: f64 = 24.0;
/// Size of a letter.
const LETTER: f64 = 16.0;
/// Most of a page of a journal, in millimetres.
const PAGE_MM: f64 = 235.0;

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawn {
    /// The files, below the folder.
    pub files: Vec<String>,
    /// What a reader should know, one sentence each.
    pub warnings: Vec<String>,
}

/// Draws every figure of panels of a study into a folder: `NAME.svg`, `NAME.pdf` and, with its caption, `NAME.txt`.
///
/// # Errors
/// Which file cannot be written, and why not.
pub fn figures(study: &Study, out: &Path) -> Result<Drawn, Error> {
    let words = Words::new(study);
    let told = labelled::study(study, &words);
    let mut drawn = Drawn::default();
    for figure in &study.figures {
        let name = &figure.name;
        let sheet = sheet(figure, study, &told, &words);
        let height_mm = sheet.drawing.height * figure.width_mm / sheet.drawing.width;
        if height_mm > PAGE_MM {
            drawn.warnings.push(format!(
                "[figures.{name}] is {height_mm:.0} mm high, and a page of a journal has about {PAGE_MM} mm: take panels out, or put more into a \
                 row"
            ));
        }
        drawn.warnings.extend(sheet.missing.iter().map(|missing| format!("[figures.{name}] {missing}")));
        let svg = sheet.drawing.sized("figure", &sheet.title, &sheet.description, study.simulated, figure.width_mm);
        let about = pdf::About { title: &sheet.title, simulated: study.simulated, width_mm: figure.width_mm };
        let (pdf, lacking) = pdf::write(&sheet.drawing, about);
        if !lacking.is_empty() {
            drawn.warnings.push(format!(
                "[figures.{name}] {name}.pdf shows boxes for {}, which its faces do not have; {name}.svg has them",
                said(&lacking)
            ));
        }
        let svg = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{svg}\n");
        for (end, content) in [("svg", svg.as_bytes()), ("pdf", &pdf), ("txt", sheet.caption.as_bytes())] {
            let file = format!("{name}.{end}");
            let path = out.join(&file);
            fs::write(&path, content).map_err(|cause| Error::Write { path, cause })?;
            drawn.files.push(file);
        }
    }
    Ok(drawn)
}

/// The least width of a panel in millimetres, with text of a size in points.
pub fn least_mm(shows: Shows, text_pt: f64) -> f64 {
    let units = match shows {
        Shows::Forest => 370.0,
        Shows::Weights | Shows::Incidence => 350.0,
        Shows::Flow | Shows::Path => 330.0,
        Shows::KaplanMeier | Shows::Validation => 280.0,
        Shows::Roc | Shows::Distribution | Shows::Calibration | Shows::Decision | Shows::TimeAuc | Shows::Scatter => {
            230.0
        }
        Shows::Workflow => 200.0,
    };
    units * text_pt / TICK / POINTS
}

/// The width of each panel of a row in millimetres.
pub fn width_mm(figure: &Panels, row: usize) -> f64 {
    let panels = figure.rows.get(row).map_or(1, |row| row.len().max(1)) as f64;
    let gap = GAP * figure.text_pt / TICK / POINTS;
    (figure.width_mm - gap * (panels - 1.0)) / panels
}

fn said(characters: &BTreeSet<char>) -> String {
    let shown: Vec<String> = characters.iter().take(8).map(|character| format!("“{character}”")).collect();
    let more = if characters.len() > shown.len() { " and others" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// A figure that has been drawn.
struct Sheet {
    drawing: Drawing,
    title: String,
    description: String,
    caption: String,
    missing: Vec<String>,
}

fn sheet(figure: &Panels, study: &Study, told: &Study, words: &Words<'_>) -> Sheet {
    // The unit in which drawings are made: text of theirs is then as large as was asked for.
    let unit = figure.text_pt / TICK;
    let width = figure.width_mm * POINTS / unit;
    let mut drawing = Drawing::new(width, 0.0);
    let (mut captions, mut descriptions, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let count: usize = figure.rows.iter().map(Vec::len).sum();
    let (mut top, mut at) = (0.0, 0);
    for row in figure.rows.iter().filter(|row| !row.is_empty()) {
        let wide = (width - GAP * (row.len() - 1) as f64) / row.len() as f64;
        let mut high = 0.0f64;
        for (place, panel) in row.iter().enumerate() {
            let left = (wide + GAP) * place as f64;
            let letter = if count > 1 { letter(figure.letters, at) } else { String::new() };
            at += 1;
            let of = named(panel, study, told);
            let drawn = panel_of(panel, study, told, words, wide);
            let name = if figure.titles { of.clone() } else { String::new() };
            let head = head(&mut drawing, (left, top), wide, &letter, &name);
            let (title, caption, description, shown) = match drawn {
                Ok(Figure { title, caption, description, drawing, .. }) => (title, caption, description, drawing),
                Err(reason) => {
                    let said = format!("`{}` cannot be drawn: {reason}", spelt(panel));
                    missing.push(said.clone());
                    (capital(&reason), String::new(), reason.clone(), nothing(wide, &reason))
                }
            };
            drawing.place(&shown, (left, top + head));
            high = high.max(head + shown.height);
            let of = if of.is_empty() { String::new() } else { format!("{of}: ") };
            let letter = if letter.is_empty() { letter } else { format!("{letter}, ") };
            captions.push(format!("{letter}{of}{title}. {caption}").trim().to_owned());
            descriptions.push(format!("{letter}{of}{title}. {description}"));
        }
        top += high + GAP;
    }
    drawing.height = (top - GAP).max(1.0);
    let simulated = if study.simulated { "\n\nThe patients are simulated." } else { "" };
    Sheet {
        drawing,
        title: format!("{}: {}", told.title, figure.name),
        description: descriptions.join(" "),
        caption: format!("{}{simulated}\n", captions.join("\n\n")),
        missing,
    }
}

/// A, B, … Z, AA, AB.
fn letter(letters: Letters, at: usize) -> String {
    let first = match letters {
        Letters::Upper => b'A',
        Letters::Lower => b'a',
        Letters::None => return String::new(),
    };
    let one = |at: usize| char::from(first + (at % 26) as u8);
    match at / 26 {
        0 => one(at).to_string(),
        more => format!("{}{}", one(more - 1), one(at)),
    }
}

/// Letter and name over a panel; returns the room that they take.
fn head(drawing: &mut Drawing, (left, top): (f64, f64), wide: f64, letter: &str, name: &str) -> f64 {
    if letter.is_empty() && name.is_empty() {
        return 0.0;
    }
    drawing.text((left + 1.0, top + 15.0), letter, Label::start(LETTER).bold());
    let before = if letter.is_empty() { 1.0 } else { text::width(letter, LETTER) + 12.0 };
    drawing.text((left + before, top + 15.0), &text::fit(name, TITLE, wide - before), Label::start(TITLE));
    HEAD
}

/// What stands where there is nothing to show.
fn nothing(wide: f64, reason: &str) -> Drawing {
    let lines = text::wrap(reason, TICK, wide - 20.0, 6);
    let mut drawing = Drawing::new(wide, 30.0 + 15.0 * lines.len() as f64);
    drawing.rectangle((0.5, 0.5), (wide - 1.0, drawing.height - 1.0), "#fff", Some(Stroke::dashed(MUTED, 1.0, "3 3")));
    for (at, line) in lines.iter().enumerate() {
        drawing.text((10.0, 24.0 + 15.0 * at as f64), line, Label::start(TICK).muted());
    }
    drawing
}

/// A panel as the experiment names it: `survival:kaplan_meier`.
fn spelt(panel: &Panel) -> String {
    let word =
        serde_json::to_value(panel.shows).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
    if panel.of.is_empty() { word } else { format!("{}:{word}", panel.of) }
}

/// What readers call that which a panel is of.
fn named(panel: &Panel, study: &Study, told: &Study) -> String {
    let cohort = || study.cohorts.iter().position(|of| of.name == panel.of).map(|at| told.cohorts[at].name.clone());
    let model = || study.models.iter().position(|of| of.name == panel.of).map(|at| told.models[at].name.clone());
    let evaluation =
        || study.evaluations.iter().position(|of| of.name == panel.of).map(|at| told.evaluations[at].name.clone());
    let found = match panel.shows {
        Shows::Workflow => None,
        Shows::Flow => cohort(),
        Shows::Weights | Shows::Validation | Shows::Path => model(),
        _ => evaluation(),
    };
    capital(&found.unwrap_or_else(|| panel.of.clone()))
}

/// Draws a panel into a width, or says why there is none.
fn panel_of(panel: &Panel, study: &Study, told: &Study, words: &Words<'_>, wide: f64) -> Result<Figure, String> {
    let width = Some(wide);
    let absent = || format!("the run has no `{}`", panel.of);
    let nothing = |what: &str| format!("there is no {what}");
    let model = || study.models.iter().position(|of| of.name == panel.of).map(|at| &told.models[at]).ok_or_else(absent);
    match panel.shows {
        Shows::Workflow => figure::workflow(told, width).ok_or_else(|| nothing("cohort")),
        Shows::Flow => {
            let at = study.cohorts.iter().position(|of| of.name == panel.of).ok_or_else(absent)?;
            Ok(figure::flow(told, &told.cohorts[at], width))
        }
        Shows::Weights => figure::weights(model()?, words, width).ok_or_else(|| "no input has a weight".into()),
        Shows::Validation => {
            figure::validation(model()?, width).ok_or_else(|| nothing("cross-validation over a penalty"))
        }
        Shows::Path => figure::coefficient_path(model()?, width).ok_or_else(|| nothing("path of coefficients")),
        _ => {
            let at = study.evaluations.iter().position(|of| of.name == panel.of).ok_or_else(absent)?;
            evaluated(panel.shows, &told.evaluations[at], told, width)
        }
    }
}

/// A figure of an evaluation.
fn evaluated(shows: Shows, evaluation: &Evaluation, told: &Study, width: Option<f64>) -> Result<Figure, String> {
    let axis = figure::score_axis(told, evaluation);
    let cutoff = match &evaluation.result {
        Outcome::Class(result) => result.cutoff.as_ref().map(|cutoff| cutoff.value),
        _ => None,
    };
    let found = match (shows, &evaluation.result) {
        (Shows::Distribution, _) => figure::distribution(&evaluation.distribution, &axis, cutoff, width),
        (Shows::Forest, _) => evaluation.forest.as_ref().and_then(|forest| figure::forest(forest, width)),
        (_, Outcome::None { reason }) => return Err(format!("no result: {reason}")),
        (Shows::Roc, Outcome::Class(result)) => figure::roc(result, width),
        (Shows::Calibration, Outcome::Class(result)) => {
            result.calibration.as_ref().and_then(|calibration| figure::calibration(calibration, width))
        }
        (Shows::Decision, Outcome::Class(result)) => {
            result.decision.as_ref().and_then(|decision| figure::decision(decision, width))
        }
        (Shows::KaplanMeier, Outcome::Survival(result)) => figure::kaplan_meier(result, width),
        (Shows::Incidence, Outcome::Survival(result)) => figure::incidence(result, width),
        (Shows::TimeAuc, Outcome::Survival(result)) => figure::time_auc(result, width),
        (Shows::Scatter, Outcome::Number(result)) => figure::agreement(evaluation, result, &axis, width),
        (Shows::Calibration, Outcome::Number(result)) => figure::number_calibration(evaluation, result, &axis, width),
        _ => None,
    };
    found.ok_or_else(|| "the evaluation has nothing of the kind".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        let upper = |at| letter(Letters::Upper, at);
        assert_eq!([0, 25, 26, 51, 52].map(upper), ["A", "Z", "AA", "AZ", "BA"]);
        assert_eq!(letter(Letters::Lower, 1), "b");
        assert_eq!(letter(Letters::None, 1), "");
    }
}
