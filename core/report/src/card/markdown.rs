//! A model card for people.

use std::fmt::Write as _;

use super::{Of, figures};
use crate::{
    number,
    study::{Characteristic, Evaluation, Model, Outcome, Stability, Study, Summary, Term},
    words::Words,
};

/// What stands where nobody has said what only people know.
fn open(key: &str) -> String {
    format!("*Open. Only people know: answer `{key}` under `[study]` in the experiment.*")
}

pub fn card(of: &Of<'_>, words: &Words<'_>) -> String {
    let Of { study, model, evaluations } = of;
    let mut out = Page::default();
    out.line(&format!("# Model card: {}", text(&model.name)));
    out.line(&format!("**{}**", super::NOTICE));
    if study.simulated {
        out.line("**The patients are simulated. No patient is behind any number here.**");
    }
    about(&mut out, study, model);
    out.line("## Intended use");
    out.line(&study.stated.get("intended_use").map_or_else(|| open("intended_use"), |said| text(said)));
    inputs(&mut out, model, words);
    training(&mut out, study, model);
    performance(&mut out, model, words);
    out.line("## Evaluations");
    if evaluations.is_empty() {
        out.line("The study evaluated no score of this model.");
    }
    evaluations.iter().for_each(|evaluation| self::evaluation(&mut out, evaluation));
    out.line("## Limits");
    out.line(&study.stated.get("limitations").map_or_else(|| open("limitations"), |said| text(said)));
    out.list(&model.notes);
    out.0
}

/// Text as Markdown that stands for itself: what comes from data is never a sign.
fn text(raw: &str) -> String {
    let mut out = String::new();
    for c in raw.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '|' | '[' | ']' | '#' | '~' | '$' | '!' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[derive(Default)]
struct Page(String);

impl Page {
    /// A paragraph or a heading.
    fn line(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{}{line}", if self.0.is_empty() { "" } else { "\n" });
    }

    fn list(&mut self, items: &[String]) {
        if !items.is_empty() {
            self.line(&items.iter().map(|item| format!("- {}", text(item))).collect::<Vec<_>>().join("\n"));
        }
    }

    /// A table of texts; nothing if it has no row.
    fn table(&mut self, head: &[&str], rows: Vec<Vec<String>>) {
        if rows.is_empty() {
            return;
        }
        let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
        let head = line(head.iter().map(|cell| text(cell)).collect());
        let rule = format!("|{}", "---|".repeat(rows[0].len()));
        let rows = rows.into_iter().map(|row| line(row.iter().map(|cell| text(cell)).collect()));
        self.line(&[head, rule].into_iter().chain(rows).collect::<Vec<_>>().join("\n"));
    }
}

fn about(out: &mut Page, study: &Study, model: &Model) {
    out.line("## What it is");
    let program = format!("Voxomics {} (digest of its sources {})", study.record.version, study.record.program);
    let plugin = study.record.plugins.iter().find(|plugin| plugin.name.split(", ").any(|name| name == model.plugin));
    let plugin =
        plugin.map_or_else(|| model.plugin.clone(), |known| format!("{}, version {}", model.plugin, known.version));
    let facts = [
        ("Predicts", model.target.clone()),
        ("Score", model.score_label.clone()),
        ("Learnt by", plugin),
        ("Program", program),
        ("Model file", model.file.path.clone()),
        ("SHA-256 of the model file", model.file.sha256.clone()),
    ];
    let facts = facts.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
    // The notice of the file stands first on the card.
    let stated =
        model.about.iter().filter(|(name, _)| name != "notice").map(|(name, value)| vec![name.clone(), value.clone()]);
    let rows = facts.chain(stated).filter(|row| !row[1].is_empty()).collect();
    out.table(&["", ""], rows);
    out.list(&model.formula);
    let cutoffs = model.cutoffs.iter().map(|(name, value)| vec![name.clone(), number::number(*value)]);
    out.table(&["Cut-off, fixed on the training data", "Value"], cutoffs.collect());
}

fn inputs(out: &mut Page, model: &Model, words: &Words<'_>) {
    out.line("## Inputs");
    if model.terms.is_empty() {
        out.line("It uses no input, and gives everybody the same score.");
        return;
    }
    out.line(
        "A case whose inputs lie outside of the range of the training gets a doubt beside its score. Do not trust that score without \
         a look at the case.",
    );
    let range = |term: &Term| match (term.min, term.max) {
        (Some(min), Some(max)) => format!("{} to {}", number::number(min), number::number(max)),
        _ => number::ABSENT.to_owned(),
    };
    let row = |term: &Term| {
        vec![
            words.input(&term.input),
            term.input.clone(),
            term.ibsi.clone(),
            term.unit.clone(),
            number::optional(term.coefficient),
            number::optional(term.weight),
            range(term),
        ]
    };
    let head = ["Input", "Name in tables", "IBSI", "Unit", "Coefficient", "Weight", "Range in the training"];
    out.table(&head, model.terms.iter().map(row).collect());
}

fn training(out: &mut Page, study: &Study, model: &Model) {
    out.line("## Training data");
    let from = model.learnt_from.iter().map(|from| {
        let counts = [from.patients, from.rows, from.left_out.len() as u64].map(|count| count.to_string());
        [from.cohort.clone()].into_iter().chain(counts).collect()
    });
    out.table(&["Cohort", "Patients", "Lesions", "Lesions left out"], from.collect());
    out.line(&format!(
        "It was offered {}, and kept {}.",
        number::count(model.offered, "input"),
        number::count(model.terms.len() as u64, "input")
    ));
    for from in &model.learnt_from {
        let Some(cohort) = study.cohorts.iter().find(|cohort| cohort.name == from.cohort) else { continue };
        if !cohort.table_one.is_empty() {
            out.line(&format!(
                "Characteristics of the cohort {}, with those whom it was not learnt from:",
                text(&cohort.name)
            ));
            let rows = cohort.table_one.iter().filter(|row| !row.identifies()).map(characteristic).collect();
            out.table(&["Characteristic", "Median (quartiles; range), or n (%)", "Missing"], rows);
        }
    }
}

fn characteristic(row: &Characteristic) -> Vec<String> {
    let value = match &row.summary {
        Summary::Numeric { median, q1, q3, min, max, whole, .. } => {
            let say = |value: &f64| {
                if *whole { number::plain((value * 10.0).round() / 10.0) } else { number::number(*value) }
            };
            let between = if *q1 < 0.0 || *q3 < 0.0 { " to " } else { "–" };
            let [median, q1, q3, min, max] = [median, q1, q3, min, max].map(say);
            format!("{median} ({q1}{between}{q3}; {min} to {max})")
        }
        Summary::Categorical { n, levels } => {
            let level = |(level, count): &(String, u64)| format!("{level}: {}", number::share(*count, *n));
            let levels = levels.iter().map(level).collect::<Vec<_>>().join("; ");
            if row.of_scans { format!("of {n} of whom it is told: {levels}") } else { levels }
        }
    };
    vec![row.name.clone(), value, row.missing.to_string()]
}

fn performance(out: &mut Page, model: &Model, words: &Words<'_>) {
    out.line("## On patients whom the fold’s model had not seen");
    if model.performance.is_empty() {
        out.line("The study has no figure of this.");
    }
    let row = |metric: &crate::study::Metric| {
        vec![metric.name.clone(), number::estimate(&metric.estimate), metric.n.to_string(), metric.note.clone()]
    };
    out.table(&["Figure", "Estimate (95 % interval)", "n", "How"], model.performance.iter().map(row).collect());
    let row = |of: &Stability| vec![words.input(&of.input), format!("{} of {}", of.chosen, of.of)];
    let kept = model.stability.iter().filter(|of| of.kept).map(row);
    out.table(&["Input of the model", "In models of the outer folds"], kept.collect());
}

fn evaluation(out: &mut Page, of: &Evaluation) {
    out.line(&format!("### {}", text(&of.name)));
    let mut said = format!("{} in {}, n = {} {}.", of.outcome, of.cohort, of.n, of.unit);
    if !of.predictions.is_empty() {
        let _ = write!(said, " Predictions are {}.", of.predictions);
    }
    out.line(&text(&said));
    if let Some(seen) = &of.seen {
        out.line(&format!(
            "**The model was {}: its figures here are better than on new patients.**",
            text(&seen.label())
        ));
    }
    if let Outcome::None { .. } = &of.result {
        // The reason may name a patient.
        out.line("There is no result; the report of the study says why.");
    }
    let rows = figures::of(&of.result).into_iter();
    let rows = rows.map(|(name, estimate)| vec![name, number::estimate(&estimate), number::p(estimate.p)]);
    out.table(&["Figure", "Estimate (95 % interval)", "p"], rows.collect());
    if let Some(forest) = &of.forest {
        let rows = forest.rows.iter().map(|row| {
            let estimate = row.estimate.as_ref().map_or_else(|| row.note.clone(), number::estimate);
            vec![row.name.clone(), row.n.to_string(), estimate]
        });
        out.table(&["Subgroup", "n", &forest.estimate], rows.collect());
    }
    out.list(&of.notes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_data_is_text() {
        assert_eq!(text("a|b <script>\n*c* [d](e) `f`"), "a\\|b &lt;script> \\*c\\* \\[d\\](e) \\`f\\`");
    }
}
