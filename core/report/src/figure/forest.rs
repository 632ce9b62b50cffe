//! An estimate in subgroups.

use crate::{
    draw::{
        Drawing, Stroke,
        frame::{TICK, TITLE},
        scale::{Scale, extent},
        style::{BLUE, GRID, INK, Marker, REFERENCE},
        text::{self, Label},
    },
    figure::Figure,
    number,
    study::{Estimate, Forest, ForestRow},
};

/// Width of the figure on a page.
const WIDTH: f64 = 540.0;
/// Room of the estimates, at the right.
const ESTIMATE: f64 = 154.0;
const ROW: f64 = 34.0;
const HEAD: f64 = 30.0;
/// A further line of a name.
const LINE: f64 = 13.0;

/// Where what stands.
#[derive(Debug, Clone, Copy)]
struct Layout {
    width: f64,
    /// Room of the names.
    name: f64,
    /// Where the estimates are drawn.
    plot: (f64, f64),
}

impl Layout {
    fn new(width: f64) -> Self {
        let name = (width * 0.293).floor();
        Self { width, name, plot: (name + 14.0, width - ESTIMATE) }
    }
}

/// A forest plot, everybody first; none without rows.
pub fn forest(result: &Forest, width: Option<f64>) -> Option<Figure> {
    let layout = Layout::new(width.unwrap_or(WIDTH));
    let Layout { width, plot, .. } = layout;
    if result.rows.is_empty() {
        return None;
    }
    let names: Vec<Vec<String>> = result.rows.iter().map(|row| text::wrap(&row.name, TICK, layout.name, 3)).collect();
    let extra: f64 = names.iter().map(|lines| LINE * lines.len().saturating_sub(1) as f64).sum();
    let bottom = HEAD + ROW * result.rows.len() as f64 + extra + 6.0;
    let mut drawing = Drawing::new(width, bottom + 44.0);
    let x = scale(result).over(plot.0, plot.1);
    let has_arms = result.rows.iter().any(|row| row.arms.is_some());
    let head = match &result.arms_named {
        _ if !has_arms => "Subgroup, n (events)".to_owned(),
        None => "n (events): high, low".to_owned(),
        Some([high, low]) => format!("n (events): {high}, {low}"),
    };
    let head = text::fit(&head, TICK, (width - ESTIMATE - 16.0) * 0.92);
    drawing.text((8.0, 18.0), &head, Label::start(TICK).bold());
    drawing.text((width - 8.0, 18.0), "Estimate (95 % interval)", Label::end(TICK).bold());
    drawing.line((8.0, HEAD - 4.0), (width - 8.0, HEAD - 4.0), Stroke::solid(INK, 1.0));
    for (tick, label) in x.ticks(if plot.1 - plot.0 < 150.0 { 3 } else { 5 }) {
        let Some(at) = x.at(tick) else { continue };
        drawing.line((at, HEAD), (at, bottom), Stroke::solid(GRID, 1.0));
        drawing.line((at, bottom), (at, bottom + 4.0), Stroke::solid(INK, 1.0));
        drawing.text((at, bottom + 16.5), &label, Label::middle(TICK));
    }
    if let Some(at) = x.at(result.neutral) {
        drawing.line((at, HEAD), (at, bottom), Stroke::dashed(REFERENCE, 1.2, "3 3"));
    }
    drawing.line((plot.0, bottom), (plot.1, bottom), Stroke::solid(INK, 1.0));
    let title = if result.logarithmic { format!("{} (log scale)", result.estimate) } else { result.estimate.clone() };
    let title = text::fit(&title, TITLE, width - 20.0);
    drawing.text(((plot.0 + plot.1) / 2.0, bottom + 35.0), &title, Label::middle(TITLE));
    let interaction = number::p_said(result.interaction);
    if !interaction.is_empty() {
        drawing.text((width - 8.0, bottom + 16.5), &format!("interaction: {interaction}"), Label::end(TICK));
    }
    let largest = result.rows.iter().map(|row| row.n).max().unwrap_or(1).max(1);
    let mut top = HEAD;
    for (index, (row, name)) in result.rows.iter().zip(&names).enumerate() {
        let label = if index == 0 { Label::start(TICK).bold() } else { Label::start(TICK) };
        for (at, line) in name.iter().enumerate() {
            drawing.text((8.0, top + 14.0 + LINE * at as f64), line, label);
        }
        let below = LINE * name.len().saturating_sub(1) as f64;
        drawing.text((8.0, top + below + 27.0), &counts(row), Label::start(TICK - 1.0).muted());
        draw_row(&mut drawing, x, top + below / 2.0, row, (index == 0, largest), layout);
        top += ROW + below;
    }
    Some(Figure {
        kind: "forest",
        title: format!("{} in subgroups", result.estimate),
        caption: caption(result),
        description: result.rows.iter().map(described).collect::<Vec<_>>().join("; "),
        drawing,
    })
}

fn caption(result: &Forest) -> String {
    let mut said = "Squares grow with the number of rows; the diamond is everybody. Arrows: the interval goes on. Dashed: no effect.".to_owned();
    if result.rows.iter().any(|row| row.arms.is_some()) {
        said.push_str(" Behind the number of rows and of events: rows with a high score, and with a low one.");
    }
    if result.interaction.is_some() {
        said.push_str(" Interaction: whether the subgroups differ from each other.");
    }
    said
}

/// The scale holds every estimate, and intervals as far as they are not many times wider than that.
fn scale(result: &Forest) -> Scale {
    let estimates = || result.rows.iter().filter_map(|row| row.estimate.as_ref());
    let ends = estimates().flat_map(|estimate| [estimate.low, estimate.high]).flatten();
    let values = estimates().map(|estimate| estimate.value).chain([result.neutral]);
    if result.logarithmic {
        let positive = |value: &f64| *value > 0.0;
        let (low, high) = extent(values.filter(positive)).unwrap_or((0.5, 2.0));
        let kept = ends.filter(|&end| end > low / 8.0 && end < high * 8.0);
        let (low, high) = extent(kept.chain([low, high])).unwrap_or((low, high));
        return Scale::logarithmic(low / 1.1, high * 1.1);
    }
    let (low, high) = extent(values).unwrap_or((0.0, 1.0));
    let room = ((high - low) * 3.0).max(1e-9);
    Scale::of(ends.filter(|&end| end > low - room && end < high + room).chain([low, high]))
}

fn draw_row(
    drawing: &mut Drawing,
    x: Scale,
    top: f64,
    row: &ForestRow,
    (everybody, largest): (bool, u64),
    layout: Layout,
) {
    let y = top + 15.0;
    let drawn = row.estimate.as_ref().and_then(|estimate| Some((estimate, x.at(estimate.value)?)));
    let Some((estimate, at)) = drawn else {
        let note = if row.note.is_empty() { "no estimate" } else { &row.note };
        let lines = text::wrap(note, TICK - 1.0, layout.width - layout.plot.0 - 8.0, 3);
        for (index, line) in lines.iter().enumerate() {
            drawing.text((layout.plot.0, y + 13.0 * index as f64), line, Label::start(TICK - 1.0).muted().halo());
        }
        return;
    };
    whiskers(drawing, x, y, estimate, at);
    if everybody {
        drawing.marker((at, y), Marker::Diamond, 5.5, INK, false);
    } else {
        let radius = 2.6 + 3.4 * (row.n as f64 / largest as f64).sqrt();
        drawing.marker((at, y), Marker::Square, radius, BLUE, false);
    }
    let label = if everybody { Label::end(TICK).bold() } else { Label::end(TICK) };
    drawing.text((layout.width - 8.0, top + 19.0), &number::estimate(estimate), label);
}

fn whiskers(drawing: &mut Drawing, x: Scale, y: f64, estimate: &Estimate, at: f64) {
    for (end, side) in [(estimate.low, -1.0), (estimate.high, 1.0)] {
        let Some((end, place)) = end.and_then(|end| Some((end, x.clamped(end)?))) else { continue };
        drawing.line((at, y), (place, y), Stroke::solid(INK, 1.2));
        if x.holds(end) {
            drawing.line((place, y - 3.5), (place, y + 3.5), Stroke::solid(INK, 1.2));
        } else {
            let tip = place + side * 2.0;
            drawing.polygon(&[(tip, y), (tip - side * 7.0, y - 4.0), (tip - side * 7.0, y + 4.0)], INK, 1.0);
        }
    }
}

/// "60 (31): 25, 35".
fn counts(row: &ForestRow) -> String {
    let arms = row.arms.map(|(high, low)| format!(": {high}, {low}")).unwrap_or_default();
    format!("{} ({}){arms}", row.n, row.events)
}

fn described(row: &ForestRow) -> String {
    let estimate = row.estimate.as_ref().map_or_else(|| format!("no estimate, {}", row.note), number::estimate);
    format!("{} (n = {}): {estimate}", row.name, row.n)
}
