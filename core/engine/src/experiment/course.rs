//! `[course]`: lesions over time, and what changes of their features.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{
    Origin,
    section::{OneOrMany, Placed, Section},
};

/// Lesions over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// The column that tells when a scan was made.
    pub time: Time,
    /// The column that tells a patient's lesions apart; none if each patient has one.
    pub lesion: Option<Placed<String>>,
    /// Which time point is held against the baseline.
    pub follow_up: FollowUp,
    /// A time point fewer days after the baseline is not held against it.
    pub at_least_days: f64,
    /// Neither is one more days after it.
    pub at_most_days: Option<f64>,
    /// Scans that are at most so many days apart are of one time point.
    pub same_visit_days: f64,
    /// What a lesion without an outline is, at a time point at which its patient has others.
    pub absent: Absent,
    /// What is computed of each input.
    pub deltas: Vec<Delta>,
    /// Patterns of these inputs; none for everything that is measured in an image.
    pub inputs: Option<Vec<Placed<String>>>,
    /// The region whose volume is followed; the first one if none is named.
    pub region: Option<Placed<String>>,
    /// Sums of diameters, if they are wanted.
    pub sums: Option<Sums>,
    /// How lesions are matched between time points, where the list of cases does not tell them apart.
    pub matching: Option<Match>,
    /// Where it stands.
    pub origin: Origin,
}

impl Course {
    /// The columns of the list of cases that it names: the key, the column, and where it is named.
    pub fn columns(&self) -> impl Iterator<Item = (&'static str, &String, &Origin)> {
        let Placed { value, origin } = self.time.column();
        let time = if matches!(self.time, Time::Date(_)) { "date" } else { "days" };
        let lesion = self.lesion.iter().map(|Placed { value, origin }| ("lesion", value, origin));
        let location = self.sums.iter().filter_map(|sums| sums.location.as_ref());
        let location = location.map(|Placed { value, origin }| ("sums.location", value, origin));
        let transform = self.matching.iter().filter_map(|matching| match &matching.frame {
            Frame::Transform { column, .. } => Some(("match.transform", &column.value, &column.origin)),
            Frame::Same | Frame::Scan => None,
        });
        [(time, value, origin)].into_iter().chain(lesion).chain(location).chain(transform)
    }
}

/// The column that tells when a scan was made.
#[derive(Debug, Clone, PartialEq)]
pub enum Time {
    /// A column of dates.
    Date(Placed<String>),
    /// A column of days since something of the patient's own.
    Days(Placed<String>),
}

impl Time {
    /// The column.
    pub fn column(&self) -> &Placed<String> {
        match self {
            Self::Date(column) | Self::Days(column) => column,
        }
    }
}

/// Which time point is held against the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FollowUp {
    /// The last one that is neither too early nor too late.
    Last,
    /// The first one.
    Next,
}

/// What a lesion without an outline is, at a time point at which its patient has others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Absent {
    /// Nobody knows.
    Missing,
    /// It has gone: everything that was there is outlined.
    Gone,
}

/// What is computed of an input over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delta {
    /// Follow-up minus baseline.
    Difference,
    /// Follow-up by baseline.
    Ratio,
    /// Natural logarithm of the ratio.
    LogRatio,
    /// Slope of the straight line through all time points up to the follow-up, by least squares, a month.
    Slope,
    /// Area under the values of all time points up to the follow-up, joined by straight lines, times months.
    Area,
    /// This area by the months that it extends over.
    Mean,
}

impl Delta {
    /// Every one with its word.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("difference", Self::Difference),
        ("ratio", Self::Ratio),
        ("log_ratio", Self::LogRatio),
        ("slope", Self::Slope),
        ("area", Self::Area),
        ("mean", Self::Mean),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, other)| *other == self).map_or("", |(word, _)| word)
    }

    /// The name of an input over time: `tumour:glcm.joint_entropy@log_ratio`.
    pub fn name(self, input: &str) -> String {
        format!("{input}@{}", self.word())
    }

    /// The input of a name, and which change of it this is, if it is one.
    pub fn of(name: &str) -> (&str, Option<Self>) {
        let split = name.rsplit_once('@');
        let known = split.and_then(|(input, word)| {
            Some((input, Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, delta)| *delta)?))
        });
        known.map_or((name, None), |(input, delta)| (input, Some(delta)))
    }

    /// The unit, by that of the input.
    pub fn unit(self, of: &str) -> String {
        match (self, of) {
            (Self::Ratio | Self::LogRatio, _) => "1".into(),
            (_, "") => String::new(),
            (Self::Difference | Self::Mean, _) => of.into(),
            (Self::Slope, "1") => "1/month".into(),
            (Self::Slope, _) => format!("{of}/month"),
            (Self::Area, "1") => "month".into(),
            (Self::Area, _) => format!("{of} month"),
        }
    }
}

/// Sums of diameters of a patient's lesions, as in RECIST 1.1.
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    /// The input that is the longest diameter.
    pub longest: Placed<String>,
    /// The input that is the short axis, for nodes.
    pub short_axis: Option<Placed<String>>,
    /// The column that tells where a lesion lies, and the values that are lymph nodes.
    pub location: Option<Placed<String>>,
    /// Those values.
    pub nodes: Vec<String>,
    /// Which lesions are summed.
    pub targets: Targets,
}

/// Which lesions are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Targets {
    /// Every lesion that the baseline has.
    All,
    /// The largest measurable ones, five at most, and two at most of each location.
    Largest,
}

/// How lesions are matched between time points.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Two outlines overlap, if they have at least this share of the smaller one in common.
    pub overlap: f64,
    /// Centres of outlines that do not overlap are at most so far apart, if they are one lesion.
    pub limit_mm: f64,
    /// In which frame they are compared.
    pub frame: Frame,
}

/// In which frame the outlines of a patient are compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// All scans of a patient lie in one, as somebody says.
    Same,
    /// All scans of a patient lie in one, as each scan says itself.
    Scan,
    /// A column names the file of a transform for each case.
    Transform {
        /// The column.
        column: Placed<String>,
        /// The folder that its paths start from.
        folder: PathBuf,
    },
}

/// Reads the section; `folder` is that of the experiment.
pub(super) fn course(section: &Section<'_>, folder: &Path) -> Option<Course> {
    let (date, days): (Option<Placed<String>>, Option<Placed<String>>) = (section.get("date"), section.get("days"));
    let time = match (date, days) {
        (Some(date), None) => Some(Time::Date(date)),
        (None, Some(days)) => Some(Time::Days(days)),
        (None, None) if section.is_wrong("date") || section.is_wrong("days") => None,
        _ => {
            section.error(
                "[course] takes one of `date`, the column of the list of cases that has the date of the scan, and `days`, the \
                 column that has days since something of the patient's own, such as the start of the treatment",
            );
            None
        }
    };
    let lesion: Option<Placed<String>> = section.get("lesion");
    let matching = section.section("match").and_then(|section| matching(&section, folder));
    if lesion.is_some() && matching.is_some() {
        section.error_at(
            "lesion",
            "`lesion` tells lesions apart, and [course.match] finds out which are one: take one of them away",
        );
    }
    let follow_up = section.choice("follow_up", &[("last", FollowUp::Last), ("next", FollowUp::Next)]);
    let (at_least_days, at_most_days) = interval(section);
    let same_visit_days = section.get("same_visit_days").unwrap_or(0.0);
    if !(same_visit_days >= 0.0 && same_visit_days < at_least_days) {
        section.error_at(
            "same_visit_days",
            format!(
                "`same_visit_days` is {same_visit_days}, expected at least 0 and less than `at_least_days`, which is {at_least_days}"
            ),
        );
    }
    let absent = section.choice("absent", &[("missing", Absent::Missing), ("gone", Absent::Gone)]);
    let deltas = deltas(section);
    let inputs: Option<OneOrMany<Placed<String>>> = section.get("inputs");
    let region = section.get("region");
    let sums = section.section("sums").and_then(|section| sums(&section));
    section.finish();
    Some(Course {
        time: time?,
        lesion,
        follow_up: follow_up.unwrap_or(FollowUp::Last),
        at_least_days,
        at_most_days,
        same_visit_days,
        absent: absent.unwrap_or(Absent::Missing),
        deltas,
        inputs: inputs.map(|list| list.0),
        region,
        sums,
        matching,
        origin: section.origin().clone(),
    })
}

/// How lesions are matched. Whether scans lie in one frame is said, and never guessed.
fn matching(section: &Section<'_>, folder: &Path) -> Option<Match> {
    let overlap = section.get("overlap").unwrap_or(0.1);
    let limit_mm: Option<f64> = section
        .require("limit_mm", "how far apart the centres of one lesion may be, if its outlines do not overlap, mm");
    let by_scan: Option<bool> = section.choice("frame", &[("same", false), ("scan", true)]);
    let transform: Option<Placed<String>> = section.get("transform");
    section.finish();
    if !(overlap > 0.0 && overlap <= 1.0) {
        section.error_at(
            "overlap",
            format!("`overlap` is {overlap}, expected a share of the smaller outline, above 0 and up to 1"),
        );
    }
    if let Some(limit) = limit_mm.filter(|limit| !(*limit >= 0.0 && limit.is_finite())) {
        section.error_at("limit_mm", format!("`limit_mm` is {limit}, expected 0 or more"));
    }
    let frame = match (by_scan, transform) {
        (Some(false), None) => Frame::Same,
        (Some(true), None) => Frame::Scan,
        (None, Some(column)) => Frame::Transform { column, folder: folder.to_owned() },
        _ => {
            section.error(
                "[course.match] takes one of frame = \"same\", if all scans of a patient lie in one frame of reference (they are \
                 registered), frame = \"scan\", if each scan says in which one it lies (FrameOfReferenceUID of DICOM), and \
                 `transform`, the column with the file of a transform into it",
            );
            return None;
        }
    };
    Some(Match { overlap, limit_mm: limit_mm?, frame })
}

/// The least and the most days between baseline and follow-up.
fn interval(section: &Section<'_>) -> (f64, Option<f64>) {
    let least = section.get("at_least_days").unwrap_or(1.0);
    let most: Option<f64> = section.get("at_most_days");
    if !(least > 0.0 && least.is_finite()) {
        section.error_at("at_least_days", format!("`at_least_days` is {least}, expected days above 0"));
    }
    if let Some(most) = most.filter(|most| *most < least) {
        section.error_at("at_most_days", format!("`at_most_days` is {most}, less than `at_least_days`, {least}"));
    }
    (least, most)
}

fn deltas(section: &Section<'_>) -> Vec<Delta> {
    let Some(OneOrMany(words)) = section.get::<OneOrMany<String>>("deltas") else {
        return vec![Delta::Difference, Delta::Ratio, Delta::LogRatio, Delta::Slope, Delta::Area];
    };
    let mut found: Vec<Delta> = Vec::new();
    for word in &words {
        let known = Delta::WORDS.iter().find(|(known, _)| known == word).map(|(_, delta)| *delta);
        match known {
            Some(delta) if !found.contains(&delta) => found.push(delta),
            Some(_) => section.error_at("deltas", format!("`deltas` names \"{word}\" twice")),
            None => {
                let list: Vec<String> = Delta::WORDS.iter().map(|(word, _)| format!("\"{word}\"")).collect();
                section.error_at("deltas", format!("`deltas` has \"{word}\", expected some of {}", list.join(", ")));
            }
        }
    }
    found
}

fn sums(section: &Section<'_>) -> Option<Sums> {
    let longest = section.require(
        "longest",
        "the input that is the longest diameter, as in \"tumour:diameter.longest\", of the family features-diameter",
    );
    let (short_axis, location): (Option<Placed<String>>, Option<Placed<String>>) =
        (section.get("short_axis"), section.get("location"));
    let nodes = section.get::<OneOrMany<String>>("nodes").map(|list| list.0).unwrap_or_default();
    let targets = section.choice("targets", &[("all", Targets::All), ("largest", Targets::Largest)]);
    section.finish();
    if !nodes.is_empty() && (location.is_none() || short_axis.is_none()) {
        section.error_at(
            "nodes",
            "`nodes` are values of the column that `location` names, and are measured by the input that `short_axis` names: both \
             are needed",
        );
    }
    if nodes.is_empty() && short_axis.is_some() {
        section
            .error_at("short_axis", "`short_axis` is that of lymph nodes: say with `nodes` which locations these are");
    }
    if location.is_none() && targets == Some(Targets::Largest) {
        section
            .error_at("targets", "the largest lesions are two at most of each location: `location` names the column");
    }
    Some(Sums { longest: longest?, short_axis, location, nodes, targets: targets.unwrap_or(Targets::All) })
}
