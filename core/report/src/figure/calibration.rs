//! Calibration plot and decision curve of predicted probabilities.

use crate::{
    draw::{
        Drawing, Stroke,
        frame::{Entry, Frame, ROW, TICK, Titles, legend},
        scale::{Scale, extent},
        style::{BLUE, INK, Marker, REFERENCE, VERMILLION},
        text::{self, Label},
    },
    figure::Figure,
    number,
    study::{Calibration, Decision, Estimate, RiskAt},
};

const WIDTH: f64 = 420.0;

/// Observed against predicted, by groups of the prediction; none without groups.
pub fn calibration(result: &Calibration, width: Option<f64>) -> Option<Figure> {
    let notes = [
        format!("intercept {}", number::estimate(&result.intercept)),
        format!("slope {}", number::estimate(&result.slope)),
        format!("Brier score {}", number::number(result.brier)),
    ];
    plot(
        &result.groups,
        &notes,
        &Words {
            kind: "calibration",
            title: "Calibration".into(),
            caption: "Observed share with its 95 % interval by groups of the predicted probability. Dashed: perfect \
                  agreement. Intercept is calibration in the large; a perfect slope is 1."
                .into(),
            axes: Titles { x: "Mean predicted probability", y: "Observed share" },
        },
        width,
    )
}

/// The same of risks at a time.
pub fn risk_calibration(at: &RiskAt, when: &str, width: Option<f64>) -> Option<Figure> {
    let notes = [
        format!("observed / predicted {}", number::estimate(&at.ratio)),
        format!("Brier score {}", number::estimate(&at.error.brier)),
        format!("that of everybody’s risk {}", number::number(at.error.reference)),
    ];
    plot(&at.groups, &notes, &Words {
        kind: "risk-calibration",
        title: format!("Calibration of the risk at {when}"),
        caption: "Observed risk (Kaplan–Meier) with its 95 % interval by groups of the predicted risk. Dashed: perfect agreement."
            .into(),
        axes: Titles { x: "Mean predicted risk", y: "Observed risk" },
    }, width)
}

/// What is said around a calibration plot.
struct Words<'a> {
    kind: &'static str,
    title: String,
    caption: String,
    axes: Titles<'a>,
}

fn plot(groups: &[(f64, Estimate, u64)], notes: &[String], words: &Words<'_>, width: Option<f64>) -> Option<Figure> {
    let width = width.unwrap_or(WIDTH);
    let unit = Scale::linear(0.0, 1.0);
    // What is said of the fit stands below: within the plot there is no place that no error bar can reach.
    let bottom = 46.0 + 16.0 * 3.0 + 4.0;
    let room = Frame::new((width, 1.0), 12.0, bottom, unit, unit);
    let height = 12.0 + (room.right - room.left).min(345.0) + bottom;
    let mut drawing = Drawing::new(width, height);
    let frame = Frame::new((width, height), 12.0, bottom, unit, unit);
    frame.draw(&mut drawing, words.axes);
    drawing.line((frame.left, frame.bottom), (frame.right, frame.top), Stroke::dashed(REFERENCE, 1.0, "3 3"));
    let mut said = Vec::new();
    let mut line = Vec::new();
    for (predicted, observed, n) in groups {
        let Some(at) = frame.at(*predicted, observed.value) else { continue };
        let ends =
            (observed.low.and_then(|low| frame.y.clamped(low)), observed.high.and_then(|high| frame.y.clamped(high)));
        if let (Some(low), Some(high)) = ends {
            drawing.line((at.0, low), (at.0, high), Stroke::solid(BLUE, 1.2));
            for y in [low, high] {
                drawing.line((at.0 - 3.5, y), (at.0 + 3.5, y), Stroke::solid(BLUE, 1.2));
            }
        }
        line.push(at);
        said.push(format!(
            "predicted {} observed {} (n = {n})",
            number::number(*predicted),
            number::number(observed.value)
        ));
    }
    if line.is_empty() {
        return None;
    }
    drawing.polyline(&line, Stroke::solid(BLUE, 1.0));
    for at in line {
        drawing.marker(at, Marker::Circle, 4.0, BLUE, false);
    }
    for (index, note) in notes.iter().enumerate() {
        let note = text::fit(note, TICK, width - frame.left - 8.0);
        drawing.text((frame.left, frame.bottom + 58.0 + 16.0 * index as f64), &note, Label::start(TICK));
    }
    Some(Figure {
        kind: words.kind,
        title: words.title.clone(),
        caption: words.caption.clone(),
        description: said.join("; "),
        drawing,
    })
}

/// Net benefit over threshold probabilities; none without any.
pub fn decision(result: &Decision, width: Option<f64>) -> Option<Figure> {
    let width = width.unwrap_or(WIDTH);
    let (low, high) = extent(result.thresholds.iter().copied())?;
    let (_, best) = extent(result.model.iter().chain(&result.all).copied())?;
    // Treating all falls without end; what matters is around zero.
    let best = best.max(0.01);
    let y = Scale::linear(-0.35 * best, best * 1.08);
    let bottom = 62.0 + ROW * 3.0;
    let height = 12.0 + 300.0 + bottom;
    let mut drawing = Drawing::new(width, height);
    let frame = Frame::new((width, height), 12.0, bottom, Scale::linear(low.min(0.0), high), y);
    frame.draw(&mut drawing, Titles { x: "Threshold probability", y: "Net benefit" });
    let entries = [
        Entry { text: "The model".into(), stroke: Stroke::solid(BLUE, 2.2) },
        Entry { text: "Treat all".into(), stroke: Stroke::dashed(VERMILLION, 1.6, "7 3") },
        Entry { text: "Treat none".into(), stroke: Stroke::dashed(INK, 1.3, "2 2.5") },
    ];
    let zero: Vec<f64> = vec![0.0; result.thresholds.len()];
    for (values, entry) in [&zero, &result.all, &result.model].into_iter().zip([&entries[2], &entries[1], &entries[0]])
    {
        let pairs: Vec<(f64, f64)> = result.thresholds.iter().copied().zip(values.iter().copied()).collect();
        for run in inside(&frame, &pairs) {
            drawing.polyline(&frame.all(run), entry.stroke);
        }
    }
    legend(&mut drawing, (frame.left, frame.bottom + 54.0), frame.right - frame.left, &entries);
    Some(Figure {
        kind: "decision",
        title: "Decision curve".into(),
        caption:
            "Net benefit of acting on the model’s probability, against acting on all and on none. Lines that leave \
                  the plot at the bottom go on below it."
                .into(),
        description: format!(
            "Net benefit at {} thresholds from {} to {}.",
            result.thresholds.len(),
            number::number(low),
            number::number(high)
        ),
        drawing,
    })
}

/// The parts of a line that are within the room, each with the point where it crosses the edge.
fn inside(frame: &Frame, points: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
    let (floor, _) = frame.y.ends();
    let mut runs: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    let mut before: Option<(f64, f64)> = None;
    for &(x, y) in points.iter().filter(|(x, y)| x.is_finite() && y.is_finite()) {
        let crossing = before.filter(|&(_, last)| (last < floor) != (y < floor));
        if let (Some((from, last)), Some(run)) = (crossing, runs.last_mut()) {
            run.push((from + (x - from) * (floor - last) / (y - last), floor));
        }
        if y < floor {
            // Where the line comes back, the point on the edge begins the next part.
            runs.push(Vec::new());
        } else if let Some(run) = runs.last_mut() {
            run.push((x, y));
        }
        before = Some((x, y));
    }
    runs
}

/// The same of risks at a time.
pub fn risk_decision(at: &RiskAt, when: &str, width: Option<f64>) -> Option<Figure> {
    let figure = decision(&at.decision, width)?;
    Some(Figure {
        kind: "risk-decision",
        title: format!("Decision curve of the risk at {when}"),
        caption: "Net benefit of treating those whose predicted risk is at or above a threshold, in true positives per row, under \
                  censoring. A model is worth something where its line lies above both others."
            .into(),
        ..figure
    })
}
