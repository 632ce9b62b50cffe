//! A sound experiment, spoilt in one place, and what the program shows of it.

use voxomics_tests::{Said, batch::Batch, batch::names, run};

/// An experiment without a mistake; its list of cases does not exist, and nobody may miss it.
pub const SOUND: &str = r#"[experiment]
name = "mistakes"
seed = 1

[cases]
list = "nowhere.csv"

[plugins]
use = ["load-nifti", "filter-mean", "features-statistics", "features-glcm", "predict-linear"]

[load.nifti]

[geometry]
on_mismatch = "error"

[limits]
max_scan_bytes = 1_000_000

[regions.tumour]
label = 1

[regions.ring]
ring_of = "tumour"
outward_mm = 2.0

[regions.both]
union_of = ["tumour", "ring"]

[interpolation]
spacing_mm = [1, 1, 1]

[resegmentation]
range = [-100, 100]

[discretisation]
method = "fixed bin number"
bins = 8

[images.original]
[images.smooth]
filter = "mean"
support_voxels = 3

[covariates.sex]
levels = ["f", "m"]

[features.statistics]
only = ["mean"]

[features.glcm]
images = ["original"]
regions = ["tumour"]

[predict.score]
plugin = "predict-linear"
model = "model.toml"

[output]
folder = "results"
"#;

/// Its model.
pub const MODEL: &str = r#"
[model]
name = "a model"
link = "identity"
intercept = 1.0

[[input]]
name = "tumour:original.statistics.mean"
coefficient = 1.0

[[input]]
name = "sex=f"
coefficient = 1.0
"#;

/// A mistake: what stands in place of something in [`SOUND`], what is said of it, and what the carets point at.
pub struct Mistake {
    pub of: &'static str,
    pub with: &'static str,
    pub says: &'static str,
    pub carets: &'static str,
}

/// A mistake.
pub const fn mistake(of: &'static str, with: &'static str, says: &'static str, carets: &'static str) -> Mistake {
    Mistake { of, with, says, carets }
}

/// A report of the program: message, line and column of the place, and the text above the carets.
#[derive(Debug, PartialEq)]
pub struct Shown {
    pub message: String,
    pub place: Option<(usize, usize)>,
    pub carets: String,
}

/// Reads the program's reports as a person would: the carets count in characters from where the line begins.
pub fn shown(err: &str) -> Vec<Shown> {
    let reports = err.split("error: ").skip(1).map(|report| {
        let lines: Vec<&str> = report.lines().collect();
        let place = lines.iter().find_map(|line| line.trim_start().strip_prefix("--> "));
        let place = place.and_then(|place| {
            let (rest, column) = place.rsplit_once(':')?;
            Some((rest.rsplit_once(':')?.1.parse().ok()?, column.parse().ok()?))
        });
        let mut carets = String::new();
        for pair in lines.windows(2) {
            let (Some((_, line)), Some((_, marks))) = (pair[0].split_once(" | "), pair[1].split_once(" | ")) else {
                continue;
            };
            let start = marks.chars().take_while(|c| *c == ' ').count();
            let many = marks.chars().filter(|c| *c == '^').count();
            carets = line.chars().skip(start).take(many).collect();
        }
        Shown { message: lines.first().copied().unwrap_or_default().into(), place, carets }
    });
    reports.collect()
}

/// A folder with an experiment and its model.
pub fn batch(experiment: &str) -> Batch {
    let batch = Batch::default();
    batch.write("experiment.toml", experiment);
    batch.write("model.toml", MODEL);
    batch
}

/// Runs a verb on the experiment.
pub fn tell(verb: &str, batch: &Batch, arguments: &[&str]) -> Said {
    let path = batch.path("experiment.toml").display().to_string();
    run([verb, &path].iter().chain(arguments))
}

/// The byte of a line at which a column, from 1, begins.
fn column_in_bytes(line: &str, column: usize) -> usize {
    line.char_indices().nth(column - 1).map_or(line.len(), |(at, _)| at)
}

/// The line, from 1, in which a text begins.
pub fn line_of(text: &str, part: &str) -> usize {
    let at = text.find(part).unwrap_or_else(|| panic!("`{part}` is in the experiment"));
    text[..at].matches('\n').count() + 1
}

/// The one mistake is shown, at its place, and nothing is written.
#[track_caller]
pub fn refuses(mistake: &Mistake) {
    let Mistake { of, with, says, carets } = mistake;
    assert!(SOUND.matches(of).count() == 1, "`{of}` is in the experiment once");
    let experiment = SOUND.replace(of, with);
    let batch = batch(&experiment);
    let before = names(&batch.path(""));
    let said = tell("run", &batch, &[]);
    let reports = shown(&said.err);
    println!("| {} | {} |", with.replace('\n', " "), said.err.replace('\n', " ⏎ "));
    assert_eq!(said.code, Some(2), "{with}: {said:?}");
    let [report] = reports.as_slice() else { panic!("{with}: not one report: {}", said.err) };
    assert!(report.message.contains(says), "{with}: {}", said.err);
    assert_eq!(report.carets, *carets, "{with}:\n{}", said.err);
    let (line, column) = report.place.expect("a place");
    let there = experiment.lines().nth(line - 1).and_then(|line| line.get(column_in_bytes(line, column)..));
    assert!(
        there.is_some_and(|there| there.starts_with(carets)),
        "{with}: line {line}, column {column}:\n{}",
        said.err
    );
    // A mistake of a whole section is shown at its head, any other one where it stands.
    let first = SOUND[..SOUND.find(of).expect("just counted")].matches('\n').count() + 1;
    let near = (first..=first + with.matches('\n').count()).contains(&line);
    assert!(near || carets.starts_with('['), "{with}: line {line}:\n{}", said.err);
    assert_eq!(names(&batch.path("")), before, "{with}: something was written");
}
