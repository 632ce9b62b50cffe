//! How the study was done, to be read, and to be taken into a paper.

use crate::{
    count,
    labelled::with_minus,
    page::{Section, references},
    study::{Evaluation, Model, Outcome, Study},
    words::Words,
};

/// The section of the methods; none if nothing is told of them.
pub fn section(study: &Study, words: &Words<'_>) -> Option<Section> {
    if study.methods.is_empty() {
        return None;
    }
    let mut section = Section::new("methods".into(), "Methods");
    for paragraph in &study.methods {
        // What models predict and what evaluations ask has its words here.
        let mut sentences = match paragraph.title.as_str() {
            "Models" => study.models.iter().map(model).collect(),
            "Evaluation" if !study.evaluations.is_empty() => {
                let last = "How the figures of each were computed stands under it.".to_owned();
                study.evaluations.iter().map(evaluation).chain([last]).collect()
            }
            _ => Vec::new(),
        };
        sentences.extend(paragraph.sentences.iter().cloned());
        match paragraph.title.as_str() {
            // Formulas are read before a model's settings are forgotten.
            "Models" => sentences.extend(references::equations(study, words)),
            "References" => sentences.extend(references::references(study)),
            _ => {}
        }
        if !sentences.is_empty() {
            section.heading(&paragraph.title);
            // A reference keeps the pages and years that it has.
            let minus = |text: String| if paragraph.title == "References" { text } else { with_minus(&text) };
            section.words(minus(sentences.join(" ")));
        }
    }
    if !study.open.is_empty() {
        section.heading("Open");
        section.words(
            "Only people know what follows. Answer it under [study] in the experiment, and your words stand in their places above.",
        );
        for (key, question) in &study.open {
            section.words(format!("{}: {question}.", key.replace('_', " ")));
        }
    }
    Some(section)
}

fn model(of: &Model) -> String {
    if !of.learnt {
        return format!("The model {} was given.", of.name);
    }
    let inputs = match of.terms.len() {
        0 => String::new(),
        number => format!(" It uses {}.", count(number as u64, "input")),
    };
    format!(
        "The model {} predicts {}. It was learnt from {} of {}, which offered {}.{inputs}",
        of.name,
        of.target,
        count(of.rows, "lesion"),
        count(of.patients, "patient"),
        count(of.offered, "input")
    )
}

fn evaluation(of: &Evaluation) -> String {
    let by = match &of.result {
        Outcome::Class(_) => ", by the area under the ROC curve",
        Outcome::Survival(_) => ", by survival",
        Outcome::Number(number) if number.calibration.is_some() => ", by correlation and calibration",
        Outcome::Number(_) => ", by correlation",
        Outcome::None { .. } => ", without a result",
    };
    let predictions = match of.predictions.as_str() {
        "" => String::new(),
        words => format!(", {words}"),
    };
    format!("{}: {} in {}, n = {}{by}{predictions}.", of.name, of.outcome, of.cohort, of.n)
}
