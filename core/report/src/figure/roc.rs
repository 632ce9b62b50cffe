//! ROC curve.

use crate::{
    draw::{
        Drawing, Stroke,
        frame::{Corner, Frame, Titles},
        scale::Scale,
        style::{BLUE, Marker, REFERENCE, VERMILLION},
    },
    figure::Figure,
    number,
    study::{AtCutoff, ClassResult},
};

const WIDTH: f64 = 420.0;

/// The ROC curve with its area, and the cut-off if its sensitivity and specificity are known.
pub fn roc(result: &ClassResult, width: Option<f64>) -> Option<Figure> {
    let width = width.unwrap_or(WIDTH);
    let unit = Scale::linear(0.0, 1.0);
    let frame = Frame::new((width, 1.0), 12.0, 46.0, unit, unit);
    // A square room.
    let height = 12.0 + (frame.right - frame.left) + 46.0;
    let mut drawing = Drawing::new(width, height);
    let frame = Frame::new((width, height), 12.0, 46.0, unit, unit);
    let points = frame.all(result.roc.iter().copied());
    if points.len() < 2 {
        return None;
    }
    frame.draw(&mut drawing, Titles { x: "1 − specificity", y: "Sensitivity" });
    drawing.line((frame.left, frame.bottom), (frame.right, frame.top), Stroke::dashed(REFERENCE, 1.0, "3 3"));
    let lower = frame.all(result.roc_band.iter().map(|at| (at.0, at.1)));
    let mut band = frame.all(result.roc_band.iter().map(|at| (at.0, at.2)));
    band.extend(lower.into_iter().rev());
    drawing.polygon(&band, BLUE, 0.15);
    drawing.polyline(&points, Stroke::solid(BLUE, 2.2));
    let mut notes = vec![format!("AUC {}", number::estimate(&result.auc))];
    let p = number::p_said(result.auc.p);
    notes.extend((!p.is_empty()).then_some(p));
    if let Some((at, cutoff)) = result.cutoff.as_ref().and_then(|cutoff| Some((at_cutoff(cutoff)?, cutoff))) {
        if let Some(place) = frame.at(1.0 - at.1, at.0) {
            drawing.marker(place, Marker::Diamond, 4.6, VERMILLION, true);
        }
        notes.push(format!("◇ cut-off {}", number::number(cutoff.value)));
        notes.push(format!("sensitivity {}, specificity {}", percent(at.0), percent(at.1)));
    }
    notes.push(format!("{} positive, {} negative", result.positives, result.negatives));
    frame.note(&mut drawing, Corner::BottomRight, &notes);
    Some(Figure {
        kind: "roc",
        title: "ROC curve".into(),
        caption: format!(
            "AUC with its 95 % interval and p against 0.5, by the methods below.{} Dashed: chance.",
            if result.roc_band.is_empty() { "" } else { " Shaded: pointwise 95 % band of the sensitivity." }
        ),
        description: format!("Area under the curve {}.", number::estimate(&result.auc)),
        drawing,
    })
}

/// A share in percent.
fn percent(share: f64) -> String {
    format!("{:.0}\u{a0}%", share * 100.0)
}

/// Sensitivity and specificity of a cut-off, if both are among its figures.
fn at_cutoff(cutoff: &AtCutoff) -> Option<(f64, f64)> {
    let find = |name: &str| {
        let found = cutoff.figures.iter().find(|(label, _)| label.eq_ignore_ascii_case(name));
        found.map(|(_, estimate)| estimate.value).filter(|value| (0.0..=1.0).contains(value))
    };
    Some((find("sensitivity")?, find("specificity")?))
}
