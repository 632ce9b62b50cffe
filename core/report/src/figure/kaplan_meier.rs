//! Kaplan–Meier curves with what a reader looks for beside them: hazard ratio, test, median, numbers at risk.

use crate::{
    draw::{
        Drawing, Stroke,
        frame::{Frame, TICK, TITLE},
        scale::{Scale, extent},
        style::{self, INK},
        text::{self, Label},
    },
    figure::{
        Figure,
        survival::{band, curve, mark_times, rates, ticks, time_title},
    },
    number,
    study::{CoxTable, Estimate, SurvivalGroup, SurvivalResult},
    words::{capital, uncapital as lower},
};

const WIDTH: f64 = 520.0;
const PLOT: f64 = 290.0;
const AT_RISK: f64 = 34.0;
/// A further line of a name.
const LINE: f64 = 14.0;
/// Bold text is about a tenth wider.
const BOLD: f64 = 0.92;

/// Of a group, a curve is drawn as long as this share of it is left …
const SHARE_LEFT: f64 = 0.1;
/// … and this many, of small groups a quarter: what follows hangs on single patients (Pocock et al., Lancet 359:1686, 2002).
const MOST_LEFT: u64 = 5;

/// Kaplan–Meier curves of the groups; none without a curve.
pub fn kaplan_meier(result: &SurvivalResult, width: Option<f64>) -> Option<Figure> {
    let width = width.unwrap_or(WIDTH);
    let drawn: Vec<SurvivalGroup> = result.groups.iter().map(shown).collect();
    let times =
        drawn.iter().flat_map(|group| group.curve.iter().map(|point| point.0).chain(group.censored.iter().copied()));
    let (_, end) = extent(times.chain(result.ticks.iter().copied()))?;
    let x = Scale::linear(0.0, if end > 0.0 { end } else { 1.0 });
    let names: Vec<Vec<String>> =
        result.groups.iter().map(|group| text::wrap(&summary(group, result), TICK, (width - 52.0) * BOLD, 3)).collect();
    let bottom = 76.0 + names.iter().map(|lines| AT_RISK + LINE * (lines.len().max(1) - 1) as f64).sum::<f64>();
    // On a narrow canvas the notes begin at its edge.
    let percent = Scale::linear(0.0, 100.0);
    let left = if width < WIDTH { 8.0 } else { Frame::new((width, 1.0), 0.0, 0.0, x, percent).left };
    let notes: Vec<String> =
        notes(result).iter().flat_map(|note| text::wrap(note, TITLE, width - left - 8.0, 3)).collect();
    let top = 14.0 + 15.0 * notes.len() as f64;
    let height = top + PLOT + bottom;
    let mut drawing = Drawing::new(width, height);
    let mut frame = Frame::new((width, height), top, bottom, x, percent);
    frame.right = width - 24.0;
    frame.x = x.over(frame.left, frame.right);
    for (at, line) in notes.iter().enumerate() {
        drawing.text((left, 14.0 + 15.0 * at as f64), line, Label::start(TITLE));
    }
    frame.vertical(&mut drawing, &axis(result));
    let places = ticks(result, &frame);
    frame.horizontal(&mut drawing, &places, &time_title(result));
    mark_times(&mut drawing, &frame, result);
    drawn.iter().enumerate().for_each(|(index, group)| band(&mut drawing, &frame, group, style::of(index)));
    drawn.iter().enumerate().for_each(|(index, group)| curve(&mut drawing, &frame, group, style::of(index)));
    at_risk(&mut drawing, &frame, result, &names);
    let event = if result.event.is_empty() { String::new() } else { format!("{}. ", capital(&result.event)) };
    let ended = drawn.iter().zip(&result.groups).any(|(short, whole)| short.curve.len() < whole.curve.len());
    let ended = if ended {
        " A curve ends where fewer than 10 % of its group or fewer than 5 (of fewer than 20, a quarter) are left; the file has every step."
    } else {
        ""
    };
    let times = if result.rates_at.is_empty() { "" } else { " Dashed upright lines: the times of the rates above." };
    Some(Figure {
        kind: "kaplan-meier",
        title: "Kaplan–Meier curves".into(),
        caption: format!(
            "{event}Shaded: pointwise 95 % confidence bands, from the first event on; ticks on the curves: censored. Below: numbers at \
             risk, and in brackets events and censored before.{ended}{times} {}",
            result.split
        ),
        description: result
            .groups
            .iter()
            .map(|group| described(group, &result.time_unit))
            .collect::<Vec<_>>()
            .join("; "),
        drawing,
    })
}

/// "Overall survival, %"; of an event that is no survival, who is without it.
fn axis(result: &SurvivalResult) -> String {
    match result.event.as_str() {
        "" => "Without the event, %".to_owned(),
        name if name.to_lowercase().contains("survival") => format!("{name}, %"),
        name => {
            let event = name.split_once(", beside ").map_or(name, |(event, _)| event);
            format!("Without {}, %", lower(event))
        }
    }
}

/// What stands in the panel: hazard ratio, test, follow-up.
fn notes(result: &SurvivalResult) -> Vec<String> {
    let split = result.cox.iter().find(|cox| cox.rows.len() == 1 && cox.title == CoxTable::SPLIT);
    let ratio = split.and_then(|cox| cox.rows.first()).map(|(_, ratio, _)| ratio);
    let mut notes: Vec<String> = Vec::new();
    if let (Some(ratio), [low, high]) = (ratio, result.groups.as_slice()) {
        // The log-rank test asks the same question: one p is enough.
        let p = if result.log_rank.is_some() { String::new() } else { number::p_said(ratio.p) };
        let p = if p.is_empty() { p } else { format!(", {p}") };
        // Curves are never stratified: what is must say so.
        let strata = result.stratified_by.as_ref().map(|column| format!(", stratified by {}", lower(column)));
        notes.push(format!(
            "Hazard ratio {}{p}: {} against {}{}",
            number::estimate(ratio),
            lower(&high.name),
            lower(&low.name),
            strata.unwrap_or_default()
        ));
    }
    notes.extend(rates(result, result.groups.iter().map(|group| (group.name.as_str(), rates_of(group)))));
    let test = result.log_rank.map(|(_, _, p)| number::p_said(Some(p))).filter(|p| !p.is_empty());
    let follow_up = result
        .follow_up
        .as_ref()
        .map(|time| format!("median follow-up {} {}", number::estimate(time), super::unit_of(&result.time_unit)));
    let how = if result.stratified_by.is_some() { "Stratified log-rank" } else { "Log-rank" };
    let second: Vec<String> = test.map(|p| format!("{how} {p}")).into_iter().chain(follow_up).collect();
    if !second.is_empty() {
        notes.push(capital(&second.join("; ")));
    }
    notes
}

fn rates_of(group: &SurvivalGroup) -> Vec<(f64, &Estimate)> {
    group.landmarks.iter().map(|(time, rate, _)| (*time, rate)).collect()
}

/// A group as far as enough of it are left.
fn shown(group: &SurvivalGroup) -> SurvivalGroup {
    let least = (group.n as f64 * SHARE_LEFT).ceil().max(MOST_LEFT.min(group.n.div_ceil(4)) as f64) as u64;
    let Some(end) = group.steps.iter().filter(|step| step.at_risk >= least).map(|step| step.time).next_back() else {
        return group.clone();
    };
    SurvivalGroup {
        curve: group.curve.iter().copied().filter(|point| point.0 <= end).collect(),
        censored: group.censored.iter().copied().filter(|time| *time <= end).collect(),
        ..group.clone()
    }
}

/// "Low score: n = 30, 12 events, median 14.2 (9.1–20.0) months".
///
/// Beside competing events the curve has no median.
fn summary(group: &SurvivalGroup, result: &SurvivalResult) -> String {
    let unit = &result.time_unit;
    let median = match &group.median {
        Some(median) => format!(", median {} {unit}", number::estimate(median)).trim_end().to_owned(),
        None if result.incidence.is_empty() => ", median not reached".to_owned(),
        None => String::new(),
    };
    format!("{}: n = {}, {}{median}", group.name, group.n, number::count(group.events, "event"))
}

/// The table of numbers at risk: a group's name over its row, so that long names have room.
fn at_risk(drawing: &mut Drawing, frame: &Frame, result: &SurvivalResult, names: &[Vec<String>]) {
    let top = frame.bottom + 58.0;
    // Beside competing events, these are among the censored.
    let others = if result.incidence.is_empty() { "censored" } else { "competing or censored" };
    drawing.text((8.0, top), &format!("Number at risk (events, {others})"), Label::start(TICK).bold());
    let mut y = top + 19.0;
    for (index, (group, lines)) in result.groups.iter().zip(names).enumerate() {
        let style = style::of(index);
        drawing.line((8.0, y - 4.0), (36.0, y - 4.0), Stroke::dashed(style.colour, 2.4, style.dash));
        let label = Label { colour: if style.colour == "#000000" { INK } else { style.colour }, ..Label::start(TICK) };
        for (at, line) in lines.iter().enumerate() {
            drawing.text((42.0, y + LINE * at as f64), line, label.bold());
        }
        y += LINE * (lines.len().max(1) - 1) as f64;
        let mut free = f64::NEG_INFINITY;
        for (at, (tick, n)) in result.ticks.iter().zip(&group.at_risk).enumerate() {
            let before = group.events_before.get(at).zip(group.censored_before.get(at));
            let label = match before {
                Some((events, censored)) if *tick > 0.0 => format!("{n} ({events}, {censored})"),
                _ => n.to_string(),
            };
            let half = text::width(&label, TICK - 1.0) / 2.0;
            let Some(x) = frame.x.at(*tick) else { continue };
            // The last number may not leave the canvas.
            let x = x.min(drawing.width - 4.0 - half);
            if x - half <= free {
                continue;
            }
            drawing.text((x, y + 15.0), &label, Label::middle(TICK - 1.0));
            free = x + half + 3.0;
        }
        y += AT_RISK;
    }
}

fn described(group: &SurvivalGroup, unit: &str) -> String {
    let said = |median: &Estimate| format!("median {} {unit}", number::estimate(median));
    let median = group.median.as_ref().map_or_else(|| "median not reached".to_owned(), said);
    format!("{}: {} of {} with an event, {median}", group.name, group.events, group.n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::SurvivalStep;

    fn group(n: u64) -> SurvivalGroup {
        let step =
            |at: u64| SurvivalStep { time: at as f64, at_risk: n - at + 1, events: 1, ..SurvivalStep::default() };
        let curve = (0..=n).map(|at| (at as f64, 1.0 - at as f64 / n as f64, 0.0, 1.0)).collect();
        SurvivalGroup { n, steps: (1..=n).map(step).collect(), curve, ..SurvivalGroup::default() }
    }

    #[test]
    fn curves_end_where_few_are_left() {
        // Of 100, the last step with 10 at risk is the 91st; of 20, that with 5 the 16th; of 12, that with 3 the 10th; of 5, that with 2 the 4th, for
        // one is less than a quarter; of 3, all.
        for (n, end) in [(100, 91.0), (20, 16.0), (12, 10.0), (5, 4.0), (3, 3.0)] {
            assert_eq!(shown(&group(n)).curve.last().expect("a point").0, end, "{n}");
        }
        let without = SurvivalGroup { steps: Vec::new(), ..group(9) };
        assert_eq!(shown(&without), without, "a study of an older version has no steps");
    }

    #[test]
    fn names_keep_their_capitals_in_a_sentence() {
        assert_eq!(["High score", "CD8 high", "A"].map(lower), ["high score", "CD8 high", "A"]);
    }
}
