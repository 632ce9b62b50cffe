//! How a model was learnt: cross-validation curves and coefficient paths.

use crate::{
    draw::{
        Drawing, Stroke,
        frame::{Entry, Frame, ROW, TICK, Titles, legend},
        scale::{Scale, extent},
        style::{self, BLUE, INK, Marker, VERMILLION},
        text::{self, Label},
    },
    figure::Figure,
    number,
    study::{Curve, Model},
};

const WIDTH: f64 = 500.0;
const PLOT: f64 = 300.0;
const LAMBDA: &str = "Penalty λ (log scale, falling)";
/// Inputs that get a style and a name in a coefficient path.
const NAMED: usize = 7;

/// A scale of penalties that fall to the right: the model grows as one reads.
fn penalties(values: impl IntoIterator<Item = f64>) -> Option<Scale> {
    let (low, high) = extent(values.into_iter().filter(|&lambda| lambda > 0.0))?;
    Some(Scale::logarithmic(low / 1.1, high * 1.1))
}

fn framed((width, height): (f64, f64), top: f64, bottom: f64, x: Scale, y: Scale) -> Frame {
    let frame = Frame::new((width, height), top, bottom, x, y);
    Frame { x: x.over(frame.right, frame.left), ..frame }
}

/// Cross-validation curves over the penalty, with the chosen one marked; none if there is nothing to draw.
pub fn validation(model: &Model, width: Option<f64>) -> Option<Figure> {
    let width = width.unwrap_or(WIDTH);
    let main = chosen_curve(model)?;
    let points = || model.curves.iter().flat_map(|curve| &curve.points);
    let x = penalties(points().map(|point| point.lambda))?;
    let ends = main.points.iter().flat_map(|point| [point.mean - spread(point.se), point.mean + spread(point.se)]);
    let y = Scale::of(points().map(|point| point.mean).chain(ends));
    let others = model.curves.len() - 1;
    let rows = if others == 0 { 1 } else { 1 + others.min(6) + usize::from(others > 6) };
    let bottom = 62.0 + ROW * rows as f64;
    let height = 44.0 + PLOT + bottom - 46.0;
    let mut drawing = Drawing::new(width, height);
    let frame = framed((width, height), 44.0, bottom, x, y);
    let measure = if model.measure.is_empty() { "measure" } else { &model.measure };
    frame.draw(&mut drawing, Titles { x: LAMBDA, y: &capital(measure) });
    counts(&mut drawing, &frame, main);
    let mut entries = vec![Entry {
        text: format!("α = {} (chosen): mean ± standard error", number::plain(main.alpha)),
        stroke: Stroke::solid(BLUE, 2.2),
    }];
    entries.extend(other_curves(&mut drawing, &frame, model, main));
    emphasised(&mut drawing, &frame, main);
    let said = mark_chosen(&mut drawing, &frame, model);
    legend(&mut drawing, (frame.left, frame.bottom + 54.0), frame.right - frame.left, &entries);
    Some(Figure {
        kind: "validation",
        title: "Cross-validation".into(),
        caption: format!(
            "{} over the penalty λ, mean over the folds with its standard error. Above the plot the number of inputs \
             with a coefficient; the vertical line marks the chosen penalty.",
            capital(measure)
        ),
        description: format!("{} curves; {said}", model.curves.len()),
        drawing,
    })
}

/// The curve of the chosen mixing value, or the first.
fn chosen_curve(model: &Model) -> Option<&Curve> {
    let alpha = model.chosen.map(|(alpha, _)| alpha);
    let near = model.curves.iter().find(|curve| alpha.is_some_and(|alpha| (curve.alpha - alpha).abs() < 1e-9));
    near.or(model.curves.first())
}

fn spread(se: f64) -> f64 {
    if se.is_finite() { se } else { 0.0 }
}

/// Numbers of inputs above the plot, as many as there is room for.
fn counts(drawing: &mut Drawing, frame: &Frame, curve: &Curve) {
    let mut free = frame.left - 12.0;
    for point in &curve.points {
        let Some(x) = frame.x.at(point.lambda) else { continue };
        if x < free {
            continue;
        }
        let label = point.nonzero.to_string();
        drawing.line((x, frame.top - 4.0), (x, frame.top), Stroke::solid(INK, 1.0));
        drawing.text((x, frame.top - 8.0), &label, Label::middle(TICK));
        free = x + text::width(&label, TICK) + 20.0;
    }
    drawing.line((frame.left, frame.top), (frame.right, frame.top), Stroke::solid(INK, 1.0));
    let middle = (frame.left + frame.right) / 2.0;
    drawing.text((middle, frame.top - 27.0), "Number of inputs", Label::middle(TICK).muted());
}

fn other_curves(drawing: &mut Drawing, frame: &Frame, model: &Model, main: &Curve) -> Vec<Entry> {
    const DASHES: [&str; 6] = ["6 3", "2 2", "8 2 2 2", "12 3", "1 3", "4 4"];
    const GREYS: [&str; 6] = ["#555", "#777", "#666", "#999", "#333", "#888"];
    let others: Vec<&Curve> = model.curves.iter().filter(|curve| !std::ptr::eq(*curve, main)).collect();
    let mut entries = Vec::new();
    for (index, curve) in others.iter().enumerate() {
        let stroke = Stroke::dashed(GREYS[index % 6], 1.2, DASHES[index % 6]);
        drawing.polyline(&frame.all(curve.points.iter().map(|point| (point.lambda, point.mean))), stroke);
        if index < 6 {
            entries.push(Entry { text: format!("α = {}", number::plain(curve.alpha)), stroke });
        }
    }
    if others.len() > 6 {
        let text = format!("{} further mixing values", others.len() - 6);
        entries.push(Entry { text, stroke: Stroke::solid("#fff", 0.1) });
    }
    entries
}

fn emphasised(drawing: &mut Drawing, frame: &Frame, curve: &Curve) {
    for point in &curve.points {
        let low = frame.at(point.lambda, point.mean - spread(point.se));
        let high = frame.at(point.lambda, point.mean + spread(point.se));
        if let (Some(low), Some(high)) = (low, high) {
            let stroke = Stroke::solid("#8fb9d6", 1.0);
            drawing.line(low, high, stroke);
            for (x, y) in [low, high] {
                drawing.line((x - 2.0, y), (x + 2.0, y), stroke);
            }
        }
    }
    let means = frame.all(curve.points.iter().map(|point| (point.lambda, point.mean)));
    drawing.polyline(&means, Stroke::solid(BLUE, 1.6));
    for at in means {
        drawing.marker(at, Marker::Circle, 2.6, BLUE, false);
    }
}

/// Marks the chosen penalty, and says in words what was chosen.
fn mark_chosen(drawing: &mut Drawing, frame: &Frame, model: &Model) -> String {
    let Some((alpha, lambda)) = model.chosen else { return "nothing was chosen.".into() };
    if let Some(x) = frame.x.at(lambda).filter(|_| frame.x.holds(lambda)) {
        drawing.line((x, frame.top), (x, frame.bottom), Stroke::dashed(VERMILLION, 1.6, "5 3"));
        let label = format!("λ = {}", number::number(lambda));
        let wide = text::width(&label, TICK) + 8.0;
        let (at, set) =
            if x + wide > frame.right { (x - 5.0, Label::end(TICK)) } else { (x + 5.0, Label::start(TICK)) };
        drawing.text((at, frame.top + 14.0), &label, set.coloured("#8a3800").halo());
    }
    format!("chosen: α = {}, λ = {}.", number::plain(alpha), number::number(lambda))
}

/// Coefficients along the penalties; none if no input is ever used.
pub fn coefficient_path(model: &Model, width: Option<f64>) -> Option<Figure> {
    let width = width.unwrap_or(WIDTH);
    let path = model.path.as_ref().filter(|path| !path.inputs.is_empty())?;
    let x = penalties(path.lambdas.iter().copied())?;
    let y = Scale::of(path.inputs.iter().flat_map(|(_, values)| values.iter().copied()).chain([0.0]));
    // Those that grow largest are named.
    let mut order: Vec<(usize, f64)> = path.inputs.iter().map(|(_, values)| largest(values)).enumerate().collect();
    order.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    let rows = order.len().min(NAMED) + usize::from(order.len() > NAMED);
    let bottom = 62.0 + ROW * rows as f64;
    let height = 14.0 + PLOT + bottom - 46.0;
    let mut drawing = Drawing::new(width, height);
    let frame = framed((width, height), 14.0, bottom, x, y);
    frame.draw(&mut drawing, Titles { x: LAMBDA, y: "Standardised coefficient" });
    frame.across(&mut drawing, 0.0);
    let mut entries = Vec::new();
    for (rank, &(index, _)) in order.iter().enumerate().rev() {
        let (name, values) = &path.inputs[index];
        let stroke = if rank < NAMED {
            Stroke::dashed(style::of(rank).colour, 1.9, style::of(rank).dash)
        } else {
            Stroke::solid("#c4c4c4", 1.0)
        };
        drawing.polyline(&frame.all(path.lambdas.iter().copied().zip(values.iter().copied())), stroke);
        if rank < NAMED {
            entries.insert(0, Entry { text: name.clone(), stroke });
        }
    }
    if order.len() > NAMED {
        let text = format!("{} further inputs", order.len() - NAMED);
        entries.push(Entry { text, stroke: Stroke::solid("#c4c4c4", 1.0) });
    }
    let said = mark_chosen(&mut drawing, &frame, model);
    legend(&mut drawing, (frame.left, frame.bottom + 54.0), frame.right - frame.left, &entries);
    Some(Figure {
        kind: "path",
        title: "Coefficient path".into(),
        caption: format!(
            "Standardised coefficients along the penalty at α = {}; an input enters where its line leaves zero. Those \
             that grow largest are named.",
            number::plain(path.alpha)
        ),
        description: format!("{} inputs are used anywhere on the path; {said}", path.inputs.len()),
        drawing,
    })
}

fn largest(values: &[f64]) -> f64 {
    values.iter().filter(|value| value.is_finite()).fold(0.0, |found, value| value.abs().max(found))
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
