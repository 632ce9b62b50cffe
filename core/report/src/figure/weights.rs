//! Weights of a model's inputs.

use crate::{
    draw::{
        Drawing, Stroke,
        frame::{TICK, TITLE, remark},
        scale::Scale,
        style::{BLUE, GRID, INK, VERMILLION},
        text::{self, Label},
    },
    figure::Figure,
    number,
    study::Model,
};

const WIDTH: f64 = 480.0;
/// Bars that are drawn; the table has them all.
const MOST: usize = 25;
const ROW: f64 = 35.0;

/// Bars of the weights, by falling size; none if no input has one.
///
/// Names stand over their bars instead of beside them, so that long ones are readable on a narrow screen.
pub fn weights(model: &Model) -> Option<Figure> {
    let bars: Vec<(&str, f64)> = model
        .terms
        .iter()
        .filter_map(|term| Some((term.input.as_str(), term.weight.filter(|weight| weight.is_finite())?)))
        .collect();
    if bars.is_empty() {
        return None;
    }
    let shown = &bars[..bars.len().min(MOST)];
    let more = bars.len() - shown.len();
    let height = 12.0 + ROW * shown.len() as f64 + 46.0 + if more > 0 { 16.0 } else { 0.0 };
    let mut drawing = Drawing::new(WIDTH, height);
    let low = shown.iter().map(|bar| bar.1).fold(0.0, f64::min);
    let high = shown.iter().map(|bar| bar.1).fold(0.0, f64::max);
    // Values stand at the ends of the bars.
    let room = (high - low) * 0.16;
    let low = if low < 0.0 { low - room } else { low };
    let high = if high > 0.0 { high + room } else { high };
    let x = Scale::linear(low, high).over(16.0, WIDTH - 16.0);
    let bottom = 12.0 + ROW * shown.len() as f64;
    axis(&mut drawing, x, bottom);
    for (index, &(name, weight)) in shown.iter().enumerate() {
        bar(&mut drawing, x, 12.0 + ROW * index as f64, name, weight);
    }
    if more > 0 {
        remark(&mut drawing, (16.0, height - 6.0), &format!("{more} more in the table"));
    }
    let said: Vec<String> = shown.iter().map(|(name, weight)| format!("{name} {}", number::number(*weight))).collect();
    Some(Figure {
        kind: "weights",
        title: "Weights of the inputs".into(),
        caption: "For a linear model the coefficient times the input’s standard deviation in training, otherwise the \
                  importance. Bars to the right raise the score, bars to the left (hollow) lower it."
            .into(),
        description: said.join("; "),
        drawing,
    })
}

fn axis(drawing: &mut Drawing, x: Scale, bottom: f64) {
    for (tick, label) in x.ticks(6) {
        let Some(at) = x.at(tick) else { continue };
        drawing.line((at, 8.0), (at, bottom), Stroke::solid(GRID, 1.0));
        drawing.text((at, bottom + 16.0), &label, Label::middle(TICK));
    }
    if let Some(zero) = x.at(0.0) {
        drawing.line((zero, 8.0), (zero, bottom), Stroke::solid(INK, 1.0));
    }
    drawing.text((WIDTH / 2.0, bottom + 34.0), "Weight", Label::middle(TITLE));
}

fn bar(drawing: &mut Drawing, x: Scale, top: f64, name: &str, weight: f64) {
    let (Some(zero), Some(end)) = (x.at(0.0), x.at(weight)) else { return };
    let (from, to) = (zero.min(end), zero.max(end));
    drawing.text((18.0, top + 11.0), &text::fit(name, TICK, WIDTH - 40.0), Label::start(TICK).halo());
    // Filled or hollow: the sign shows in black and white too.
    let (fill, stroke) =
        if weight < 0.0 { ("#fff", Stroke::solid(VERMILLION, 1.6)) } else { (BLUE, Stroke::solid(BLUE, 1.6)) };
    drawing.rectangle((from, top + 16.0), (to - from, 11.0), fill, Some(stroke));
    let (at, label) =
        if weight < 0.0 { (from - 5.0, Label::end(TICK - 0.5)) } else { (to + 5.0, Label::start(TICK - 0.5)) };
    drawing.text((at, top + 25.5), &number::number(weight), label.muted().halo());
}
