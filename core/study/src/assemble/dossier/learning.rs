//! Robustness and learning: what models were offered, what they kept, and whether that comes again.

use voxomics_engine::experiment::study::Between;
use voxomics_report::study::{Evaluation, Model, Place, Point};

use super::{Given, counted, does_not_apply, names, shown};

const NOTHING_LEARNT: &str = "No model was learnt.";

fn learnt<'a>(of: &'a Given<'_>) -> impl Iterator<Item = &'a Model> {
    of.study.models.iter().filter(|model| model.learnt)
}

/// A point of the models that were learnt, a sentence for each; it does not apply where there are none.
fn of_models(of: &Given<'_>, key: &str, asks: &str, otherwise: &str, said: &dyn Fn(&Model) -> Option<String>) -> Point {
    let found: Vec<(&Model, String)> = learnt(of).filter_map(|model| Some((model, said(model)?))).collect();
    if learnt(of).next().is_none() {
        return does_not_apply(key, asks, NOTHING_LEARNT);
    }
    let places = found.iter().map(|(model, _)| Place::Model(model.name.clone())).collect();
    let said: Vec<String> = found.into_iter().map(|(_, said)| said).collect();
    shown(key, asks, &said, places, otherwise)
}

pub fn robustness(of: &Given<'_>) -> Vec<Point> {
    let stated = |model: &Model| of.experiment.learn.iter().find(|learn| learn.name == model.name);
    let agree = |between: Between| {
        move |model: &Model| {
            let stated = stated(model)?;
            let least = stated.minimum_icc.filter(|_| matches!(between, Between::Readers)).map(|least| {
                format!(
                    "Of what `{}` was offered, features on which readers agree less (intraclass correlation below {least}) were left out.",
                    model.name
                )
            });
            let lower = stated.icc_at_least.filter(|icc| icc.between == between).map(|icc| {
                format!(
                    "Of what `{}` was offered, features whose {} between {} has a lower limit (95 %) below {} were left out, in each outer \
                     fold anew.",
                    model.name,
                    icc.form.name(),
                    between.word(),
                    icc.limit
                )
            });
            let said: Vec<String> = least.into_iter().chain(lower).collect();
            (!said.is_empty()).then(|| said.join(" "))
        }
    };
    let harmonised = |model: &Model| {
        let is_combat = of.resolved["learn"][&model.name]["harmonise"] == "combat";
        let column = stated(model)?.harmonise_by.as_ref().filter(|_| is_combat)?;
        Some(format!(
            "Features of `{}` were harmonised over `{column}` by ComBat, fitted inside the folds.",
            model.name
        ))
    };
    vec![
        of_models(
            of,
            "robustness.readers",
            "Whether features depend on who outlined",
            "No training looked at how readers agree.",
            &agree(Between::Readers),
        ),
        of_models(
            of,
            "robustness.repeats",
            "Whether features come again in a second scan",
            "No training looked at repeated scans.",
            &agree(Between::Repeats),
        ),
        perturbations(of, &agree(Between::Perturbations)),
        controls(of),
        of_models(
            of,
            "robustness.scanners",
            "Whether features were harmonised between scanners or centres",
            "No training harmonised features.",
            &harmonised,
        ),
        of_models(
            of,
            "robustness.folds",
            "Whether the same inputs come again in other patients",
            "No training has outer folds.",
            &stability,
        ),
    ]
}

/// Cases may be perturbed without a training that asks for it: their intraclass correlations are a table.
fn perturbations(of: &Given<'_>, agree: &dyn Fn(&Model) -> Option<String>) -> Point {
    const KEY: &str = "robustness.perturbations";
    const ASKS: &str = "Whether features withstand small changes of image and outline";
    let none = "No training looked at perturbed images.";
    if of.found.perturbed.is_empty() {
        return of_models(of, KEY, ASKS, none, agree);
    }
    let asked: Vec<String> = learnt(of).filter_map(agree).collect();
    let none = if asked.is_empty() { vec![none.to_owned()] } else { Vec::new() };
    shown(KEY, ASKS, &[of.found.perturbed.clone(), asked, none].concat(), vec![Place::Methods], "")
}

/// Controls that were computed are told; that a signature was held against them only where it has a figure there.
fn controls(of: &Given<'_>) -> Point {
    const KEY: &str = "robustness.controls";
    const ASKS: &str = "Whether signatures were held against negative controls";
    let none = "No negative control was computed.";
    let held: Vec<&Evaluation> = of
        .study
        .evaluations
        .iter()
        .filter(|evaluation| evaluation.controls.iter().any(|found| found.rows.iter().any(|row| row.control.is_some())))
        .collect();
    let mut said = of.found.controls.clone();
    if !said.is_empty() {
        said.push(match held.as_slice() {
            [] => "No evaluation has a figure in them.".to_owned(),
            held => format!("Figures in them stand with {}.", names(held.iter().map(|evaluation| &evaluation.name))),
        });
    }
    let places = held.iter().map(|evaluation| Place::Evaluation(evaluation.name.clone()));
    shown(KEY, ASKS, &said, [Place::Methods].into_iter().chain(places).collect(), none)
}

fn stability(model: &Model) -> Option<String> {
    let of = model.stability.first()?.of;
    let kept: Vec<_> = model.stability.iter().filter(|input| input.kept).collect();
    if kept.is_empty() {
        return Some(format!("`{}` kept no input.", model.name));
    }
    let always = kept.iter().filter(|input| input.chosen == of).count();
    Some(format!(
        "`{}`: {always} of its {} are in all {of} models of the outer folds.",
        model.name,
        counted(kept.len() as u64, "input")
    ))
}

pub fn learning(of: &Given<'_>) -> Vec<Point> {
    let none = "No model was learnt.";
    let words = |model: &Model| {
        let (_, said) = of.found.learnt.iter().find(|(name, said)| *name == model.name && !said.is_empty())?;
        Some(said.join(" "))
    };
    let kept = |model: &Model| {
        let terms = model.terms.iter().map(|term| &term.input);
        let kept = counted(model.terms.len() as u64, "input");
        Some(match model.terms.len() {
            0 => format!("`{}` kept none of {}.", model.name, counted(model.offered, "input")),
            1..=LISTED => format!("`{}` kept {kept} of {}: {}.", model.name, model.offered, names(terms)),
            _ => format!("`{}` kept {kept} of {}.", model.name, model.offered),
        })
    };
    vec![
        of_models(of, "learning.target", "What models predict", none, &|model| {
            Some(format!("`{}` predicts {}.", model.name, model.target))
        }),
        of_models(of, "learning.method", "How models were learnt", none, &words),
        of_models(of, "learning.size", "How many inputs there are for how many patients", none, &size),
        of_models(of, "learning.kept", "Which inputs models use", none, &kept),
        of_models(of, "learning.tuning", "How settings of the models were chosen", "Settings were given.", &tuning),
        of_models(
            of,
            "learning.missing",
            "What stands in for missing inputs",
            "No model has a value that stands in for a missing input.",
            &imputed,
        ),
        of_models(of, "learning.left_out", "Who was left out of the training", none, &left_out),
    ]
}

/// More inputs than this are not listed.
const LISTED: usize = 20;

fn size(model: &Model) -> Option<String> {
    Some(format!(
        "`{}` was offered {} for {} of {}.",
        model.name,
        counted(model.offered, "input"),
        counted(model.rows, "lesion"),
        counted(model.patients, "patient")
    ))
}

fn tuning(model: &Model) -> Option<String> {
    let (alpha, lambda) = model.chosen.filter(|_| !model.curves.is_empty())?;
    let tried = model.curves.iter().map(|curve| curve.points.len() as u64).sum();
    Some(format!(
        "`{}`: by cross-validation over {} of mixing value and penalty, by the {}; chosen were {alpha} and {lambda:.3e}.",
        model.name,
        counted(tried, "pair"),
        model.measure
    ))
}

fn imputed(model: &Model) -> Option<String> {
    let number = model.terms.iter().filter(|term| term.imputed.is_some()).count();
    let all = counted(model.terms.len() as u64, "input");
    (number > 0)
        .then(|| format!("`{}`: {number} of {all} have a value from the training for a missing one.", model.name))
}

fn left_out(model: &Model) -> Option<String> {
    let of: Vec<String> = model
        .learnt_from
        .iter()
        .map(|from| {
            let lost = counted(from.left_out.len() as u64, "lesion");
            format!("of `{}` {lost} left out, {} learnt from", from.cohort, from.rows)
        })
        .collect();
    (!of.is_empty()).then(|| format!("`{}`: {}.", model.name, of.join("; ")))
}
