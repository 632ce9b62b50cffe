//! Cumulative incidence and AUC over time, and what figures over time share.

use crate::{
    draw::{
        Drawing, Stroke,
        frame::{Entry, Frame, ROW, TICK, TITLE, legend},
        scale::{Scale, extent},
        style::{self, BLUE, Marker, REFERENCE, Style},
        text::{self, Label},
    },
    figure::Figure,
    number,
    study::{Estimate, Incidence, SurvivalGroup, SurvivalResult, TimeAuc},
    words::uncapital,
};

const WIDTH: f64 = 520.0;
/// Width of the AUC over time.
const NARROW: f64 = 460.0;
const PLOT: f64 = 300.0;

/// Cumulative incidence in the groups; none without competing events.
pub fn incidence(result: &SurvivalResult, width: Option<f64>) -> Option<Figure> {
    let width = width.unwrap_or(WIDTH);
    let times = result.incidence.iter().flat_map(|group| group.curve.iter().map(|point| point.0));
    let (_, end) = extent(times.chain(result.ticks.iter().copied())).filter(|_| !result.incidence.is_empty())?;
    let x = Scale::linear(0.0, if end > 0.0 { end } else { 1.0 });
    let bottom = 70.0 + ROW * result.incidence.len() as f64;
    let percent = Scale::linear(0.0, 100.0);
    let of = |group: &Incidence| -> Vec<(f64, Estimate)> { group.at.iter().map(|at| (at.0, at.1.clone())).collect() };
    let at: Vec<(&str, Vec<(f64, Estimate)>)> =
        result.incidence.iter().map(|group| (group.name.as_str(), of(group))).collect();
    let told = at.iter().map(|(name, at)| (*name, at.iter().map(|(time, rate)| (*time, rate)).collect()));
    let left = if width < WIDTH { 8.0 } else { Frame::new((width, 1.0), 0.0, 0.0, x, percent).left };
    let notes: Vec<String> =
        rates(result, told).iter().flat_map(|note| text::wrap(note, TITLE, width - left - 8.0, 3)).collect();
    let top = 12.0 + 15.0 * notes.len() as f64;
    let height = top + PLOT + bottom;
    let mut drawing = Drawing::new(width, height);
    for (at, line) in notes.iter().enumerate() {
        drawing.text((left, 14.0 + 15.0 * at as f64), line, Label::start(TITLE));
    }
    let mut frame = Frame::new((width, height), top, bottom, x, percent);
    frame.right = width - 24.0;
    frame.x = x.over(frame.left, frame.right);
    frame.vertical(&mut drawing, "Cumulative incidence, %");
    let ticks = ticks(result, &frame);
    frame.horizontal(&mut drawing, &ticks, &time_title(result));
    mark_times(&mut drawing, &frame, result);
    let drawn: Vec<SurvivalGroup> = result
        .incidence
        .iter()
        .map(|group| SurvivalGroup { curve: group.curve.clone(), ..SurvivalGroup::default() })
        .collect();
    drawn.iter().enumerate().for_each(|(index, group)| band(&mut drawing, &frame, group, style::of(index)));
    drawn.iter().enumerate().for_each(|(index, group)| curve(&mut drawing, &frame, group, style::of(index)));
    let entries: Vec<Entry> = result
        .incidence
        .iter()
        .enumerate()
        .map(|(index, group)| Entry {
            text: format!(
                "{} (n = {}, {}, {} competing)",
                group.name,
                group.n,
                number::count(group.events, "event"),
                group.competing
            ),
            stroke: Stroke::dashed(style::of(index).colour, 2.0, style::of(index).dash),
        })
        .collect();
    legend(&mut drawing, (frame.left, frame.bottom + 54.0), frame.right - frame.left, &entries);
    Some(Figure {
        kind: "incidence",
        title: "Cumulative incidence".into(),
        caption: "The share in which the event has happened, beside others that keep it from happening (Aalen–Johansen). Shaded: \
                  pointwise 95 % intervals."
            .into(),
        description: result
            .incidence
            .iter()
            .map(|group| format!("{}: {} of {} with the event, {} with a competing one", group.name, group.events, group.n, group.competing))
            .collect::<Vec<_>>()
            .join("; "),
        drawing,
    })
}

/// The rates at the times that somebody asked for, a line a time: "At 12 months, %: low score 81.0 (70.1–88.2), high score 60.3
/// (48.2–70.9)".
pub(super) fn rates<'a>(
    result: &SurvivalResult,
    groups: impl Iterator<Item = (&'a str, Vec<(f64, &'a Estimate)>)>,
) -> Vec<String> {
    let groups: Vec<(&str, Vec<(f64, &Estimate)>)> = groups.collect();
    let line = |time: &f64| -> Option<String> {
        let said = groups.iter().filter_map(|(name, at)| {
            let (_, rate) = at.iter().find(|(of, _)| of == time)?;
            Some(format!("{} {}", uncapital(name), number::percent(rate)))
        });
        let said: Vec<String> = said.collect();
        let when = format!("At {} {}, %", number::plain(*time), unit_of(&result.time_unit));
        (!said.is_empty()).then(|| format!("{when}: {}", said.join(", ")))
    };
    result.rates_at.iter().filter_map(line).collect()
}

/// Upright lines at the times of rates that somebody asked for.
pub(super) fn mark_times(drawing: &mut Drawing, frame: &Frame, result: &SurvivalResult) {
    for x in result.rates_at.iter().filter(|time| frame.x.holds(**time)).filter_map(|time| frame.x.at(*time)) {
        drawing.line((x, frame.top), (x, frame.bottom), Stroke::dashed(REFERENCE, 1.0, "3 3"));
    }
}

/// Ticks of the axis of time.
pub(super) fn ticks(result: &SurvivalResult, frame: &Frame) -> Vec<(f64, String)> {
    if result.ticks.is_empty() {
        return frame.x.ticks(7);
    }
    result.ticks.iter().filter(|tick| tick.is_finite()).map(|&tick| (tick, number::plain(tick))).collect()
}

/// Steps that lie nearer to each other than this are drawn as one, in units of the canvas.
const APART: f64 = 0.25;

/// Corners of a step function through points, which holds its value until the next. Of steps that nobody could tell apart only the
/// last value is kept, so that a curve of ten thousand is no longer than one of a thousand.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    for (at, &(x, y)) in points.iter().enumerate() {
        // The beginning stays where it is: a curve starts at 100 %.
        match kept.last_mut().filter(|last| at > 1 && x - last.0 < APART) {
            Some(last) => last.1 = y,
            None => kept.push((x, y)),
        }
    }
    let mut out: Vec<(f64, f64)> = Vec::with_capacity(kept.len() * 2);
    for (x, y) in kept {
        if let Some(&(_, before)) = out.last() {
            out.push((x, before));
        }
        out.push((x, y));
    }
    out
}

/// The band of a curve of probabilities, on an axis of percent.
pub(super) fn band(drawing: &mut Drawing, frame: &Frame, group: &SurvivalGroup, style: Style) {
    // A band that ends early (no interval is defined at survival 0) is drawn as far as it goes.
    let points = || group.curve.iter().filter(|point| point.2.is_finite() && point.3.is_finite());
    let lower = steps(&frame.all(points().map(|point| (point.0, point.2 * 100.0))));
    let mut area = steps(&frame.all(points().map(|point| (point.0, point.3 * 100.0))));
    area.extend(lower.into_iter().rev());
    drawing.polygon(&area, style.colour, 0.15);
}

/// A curve of probabilities with ticks where somebody is censored, on an axis of percent.
pub(super) fn curve(drawing: &mut Drawing, frame: &Frame, group: &SurvivalGroup, style: Style) {
    let mut points: Vec<(f64, f64)> = group.curve.iter().map(|point| (point.0, point.1 * 100.0)).collect();
    // The curve goes on to the last one who was watched.
    let last = group.censored.iter().copied().filter(|time| time.is_finite()).fold(f64::NEG_INFINITY, f64::max);
    if let Some(&(_, survival)) = points.last().filter(|(time, _)| last > *time) {
        points.push((last, survival));
    }
    drawing.polyline(&steps(&frame.all(points.iter().copied())), Stroke::dashed(style.colour, 2.0, style.dash));
    let mut drawn = f64::NEG_INFINITY;
    for &time in &group.censored {
        let survival = group.curve.iter().take_while(|point| point.0 <= time).last().map(|point| point.1 * 100.0);
        // Ticks that would lie on each other are one.
        let place = survival.and_then(|survival| frame.at(time, survival)).filter(|(x, _)| x - drawn >= 0.5);
        if let Some((x, y)) = place {
            drawn = x;
            drawing.line((x, y - 4.5), (x, y + 4.5), Stroke::solid(style.colour, 1.2));
        }
    }
}

/// Title of an axis of time.
pub(super) fn time_title(result: &SurvivalResult) -> String {
    format!("Time, {}", unit_of(&result.time_unit))
}

/// A unit, or that there is none.
pub fn unit_of(unit: &str) -> &str {
    if unit.trim().is_empty() { "unit not stated" } else { unit }
}

/// AUC at times, with intervals, and cases and controls below; none without any.
pub fn time_auc(result: &SurvivalResult, width: Option<f64>) -> Option<Figure> {
    let width = width.unwrap_or(NARROW);
    let known: Vec<(&TimeAuc, &Estimate)> = result
        .time_auc
        .iter()
        .filter_map(|at| Some((at, at.auc.as_ref()?)))
        .filter(|(at, auc)| at.time.is_finite() && auc.value.is_finite())
        .collect();
    let (_, end) = extent(result.time_auc.iter().map(|at| at.time))?;
    let ends = known.iter().flat_map(|(_, auc)| [Some(auc.value), auc.low]).flatten();
    let (lowest, _) = extent(ends)?;
    let height = 12.0 + 240.0 + 108.0;
    let mut drawing = Drawing::new(width, height);
    // Half of the scale stays empty unless a value lies there.
    let y = Scale::linear(if lowest < 0.4 { 0.0 } else { 0.4 }, 1.0);
    let mut frame = Frame::new((width, height), 12.0, 108.0, Scale::linear(0.0, end * 1.05), y);
    // Room for the words at the rows of numbers.
    frame.left = frame.left.max(62.0);
    frame.x = Scale::linear(0.0, end * 1.05).over(frame.left, frame.right);
    frame.vertical(&mut drawing, "AUC at the time");
    let within: Vec<(f64, String)> = ticks(result, &frame).into_iter().filter(|tick| frame.x.holds(tick.0)).collect();
    frame.horizontal(&mut drawing, &within, &time_title(result));
    frame.across(&mut drawing, 0.5);
    let places: Vec<(f64, f64)> = known.iter().filter_map(|(at, auc)| frame.at(at.time, auc.value)).collect();
    for ((at, auc), place) in known.iter().zip(&places) {
        let ends = auc.low.zip(auc.high).and_then(|(low, high)| Some((frame.y.clamped(low)?, frame.y.clamped(high)?)));
        let Some((low, high)) = ends.filter(|_| at.time.is_finite()) else { continue };
        drawing.line((place.0, low), (place.0, high), Stroke::solid(BLUE, 1.2));
        for y in [low, high] {
            drawing.line((place.0 - 3.5, y), (place.0 + 3.5, y), Stroke::solid(BLUE, 1.2));
        }
    }
    drawing.polyline(&places, Stroke::solid(BLUE, 1.8));
    places.iter().for_each(|&place| drawing.marker(place, Marker::Circle, 3.6, BLUE, false));
    cases_and_controls(&mut drawing, &frame, result);
    let said: Vec<String> =
        known.iter().map(|(at, auc)| format!("{} at {}", number::estimate(auc), number::plain(at.time))).collect();
    Some(Figure {
        kind: "time-auc",
        title: "AUC over time".into(),
        caption: "Cumulative/dynamic AUC with 95 % intervals: those with an event until the time (cases) against those known \
                  to be without it beyond (controls), whose numbers stand below. Where either are too few, there is no \
                  point. Dashed: chance."
            .into(),
        description: said.join("; "),
        drawing,
    })
}

/// Numbers under the axis.
fn cases_and_controls(drawing: &mut Drawing, frame: &Frame, result: &SurvivalResult) {
    let numbers = |of: &dyn Fn(&TimeAuc) -> u64| -> Vec<u64> { result.time_auc.iter().map(of).collect() };
    let rows = [("Cases", numbers(&|at| at.cases)), ("Controls", numbers(&|at| at.controls))];
    for (row, (name, numbers)) in rows.into_iter().enumerate() {
        let y = frame.bottom + 62.0 + 18.0 * row as f64;
        drawing.text((8.0, y), name, Label::start(TICK).bold());
        let mut free = 8.0 + text::width(name, TICK);
        for (at, number) in result.time_auc.iter().zip(numbers) {
            let label = number.to_string();
            let half = text::width(&label, TICK) / 2.0;
            let Some(x) = frame.x.at(at.time).filter(|x| x - half > free) else { continue };
            drawing.text((x, y), &label, Label::middle(TICK));
            free = x + half + 3.0;
        }
    }
}
