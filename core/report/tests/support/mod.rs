//! An invented study, made by formula: everything that a report can show, and no number that means anything.

mod evaluations;
mod models;
mod patients;
mod picture;

#[allow(unused_imports, reason = "not every user of this module draws pictures")]
pub use patients::pictures;

use voxomics_report::study::{
    Characteristic, Cohort, Compared, ComparedRow, Estimate, Flow, Letters, Lost, Named, Panel, Panels, Place, Plugin,
    Point, Record, Shows, Stage, State, Study, Subject, Summary, Workflow,
};

/// A number between 0 and 1 for each whole number: the digits of a multiple of the golden ratio.
pub fn draw(at: u64) -> f64 {
    (at as f64 * 0.618_033_988_749_895 + 0.137).fract()
}

/// A number around 0 for each whole number, about normal: the sum of twelve draws less six.
pub fn normal(at: u64) -> f64 {
    (0..12)
        .map(|part| {
            ((at * 12 + part + 1) as f64 * 0.754_877_666_246_693).sin().mul_add(43_758.545_3, 0.5).rem_euclid(1.0)
        })
        .sum::<f64>()
        - 6.0
}

/// An estimate with an interval and a p-value.
pub fn estimate(value: f64, low: f64, high: f64, p: Option<f64>) -> Estimate {
    Estimate { value, low: Some(low), high: Some(high), p }
}

/// The study with this many patients.
pub fn study(patients: u64) -> Study {
    Study {
        title: "Example: a radiomic score of CD8 infiltration in invented patients".into(),
        description: "An example study made by formula, to show what a report can hold. Learns a score from contrast-enhanced \
                      CT and asks whether it holds in two further cohorts."
            .into(),
        simulated: true,
        notices: vec![
            "Every number in this report is invented. It is an example of a report, not of a result.".into(),
            "Method of a signature of this kind: patent EP 0 000 000 (invented). Ask before any commercial use.".into(),
            "Setting “bin width 25” differs from the training cohort’s (10): scores of the cohort “validation” are doubtful.".into(),
        ],
        record: record(),
        cohorts: vec![cohort("training", "training", 96, 1), cohort("validation", "validation", 137, 7)],
        models: models::all(),
        compared: vec![compared()],
        evaluations: evaluations::all(),
        patients: patients::all(patients),
        dossier: dossier(),
        workflow: Some(workflow()),
        figures: figures(),
        stated: [("intended_use".to_owned(), "To show what a *card* can hold | no more.".to_owned())].into(),
        ..Study::default()
    }
}

fn workflow() -> Workflow {
    let families = [("morphology", 12), ("statistics", 18), ("glcm", 25), ("glrlm", 16), ("ngtdm", 5)];
    Workflow {
        regions: vec!["tumour".into(), "ring".into()],
        scans: 1,
        filtered: 3,
        features: 253,
        families: families.map(|(name, columns)| (name.to_owned(), columns)).to_vec(),
    }
}

/// Everything that a panel can show, at the widths of a journal: both columns, one column, three panels in a row.
fn figures() -> Vec<Panels> {
    let panel = |of: &str, shows: Shows| Panel { of: of.into(), shows };
    let figure = |name: &str, width_mm: f64, text_pt: f64, rows: Vec<Vec<Panel>>| Panels {
        name: name.into(),
        width_mm,
        text_pt,
        letters: Letters::Upper,
        titles: true,
        rows,
    };
    let phenotype = |shows: Shows| panel("Immune phenotype", shows);
    let survival = |shows: Shows| panel("Overall survival", shows);
    vec![
        figure(
            "main",
            174.0,
            7.0,
            vec![
                vec![panel("", Shows::Workflow)],
                vec![phenotype(Shows::Roc), survival(Shows::KaplanMeier)],
                vec![panel("CD8 score", Shows::Weights), phenotype(Shows::Forest)],
            ],
        ),
        figure(
            "column",
            85.0,
            7.0,
            vec![vec![panel("", Shows::Workflow)], vec![survival(Shows::KaplanMeier)], vec![phenotype(Shows::Forest)]],
        ),
        figure(
            "supplement",
            174.0,
            6.0,
            vec![
                vec![panel("training", Shows::Flow), panel("validation", Shows::Flow)],
                vec![
                    phenotype(Shows::Roc),
                    phenotype(Shows::Distribution),
                    panel("Inflamed, as a probability", Shows::Calibration),
                ],
                vec![
                    panel("Inflamed, as a probability", Shows::Decision),
                    survival(Shows::TimeAuc),
                    survival(Shows::Incidence),
                ],
                vec![
                    panel("CD8 score", Shows::Validation),
                    panel("CD8 score", Shows::Path),
                    phenotype(Shows::KaplanMeier),
                ],
            ],
        ),
    ]
}

/// A subject with a place of every kind.
fn dossier() -> Vec<Subject> {
    let places = vec![
        Place::Characteristics,
        Place::Cohort("validation".into()),
        Place::Model("CD8 score".into()),
        Place::Compared,
        Place::Evaluation("Overall survival".into()),
        Place::Evaluation("nobody knows it".into()),
        Place::Record,
        Place::File("models/<b>.toml".into()),
    ];
    let point = |key: &str, state: State, said: &str, places: Vec<Place>| Point {
        key: key.into(),
        asks: format!("What is asked under {key}"),
        state,
        said: said.into(),
        places,
    };
    let points = vec![
        point("example.shown", State::Shown, "Of `training` everything is <b>known</b>.", places),
        point("example.open", State::Open, "", Vec::new()),
        point("example.none", State::NotDone, "Nobody did it.", Vec::new()),
    ];
    vec![Subject { title: "Example".into(), points }]
}

fn compared() -> Compared {
    let row = |name: &str, baseline: bool, difference: Option<Estimate>| ComparedRow {
        name: name.into(),
        inputs: 84,
        baseline,
        value: Some(estimate(0.64, 0.55, 0.73, None)),
        difference,
    };
    Compared {
        title: "CD8B expression".into(),
        asked: voxomics_report::study::Asked::Unknown,
        measure: "concordance".into(),
        higher_is_better: true,
        reference: "CD8 score".into(),
        folds: 5,
        repeats: 2,
        rows: vec![
            row("CD8 score", false, None),
            row("CD8 score: volume alone", true, Some(estimate(-0.04, -0.11, 0.03, None))),
        ],
    }
}

/// The study with the longest names that its data could bear, with spaces and without.
#[allow(dead_code, reason = "not every user of this module stretches")]
pub fn stretched() -> Study {
    let mut study = study(3);
    let words = "a name that goes on and on, as those do that come from forms that somebody filled in without a limit";
    let column =
        "tumour:wavelet_lll_original_glrlm_long_run_high_grey_level_emphasis_merged_3d_bin_width_25_distance_2";
    study.title = words.into();
    study.record.files[0].setting = format!("/data/{column}/{column}.csv");
    study.cohorts[0].name = words.into();
    study.cohorts[1].flow.failed[0].stage = words.into();
    study.cohorts[0].table_one[1].name = column.into();
    for model in &mut study.models {
        model.score_label = words.into();
        model.terms.iter_mut().for_each(|term| term.input = column.into());
    }
    study.models[0].path.iter_mut().flat_map(|path| &mut path.inputs).for_each(|input| input.0 = column.into());
    for evaluation in &mut study.evaluations {
        evaluation.name = words.into();
        evaluation.outcome = column.into();
        evaluation.distribution.iter_mut().for_each(|group| group.name = words.into());
        evaluation.forest.iter_mut().flat_map(|forest| &mut forest.rows).for_each(|row| row.name = column.into());
    }
    if let voxomics_report::study::Outcome::Survival(survival) = &mut study.evaluations[1].result {
        survival.groups.iter_mut().for_each(|group| group.name = words.into());
        survival.cox[1].rows[0].0 = column.into();
        survival.time_unit = words.into();
    }
    for lesion in study.patients.iter_mut().flat_map(|patient| &mut patient.lesions) {
        lesion.case = column.into();
        lesion.columns[0].1 = words.into();
        lesion.scores[0].terms[0].input = column.into();
    }
    study.patients[1].id = column.into();
    study
}

fn record() -> Record {
    let stage = |name: &str, seconds: f64, note: &str| Stage { name: name.into(), seconds, note: note.into() };
    let digest = |at: u64| {
        (0..64)
            .map(|place| char::from_digit((draw(at * 64 + place) * 16.0) as u32, 16).unwrap_or('0'))
            .collect::<String>()
    };
    let plugin = |name: &str, at: u64| Plugin {
        name: name.into(),
        version: "0.1.0".into(),
        vendor: "The Voxomics developers".into(),
        licence: "MIT OR Apache-2.0".into(),
        sha256: digest(at),
        known: "came with the program".into(),
        runs: "in-process".into(),
        ours: true,
    };
    Record {
        version: "0.1.0".into(),
        program: "5d1c".repeat(16),
        started: "2026-01-31T09:30:00Z".into(),
        command: ["voxomics", "study", "example.toml", "--out", "results"].map(String::from).to_vec(),
        seed: 20_260_131,
        experiment: "# An invented experiment.\n[study]\ntitle = \"Example\"\nsimulated = true\n\n[[cohort]]\nname = \"training\"\ncases = \"training/cases.csv\"\n\n[features]\nfamilies = [\"statistics\", \"glcm\", \"glrlm\"] # and no more: a longer line than a telephone is wide, to see how it runs on\n".into(),
        stages: vec![
            stage("extract", 412.7, "233 cases, 2 workers"),
            stage("learn", 18.2, "3 models"),
            stage("evaluate", 1.4, "5 evaluations"),
            stage("report", 0.0, "its results were there already"),
        ],
        plugins: vec![plugin("features-glcm", 1), plugin("features-statistics", 2), plugin("predict-elastic-net", 3)],
        files: vec![
            Named { setting: "predict.cd8.model".into(), sha256: digest(4) },
            Named { setting: "features.x.file".into(), sha256: digest(5) },
        ],
    }
}

fn cohort(name: &str, role: &str, patients: u64, seed: u64) -> Cohort {
    let lost = |id: u64, stage: &str, reason: &str| Lost {
        id: format!("{name}-{id:03}"),
        stage: stage.into(),
        reason: reason.into(),
    };
    let median = 61.0 + seed as f64 * 0.7;
    let age = Summary::Numeric {
        n: patients - 5,
        mean: median - 0.84,
        sd: Some(11.37),
        median,
        q1: median - 8.25,
        q3: median + 7.5,
        min: 24.0,
        max: 88.5,
        whole: false,
    };
    let classes = |levels: &[(&str, f64)]| {
        let counts: Vec<(String, u64)> = levels
            .iter()
            .map(|(level, share)| ((*level).to_owned(), (share * patients as f64).round() as u64))
            .collect();
        Summary::Categorical { n: counts.iter().map(|(_, count)| count).sum(), levels: counts }
    };
    let row = |name: &str, missing: u64, summary: Summary| Characteristic {
        name: name.into(),
        missing,
        summary,
        ..Characteristic::default()
    };
    let mut table_one = vec![
        row("Age, years", 5, age),
        row("Sex", 0, classes(&[("male", 0.58), ("female", 0.42)])),
        row("Tumour type", 0, classes(&[("lung", 0.4), ("melanoma", 0.25), ("head and neck", 0.2), ("other", 0.15)])),
    ];
    if seed > 1 {
        table_one.push(row(
            "Line of treatment",
            2,
            classes(&[("first", 0.3), ("second", 0.45), ("third or later", 0.25)]),
        ));
    }
    Cohort {
        name: name.into(),
        role: role.into(),
        flow: Flow {
            listed: patients + 28,
            listed_patients: patients + 4,
            joined_patients: patients + 2,
            absent: vec![lost(300, "join", "the tables of patients have it, the list of cases does not")],
            failed_cases: 3,
            before_course: None,
            extracted_cases: patients + 22,
            unjoined: (0..3).map(|id| lost(id + 200, "join", "no row of this patient in outcomes.csv")).collect(),
            failed: vec![
                lost(11, "load", "the series has 2 missing slices between 84.0 and 91.5 mm"),
                lost(12, "load", "cannot read training/<b>012</b>.nii.gz: unexpected end of file"),
                lost(40, "features", "region “tumour”: 3 voxels, and 8 are needed"),
            ],
            extracted: patients + 22,
            extracted_patients: patients,
        },
        table_one,
    }
}
