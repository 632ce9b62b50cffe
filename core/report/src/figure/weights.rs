//! Weights of a model's inputs, by where they come from, and how they held in the models of the outer folds.

use crate::{
    draw::{
        Drawing, Stroke,
        frame::{TICK, TITLE, remark},
        scale::{Scale, extent},
        style::{BLUE, GRID, INK, VERMILLION},
        text::{self, Label},
    },
    figure::Figure,
    number,
    study::{Model, Stability, Term},
    words::{Words, capital},
};

const WIDTH: f64 = 520.0;
/// Bars that are drawn; the table has them all. A panel beside others has fewer.
const MOST: usize = 25;
const MOST_OF_A_PANEL: usize = 10;
const ROW: f64 = 32.0;
const HEAD: f64 = 24.0;
const TOP: f64 = 22.0;
/// Room at the right, for how often an input was chosen.
const CHOSEN: f64 = 74.0;

/// Where what stands.
#[derive(Debug, Clone, Copy)]
struct Layout {
    width: f64,
    /// Room of the names.
    name: f64,
    /// Where the bars are.
    plot: (f64, f64),
}

impl Layout {
    fn new(width: f64) -> Self {
        let name = (width * 0.36).min(186.0);
        Self { width, name, plot: (name + 14.0, width - CHOSEN) }
    }
}

/// A bar: the input's name, its weight, the range of the weight over the outer models, and in how many of them it is.
struct Bar {
    name: String,
    group: String,
    weight: f64,
    range: Option<(f64, f64)>,
    chosen: Option<(u64, u64)>,
}

/// Bars of the weights by region, largest first; none if no input has a weight.
pub fn weights(model: &Model, words: &Words<'_>, width: Option<f64>) -> Option<Figure> {
    let layout = Layout::new(width.unwrap_or(WIDTH));
    let mut bars: Vec<Bar> = model.terms.iter().filter_map(|term| bar_of(term, model, words)).collect();
    if bars.is_empty() {
        return None;
    }
    let most = if width.is_some() { MOST_OF_A_PANEL } else { MOST };
    let more = bars.len().saturating_sub(most);
    bars.truncate(most);
    // Where nothing has a region, there are features of tables among the inputs.
    if bars.iter().all(|bar| bar.group == OTHERS) {
        bars.iter_mut().for_each(|bar| bar.group = ALL.to_owned());
    }
    let groups = groups(&bars);
    let bottom = TOP + HEAD * groups.len() as f64 + ROW * bars.len() as f64;
    let mut drawing = Drawing::new(layout.width, bottom + 46.0 + if more > 0 { 16.0 } else { 0.0 });
    let ends = bars.iter().flat_map(|bar| {
        let (low, high) = bar.range.unwrap_or((bar.weight, bar.weight));
        [bar.weight, low, high, 0.0]
    });
    let (low, high) = extent(ends)?;
    let room = (high - low) * 0.04;
    let x = Scale::linear(low - room, high + room).over(layout.plot.0, layout.plot.1);
    axis(&mut drawing, x, bottom, layout);
    let chosen = bars.iter().any(|bar| bar.chosen.is_some());
    if chosen {
        drawing.text((layout.width - 6.0, 13.0), "chosen", Label::end(TICK - 0.5).muted());
    }
    let mut top = TOP;
    for group in groups {
        drawing.text(
            (8.0, top + 16.0),
            &text::fit(&capital(group), TICK + 0.5, layout.plot.1),
            Label::start(TICK + 0.5).bold(),
        );
        drawing.line((8.0, top + 21.5), (layout.width - 6.0, top + 21.5), Stroke::solid(GRID, 1.0));
        top += HEAD;
        for bar in bars.iter().filter(|bar| bar.group == group) {
            draw(&mut drawing, x, top, bar, layout);
            top += ROW;
        }
    }
    if more > 0 {
        remark(&mut drawing, (8.0, bottom + 58.0), &format!("{more} more of smaller weight"));
    }
    let range = if bars.iter().any(|bar| bar.range.is_some()) {
        " Lines: smallest and largest weight in the models of the outer folds; they are no confidence intervals. Chosen: in how many of \
         these models the input is."
    } else {
        ""
    };
    let said: Vec<String> = bars.iter().map(|bar| format!("{} {}", bar.name, number::number(bar.weight))).collect();
    Some(Figure {
        kind: "weights",
        title: "Weights of the inputs".into(),
        caption: format!(
            "For a linear model the coefficient times the input’s standard deviation in training, otherwise the importance. Bars to the \
             right raise the score, bars to the left (hollow) lower it.{range}"
        ),
        description: said.join("; "),
        drawing,
    })
}

fn bar_of(term: &Term, model: &Model, words: &Words<'_>) -> Option<Bar> {
    let weight = term.weight.filter(|weight| weight.is_finite())?;
    let held = model.stability.iter().find(|held| held.input == term.input);
    let name = words.input(&term.input);
    // A feature of a table may have its region before a colon.
    let of_table = term.input.split_once(':').map_or("", |(region, _)| region);
    let region = if term.region.is_empty() { of_table } else { &term.region };
    let (group, name) = match region {
        "" => (OTHERS.to_owned(), name),
        // The region is said by the group.
        region => {
            let region = words.region(region);
            let short = name.strip_suffix(&format!(" ({region})")).map(str::to_owned);
            (region, short.unwrap_or(name))
        }
    };
    Some(Bar {
        name,
        group,
        weight,
        range: held.and_then(|held| range(held, term)),
        chosen: held.map(|held| (held.chosen, held.of)),
    })
}

/// Group of the inputs that no region has.
const OTHERS: &str = "clinic and scan";
/// Group of all inputs where none has a region.
const ALL: &str = "inputs";

/// The range of a coefficient over the outer models, as weights: times what the weight is of the coefficient.
fn range(held: &Stability, term: &Term) -> Option<(f64, f64)> {
    let per = term.weight? / term.coefficient.filter(|coefficient| *coefficient != 0.0)?;
    let of = held.coefficient.as_ref()?;
    let (a, b) = (of.low? * per, of.high? * per);
    (a.is_finite() && b.is_finite()).then_some((a.min(b), a.max(b)))
}

/// The groups, that of the largest weight first, and last what comes from no region.
fn groups(bars: &[Bar]) -> Vec<&str> {
    let mut groups: Vec<&str> = Vec::new();
    for bar in bars {
        if !groups.contains(&bar.group.as_str()) {
            groups.push(&bar.group);
        }
    }
    groups.sort_by_key(|group| *group == OTHERS);
    groups
}

fn axis(drawing: &mut Drawing, x: Scale, bottom: f64, layout: Layout) {
    for (tick, label) in x.ticks(if layout.width < 420.0 { 3 } else { 5 }) {
        let Some(at) = x.at(tick) else { continue };
        drawing.line((at, TOP - 4.0), (at, bottom), Stroke::solid(GRID, 1.0));
        drawing.text((at, bottom + 16.0), &label, Label::middle(TICK));
    }
    if let Some(zero) = x.at(0.0) {
        drawing.line((zero, TOP - 4.0), (zero, bottom), Stroke::solid(INK, 1.0));
    }
    drawing.text(((layout.plot.0 + layout.plot.1) / 2.0, bottom + 34.0), "Weight", Label::middle(TITLE));
}

fn draw(drawing: &mut Drawing, x: Scale, top: f64, bar: &Bar, layout: Layout) {
    let lines = text::wrap(&bar.name, TICK, layout.name, 2);
    let first = if lines.len() > 1 { top + 12.0 } else { top + 18.5 };
    for (at, line) in lines.iter().enumerate() {
        drawing.text((8.0, first + 13.0 * at as f64), line, Label::start(TICK));
    }
    let (Some(zero), Some(end)) = (x.at(0.0), x.at(bar.weight)) else { return };
    let (from, to) = (zero.min(end), zero.max(end));
    // Filled or hollow: the sign shows in black and white too.
    let (fill, stroke) =
        if bar.weight < 0.0 { ("#fff", Stroke::solid(VERMILLION, 1.6)) } else { (BLUE, Stroke::solid(BLUE, 1.6)) };
    drawing.rectangle((from, top + 9.0), (to - from, 11.0), fill, Some(stroke));
    if let Some((low, high)) = bar.range.and_then(|(low, high)| Some((x.at(low)?, x.at(high)?))) {
        let y = top + 14.5;
        drawing.line((low, y), (high, y), Stroke::solid("#fff", 3.2));
        drawing.line((low, y), (high, y), Stroke::solid(INK, 1.3));
        for end in [low, high] {
            drawing.line((end, y - 3.5), (end, y + 3.5), Stroke::solid(INK, 1.3));
        }
    }
    if let Some((chosen, of)) = bar.chosen {
        drawing.text((layout.width - 6.0, top + 18.5), &format!("{chosen} of {of}"), Label::end(TICK - 0.5));
    }
}
