//! Scores by group: every score, and a box over them.

use crate::{
    draw::{
        Drawing, MANY, Places, Stroke,
        frame::{Frame, TICK},
        scale::Scale,
        style::{self, INK, MUTED},
        text::{self, Label},
    },
    figure::Figure,
    number,
    study::{Evaluation, Group, Study},
};

const WIDTH: f64 = 420.0;
const PLOT: f64 = 290.0;
const LINE: f64 = 14.0;

/// The title of the axis of the scores of an evaluation.
pub fn score_axis(study: &Study, evaluation: &Evaluation) -> String {
    let model = study.models.iter().find(|model| model.name == evaluation.model);
    let axis = model.map(|model| model.score_label.as_str()).filter(|label| !label.is_empty()).unwrap_or("Score");
    match evaluation.predictions.as_str() {
        "" => axis.to_owned(),
        how => format!("{axis} ({how})"),
    }
}

/// Boxes and points of the groups' scores, with a cut-off if there is one; none without any score.
pub fn distribution(groups: &[Group], axis: &str, cutoff: Option<f64>, width: Option<f64>) -> Option<Figure> {
    let width = width.unwrap_or(WIDTH);
    let sorted: Vec<Vec<f64>> = groups
        .iter()
        .map(|group| {
            let mut scores: Vec<f64> = group.scores.iter().copied().filter(|score| score.is_finite()).collect();
            scores.sort_by(f64::total_cmp);
            scores
        })
        .collect();
    if sorted.iter().all(Vec::is_empty) {
        return None;
    }
    let y = Scale::of(sorted.iter().flatten().copied().chain(cutoff));
    // Room for the cut-off's name beside the points.
    let side = if cutoff.is_some() { 66.0 } else { 0.0 };
    let room = (width - 80.0 - side) / groups.len() as f64 - 8.0;
    let labels: Vec<Vec<String>> = groups.iter().map(|group| text::wrap(&group.name, TICK, room, 3)).collect();
    let bottom = 32.0 + LINE * labels.iter().map(Vec::len).max().unwrap_or(0) as f64;
    let height = PLOT + bottom;
    let mut drawing = Drawing::new(width, height);
    let x = Scale::linear(0.0, groups.len() as f64);
    let mut frame = Frame::new((width, height), 12.0, bottom, x, y);
    frame.right -= side;
    frame.vertical(&mut drawing, axis);
    drawing.line((frame.left, frame.bottom), (frame.right, frame.bottom), Stroke::solid(INK, 1.0));
    let slot = (frame.right - frame.left) / groups.len() as f64;
    for (index, (label, scores)) in labels.iter().zip(&sorted).enumerate() {
        let middle = frame.left + slot * (index as f64 + 0.5);
        swarm(&mut drawing, &frame, scores, (middle + slot * 0.14, slot * 0.30), index);
        boxed(&mut drawing, &frame, scores, (middle - slot * 0.27, (slot * 0.11).min(24.0)), index);
        names(&mut drawing, (middle, frame.bottom + 17.0), label, scores.len());
    }
    if let Some((value, y)) = cutoff.and_then(|value| Some((value, frame.y.at(value)?))) {
        drawing.line((frame.left, y), (width - 8.0, y), Stroke::dashed(MUTED, 1.3, "6 3"));
        drawing.text((width - 8.0, y - 6.0), &format!("cut-off {}", number::number(value)), Label::end(TICK).halo());
    }
    let said: Vec<String> = groups.iter().zip(&sorted).map(|(group, scores)| describe(&group.name, scores)).collect();
    Some(Figure {
        kind: "distribution",
        title: "Distribution of the score".into(),
        caption: format!(
            "{} Boxes: median and quartiles; whiskers reach to the last score within 1.5 times the interquartile range.",
            if sorted.iter().any(|scores| scores.len() > MANY) {
                "Each point is a row; of points that cover each other one is drawn."
            } else {
                "Each point is a row."
            }
        ),
        description: said.join("; "),
        drawing,
    })
}

/// Points beside each other where they would cover each other: within a band of y, outwards from the middle in turn.
fn swarm(drawing: &mut Drawing, frame: &Frame, scores: &[f64], (middle, half): (f64, f64), index: usize) {
    let style = style::of(index);
    let radius = if scores.len() > 150 { 2.0 } else { 3.0 };
    let step = radius * 2.0 + 0.4;
    let places: Vec<f64> = scores.iter().filter_map(|&score| frame.y.at(score)).collect();
    let bands: Vec<i64> = places.iter().map(|y| (y / step).round() as i64).collect();
    let mut drawn = Places::new(scores.len(), radius);
    let mut start = 0;
    while start < places.len() {
        let end = (start..places.len()).find(|&at| bands[at] != bands[start]).unwrap_or(places.len());
        // Where a band is full, points move closer.
        let most = ((end - start) / 2).max(1) as f64;
        let step = step.min(half / most);
        for (rank, y) in places[start..end].iter().enumerate() {
            let side = if rank % 2 == 0 { 1.0 } else { -1.0 };
            let x = middle + side * step * rank.div_ceil(2) as f64;
            if drawn.take((x, *y)) {
                drawing.marker((x, *y), style.marker, radius, style.colour, false);
            }
        }
        start = end;
    }
}

fn boxed(drawing: &mut Drawing, frame: &Frame, scores: &[f64], (middle, half): (f64, f64), index: usize) {
    let (Some(q1), Some(median), Some(q3)) = (quantile(scores, 0.25), quantile(scores, 0.5), quantile(scores, 0.75))
    else {
        return;
    };
    let reach = 1.5 * (q3 - q1);
    let low = scores.iter().copied().find(|&score| score >= q1 - reach).unwrap_or(q1);
    let high = scores.iter().rev().copied().find(|&score| score <= q3 + reach).unwrap_or(q3);
    let places = [low, q1, median, q3, high].map(|value| frame.y.at(value));
    let [Some(low), Some(q1), Some(median), Some(q3), Some(high)] = places else { return };
    let line = Stroke::solid(INK, 1.2);
    drawing.line((middle, low), (middle, q1), line);
    drawing.line((middle, q3), (middle, high), line);
    for end in [low, high] {
        drawing.line((middle - half / 2.0, end), (middle + half / 2.0, end), line);
    }
    let edge = Stroke::dashed(style::of(index).colour, 1.8, style::of(index).dash);
    drawing.rectangle((middle - half, q3), (2.0 * half, q1 - q3), "#fff", Some(edge));
    drawing.line((middle - half, median), (middle + half, median), Stroke::solid(INK, 2.4));
}

fn names(drawing: &mut Drawing, at: (f64, f64), lines: &[String], n: usize) {
    for (index, line) in lines.iter().enumerate() {
        drawing.text((at.0, at.1 + LINE * index as f64), line, Label::middle(TICK));
    }
    drawing.text((at.0, at.1 + LINE * lines.len() as f64), &format!("n = {n}"), Label::middle(TICK).muted());
}

fn describe(name: &str, scores: &[f64]) -> String {
    match (quantile(scores, 0.25), quantile(scores, 0.5), quantile(scores, 0.75)) {
        (Some(q1), Some(median), Some(q3)) => format!(
            "{name}: n = {}, median {} (quartiles {}, {})",
            scores.len(),
            number::number(median),
            number::number(q1),
            number::number(q3)
        ),
        _ => format!("{name}: no score"),
    }
}

/// Quantile of sorted values, linear between the two nearest (type 7 of Hyndman and Fan, 1996).
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = share * last as f64;
    let below = (at.floor() as usize).min(last);
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * (at - below as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        assert_eq!([0.25, 0.5, 0.75].map(|share| quantile(&sorted, share)), [Some(1.75), Some(2.5), Some(3.25)]);
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[7.0], 0.9), Some(7.0));
    }

    #[test]
    fn groups_without_scores_have_their_place() {
        let groups = [
            Group { name: "some".into(), scores: vec![0.5; 400] },
            Group { name: "none".into(), scores: vec![f64::NAN] },
        ];
        let figure = distribution(&groups, "Score", None, None).expect("a figure");
        assert!(figure.description.contains("none: no score"));
        assert!(distribution(&groups[1..], "Score", None, None).is_none());
    }
}
