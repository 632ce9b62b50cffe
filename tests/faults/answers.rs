//! Three cases of which the first is damaged, and the answer that is expected.

use std::{fmt::Write as _, sync::OnceLock};

use voxomics_tests::{
    batch::{Batch, Ran},
    nifti::Nifti,
    scene,
};

/// Every kind of family, a ring, and nothing random.
pub const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-statistics", "features-morphology", "features-glcm"]

[regions.tumour]
[regions.ring]
ring_of = "tumour"
outward_mm = 2.5

[discretisation]
method = "fixed bin number"
bins = 8

[features.statistics]
[features.morphology]
[features.glcm]
"#;

const LIST: &str = "case,image,mask\n1,1.nii.gz,1-mask.nii.gz\n2,2.nii.gz,2-mask.nii.gz\n3,3.nii.gz,3-mask.nii.gz\n";

/// Something wrong with the first of three cases.
pub struct Fault {
    /// What it is.
    pub name: &'static str,
    /// Does it.
    pub damage: fn(&mut Three),
    /// What the program must say.
    pub answer: Answer,
}

/// What is expected of the first case; the others must always be as if it were not there.
pub enum Answer {
    /// It fails in this stage, for this region if any, and the message holds all of these words.
    Fails(&'static str, &'static str, &'static [&'static str]),
    /// It has the very features of the undamaged case.
    Same,
    /// Nothing can be tried: the machine does not allow the fault to be made.
    LeftOut(&'static str),
}

/// Three cases in a folder, all good.
pub struct Three {
    /// The folder.
    pub batch: Batch,
    /// The image of the first.
    pub image: Nifti,
    /// The mask of the first.
    pub mask: Nifti,
    left_out: Option<&'static str>,
}

impl Three {
    /// Three good cases.
    pub fn new() -> Self {
        let batch = Batch::new(EXPERIMENT, LIST);
        let mask = scene::mask();
        for case in 1..=3 {
            batch.scan(&format!("{case}.nii.gz"), &scene::image(case));
            batch.scan(&format!("{case}-mask.nii.gz"), &mask);
        }
        Self { batch, image: scene::image(1), mask, left_out: None }
    }

    /// Writes another image of the first case.
    pub fn write_image(&self, image: &Nifti) {
        self.batch.scan("1.nii.gz", image);
    }

    /// Writes another mask of the first case.
    pub fn write_mask(&self, mask: &Nifti) {
        self.batch.scan("1-mask.nii.gz", mask);
    }

    /// Says that the fault cannot be made here.
    pub fn leave_out(&mut self, why: &'static str) {
        self.left_out = Some(why);
    }

    /// Changes a key of the experiment.
    pub fn set(&mut self, assignment: &str) {
        self.batch.arguments.extend(["--set".into(), assignment.into()]);
    }
}

/// The features of three good cases.
fn good() -> &'static [String] {
    static LINES: OnceLock<Vec<String>> = OnceLock::new();
    LINES.get_or_init(|| Three::new().batch.run().well().lines("features.csv"))
}

/// Makes each fault, compares the answer, and prints a line for each.
pub fn matrix(faults: &[Fault]) {
    // Two at a time: each waits for processes.
    let half = faults.len().div_ceil(2);
    let answers: Vec<(String, Option<String>)> = std::thread::scope(|scope| {
        let halves: Vec<_> = faults
            .chunks(half)
            .map(|faults| scope.spawn(move || faults.iter().map(answer).collect::<Vec<_>>()))
            .collect();
        halves.into_iter().flat_map(|half| half.join().expect("no fault brings the test down")).collect()
    });
    let mut wrong = String::new();
    for (fault, (line, complaint)) in faults.iter().zip(answers) {
        println!("| {} | {line} |", fault.name);
        if let Some(complaint) = complaint {
            // Writing to a string cannot fail.
            let _ = writeln!(wrong, "{}: {complaint}\n    {line}", fault.name);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The answer of the program, and what is wrong with it.
fn answer(fault: &Fault) -> (String, Option<String>) {
    let mut three = Three::new();
    (fault.damage)(&mut three);
    let expected = three.left_out.map_or(&fault.answer, |why| Box::leak(Box::new(Answer::LeftOut(why))));
    if let Answer::LeftOut(why) = expected {
        return (format!("left out: {why}"), None);
    }
    let ran = three.batch.run();
    let failures = if ran.out.join("failures.csv").exists() { ran.table("failures.csv") } else { Vec::new() };
    let messages: Vec<String> =
        failures.iter().map(|row| format!("{} {}: {}", row["stage"], row["region"], row["message"])).collect();
    let folder = format!("{}/", three.batch.path("").display());
    let line = format!("exit {} | {}", ran.said.code.unwrap_or(-1), messages.join(" / "))
        .replace(&folder, "")
        .replace(folder.trim_end_matches('/'), "…");
    let complaint = match expected {
        Answer::Fails(stage, region, words) => fails(&ran, &failures, stage, region, words),
        Answer::Same => same(&ran),
        Answer::LeftOut(_) => None,
    };
    (line, complaint.map(|complaint| format!("{complaint}\n    {:?}", ran.said)))
}

fn same(ran: &Ran) -> Option<String> {
    if ran.said.code != Some(0) {
        return Some("it does not end with 0".into());
    }
    (ran.lines("features.csv") != good()).then(|| "the features are not those of the good cases".into())
}

fn fails(
    ran: &Ran,
    failures: &[voxomics_tests::batch::Row],
    stage: &str,
    region: &str,
    words: &[&str],
) -> Option<String> {
    if ran.said.code != Some(3) {
        return Some("it does not end with 3".into());
    }
    let lines = ran.lines("features.csv");
    let others = |lines: &[String]| lines.iter().filter(|line| !line.starts_with("1,")).cloned().collect::<Vec<_>>();
    if others(&lines) != others(good()) {
        return Some("the features of the good cases are not as if the first were not there".into());
    }
    if lines.iter().any(|line| line.starts_with(&format!("1,{region}"))) {
        return Some("the damaged case has features".into());
    }
    let [row] = failures else { return Some("it is not one failure".into()) };
    if [&row["case"], &row["stage"], &row["region"]] != ["1", stage, region] {
        return Some(format!("it is not a fault of the stage {stage}, region `{region}`"));
    }
    let lacking: Vec<&&str> = words.iter().filter(|word| !row["message"].contains(**word)).collect();
    if !lacking.is_empty() {
        return Some(format!("the message lacks {lacking:?}"));
    }
    if words.first().is_some_and(|first| first.starts_with("empty region"))
        && !row["message"].starts_with("empty region")
    {
        return Some("the message does not begin with `empty region`".into());
    }
    let told = ran.said.err.contains("failed: 1") && ran.said.err.contains(row["message"].as_str());
    let ended = ["2 of 3 cases done", "1 case with failures, in", " missing in 1 case ("];
    let ended = ended.iter().all(|words| ran.said.out.contains(words));
    (!(told && ended)).then(|| "the terminal does not tell of it".into())
}
