//! Flow of a cohort's cases from the list to what was learnt from and evaluated. Every difference has its box.

use crate::{
    draw::{
        Drawing, Stroke,
        style::{INK, MUTED},
        text::{self, Label},
    },
    figure::Figure,
    number::count,
    study::{Cohort, Evaluation, Flow, LearntFrom, Lost, Study},
};

/// Width of the figure on a page.
const WIDTH: f64 = 500.0;
/// Where the line runs from which what became of the features branches off, and where its boxes begin.
const TRUNK: f64 = 20.0;
const BRANCH: f64 = 38.0;
const SIZE: f64 = 12.0;
const LINE: f64 = 16.0;
/// Most reasons that a box names.
const REASONS: usize = 4;

/// What became of the features of a cohort.
struct End {
    head: String,
    lines: Vec<String>,
    lost: String,
    reasons: Vec<String>,
}

/// The flow diagram of a study's cohort, with the models that were learnt from it and the evaluations on it.
pub fn flow(study: &Study, cohort: &Cohort, width: Option<f64>) -> Figure {
    let evaluated: Vec<&Evaluation> =
        study.evaluations.iter().filter(|evaluation| evaluation.cohort == cohort.name).collect();
    let learnt = study.models.iter().flat_map(|model| model.learnt_from.iter().map(|from| (&*model.name, from)));
    let learnt: Vec<(&str, &LearntFrom)> = learnt.filter(|(_, from)| from.cohort == cohort.name).collect();
    drawn(cohort, &learnt, &evaluated, width.unwrap_or(WIDTH))
}

fn drawn(cohort: &Cohort, learnt: &[(&str, &LearntFrom)], evaluated: &[&Evaluation], width: f64) -> Figure {
    let flow = &cohort.flow;
    let mut chart = Chart::new(width);
    let listed = format!("{} of {}", count(flow.listed, "case"), count(flow.listed_patients, "patient"));
    chart.main("Listed", std::slice::from_ref(&listed));
    let unjoined = cases_and_patients(flow.unjoined.len() as u64, flow.listed_patients, flow.joined_patients);
    chart.aside(&format!("Not joined, or filtered: {unjoined}"), &reasons(&flow.unjoined), flow.unjoined.is_empty());
    let (cases, patients) = flow
        .before_course
        .as_ref()
        .map_or((flow.extracted_cases, flow.extracted_patients), |before| (before.cases, before.patients));
    let failed = cases_and_patients(flow.failed_cases, flow.joined_patients, patients);
    let mut why = by_stage(&flow.failed);
    let before = flow.listed.saturating_sub(flow.unjoined.len() as u64 + flow.failed_cases);
    why.extend(unaccounted(before, cases, "case"));
    chart.aside(&format!("Without features: {failed}"), &why, why.is_empty());
    chart.arrow(8.0);
    if let Some(before) = &flow.before_course {
        chart.main("With features, at all time points", &[of(before.cases, before.patients)]);
        let lost = format!("Not followed: {}", count(before.lost.len() as u64, "lesion"));
        chart.aside(&lost, &reasons(&before.lost), before.lost.is_empty());
        chart.arrow(8.0);
    }
    let (with, found) = match flow.before_course {
        Some(_) => (
            "Followed over time",
            format!("{} of {}", count(flow.extracted, "lesion"), count(flow.extracted_patients, "patient")),
        ),
        None => ("With features", features(flow)),
    };
    chart.main(with, std::slice::from_ref(&found));
    let ends: Vec<End> = learnt
        .iter()
        .map(|(name, from)| of_learning(name, from, flow))
        .chain(evaluated.iter().map(|evaluation| of_evaluation(evaluation, flow)))
        .collect();
    chart.ends(&ends);
    chart.drawing.height = chart.y + 8.0;
    let said = ends.iter().map(|end| format!("{}: {}; {}", end.head, end.lines.join(" "), end.lost));
    let description = [
        listed,
        format!("not joined: {unjoined}"),
        format!("without features: {failed}"),
        format!("{}: {found}", with.to_lowercase()),
    ];
    let role = if cohort.role.is_empty() || cohort.role == cohort.name {
        String::new()
    } else {
        format!(" ({})", cohort.role)
    };
    Figure {
        kind: "flow",
        title: format!("Flow of cases, {}{role}", cohort.name),
        caption:
            "Boxes at the right hold what was lost on the way, with reasons; each loss is listed one by one below, or \
                  with the model or evaluation."
                .into(),
        description: description.into_iter().chain(said).collect::<Vec<_>>().join(". "),
        drawing: chart.drawing,
    }
}

/// "85 cases of 47 patients".
fn of(cases: u64, patients: u64) -> String {
    format!("{} of {}", count(cases, "case"), count(patients, "patient"))
}

/// "85 cases of 47 patients", with the lesions where a case has several.
fn features(flow: &Flow) -> String {
    let lesions = match flow.extracted == flow.extracted_cases {
        true => String::new(),
        false => format!(", {},", count(flow.extracted, "lesion")),
    };
    format!("{}{lesions} of {}", count(flow.extracted_cases, "case"), count(flow.extracted_patients, "patient"))
}

/// "3 cases, with all of 1 patient".
fn cases_and_patients(cases: u64, before: u64, after: u64) -> String {
    match before.saturating_sub(after) {
        0 => count(cases, "case"),
        patients => format!("{}, with all of {}", count(cases, "case"), count(patients, "patient")),
    }
}

fn of_learning(name: &str, from: &LearntFrom, flow: &Flow) -> End {
    let mut why = reasons(&from.left_out);
    why.extend(unaccounted(flow.extracted, from.rows + from.left_out.len() as u64, "lesion"));
    let patients = match flow.extracted_patients.saturating_sub(from.patients) {
        0 => String::new(),
        patients => format!(", with all of {}", count(patients, "patient")),
    };
    End {
        head: format!("Learnt from: {name}"),
        lines: vec![format!("{} of {}", count(from.rows, "lesion"), count(from.patients, "patient"))],
        lost: format!("Left out: {}{patients}", count(from.left_out.len() as u64, "lesion")),
        reasons: why,
    }
}

fn of_evaluation(evaluation: &Evaluation, flow: &Flow) -> End {
    let lost: Vec<&Lost> = evaluation.left_out.iter().filter(|lost| lost.stage != "extract").collect();
    let unit = evaluation.unit.strip_suffix('s').unwrap_or(&evaluation.unit);
    let before = if unit == "lesion" { flow.extracted } else { flow.extracted_patients };
    let mut why = reasons(lost.iter().copied());
    why.extend(unaccounted(before, evaluation.n + lost.len() as u64, unit));
    End {
        head: format!("Evaluated: {}", evaluation.name),
        lines: vec![count(evaluation.n, unit)],
        lost: format!("Left out: {}", count(lost.len() as u64, unit)),
        reasons: why,
    }
}

/// What a diagram must not hide: that its numbers do not add up.
fn unaccounted(before: u64, after: u64, word: &str) -> Option<String> {
    (before != after).then(|| format!("{} not accounted for", count(before.abs_diff(after), word)))
}

struct Chart {
    drawing: Drawing,
    /// Width of the boxes in the line down.
    wide: f64,
    /// Left edge and width of the boxes at its right.
    side: (f64, f64),
    /// Bottom of what has been drawn.
    y: f64,
}

impl Chart {
    fn new(width: f64) -> Self {
        Self { drawing: Drawing::new(width, 10.0), wide: width * 0.432, side: (width * 0.504, width * 0.48), y: 8.0 }
    }

    fn main(&mut self, head: &str, lines: &[String]) {
        self.y += self.boxed((8.0, self.wide), head, lines, Stroke::solid(INK, 1.3));
    }

    /// A box from the bottom of what has been drawn; returns its height.
    fn boxed(&mut self, (left, width): (f64, f64), head: &str, lines: &[String], stroke: Stroke) -> f64 {
        let room = width - 20.0;
        // Bold text is about a tenth wider.
        let head = text::wrap(head, SIZE + 0.5, room * 0.9, 4);
        let lines: Vec<String> = lines.iter().flat_map(|line| text::wrap(line, SIZE, room, 4)).collect();
        let height = LINE * (head.len() + lines.len()) as f64 + 14.0;
        self.drawing.rectangle((left, self.y), (width, height), "#fff", Some(stroke));
        let heads = head.iter().map(|line| (line, Label::start(SIZE + 0.5).bold()));
        let all = heads.chain(lines.iter().map(|line| (line, Label::start(SIZE))));
        for (index, (line, label)) in all.enumerate() {
            self.drawing.text((left + 10.0, self.y + 19.0 + LINE * index as f64), line, label);
        }
        height
    }

    /// A box of what was lost; dashed if nothing was.
    fn lost(&mut self, head: &str, reasons: &[String], nothing: bool) -> f64 {
        self.boxed(self.side, head, reasons, Stroke::dashed(MUTED, 1.0, if nothing { "3 3" } else { "" }))
    }

    /// A box at the right of the line down; the line goes on below it.
    fn aside(&mut self, head: &str, reasons: &[String], nothing: bool) {
        let start = self.y;
        let middle = 8.0 + self.wide / 2.0;
        self.y += 14.0;
        let height = self.lost(head, reasons, nothing);
        self.across(middle, self.y + height / 2.0);
        self.y += height + 14.0;
        self.drawing.line((middle, start), (middle, self.y), Stroke::solid(INK, 1.0));
    }

    /// What becomes of the features: boxes beside each other's branch of one line.
    fn ends(&mut self, ends: &[End]) {
        let start = self.y;
        let mut last = start;
        for end in ends {
            self.y += 16.0;
            let across = (BRANCH, 8.0 + self.wide - BRANCH);
            let own = self.boxed(across, &end.head, &end.lines, Stroke::solid(INK, 1.3));
            let lost = self.lost(&end.lost, &end.reasons, end.reasons.is_empty());
            last = self.y + own.min(lost) / 2.0;
            self.drawing.line((TRUNK, last), (BRANCH - 6.0, last), Stroke::solid(INK, 1.0));
            self.head((BRANCH - 1.0, last), false);
            self.across(8.0 + self.wide, last);
            self.y += own.max(lost);
        }
        self.drawing.line((TRUNK, start), (TRUNK, last), Stroke::solid(INK, 1.0));
    }

    /// An arrow to a box at the right.
    fn across(&mut self, from: f64, level: f64) {
        self.drawing.line((from, level), (self.side.0 - 6.0, level), Stroke::solid(INK, 1.0));
        self.head((self.side.0 - 1.0, level), false);
    }

    fn arrow(&mut self, length: f64) {
        let middle = 8.0 + self.wide / 2.0;
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

/// How many were lost for each reason, most frequent first; those beyond a few together. Reasons that differ in their numbers alone are
/// one, in which the numbers are left open: "it was first seen after … days".
fn reasons<'a>(lost: impl IntoIterator<Item = &'a Lost>) -> Vec<String> {
    let all: Vec<&str> = lost.into_iter().map(|one| one.reason.as_str()).collect();
    let open: Vec<String> = all.iter().map(|reason| without_numbers(reason)).collect();
    let counts: Vec<(&str, usize)> = tally(open.iter().map(String::as_str))
        .into_iter()
        .map(|(reason, n)| {
            let mut spelt = open.iter().zip(&all).filter(|(open, _)| *open == reason).map(|(_, spelt)| *spelt);
            let first = spelt.next().unwrap_or(reason);
            (if spelt.all(|other| other == first) { first } else { reason }, n)
        })
        .collect();
    let shown = if counts.len() > REASONS { REASONS - 1 } else { REASONS };
    let others: usize = counts.iter().skip(shown).map(|(_, n)| n).sum();
    let mut said: Vec<String> =
        counts.iter().take(shown).map(|(reason, n)| format!("{n}: {}", reason.replace('`', ""))).collect();
    said.extend((others > 0).then(|| format!("{others}: other reasons")));
    said
}

/// A reason with its numbers left open; what stands in back-ticks is a name or a cell, and stays.
fn without_numbers(reason: &str) -> String {
    let open = |piece: &str| {
        let words = piece.split(' ').map(|word| {
            let number = word.trim_end_matches([',', ':', ';', '.']);
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            if is_number { word.replacen(number, "…", 1) } else { word.to_owned() }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    let pieces =
        reason.split('`').enumerate().map(|(at, piece)| if at % 2 == 0 { open(piece) } else { piece.to_owned() });
    pieces.collect::<Vec<_>>().join("`")
}

/// How many faults there were at each stage.
fn by_stage(lost: &[Lost]) -> Vec<String> {
    let counts = tally(lost.iter().map(|one| one.stage.as_str()));
    counts.iter().map(|(stage, n)| format!("{} at stage “{stage}”", count(*n as u64, "fault"))).collect()
}

/// How often each text is there, most frequent first, of several the one that came first.
fn tally<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<(&'a str, usize)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for text in texts {
        match counts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, n)) => *n += 1,
            None => counts.push((text, 1)),
        }
    }
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(reason: &str, stage: &str) -> Lost {
        Lost { id: "a".into(), stage: stage.into(), reason: reason.into() }
    }

    #[test]
    fn every_difference_has_its_reason_or_is_called_unexplained() {
        let flow = Flow {
            listed: 10,
            listed_patients: 6,
            unjoined: vec![lost("no table has it", "join"); 2],
            joined_patients: 5,
            failed: vec![lost("bad", "load")],
            failed_cases: 1,
            before_course: None,
            extracted_cases: 7,
            extracted: 7,
            extracted_patients: 4,
            ..Flow::default()
        };
        let cohort = Cohort { name: "c".into(), flow, ..Cohort::default() };
        let from = LearntFrom {
            rows: 5,
            patients: 3,
            left_out: vec![lost("it has no `y`", "learn"); 2],
            ..LearntFrom::default()
        };
        let mut evaluation = Evaluation { name: "e".into(), unit: "patients".into(), n: 2, ..Evaluation::default() };
        evaluation.left_out =
            vec![lost("it has no `t`", "evaluate"), lost("it has no lesion with features", "extract")];
        let figure = flow_text(&cohort, &from, &evaluation);
        for said in [
            "2 cases, with all of 1 patient",
            "1 case, with all of 1 patient",
            "1 fault at stage “load”",
            "2: it has no y",
            "5 lesions of 3 patients",
            "1: it has no t",
            "1 patient not accounted for",
        ] {
            assert!(figure.contains(said), "{said}: {figure}");
        }
        evaluation.n = 3;
        assert!(!flow_text(&cohort, &from, &evaluation).contains("not accounted for"));
    }

    #[test]
    fn reasons_that_differ_in_their_numbers_alone_are_one() {
        let all = [
            "it was first seen after 45 days",
            "it was first seen after 89 days",
            "`a 1` is there twice",
            "`a 2` is there twice",
            "it has 3 voxels",
            "it has 3 voxels",
        ]
        .map(|reason| lost(reason, "course"));
        let said = [
            "2: it was first seen after … days",
            "2: it has 3 voxels",
            "1: a 1 is there twice",
            "1: a 2 is there twice",
        ];
        assert_eq!(reasons(&all), said);
    }

    fn flow_text(cohort: &Cohort, from: &LearntFrom, evaluation: &Evaluation) -> String {
        let figure = drawn(cohort, &[("m", from)], &[evaluation], WIDTH);
        let svg = figure.drawing.finish("a", "", "", false);
        let texts = svg.split("<text").skip(1).filter_map(|part| part.split_once('>')?.1.split_once('<'));
        texts.map(|(text, _)| text).collect::<Vec<_>>().join(" ")
    }
}
