//! What is fitted on a cohort, what is learnt from a table, and what a score is made of.

use voxomics_base::Diagnostics;
use voxomics_host::Fitted;

use crate::{
    bench::{Bench, table},
    subject::{Subject, inputs, predicted},
    verdict::{Checked, Verdict},
};

/// The same cohort gives the same state; a state that is none is refused; nothing is applied without one.
pub fn fitted(bench: &Bench<'_>) -> Checked {
    let unfitted = bench.configured(&bench.settings, None)?;
    let again = bench.configured(&bench.settings, None)?;
    let (Some(first), Some(second)) = (learner(&unfitted), learner(&again)) else {
        return Ok(Verdict::failed("it says that it is fitted, and is neither a filter nor a region maker"));
    };
    let state = bench.fit(first, false)?;
    if state != bench.fit(second, false)? {
        return Ok(Verdict::failed("the same cohort gives two states"));
    }
    let scene = crate::scene::Scene::lesion(1, 7);
    match unfitted.ask(&scene, &bench.host("case")) {
        Ok(_) => return Ok(Verdict::failed("it is applied without what it must be fitted for")),
        Err(refusal) if refusal.broken => return Ok(Verdict::failed(refusal.message)),
        Err(_) => {}
    }
    let diagnostics = Diagnostics::default();
    match Subject::configure(bench.of, &bench.settings, Some("no state of this plugin"), None, &diagnostics) {
        Ok(Some(_)) => return Ok(Verdict::failed("it takes any text for a state")),
        Ok(None) => {}
        Err(refusal) => return Ok(Verdict::failed(refusal.message)),
    }
    let whole = bench.configured(&bench.settings, Some(&state))?;
    bench.answer(&whole, &scene)?;
    Ok(match state == bench.fit(first, true)? {
        true => Verdict::passed("the same cohort gives the same state, in either order of its cases"),
        false => {
            Verdict::warned("the state depends on the order of the cases: a cohort that is sorted anew has another")
        }
    })
}

fn learner(subject: &Subject) -> Option<Fitted<'_>> {
    match subject {
        Subject::Filter(filter) => Some(filter.fitted()),
        Subject::Maker(maker) => Some(maker.fitted()),
        _ => None,
    }
}

/// The same table and seed give the same model, which can be read again and scores; a table without rows is refused.
pub fn learns(bench: &Bench<'_>) -> Checked {
    let Subject::Predictor(learner) = bench.configured(&bench.settings, None)? else {
        return Ok(Verdict::failed("it says that it learns, and is no predictor"));
    };
    let model = bench.learn(&learner)?;
    let Subject::Predictor(second) = bench.configured(&bench.settings, None)? else {
        return Ok(Verdict::failed("it is no predictor"));
    };
    if model != bench.learn(&second)? {
        return Ok(Verdict::failed("the same table and the same seed give two models"));
    }
    match learner.fit(&table(0), &bench.host("fit")) {
        Ok(_) => return Ok(Verdict::failed("it learns from a table without rows")),
        Err(error) if error.broken => return Ok(Verdict::failed(error.to_string())),
        Err(_) => {}
    }
    let trained = bench.trained(&model)?;
    let answer = bench.answer(&trained, &crate::scene::Scene::lesion(1, 5))?;
    Ok(match answer.numbers() {
        0 => Verdict::failed("its own model gives no score"),
        _ => Verdict::passed("the same table gives the same model, and the model scores"),
    })
}

/// Each input in turn, and all of them, have no value, or one that is no number.
pub fn missing_inputs(bench: &Bench<'_>) -> Checked {
    let Subject::Predictor(predictor) = bench.subject()? else { return Ok(Verdict::skipped("it is no predictor")) };
    let whole = inputs(&predictor, &crate::scene::Scene::lesion(1, 5));
    if whole.is_empty() {
        return Ok(Verdict::skipped("it has no inputs"));
    }
    let (mut scores, mut reasons) = (0, 0);
    let cases =
        (0..=whole.len()).flat_map(|case| [Err("the region has one voxel".into()), Ok(f64::NAN)].map(|x| (case, x)));
    for (case, gap) in cases {
        let mut row = whole.clone();
        let places = if case == whole.len() { 0..case } else { case..case + 1 };
        row[places].fill(gap.clone());
        match predicted(&predictor, &row, &bench.host("case")) {
            Ok(answer) if gap.is_ok() && answer.numbers() > 0 && depends(bench, &predictor, &whole, case)? => {
                let name = predictor.inputs.get(case).map_or("every input", String::as_str);
                return Ok(Verdict::failed(format!("{name} is NaN, and there is a score")));
            }
            Ok(answer) => {
                scores += answer.numbers().min(1);
                reasons += answer.undefined().min(1);
            }
            // The program never hands over a NaN, and refuses a score that is none.
            Err(refusal) if refusal.broken && gap.is_err() => return Ok(Verdict::failed(refusal.message)),
            Err(_) => reasons += 1,
        }
    }
    Ok(Verdict::passed(format!("of rows with gaps, {scores} have a score and {reasons} a reason for none")))
}

/// Whether a score changes with an input.
fn depends(
    bench: &Bench<'_>,
    predictor: &voxomics_host::PredictorInstance,
    whole: &[voxomics_base::table::FeatureValue],
    input: usize,
) -> Result<bool, Verdict> {
    let with = |value: f64| {
        let mut row = whole.to_vec();
        let places = if input == row.len() { 0..input } else { input..input + 1 };
        row[places].fill(Ok(value));
        predicted(predictor, &row, &bench.host("case")).map_err(|refusal| Verdict::failed(refusal.message))
    };
    Ok(with(-3.0)? != with(3.0)?)
}
