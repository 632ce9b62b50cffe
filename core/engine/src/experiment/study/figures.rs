//! `[figures.NAME]`: figures of several panels, at the width of a journal's column.

use super::{Evaluate, Target, names};
use crate::experiment::{
    Origin,
    document::{Node, Value},
    section::{FromNode, Placed, Section},
    suggestion,
};

/// A figure of several panels.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its name, and that of its files.
    pub name: String,
    /// Its width in millimetres.
    pub width_mm: f64,
    /// The size of its text in points.
    pub text_pt: f64,
    /// What tells its panels apart.
    pub letters: Letters,
    /// Whether each panel says what it is of.
    pub titles: bool,
    /// Its panels, row by row.
    pub rows: Vec<Vec<Panel>>,
}

/// A panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The cohort, model or evaluation that it is of; empty of the whole study.
    pub of: String,
    /// What it shows.
    pub shows: Shows,
    /// Where it stands.
    pub origin: Origin,
}

/// What tells panels apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// A, B, C.
    Upper,
    /// a, b, c.
    Lower,
    /// Nothing.
    None,
}

/// What a panel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// The way of the study, with its numbers.
    Workflow,
    /// The flow of a cohort.
    Flow,
    /// The weights of a model's inputs.
    Weights,
    /// A model's cross-validation.
    Validation,
    /// A model's coefficients along the penalty.
    Path,
    /// ROC curve.
    Roc,
    /// The scores.
    Distribution,
    /// Calibration of probabilities, or of predicted numbers.
    Calibration,
    /// Decision curve.
    Decision,
    /// Subgroups.
    Forest,
    /// Kaplan–Meier curves.
    KaplanMeier,
    /// Cumulative incidence.
    Incidence,
    /// AUC over time.
    TimeAuc,
    /// A number against the score.
    Scatter,
}

/// What a panel can be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Study,
    Cohort,
    Model,
    Evaluation,
}

/// Widths that a figure may have, in millimetres, and sizes of its text, in points.
const WIDTHS: (f64, f64) = (40.0, 400.0);
const SIZES: (f64, f64) = (4.0, 20.0);
/// Both columns of a journal, and the size of text in its figures, where nothing is stated.
const WIDTH: f64 = 174.0;
const SIZE: f64 = 7.0;
/// Most panels of a row.
const MOST: usize = 6;

impl Shows {
    /// Every panel by its word.
    const WORDS: [(&'static str, Self, Of); 14] = [
        ("workflow", Self::Workflow, Of::Study),
        ("flow", Self::Flow, Of::Cohort),
        ("weights", Self::Weights, Of::Model),
        ("validation", Self::Validation, Of::Model),
        ("path", Self::Path, Of::Model),
        ("roc", Self::Roc, Of::Evaluation),
        ("distribution", Self::Distribution, Of::Evaluation),
        ("calibration", Self::Calibration, Of::Evaluation),
        ("decision", Self::Decision, Of::Evaluation),
        ("forest", Self::Forest, Of::Evaluation),
        ("kaplan_meier", Self::KaplanMeier, Of::Evaluation),
        ("incidence", Self::Incidence, Of::Evaluation),
        ("time_auc", Self::TimeAuc, Of::Evaluation),
        ("scatter", Self::Scatter, Of::Evaluation),
    ];

    /// Its word in an experiment.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, shows, _)| *shows == self).map_or("", |(word, ..)| word)
    }

    /// Why an evaluation of an outcome cannot have it; nothing if it may.
    fn unfit(self, evaluate: &Evaluate) -> Option<&'static str> {
        let class = matches!(evaluate.outcome, Target::Class { .. } | Target::Above { .. });
        let time = matches!(evaluate.outcome, Target::Survival { .. });
        let competing = matches!(&evaluate.outcome, Target::Survival { competing, .. } if !competing.is_empty());
        let number = matches!(evaluate.outcome, Target::Number { .. });
        match self {
            Self::Roc | Self::Decision if !class => Some("is for outcomes of two classes"),
            Self::Calibration if !class && !number => Some("is for outcomes of two classes, and for numbers"),
            Self::KaplanMeier | Self::TimeAuc if !time => Some("is for times until an event"),
            Self::Incidence if !competing => {
                Some("is for times until an event that others compete with: name them under `competing`")
            }
            Self::Scatter if !number => Some("is for numbers"),
            Self::Forest if evaluate.subgroups.is_none() => Some("needs `subgroups` in its evaluation"),
            _ => None,
        }
    }
}

/// Reads the figures, and reports panels that the experiment cannot have.
pub(super) fn read(root: &Section<'_>, evaluate: &[Evaluate]) -> Vec<Figure> {
    let names = |key: &str| -> Vec<String> { root.sections(key).into_iter().map(|(name, _)| name).collect() };
    let (learnt, given) = (names("learn"), names("predict"));
    let models = learnt.iter().chain(&given).cloned().collect();
    let known = Known { cohorts: names("cohorts"), models, given, evaluations: names("evaluate"), evaluate };
    root.sections("figures").iter().filter_map(|(name, section)| figure(name, section, &known)).collect()
}

/// What a panel can be of.
struct Known<'a> {
    cohorts: Vec<String>,
    models: Vec<String>,
    /// Models that are not learnt here.
    given: Vec<String>,
    evaluations: Vec<String>,
    /// The evaluations that could be read.
    evaluate: &'a [Evaluate],
}

fn figure(name: &str, section: &Section<'_>, known: &Known<'_>) -> Option<Figure> {
    names::file_name(name, section);
    let within = |key: &str, otherwise: f64, (low, high): (f64, f64)| {
        let value = section.get::<f64>(key).unwrap_or(otherwise);
        if !(low..=high).contains(&value) {
            section.error_at(key, format!("`{}.{key}` is {value}, expected {low} to {high}", section.name));
        }
        value
    };
    let width_mm = within("width_mm", WIDTH, WIDTHS);
    let text_pt = within("text_pt", SIZE, SIZES);
    let letters = section.choice("letters", &[("A", Letters::Upper), ("a", Letters::Lower), ("none", Letters::None)]);
    let titles = section.get("titles").unwrap_or(true);
    let rows: Option<Vec<Row>> = section.require(
        "panels",
        "a list of panels, as `\"EVALUATION:kaplan_meier\"`; those of a list within it stand side by side",
    );
    section.finish();
    let rows = rows?;
    if rows.is_empty() || rows.iter().any(|Row(row)| row.is_empty()) {
        section.error_at("panels", format!("`{}.panels` has a row without a panel", section.name));
    }
    if let Some(Row(row)) = rows.iter().find(|Row(row)| row.len() > MOST) {
        section.error_at(
            "panels",
            format!("`{}.panels` has a row of {} panels, and {MOST} are the most", section.name, row.len()),
        );
    }
    let rows: Vec<Vec<Panel>> =
        rows.iter().map(|Row(row)| row.iter().filter_map(|stated| panel(stated, section, known)).collect()).collect();
    Some(Figure { name: name.into(), width_mm, text_pt, letters: letters.unwrap_or(Letters::Upper), titles, rows })
}

fn panel(stated: &Placed<String>, section: &Section<'_>, known: &Known<'_>) -> Option<Panel> {
    let fail = |said: String| {
        section.error_at("panels", format!("the panel `{}` of [{}]: {said}", stated.value, section.name))
    };
    let (of, word) = stated.value.rsplit_once(':').unwrap_or(("", &stated.value));
    let Some((word, shows, kind)) = Shows::WORDS.into_iter().find(|(known, ..)| *known == word) else {
        fail(format!("there is no `{word}`{}", suggestion(word, Shows::WORDS.map(|(word, ..)| word))));
        return None;
    };
    let (what, names): (&str, &[String]) = match kind {
        Of::Study => ("", &[]),
        Of::Cohort => ("cohort", &known.cohorts),
        Of::Model => ("model", &known.models),
        Of::Evaluation => ("evaluation", &known.evaluations),
    };
    let near = |name: &str| suggestion(name, names.iter().map(String::as_str));
    match (kind, of) {
        (Of::Study, "") => {}
        (Of::Study, _) => fail(format!("`{word}` is of the whole study: write `{word}` alone")),
        (_, "") => fail(format!("`{word}` is of one {what}: write `NAME:{word}`{}", near(""))),
        (_, name) if !names.iter().any(|known| known == name) => {
            fail(format!("there is no {what} `{name}`{}", near(name)))
        }
        _ => {}
    }
    let unfit = known
        .evaluate
        .iter()
        .find(|evaluate| kind == Of::Evaluation && evaluate.name == of)
        .and_then(|evaluate| shows.unfit(evaluate));
    if let Some(why) = unfit {
        fail(format!("`{word}` {why}"));
    }
    if matches!(shows, Shows::Validation | Shows::Path) && known.given.iter().any(|name| name == of) {
        fail(format!("`{word}` is of a model that is learnt here, and `{of}` is given"));
    }
    Some(Panel { of: of.into(), shows, origin: stated.origin.clone() })
}

/// A row: a panel, or a list of them.
#[derive(Debug)]
struct Row(Vec<Placed<String>>);

impl FromNode for Row {
    fn from_node(node: &Node) -> Result<Self, String> {
        match node.value {
            Value::List(_) => Vec::from_node(node).map(Self),
            _ => Placed::from_node(node).map(|panel| Self(vec![panel])),
        }
    }
}
