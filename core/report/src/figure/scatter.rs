//! Points of two numbers.

use crate::{
    draw::{
        Drawing, MANY, Places, Stroke,
        frame::{Corner, Frame, Titles},
        scale::Scale,
        style::{BLUE, Marker, REFERENCE},
    },
    figure::{Figure, axis_with_unit},
    number::{self, count},
    study::{Estimate, Evaluation, NumberResult},
};

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 400.0;

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
    /// Figures written into the plot.
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
    let height = HEIGHT.min(width);
    let mut drawing = Drawing::new(width, height);
    let frame = Frame::new((width, height), 12.0, 46.0, x, y);
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
    frame.note(&mut drawing, emptiest(&frame, &points), &plot.notes);
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
