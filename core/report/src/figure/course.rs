//! The lesions of a patient over time: their volumes, and what became of each.

use crate::{
    draw::{
        Drawing, Stroke,
        frame::{Entry, Frame, ROW, TICK, Titles, legend},
        scale::Scale,
        style::{self, Marker},
        text::{self, Label},
    },
    figure::Figure,
    number::{self, count},
    study::{OverTime, TimePoint},
};

const WIDTH: f64 = 460.0;
const ROOM: f64 = 250.0;
/// Lesions that the legend names; the styles repeat from there on.
const NAMED: usize = 7;
/// States that need no word beside the marker.
const PLAIN: [&str; 2] = ["baseline", "followed"];

/// Volumes over time, a line a lesion; none without any volume.
pub fn course(lesions: &[OverTime]) -> Option<Figure> {
    let known = |point: &&TimePoint| point.volume_ml.is_some_and(f64::is_finite) && point.days.is_finite();
    let points = || lesions.iter().flat_map(|lesion| &lesion.points);
    points().find(known)?;
    let days = points().map(|point| point.days).filter(|days| days.is_finite()).fold(1.0, f64::max);
    let most = points().filter(known).filter_map(|point| point.volume_ml).fold(0.0, f64::max);
    let named = lesions.len().min(NAMED);
    let rows = if lesions.len() > 1 { named as f64 + if lesions.len() > NAMED { 1.0 } else { 0.0 } } else { 0.0 };
    let height = ROOM + ROW * rows;
    let mut drawing = Drawing::new(WIDTH, height);
    let (x, y) = (Scale::linear(0.0, days * 1.06), Scale::linear(0.0, if most > 0.0 { most * 1.12 } else { 1.0 }));
    let frame = Frame::new((WIDTH, ROOM), 12.0, 46.0, x, y);
    frame.draw(&mut drawing, Titles { x: "Days since the first scan", y: "Volume, mL" });
    let mut words = Vec::new();
    for (index, lesion) in lesions.iter().enumerate() {
        line(&mut drawing, &frame, index, lesion, &mut words);
    }
    let mut entries: Vec<Entry> = Vec::new();
    for (index, lesion) in lesions.iter().enumerate().take(named) {
        let style = style::of(index);
        let stroke = Stroke { colour: style.colour, width: 1.8, dash: style.dash };
        entries.push(Entry { text: named_as(lesion), stroke });
    }
    if rows > 0.0 {
        legend(&mut drawing, (frame.left, ROOM + 4.0), WIDTH - frame.left, &entries);
        let more = lesions.len() - named;
        if more > 0 {
            let at = (frame.left, ROOM + 8.0 + ROW * named as f64);
            drawing.text(at, &format!("and {} in the same styles", count(more as u64, "lesion")), Label::start(TICK));
        }
    }
    Some(Figure {
        kind: "course",
        title: "Lesions over time".into(),
        caption:
            "Volume of each outline. Words name what is not plainly followed; what has no volume stands on the axis."
                .into(),
        description: lesions.iter().map(said).collect::<Vec<_>>().join(". "),
        drawing,
    })
}

fn named_as(lesion: &OverTime) -> String {
    if lesion.lesion.is_empty() { "the lesion".into() } else { format!("lesion {}", lesion.lesion) }
}

/// A lesion in words: "lesion a: day 0 1.2 mL, day 31 gone".
fn said(lesion: &OverTime) -> String {
    let point = |point: &TimePoint| {
        let volume =
            point.volume_ml.filter(|volume| volume.is_finite()).map(|volume| format!("{} mL", number::number(volume)));
        let word = Some(point.state.clone()).filter(|state| !PLAIN.contains(&state.as_str()) || volume.is_none());
        let what: Vec<String> = volume.into_iter().chain(word).collect();
        format!("day {} {}", point.days, what.join(", "))
    };
    format!("{}: {}", named_as(lesion), lesion.points.iter().map(point).collect::<Vec<_>>().join(", "))
}

/// Where a word of this width can stand beside a point without lying on another one: above, below, further above; nowhere if all of
/// these are taken. `taken` has middle, baseline and width of each word.
fn free(frame: &Frame, point: (f64, f64), width: f64, taken: &mut Vec<(f64, f64, f64)>) -> Option<(f64, f64)> {
    let places = [-7.0, 17.0, -21.0].map(|down| (point.0, point.1 + down));
    let lies_on = |(x, y): (f64, f64), other: &(f64, f64, f64)| {
        (x - other.0).abs() < (width + other.2) / 2.0 + 2.0 && (y - other.1).abs() < TICK
    };
    let inside = |(_, y): (f64, f64)| y > frame.top + TICK - 14.0 && y < frame.bottom - 2.0;
    let found = places.into_iter().find(|at| inside(*at) && !taken.iter().any(|other| lies_on(*at, other)))?;
    taken.push((found.0, found.1, width));
    Some(found)
}

fn line(drawing: &mut Drawing, frame: &Frame, index: usize, lesion: &OverTime, words: &mut Vec<(f64, f64, f64)>) {
    let style = style::of(index);
    let volumes = lesion.points.iter().filter_map(|point| Some((point.days, point.volume_ml?)));
    let stroke = Stroke { colour: style.colour, width: 1.8, dash: style.dash };
    drawing.polyline(&frame.all(volumes), stroke);
    for point in &lesion.points {
        let at = frame.at(point.days, point.volume_ml.unwrap_or(0.0));
        let Some(at) = at.filter(|(x, y)| x.is_finite() && y.is_finite()) else { continue };
        match point.volume_ml {
            Some(_) => drawing.marker(at, style.marker, 3.4, style.colour, false),
            None => drawing.marker(at, Marker::Diamond, 3.4, style.colour, true),
        }
        if !PLAIN.contains(&point.state.as_str()) {
            let label = Label { colour: style.colour, ..Label::middle(TICK) };
            if let Some(place) = free(frame, at, text::width(&point.state, TICK), words) {
                drawing.text(place, &point.state, label.halo());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesion(name: &str, points: &[(f64, &str, Option<f64>)]) -> OverTime {
        let point = |(days, state, volume_ml): &(f64, &str, Option<f64>)| TimePoint {
            days: *days,
            state: (*state).to_owned(),
            volume_ml: *volume_ml,
        };
        OverTime { lesion: name.into(), points: points.iter().map(point).collect() }
    }

    #[test]
    fn each_lesion_has_its_line_and_each_absence_its_word() {
        let lesions = [
            lesion("a", &[(0.0, "baseline", Some(1.0)), (30.0, "missing", None), (61.0, "followed", Some(4.0))]),
            lesion("<b>", &[(61.0, "new", Some(2.0))]),
        ];
        let figure = course(&lesions).expect("a figure");
        assert_eq!(
            figure.description,
            "lesion a: day 0 1.00 mL, day 30 missing, day 61 4.00 mL. lesion <b>: day 61 2.00 mL, new"
        );
        let svg = figure.drawing.finish("id", &figure.title, &figure.description, false);
        assert_eq!(svg.matches("<polyline").count(), 1, "one point makes no line: {svg}");
        assert!(
            svg.contains(">missing</text>") && svg.contains(">new</text>") && svg.contains("lesion &lt;b&gt;"),
            "{svg}"
        );
        assert!(course(&[lesion("a", &[(0.0, "failed", None)])]).is_none());
    }

    #[test]
    fn words_of_lesions_that_merge_do_not_lie_on_each_other() {
        let of = |name: &str, volume: f64| {
            lesion(name, &[(0.0, "baseline", Some(1.0)), (30.0, "merged", Some(volume)), (60.0, "merged", None)])
        };
        let figure = course(&[of("a", 2.0), of("b", 2.0), of("c", 2.0), of("d", 2.0)]).expect("a figure");
        let svg = figure.drawing.finish("id", &figure.title, &figure.description, false);
        let places: Vec<(f64, f64)> = svg
            .split("<text")
            .filter(|part| part.contains(">merged</text>"))
            .map(|part| {
                let number = |name: &str| {
                    let (_, rest) = part.split_once(&format!(" {name}=\"")).expect("a place");
                    rest.split('"').next().expect("its end").parse().expect("a number")
                };
                (number("x"), number("y"))
            })
            .collect();
        assert!(places.len() >= 3, "{svg}");
        for (at, a) in places.iter().enumerate() {
            for b in &places[at + 1..] {
                assert!((a.0 - b.0).abs() > 20.0 || (a.1 - b.1).abs() >= TICK, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn more_lesions_than_styles_are_counted_and_drawn() {
        let many: Vec<OverTime> = (0..9)
            .map(|number| {
                lesion(&number.to_string(), &[(0.0, "baseline", Some(1.0)), (9.0, "followed", Some(f64::from(number)))])
            })
            .collect();
        let figure = course(&many).expect("a figure");
        let svg = figure.drawing.finish("id", "", "", false);
        assert!(svg.contains("and 2 lesions in the same styles"), "{svg}");
        assert_eq!(svg.matches("<polyline").count(), 9);
    }
}
