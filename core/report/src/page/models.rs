//! Models: what they are made of, how they were learnt, how they do on rows that they have not seen.

use crate::{
    figure::{self, Scatter},
    number::{self, ABSENT},
    page::{Block, Gallery, Section, gallery::anchor},
    study::{Asked, Group, Metric, Model, Stability, Study, Term},
    table::{Cell, Column, Table},
    words::{Words, capital},
};

/// The section of a model.
pub fn section(at: usize, model: &Model, words: &Words<'_>, gallery: &mut Gallery) -> Section {
    let mut section = Section::new(anchor("model", at, &model.name), &model.name);
    facts(model, &mut section);
    callouts(model, &mut section);
    section.notes.clone_from(&model.notes);
    if !model.card.is_empty() {
        section.heading("Model card");
        let columns = vec![Column::text("About"), Column::text("As its vendor states it")];
        let rows = model.card.iter().map(|(name, text)| vec![Cell::text(name), Cell::text(text)]);
        let table = Table::new("card", "Model card: read it before you use a score of this model.", columns).with(rows);
        section.table(gallery.table(&section.id, table));
    }
    if !model.terms.is_empty() {
        section.heading("Signature");
        let weights = figure::weights(model, words, None).map(|figure| gallery.figure(&section.id, figure));
        let signature = gallery.table(&section.id, signature(model, words));
        section.figures([weights]);
        model.formula.iter().for_each(|sentence| section.words(sentence));
        section.table(signature);
    }
    left_out(model, &mut section, gallery);
    let learning = [figure::validation(model, None), figure::coefficient_path(model, None)];
    let learning = learning.map(|figure| figure.map(|figure| gallery.figure(&section.id, figure)));
    if learning.iter().any(Option::is_some) {
        section.heading("Learning");
        section.figures(learning);
        curves(model, &mut section, gallery);
    }
    if !model.performance.is_empty() || !model.out_of_fold.is_empty() {
        section.heading("Performance on rows that the fold’s model had not seen");
        let seen = out_of_fold(model, words).map(|figure| gallery.figure(&section.id, figure));
        section.figures([seen]);
        if !model.performance.is_empty() {
            section.table(gallery.table(&section.id, performance(&model.performance)));
        }
    }
    if !model.stability.is_empty() {
        section.heading("The same input in every fold?");
        section.words(
            "Chosen: in how many models of the outer folds the input is. An input that comes and goes with the patients tells little by \
             itself. Ranges are the smallest and the largest value over these models, whose patients overlap: they are no confidence \
             intervals. Importance: by how much the measure falls when the values of this input alone are shuffled among patients whom \
             the model has not seen; of two inputs that tell the same, both may have little.",
        );
        let shown = stability(&model.stability, words);
        let table = gallery.table(&section.id, shown);
        match model.stability.len() {
            0..=MOST_STABILITY => section.table(table),
            count => section
                .blocks
                .push(Block::Folded { summary: format!("{count} inputs in the models of the outer folds"), table }),
        }
    }
    if !model.cutoffs.is_empty() {
        let columns = vec![Column::text("Cut-off"), Column::number("Value")];
        let rows = model.cutoffs.iter().map(|(name, value)| vec![Cell::text(name), Cell::number(Some(*value))]);
        let table = Table::new("cutoffs", "Cut-offs, fixed on the training data.", columns).with(rows);
        section.table(gallery.table(&section.id, table));
    }
    section
}

fn facts(model: &Model, section: &mut Section) {
    section.fact("Predicts", &model.target);
    section.fact("Score", &model.score_label);
    if model.learnt {
        let rows = number::count(model.rows, "row");
        section.fact("Learnt from", format!("{rows} of {}", number::count(model.patients, "patient")));
        let kept = number::count(model.terms.len() as u64, "input");
        section.fact("Kept", format!("{kept} of {} offered", model.offered));
    } else {
        section.fact("Origin", "given; it was not learnt in this study");
    }
    if let Some((alpha, lambda)) = model.chosen {
        section.fact("Chosen", format!("α = {}, λ = {}", number::plain(alpha), number::number(lambda)));
    }
    if let Some(intercept) = model.intercept {
        section.fact("Intercept", number::number(intercept));
    }
    section.fact("Plugin", &model.plugin);
    section.code("File", &model.file.path);
    section.code("SHA-256", &model.file.sha256);
    if let Some((stem, "toml")) = model.file.path.rsplit_once('.').filter(|_| model.learnt) {
        section.code("Model card", &format!("{stem}.card.md"));
    }
    for (name, value) in &model.about {
        section.fact(&capital(name), value);
    }
}

fn callouts(model: &Model, section: &mut Section) {
    if model.demonstration {
        section.callout("Demonstration.", "The numbers of this model are invented. Its scores mean nothing.");
    }
    if !model.terms.is_empty() || !(model.learnt || model.intercept.is_some()) {
        return;
    }
    let offered = if model.learnt {
        format!(" Of {} offered, none has a coefficient.", number::count(model.offered, "input"))
    } else {
        String::new()
    };
    let same =
        model.intercept.map(|intercept| format!(" (intercept {})", number::number(intercept))).unwrap_or_default();
    section.callout(
        "No input was kept.",
        format!(
            "{} The model is its intercept alone and gives everybody the same score{same}: it cannot tell patients \
             apart. This is a result, not a fault of the run.",
            offered.trim_start()
        ),
    );
}

/// The intercept among the inputs of a signature, in its file.
const INTERCEPT: &str = "(intercept)";

fn signature(model: &Model, words: &Words<'_>) -> Table {
    let linear = !model.link.is_empty();
    let imputes = model.terms.iter().any(|term| term.imputed.is_some());
    let scaled = model.terms.iter().any(|term| term.scale.is_some_and(|scale| scale != 1.0));
    let mut columns = vec![
        Column::text("Input"),
        Column::text("Region"),
        Column::code("IBSI"),
        Column::text("Unit"),
        Column::number("Coefficient"),
    ];
    let more = [("Centre", linear), ("Scale", linear && scaled), ("Imputed", imputes), ("Weight", true)];
    columns.extend(more.iter().filter(|(_, shown)| *shown).map(|(title, _)| Column::number(title)));
    columns.push(Column::range("Training range"));
    let row = |term: &Term| {
        let said = if term.input == INTERCEPT { "Intercept".to_owned() } else { words.input(&term.input) };
        let of_it = [&term.region, &term.ibsi, &term.unit].map(|word| {
            let said = if word.is_empty() { ABSENT.to_owned() } else { word.clone() };
            Cell::both(said, word.clone())
        });
        let numbers = [term.centre, term.scale, term.imputed, term.weight];
        let numbers = numbers.into_iter().zip(more).filter(|(_, (_, shown))| *shown);
        [Cell::both(said, term.input.clone())]
            .into_iter()
            .chain(of_it)
            .chain([Cell::number(term.coefficient)])
            .chain(numbers.map(|(value, _)| Cell::number(value)))
            .chain([Cell::range(term.min, term.max)])
            .collect::<Vec<Cell>>()
    };
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    if let Some(intercept) = model.intercept {
        let term = Term { input: INTERCEPT.into(), coefficient: Some(intercept), ..Term::default() };
        rows.push(row(&term));
    }
    rows.extend(model.terms.iter().map(row));
    let caption = "Signature. Coefficients are per unit of the input, centres and ranges in the input’s unit; weights \
                   (coefficient times standard deviation in training, or importance) are comparable between inputs. The \
                   file has every digit.";
    Table::new("signature", caption, columns).with(rows)
}

/// Rows with features that the model was not learnt from.
fn left_out(model: &Model, section: &mut Section, gallery: &mut Gallery) {
    let lost = || model.learnt_from.iter().flat_map(|from| from.left_out.iter().map(move |lost| (&from.cohort, lost)));
    let count = lost().count() as u64;
    if count == 0 {
        return;
    }
    let columns = vec![Column::text("Cohort"), Column::code("Name"), Column::text("Reason")];
    let rows = lost().map(|(cohort, lost)| [cohort, &lost.id, &lost.reason].map(Cell::text).to_vec());
    let table = Table::new("left-out", "Lesions that it was not learnt from, and why.", columns).with(rows);
    let table = gallery.table(&section.id, table);
    let summary = format!("{} left out of the training, with reasons", number::count(count, "lesion"));
    section.blocks.push(Block::Folded { summary, table });
}

/// The numbers of the cross-validation curves, as a file: hundreds of rows serve no reader.
fn curves(model: &Model, section: &mut Section, gallery: &mut Gallery) {
    if model.curves.iter().all(|curve| curve.points.is_empty()) {
        return;
    }
    let measure = if model.measure.is_empty() { "measure" } else { &model.measure };
    let columns = ["α", "λ", &format!("Mean {measure}"), "Standard error", "Inputs"].map(Column::number).to_vec();
    let points = model.curves.iter().flat_map(|curve| curve.points.iter().map(move |point| (curve.alpha, point)));
    let rows = points.map(|(alpha, point)| {
        let alpha = Cell::both(number::plain(alpha), number::exact(Some(alpha)));
        let numbers = [point.lambda, point.mean, point.se].map(|value| Cell::number(Some(value)));
        [alpha].into_iter().chain(numbers).chain([Cell::count(point.nonzero)]).collect()
    });
    let file = gallery.file(&format!("{}-curves", section.id), Table::new("", "", columns).with(rows));
    section.blocks.push(Block::File { text: "All points of the curves:".into(), file });
}

/// More inputs than this are shown only on demand.
const MOST_STABILITY: usize = 30;

fn stability(inputs: &[Stability], words: &Words<'_>) -> Table {
    let linear = inputs.iter().any(|of| of.coefficient.is_some());
    let known = inputs.iter().any(|of| of.importance.is_some());
    let mut columns =
        vec![Column::text("Input"), Column::text("In the model"), Column::number("Chosen"), Column::number("Of")];
    columns.extend(linear.then(|| Column::mean("Coefficient")));
    columns.extend(known.then(|| Column::mean("Importance")));
    let row = |of: &Stability| {
        let mut row = vec![
            Cell::both(words.input(&of.input), of.input.clone()),
            Cell::text(if of.kept { "yes" } else { "no" }),
            Cell::count(of.chosen),
            Cell::count(of.of),
        ];
        row.extend(linear.then(|| Cell::estimate(of.coefficient.as_ref())));
        row.extend(known.then(|| Cell::estimate(of.importance.as_ref())));
        row
    };
    Table::new("stability", "Inputs in the models of the outer folds.", columns).with(inputs.iter().map(row))
}

/// Learners that were tested on the same folds.
pub fn compared(study: &Study, gallery: &mut Gallery) -> Option<Section> {
    if study.compared.is_empty() {
        return None;
    }
    let mut section = Section::new("compared".into(), "Learners on the same folds");
    section.words(
        "Each is learnt without the patients of a fold and tested on them, all on the same folds. Differences are taken fold by fold, and \
         their interval allows for the rows that the training parts share (Nadeau and Bengio): where it has 0, the data do not tell the two \
         apart. A signature that is no better than the volume alone, or than what one knows without a scan, adds nothing to it.",
    );
    for compared in &study.compared {
        let better = if compared.higher_is_better { "higher is better" } else { "lower is better" };
        let columns = vec![
            Column::text("Learner"),
            Column::number("Inputs offered"),
            Column::estimate(&format!("{} ({better})", compared.measure)),
            Column::estimate(&format!("Difference from {}", compared.reference)),
        ];
        let rows = compared.rows.iter().map(|row| {
            vec![
                Cell::text(&row.name),
                Cell::count(row.inputs),
                Cell::estimate(row.value.as_ref()),
                Cell::estimate(row.difference.as_ref()),
            ]
        });
        let caption = format!("{}: mean over {} × {} outer folds.", compared.title, compared.repeats, compared.folds);
        section.table(gallery.table("compared", Table::new("learners", caption, columns).with(rows)));
    }
    Some(section)
}

fn performance(metrics: &[Metric]) -> Table {
    let columns = vec![
        Column::text("Measure"),
        Column::estimate("Value"),
        Column::number("p"),
        Column::number("n"),
        Column::text("How"),
    ];
    let rows = metrics.iter().map(|metric| {
        vec![
            Cell::text(&metric.name),
            Cell::estimate(Some(&metric.estimate)),
            Cell::p(metric.estimate.p),
            Cell::count(metric.n),
            Cell::text(&metric.note),
        ]
    });
    Table::new("performance", "Out-of-fold performance.", columns).stacked().with(rows)
}

/// Predictions against targets; classes, which are 0 or 1, as groups.
fn out_of_fold(model: &Model, words: &Words<'_>) -> Option<figure::Figure> {
    // What is kept of a fold is the sum of a linear model, before its link.
    let axis = match (model.link.as_str(), model.score_label.as_str()) {
        ("logistic", _) => "Log-odds (no unit)",
        (_, "") => "Prediction",
        (_, label) => label,
    };
    let classes = model.out_of_fold.iter().all(|&(target, _)| target == 0.0 || target == 1.0);
    if classes && !model.out_of_fold.is_empty() {
        let group = |class: f64, name: &str| Group {
            name: name.to_owned(),
            scores: model.out_of_fold.iter().filter(|at| at.0 == class).map(|at| at.1).collect(),
        };
        let [with, without] = match (&model.asked, words.classes(&model.asked)) {
            // "yes" and "no" say nothing without the question.
            (Asked::Class { column, .. }, Some(classes)) if classes.iter().any(|class| class == "yes") => {
                classes.map(|class| format!("{}: {class}", words.column(column)))
            }
            (_, Some(classes)) => classes.map(|class| capital(&class)),
            (Asked::Above { .. }, _) => [model.target.clone(), "All others".to_owned()],
            _ => ["Positive", "Negative"].map(str::to_owned),
        };
        let groups = [group(0.0, &without), group(1.0, &with)];
        let figure = figure::distribution(&groups, &format!("{axis} (out of fold)"), None, None)?;
        return Some(figure::Figure {
            kind: "out-of-fold",
            title: "Out-of-fold predictions by class".into(),
            ..figure
        });
    }
    let points: Vec<(f64, f64)> = model.out_of_fold.iter().map(|&(target, predicted)| (predicted, target)).collect();
    // Only a model of a number predicts its target itself.
    let alike = matches!(model.asked, Asked::Number { .. });
    let line = if alike { " Dashed: equality." } else { "" };
    figure::scatter(
        &Scatter {
            kind: "out-of-fold",
            title: "Out-of-fold predictions",
            caption: format!(
                "Each point is a patient of the training, or a lesion where a patient’s lesions have targets of their own, \
             predicted by a model that had not seen it.{line}"
            ),
            x: &format!("{axis} (out of fold)"),
            y: &figure::axis_with_unit(if model.target.is_empty() { "Target" } else { &model.target }),
            points: &points,
            alike,
            line: &[],
            notes: Vec::new(),
        },
        None,
    )
}
