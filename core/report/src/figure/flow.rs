//! Flow of a cohort's cases from the list to the features.

use crate::{
    draw::{
        Drawing, Stroke,
        style::{INK, MUTED},
        text::{self, Label},
    },
    figure::Figure,
    number::count,
    study::{Cohort, Lost},
};

const WIDTH: f64 = 460.0;
const BOX: f64 = 204.0;
const SIDE: (f64, f64) = (252.0, 206.0);
const SIZE: f64 = 12.0;
const LINE: f64 = 16.0;

/// A cohort's flow diagram. `evaluated` are the rows that reached an evaluation: its name, unit and number.
pub fn flow(cohort: &Cohort, evaluated: &[(String, String, u64)]) -> Figure {
    let flow = &cohort.flow;
    let mut chart = Chart { drawing: Drawing::new(WIDTH, 10.0), y: 8.0 };
    chart.main("Listed", &[format!("{} of {}", count(flow.listed, "case"), count(flow.listed_patients, "patient"))]);
    chart.aside("Not joined", &flow.unjoined);
    chart.aside("Failed", &flow.failed);
    chart.arrow(8.0);
    chart.main(
        "With features",
        &[format!("{} of {}", count(flow.extracted, "case"), count(flow.extracted_patients, "patient"))],
    );
    if !evaluated.is_empty() {
        chart.arrow(22.0);
        let lines: Vec<String> = evaluated.iter().map(|(name, unit, n)| format!("{n} {unit}: {name}")).collect();
        chart.wide("Evaluated", &lines);
    }
    chart.drawing.height = chart.y + 8.0;
    let description = format!(
        "{}, {}; {} not joined; {} failed; features of {}, {}.",
        count(flow.listed, "case"),
        count(flow.listed_patients, "patient"),
        flow.unjoined.len(),
        flow.failed.len(),
        count(flow.extracted, "case"),
        count(flow.extracted_patients, "patient"),
    );
    let role = if cohort.role.is_empty() || cohort.role == cohort.name {
        String::new()
    } else {
        format!(" ({})", cohort.role)
    };
    Figure {
        kind: "flow",
        title: format!("Flow of cases, {}{role}", cohort.name),
        caption: "Boxes at the right hold what was lost on the way; each loss is listed below with its reason.".into(),
        description,
        drawing: chart.drawing,
    }
}

struct Chart {
    drawing: Drawing,
    /// Bottom of what has been drawn.
    y: f64,
}

impl Chart {
    fn main(&mut self, head: &str, lines: &[String]) {
        self.boxed((8.0, BOX), head, lines, Stroke::solid(INK, 1.3));
    }

    fn wide(&mut self, head: &str, lines: &[String]) {
        self.boxed((8.0, WIDTH - 16.0), head, lines, Stroke::solid(INK, 1.3));
    }

    fn boxed(&mut self, across: (f64, f64), head: &str, lines: &[String], stroke: Stroke<'_>) -> f64 {
        let height = LINE * (lines.len() + 1) as f64 + 14.0;
        self.drawing.rectangle((across.0, self.y), (across.1, height), "#fff", Some(stroke));
        let x = across.0 + 10.0;
        self.drawing.text((x, self.y + 19.0), head, Label::start(SIZE + 0.5).bold());
        for (index, line) in lines.iter().enumerate() {
            let line = text::fit(line, SIZE, across.1 - 20.0);
            self.drawing.text((x, self.y + 19.0 + LINE * (index + 1) as f64), &line, Label::start(SIZE));
        }
        self.y += height;
        height
    }

    /// A box at the right of the line down; the line goes on below it.
    fn aside(&mut self, head: &str, lost: &[Lost]) {
        let start = self.y;
        let middle = 8.0 + BOX / 2.0;
        self.y += 14.0;
        let stroke = Stroke::dashed(MUTED, 1.0, if lost.is_empty() { "3 3" } else { "" });
        let height = self.boxed(SIDE, &format!("{head}: {}", lost.len()), &by_stage(lost), stroke);
        let level = self.y - height / 2.0;
        self.drawing.line((middle, level), (SIDE.0 - 6.0, level), Stroke::solid(INK, 1.0));
        self.head((SIDE.0 - 1.0, level), false);
        self.y += 14.0;
        self.drawing.line((middle, start), (middle, self.y), Stroke::solid(INK, 1.0));
    }

    fn arrow(&mut self, length: f64) {
        let middle = 8.0 + BOX / 2.0;
        self.drawing.line((middle, self.y), (middle, self.y + length - 4.0), Stroke::solid(INK, 1.0));
        self.y += length;
        self.head((middle, self.y - 0.5), true);
    }

    /// Head of an arrow with its tip at a point.
    fn head(&mut self, (x, y): (f64, f64), down: bool) {
        let points = if down {
            [(x, y), (x - 4.0, y - 7.0), (x + 4.0, y - 7.0)]
        } else {
            [(x, y), (x - 7.0, y - 4.0), (x - 7.0, y + 4.0)]
        };
        self.drawing.polygon(&points, INK, 1.0);
    }
}

/// How many were lost at each stage, in the order in which the stages first appear.
fn by_stage(lost: &[Lost]) -> Vec<String> {
    let mut stages: Vec<(&str, usize)> = Vec::new();
    for one in lost {
        match stages.iter_mut().find(|(stage, _)| *stage == one.stage) {
            Some((_, n)) => *n += 1,
            None => stages.push((&one.stage, 1)),
        }
    }
    // One stage alone is in the head of the box already.
    if let [(stage, _)] = stages[..] {
        return if stage == "join" || stage.is_empty() {
            Vec::new()
        } else {
            vec![format!("all at stage “{stage}”")]
        };
    }
    stages.iter().map(|(stage, n)| format!("{n} at stage “{stage}”")).collect()
}
