//! Results with pseudonyms name nobody, in no byte of any file, have the same numbers, and are turned back by their key alone.

use std::{
    fs,
    path::{Path, PathBuf},
};

use voxomics_tests::{
    Said,
    batch::Batch,
    dicom, run,
    scene::{image, mask},
    table,
};

const EXPERIMENT: &str = r#"# Of Doctor Secretary.
[plugins]
use = ["load-nifti", "load-dicom", "features-statistics", "predict-linear"]
[cases]
only = { patient = ["PAT-017", "PAT-018", "PAT-019"] }
[regions.tumour]
[features.statistics]
[covariates.age]
[predict.score]
plugin = "predict-linear"
model = "models/of-ward-seven.toml"
"#;

const MODEL: &str =
    "[model]\nname = \"m\"\nlink = \"identity\"\nintercept = 1\n[[input]]\nname = \"age\"\ncoefficient = 2\n";

/// What must not stand anywhere.
const SECRETS: [&str; 17] = [
    "PAT-017",
    "PAT-018",
    "PAT-019",
    "lesion-of-Muster",
    "Muster",
    "2009-12-30",
    "2020-02-29",
    "20200131",
    "of-ward-seven",
    "ward7",
    "Secretary",
    "1.2.826.0.1",
    "MUSTER^ANNA",
    "HOSPITAL-77",
    "slice-of",
    "talkative",
    "GTV_MUSTER",
];

/// Dates move into the past by ten years at most: the two are further apart, so that none can become the other, or itself.
const LIST: &str = "case,image,mask,series,region,patient,scanned,age,centre,note\n\
    lesion-of-Muster-1,scans/ward7/a.nii,scans/mask.nii,,,PAT-017,2009-12-30,40,north,talkative man of few words\n\
    lesion-of-Muster-2,scans/ward7/b.nii,scans/mask.nii,,,PAT-017,2020-02-29,41,north,\n\
    lesion-of-Muster-3,scans/ward7/ct,scans/mask.nii,1.2.826.0.1.7,,PAT-018,2020-02-29,50,south,\n\
    lesion-of-Muster-4,scans/ward7/broken.nii,scans/mask.nii,,GTV_MUSTER,PAT-019,2020-02-29,60,south,\n";

fn batch() -> Batch {
    let batch = Batch::new(EXPERIMENT, LIST);
    for folder in ["scans/ward7/ct", "models"] {
        fs::create_dir_all(batch.path(folder)).expect("a folder");
    }
    batch.write("models/of-ward-seven.toml", MODEL);
    batch.scan("scans/ward7/a.nii", &image(1));
    batch.scan("scans/ward7/b.nii", &image(2));
    batch.scan("scans/mask.nii", &mask());
    batch.write("scans/ward7/broken.nii", "no scan");
    for (index, slice) in dicom::series(&image(3), "1.2.826.0.1.7").into_iter().enumerate() {
        let slice = slice
            .text(dicom::tags::PATIENT_ID, "LO", "PAT-018")
            .text(0x0010_0010, "PN", "MUSTER^ANNA")
            .text(0x0008_0020, "DA", "20200131")
            .text(0x0008_0080, "LO", "HOSPITAL-77")
            .text(0x0008_103E, "LO", "of Muster, after 20200131");
        batch.write(&format!("scans/ward7/ct/slice-of-Muster-{index:02}.dcm"), slice.file(dicom::EXPLICIT));
    }
    batch
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn every_file(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() { all.extend(every_file(&entry)) } else { all.push(entry) }
    }
    all
}

/// No byte of any file, nor of its name, is one of those that must not be there; nor is the folder of the inputs.
#[track_caller]
fn assert_silent(folder: &Path, inputs: &Path, secrets: &[&str]) {
    let files = every_file(folder);
    assert!(files.len() > 8, "{files:?}");
    let inputs = text(inputs);
    for path in files {
        let name = path.strip_prefix(folder).expect("below").display().to_string();
        let bytes = fs::read(&path).expect("a file");
        for secret in secrets.iter().copied().chain([inputs.as_str()]) {
            let stands = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!stands(&bytes) && !stands(name.as_bytes()), "{secret} stands in {name}");
        }
    }
}

fn pseudonymised(batch: &Batch, out: &str, more: &[&str]) -> Said {
    let path = |name: &str| text(&batch.path(name));
    let mut all =
        vec!["run".to_owned(), path("experiment.toml"), "--cases".into(), path("cases.csv"), "--out".into(), path(out)];
    all.extend(["--pseudonymise".into(), path("key.toml")]);
    all.extend(more.iter().map(|word| (*word).to_owned()));
    run(all)
}

/// What people say under `[study]` is written as it is.
#[test]
fn an_answer_with_an_id_is_refused_by_its_key() {
    let batch = batch();
    batch.write(
        "experiment.toml",
        format!("{EXPERIMENT}[study]\nsegmentation = \"PAT-017 was redrawn.\"\nethics = \"Approved.\"\n"),
    );
    let said = pseudonymised(&batch, "private", &["--drop", "note"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("`study.segmentation` (that of a patient)") && !said.err.contains("PAT-017"), "{said:?}");
    assert!(!said.err.contains("ethics") && !batch.path("private").join("features.csv").exists(), "{said:?}");
}

#[test]
fn no_byte_of_the_results_names_a_patient_a_day_or_a_place() {
    let batch = batch();
    let plain = batch.run();
    assert_eq!(plain.said.code, Some(3), "one case is broken: {:?}", plain.said);
    let said = pseudonymised(&batch, "private", &["--drop", "note"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    for words in ["left out: note", "dates shifted: scanned", "pseudonyms: patient", "as it is: age, centre"] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    let out = batch.path("private");
    assert_silent(&out, &batch.path(""), &SECRETS);

    // The numbers are the same, in the same order.
    let (with_names, without) = (plain.table("features.csv"), table(&out.join("features.csv")));
    assert_eq!(with_names.len(), 3);
    for (a, b) in with_names.iter().zip(&without) {
        for column in ["statistics.mean", "statistics.variance", "age", "centre"] {
            assert_eq!(a[column], b[column], "{column}");
        }
        assert!(!b.contains_key("note") && b["case"].starts_with("C-") && b["patient"].starts_with("P-"), "{b:?}");
    }
    assert_eq!(table(&out.join("scores.csv"))[1]["value"], plain.table("scores.csv")[1]["value"]);
    // One patient has one pseudonym, and the days between two scans.
    assert!(without[0]["patient"] == without[1]["patient"] && without[0]["patient"] != without[2]["patient"]);
    let day = |row: usize| -> i64 {
        let parts: Vec<i64> = without[row]["scanned"].split('-').map(|part| part.parse().expect("a number")).collect();
        // Days from civil (the proleptic Gregorian calendar), as in Howard Hinnant's paper on date algorithms.
        let (y, m, d) = (parts[0] - i64::from(parts[1] <= 2), parts[1], parts[2]);
        let (era, year) = (y.div_euclid(400), y.rem_euclid(400));
        let of_year = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5 + d - 1;
        era * 146_097 + year * 365 + year / 4 - year / 100 + of_year
    };
    assert_eq!(day(1) - day(0), 3713);
    assert!(without[0]["scanned"].as_str() < "2009-12-30");

    // Again, the same bytes, and what was finished is found; a shard is as good.
    let dates = acquired(&out);
    assert!(dates.len() == 1 && dates[0].as_str() < "20200131", "{dates:?}");
    let before = fs::read(out.join("features.csv")).expect("a table");
    let said = pseudonymised(&batch, "private", &["--drop", "note"]);
    assert!(said.out.contains("3 cases finished before") || said.err.contains("finished before"), "{said:?}");
    assert_eq!(fs::read(out.join("features.csv")).expect("a table"), before);
    assert_eq!(acquired(&out), dates, "a date of a case that was found is not moved again");
    for shard in ["1/2", "2/2"] {
        assert!(
            pseudonymised(&batch, "parts", &["--drop", "note", "--shard", shard]).code.is_some_and(|code| code != 2)
        );
    }
    pseudonymised(&batch, "parts", &["--drop", "note"]);
    assert_eq!(fs::read(batch.path("parts/features.csv")).expect("a table"), before);
    assert_eq!(acquired(&batch.path("parts")), dates);
    assert_silent(&batch.path("parts"), &batch.path(""), &SECRETS);
}

/// The days on which scans were acquired, as the record of a run has them.
fn acquired(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("run.json")).expect("a record");
    let record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let cases = record["cases"].as_array().expect("a list").iter();
    cases.filter_map(|case| Some(case["acquisition"]["StudyDate"].as_str()?.to_owned())).collect()
}

#[test]
fn dates_that_have_become_those_of_others_are_no_leak() {
    const CASES: usize = 60;
    const COLUMNS: usize = 10;
    // 600 days in a row: once they are moved by ten years at most, some of them are what others were.
    let day = |at: usize| format!("{}-{:02}-{:02}", 2019 + at / 336, 1 + at % 336 / 28, 1 + at % 28);
    let mut list = format!(
        "case,image,mask,patient,{}\n",
        (0..COLUMNS).map(|c| format!("seen_{c}")).collect::<Vec<_>>().join(",")
    );
    for case in 0..CASES {
        let cells: Vec<String> = (0..COLUMNS).map(|column| day(case * COLUMNS + column)).collect();
        list += &format!("k-{case},a.nii,mask.nii,PAT-{case},{}\n", cells.join(","));
    }
    let experiment =
        "[plugins]\nuse = [\"load-nifti\", \"features-statistics\"]\n[regions.tumour]\n[features.statistics]\n";
    let batch = Batch::new(experiment, &list);
    batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &mask());
    let said = pseudonymised(&batch, "private", &[]);
    assert!(said.code == Some(0) && !said.err.contains("do not pass these results on"), "{said:?}");
    assert_eq!(table(&batch.path("private/features.csv")).len(), CASES);
}

#[test]
fn the_key_turns_ids_and_dates_back() {
    let batch = batch();
    pseudonymised(&batch, "private", &["--drop", "note"]);
    let key = text(&batch.path("key.toml"));
    let listed = run(["pseudonyms", &key]);
    assert!(listed.code == Some(0) && listed.out.contains(",patient,PAT-017,-"), "{listed:?}");
    let mine = batch.path("mine.csv");
    let features = text(&batch.path("private/features.csv"));
    let said = run(["pseudonyms", &key, "--reverse", &features, "--out", &text(&mine)]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let rows = table(&mine);
    let cells: Vec<[&str; 3]> =
        rows.iter().map(|row| [row["case"].as_str(), row["patient"].as_str(), row["scanned"].as_str()]).collect();
    assert_eq!(
        cells,
        [
            ["lesion-of-Muster-1", "PAT-017", "2009-12-30"],
            ["lesion-of-Muster-2", "PAT-017", "2020-02-29"],
            ["lesion-of-Muster-3", "PAT-018", "2020-02-29"],
        ]
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&key).expect("a key").permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("a mode");
        let said = run(["pseudonyms", &key]);
        assert!(said.code == Some(2) && said.err.contains("chmod 600"), "{said:?}");
    }
}

#[test]
fn whoever_has_key_and_inputs_makes_the_results_again() {
    let batch = batch();
    let out = batch.path("private");
    pseudonymised(&batch, "private", &["--drop", "note", "--set", "predict.score.model=models/of-ward-seven.toml"]);
    let rerun = |more: &[&str]| {
        let mut all = vec!["rerun".to_owned(), text(&out), "--out".into(), text(&batch.path("again"))];
        all.extend(more.iter().map(|word| (*word).to_owned()));
        run(all)
    };
    let said = rerun(&[]);
    assert!(said.code == Some(2) && said.err.contains("--pseudonymise KEYFILE"), "{said:?}");
    let key = text(&batch.path("key.toml"));
    let said = pseudonymised(&batch, "other", &["--drop", "note"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    // Inputs lie elsewhere.
    fs::create_dir(batch.path("archive")).expect("a folder");
    for name in ["scans", "models", "cases.csv", "experiment.toml"] {
        fs::rename(batch.path(name), batch.path("archive").join(format!("moved-{name}"))).expect("a name");
    }
    let said = rerun(&["--pseudonymise", &key]);
    assert!(said.code == Some(2) && said.err.contains("is not there"), "{said:?}");
    let said = rerun(&["--pseudonymise", &key, "--inputs", &text(&batch.path("archive")), "--locked"]);
    assert!(said.code == Some(3) && said.out.contains("the same to the last bit"), "{said:?}");
    assert_silent(&batch.path("again"), &batch.path(""), &SECRETS);
    for name in ["features.csv", "features_long.csv", "scores.csv", "failures.csv", "experiment.toml"] {
        let [a, b] = [&out, &batch.path("again")].map(|folder| fs::read(folder.join(name)).expect("a file"));
        assert!(a == b, "{name} differs");
    }
    let other = text(&batch.path("other-key.toml"));
    let said = rerun(&["--pseudonymise", &other]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(!batch.path("other-key.toml").exists(), "a key that is not there is none of the results");
}

#[test]
fn what_could_name_somebody_is_refused_before_anything_is_computed() {
    let batch = batch();
    let note = |cell: &str| LIST.replace("talkative man of few words", cell);
    for (cell, why) in [
        ("as PAT-018 had it", "`note` names a case or a patient"),
        ("again on 2020-01-31", "`note` has a date within a text"),
        ("/data/a.nii", "`note` names a file"),
    ] {
        batch.write("cases.csv", note(cell));
        let said = pseudonymised(&batch, "private", &[]);
        assert!(said.code == Some(2) && said.err.contains(why) && said.err.contains("--drop"), "{said:?}");
        assert!(!batch.path("private").exists());
    }
    batch.write("cases.csv", LIST);
    let said = pseudonymised(&batch, "private", &["--drop", "notes"]);
    assert!(said.code == Some(2) && said.err.contains("did you mean `note`"), "{said:?}");
    // A text that is carried is named.
    let said = pseudonymised(&batch, "private", &[]);
    assert!(said.out.contains("texts that you should look at: note"), "{said:?}");
    // Results with names and without do not mix, nor those of two keys; the key is not among them.
    let path = |name: &str| text(&batch.path(name));
    let said =
        run(["run", &path("experiment.toml"), "--cases", &path("cases.csv"), "--out", &path("private"), "--replace"]);
    assert!(said.code == Some(2) && said.err.contains("say --pseudonymise"), "{said:?}");
    batch.run();
    let said = pseudonymised(&batch, "out", &["--replace"]);
    assert!(said.code == Some(2) && said.err.contains("choose a new folder"), "{said:?}");
    fs::rename(batch.path("key.toml"), batch.path("first.toml")).expect("a name");
    let said = pseudonymised(&batch, "private", &[]);
    assert!(said.code == Some(2) && said.err.contains("another key"), "{said:?}");
    let said = run([
        "run",
        &path("experiment.toml"),
        "--cases",
        &path("cases.csv"),
        "--out",
        &path("new"),
        "--pseudonymise",
        &path("new/key.toml"),
    ]);
    assert!(said.code == Some(2) && said.err.contains("within the results"), "{said:?}");
}
