//! Points of two numbers.

use crate::{
    draw::{
        Drawing, MANY, Places, Stroke,
        frame::{Corner, Frame, TICK, Titles},
        scale::Scale,
        style::{BLUE, Marker, REFERENCE, VERMILLION},
        text::{self, Label},
    },
    figure::{Figure, axis_with_unit},
    number::{self, count},
    study::{Estimate, Evaluation, NumberResult},
};

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 400.0;
/// From a line of what is said below to the next.
const LINE: f64 = 16.0;

/// What a scatter plot shows.
#[derive(Debug, Clone)]
pub struct Scatter<'a> {
    /// End of its name.
    pub kind: &'static str,
    /// Heading.
    pub title: &'a str,
    /// Rest of the caption.
    pub caption: String,
    /// Title of the x axis.
    pub x: &'a str,
    /// Title of the y axis.
    pub y: &'a str,
    /// Points.
    pub points: &'a [(f64, f64)],
    /// Whether both axes are of the same quantity: then they have the same scale and the line of equality.
    pub alike: bool,
    /// A line through the points: x, and y with its interval, if it has one.
    pub line: &'a [(f64, Estimate)],
    /// Figures written into the plot; with a line below it, for no corner is sure to be empty.
    pub notes: Vec<String>,
}

/// A scatter plot; none without any point.
pub fn scatter(plot: &Scatter<'_>, width: Option<f64>) -> Option<Figure> {
    let width = width.unwrap_or(WIDTH);
    let points: Vec<(f64, f64)> = plot.points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    if points.is_empty() {
        return None;
    }
    let (mut x, mut y) = (Scale::of(points.iter().map(|at| at.0)), Scale::of(points.iter().map(|at| at.1)));
    if plot.alike {
        x = Scale::of(points.iter().flat_map(|at| [at.0, at.1]));
        y = x;
    }
    let below = if plot.line.is_empty() { 0 } else { plot.notes.len() };
    let bottom = 46.0 + if below > 0 { LINE * below as f64 + 4.0 } else { 0.0 };
    let height = HEIGHT.min(width) - 46.0 + bottom;
    let mut drawing = Drawing::new(width, height);
    let frame = Frame::new((width, height), 12.0, bottom, x, y);
    frame.draw(&mut drawing, Titles { x: plot.x, y: plot.y });
    if plot.alike {
        drawing.line((frame.left, frame.bottom), (frame.right, frame.top), Stroke::dashed(REFERENCE, 1.0, "3 3"));
    }
    let radius = if points.len() > 200 { 2.3 } else { 3.2 };
    let mut places = Places::new(points.len(), radius);
    for &(x, y) in &points {
        if let Some(at) = frame.at(x, y).filter(|at| places.take(*at)) {
            drawing.marker(at, Marker::Circle, radius, BLUE, true);
        }
    }
    if plot.line.is_empty() {
        frame.note(&mut drawing, emptiest(&frame, &points), &plot.notes);
    } else {
        line(&mut drawing, &frame, plot.line);
        for (at, note) in plot.notes.iter().enumerate() {
            let note = text::fit(note, TICK, width - frame.left - 8.0);
            drawing.text((frame.left, frame.bottom + 58.0 + LINE * at as f64), &note, Label::start(TICK));
        }
    }
    Some(Figure {
        kind: plot.kind,
        title: plot.title.to_owned(),
        caption: match points.len() {
            ..=MANY => plot.caption.clone(),
            _ => format!("{} Of points that cover each other one is drawn.", plot.caption),
        },
        description: format!("{}. {}", count(points.len() as u64, "point"), plot.notes.join(", ")),
        drawing,
    })
}

/// A line with its band.
fn line(drawing: &mut Drawing, frame: &Frame, points: &[(f64, Estimate)]) {
    let end = |of: fn(&Estimate) -> Option<f64>| -> Vec<(f64, f64)> {
        let ends = points.iter().filter_map(|(x, y)| Some((frame.x.at(*x)?, frame.y.clamped(of(y)?)?)));
        ends.collect()
    };
    let (mut area, high) = (end(|y| y.low), end(|y| y.high));
    area.extend(high.into_iter().rev());
    drawing.polygon(&area, VERMILLION, 0.18);
    let middle = points.iter().filter(|(_, y)| frame.y.holds(y.value)).map(|(x, y)| (*x, y.value));
    drawing.polyline(&frame.all(middle), Stroke::solid(VERMILLION, 2.0));
}

/// Observed numbers against predicted ones; none where the score predicts another number, or nobody knows.
pub fn number_calibration(
    evaluation: &Evaluation,
    result: &NumberResult,
    axis: &str,
    width: Option<f64>,
) -> Option<Figure> {
    let calibration = result.calibration.as_ref()?;
    let points: Vec<(f64, f64)> = result.points.iter().map(|&(observed, score)| (score, observed)).collect();
    let observed = if result.label.is_empty() { "Observed value" } else { &result.label };
    let said = |(name, estimate): (&str, &Estimate)| format!("{name} {}", number::estimate(estimate));
    let figures = [
        ("observed − predicted", &calibration.difference),
        ("intercept", &calibration.intercept),
        ("slope", &calibration.slope),
        ("R² of the predictions", &calibration.explained),
    ];
    let has_band = calibration.line.iter().any(|(_, y)| y.low.is_some());
    let band = if has_band { " with its pointwise 95 % interval" } else { "" };
    let plot = Scatter {
        kind: "calibration",
        title: "Observed against predicted",
        caption: format!(
            "Each point is one of {} {}. Dashed: perfect agreement. Line: least squares{band}. With perfect predictions the mean \
             difference and the intercept are 0, slope and R² are 1.",
            result.points.len(),
            evaluation.unit
        ),
        x: axis,
        y: &axis_with_unit(observed),
        points: &points,
        alike: true,
        line: &calibration.line,
        notes: figures.into_iter().map(said).collect(),
    };
    scatter(&plot, width)
}

/// Observed numbers against scores.
pub fn agreement(evaluation: &Evaluation, result: &NumberResult, axis: &str, width: Option<f64>) -> Option<Figure> {
    let said = |(short, estimate): (&str, &Option<Estimate>)| {
        Some(format!("{short} = {}", number::estimate(estimate.as_ref()?)))
    };
    let points: Vec<(f64, f64)> = result.points.iter().map(|&(observed, score)| (score, observed)).collect();
    let observed = if result.label.is_empty() { "Observed value" } else { &result.label };
    let plot = Scatter {
        kind: "scatter",
        title: "Observed value against score",
        caption: format!("Each point is one of {} {}.", result.points.len(), evaluation.unit),
        x: axis,
        y: &axis_with_unit(observed),
        points: &points,
        alike: false,
        line: &[],
        notes: [("r", &result.pearson), ("ρ", &result.spearman)].into_iter().filter_map(said).collect(),
    };
    scatter(&plot, width)
}

/// The corner where notes cover the fewest points.
fn emptiest(frame: &Frame, points: &[(f64, f64)]) -> Corner {
    let (width, height) = (frame.right - frame.left, frame.bottom - frame.top);
    let covered = |corner: Corner| {
        let left = matches!(corner, Corner::TopLeft | Corner::BottomLeft);
        let top = matches!(corner, Corner::TopLeft | Corner::TopRight);
        let near = |&&(x, y): &&(f64, f64)| {
            frame.at(x, y).is_some_and(|(x, y)| {
                let (x, y) = ((x - frame.left) / width, (y - frame.top) / height);
                (if left { x < 0.5 } else { x > 0.5 }) && (if top { y < 0.2 } else { y > 0.8 })
            })
        };
        points.iter().filter(near).count()
    };
    let corners = [Corner::TopLeft, Corner::BottomRight, Corner::TopRight, Corner::BottomLeft];
    corners.into_iter().min_by_key(|&corner| covered(corner)).unwrap_or(Corner::TopLeft)
}
