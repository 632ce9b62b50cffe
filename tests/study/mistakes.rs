//! Mistakes in the sections of a study are told with their place before a scan is made or read.

use voxomics_tests::{run, workspace};

/// A line of the quickstart, what is written instead, and what is said of it.
const MISTAKES: [(&str, &str, &str); 33] = [
    ("cohort = \"train\"", "cohort = \"trian\"", "there is no cohort `trian`; did you mean `train`?"),
    ("cohort = \"train\"", "cohort = [\"train\", \"train\"]", "the cohort `train` is there twice"),
    ("cohort = \"genomic\"", "cohort = \"genome\"", "there is no cohort `genome`; did you mean `genomic`?"),
    ("score = \"signature\"", "score = \"sign\"", "there is no model `sign`; did you mean `signature`?"),
    ("score = \"signature\"", "score = \"signature\"\ncompare_with = \"other\"", "there is no model `other`"),
    ("cutoff = \"training median\"", "cutoff = \"training mean\"", "expected a number, \"training median\""),
    (
        "cutoff = \"training median\"",
        "cutoff = { quantile = 2, of = \"own\" }",
        "expected a quantile above 0 and below 1, not 2",
    ),
    (
        "cutoff = \"training median\"",
        "cutoff = { quantile = 1.0, of = \"training\" }",
        "expected a quantile above 0 and below 1, not 1",
    ),
    ("plugin = \"predict-elastic-net\"", "plugin = \"predict-elastic\"", "predict-elastic"),
    (
        "weights = \"equal patients\"",
        "inputs = \"tumour:lifex.glmc_*\"",
        "`inputs`: no input fits `tumour:lifex.glmc_*`",
    ),
    ("weights = \"equal patients\"", "harmonise_by = \"kvp\"", "must be a covariate with levels"),
    ("score = \"mean\"", "score = \"mean\"\nregion = \"ringg\"", "there is no region `ringg`; did you mean `ring`?"),
    ("score = \"mean\"", "score = \"median\"", "expected one of \"mean\""),
    ("[cohorts.train]", "[cohorts.models]", "a cohort cannot be called `models`"),
    ("[cohorts.train]", "[cohorts.\"../train\"]", "`../train` names a file of the results"),
    (
        "simulated = \"genomic\"",
        "simulated = \"genomics\"",
        "no simulated cohort is called `genomics`; did you mean `genomic`?",
    ),
    ("[simulation]", "[simulations]", "needs [simulation]"),
    (", unit = \"months\" }", " }", "`evaluate.survival.outcome.unit` is missing"),
    ("unit = \"months\"", "unit = \"month\"", "expected one of \"days\", \"weeks\", \"months\", \"years\""),
    ("negative = \"0\"", "negative = \"1.0\"", "`1.0` is a value of both classes"),
    ("{ number = \"CD8B\" }", "{ number = \"CD8B\", positive = \"1\" }", "belongs to `class`, and this is a `number`"),
    ("{ number = \"CD8B\" }", "{ number = \"CD8Q\" }", "has a column `CD8Q`; did you mean `CD8"),
    ("event = \"os_event\"", "event = \"os_evnt\"", "has a column `os_evnt`; did you mean `os_event`?"),
    ("subgroups = \"sex\"", "subgroups = \"sexx\"", "has a column `sexx`; did you mean `sex`?"),
    ("subgroups = \"sex\"", "stratify_by = \"cancer\"", "has a column `cancer`; did you mean `cancer_type`?"),
    ("covariates = [\"age\", \"sex\"]", "covariates = [\"age\", \"genre\"]", "has a column `genre`"),
    ("weights = \"equal patients\"", "measure = \"auc\"", "the measure `auc` does not suit"),
    ("weights = \"equal patients\"", "harmonise = \"combat\"", "there are no batches to align"),
    ("weights = \"equal patients\"", "penalty_factors = [1, 2]", "2 penalty factors for 84 inputs"),
    ("survival:kaplan_meier", "survival:kaplan_meyer", "there is no `kaplan_meyer`; did you mean `kaplan_meier`?"),
    ("survival:kaplan_meier", "survivl:kaplan_meier", "there is no evaluation `survivl`; did you mean `survival`?"),
    ("response:roc", "survival:roc", "`roc` is for outcomes of two classes"),
    (
        "panels = [\"workflow\"",
        "text_pt = 12\npanels = [\"workflow\"",
        "gives `kaplan_meier` 83 mm, and it needs 103 mm",
    ),
];

#[test]
fn a_mistake_is_told_with_its_place_before_anything_is_made() {
    let text = std::fs::read_to_string(workspace().join("configs/quickstart.toml")).expect("the quickstart");
    for (line, instead, message) in MISTAKES {
        assert!(text.contains(line), "{line}");
        let folder = tempfile::tempdir().expect("a folder");
        let (experiment, out) = (folder.path().join("experiment.toml"), folder.path().join("out"));
        std::fs::write(&experiment, text.replacen(line, instead, 1)).expect("a file");
        let said = run(["run".as_ref(), experiment.as_os_str(), "--out".as_ref(), out.as_os_str()]);
        assert_eq!(said.code, Some(2), "{instead}: {said:?}");
        let checked = run(["check".as_ref(), experiment.as_os_str()]);
        assert_eq!((checked.code, &checked.err), (Some(2), &said.err), "{instead}");
        assert!(said.err.contains(message), "{instead}: no {message:?} in {}", said.err);
        // file:line:column
        let places =
            said.err.lines().filter_map(|line| line.trim().strip_prefix("--> ")?.rsplit_once("experiment.toml:"));
        let mut numbers = places.map(|(_, place)| place.split(':').map(str::parse::<usize>).collect::<Vec<_>>());
        let is_place = |place: &[Result<usize, _>]| matches!(place, [Ok(1..), Ok(1..)]);
        assert!(numbers.any(|place| is_place(&place)), "{instead}: {}", said.err);
        assert!(!out.join("simulated").exists(), "{instead}: something was made");
    }
}

#[test]
fn a_plugin_that_cannot_learn_is_not_asked_to() {
    let text = std::fs::read_to_string(workspace().join("configs/quickstart.toml")).expect("the quickstart");
    let text = text.replace("\"predict-elastic-net\"]", "\"predict-elastic-net\", \"predict-linear\"]");
    let text = text.replacen("plugin = \"predict-elastic-net\"", "plugin = \"predict-linear\"", 1);
    let folder = tempfile::tempdir().expect("a folder");
    let experiment = folder.path().join("experiment.toml");
    std::fs::write(&experiment, text).expect("a file");
    let said = run(["check".as_ref(), experiment.as_os_str()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("predict-linear cannot learn") && said.err.contains("experiment.toml:"), "{}", said.err);
}

#[test]
fn a_list_of_cases_does_not_silently_take_the_place_of_the_cohorts() {
    let (folder, experiment) = (tempfile::tempdir().expect("a folder"), workspace().join("configs/quickstart.toml"));
    let list = folder.path().join("cases.csv");
    std::fs::write(&list, "case,image,mask\na,a.nii,a.nii\n").expect("a file");
    for verb in ["run", "train", "check"] {
        let said = run([verb.as_ref(), experiment.as_os_str(), "--cases".as_ref(), list.as_os_str()]);
        assert_eq!(said.code, Some(2), "{verb}: {said:?}");
        assert!(said.err.contains("--cases does not go with a study"), "{}", said.err);
    }
}

/// A model of one feature.
const MODEL: &str = "[model]\nname = \"m\"\nlink = \"identity\"\nintercept = 1\n[[input]]\n\
                     name = \"tumour:statistics.mean\"\ncoefficient = 1\n";

/// What is missing of a study of files shows in a second, and not after the scans were read.
#[test]
fn files_and_columns_that_are_missing_are_told_by_the_check() {
    let study = |name: &str, what: &str| -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
        write("cases.csv", "case,image,mask,patient\na,a.nii,a.nii,p1\nb,b.nii,b.nii,p2\nc,c.nii,c.nii,p3\n");
        write("patients.csv", "patient,CD8B,death\np1,1,alive\np2,high,dead\np4,,alive\n");
        write("tabs.csv", "gene\tp1\tp2\nCD8A\t1\t2\n");
        let text = format!(
            "[plugins]\nuse = [\"load-nifti\", \"features-statistics\", \"predict-elastic-net\", \"predict-linear\"]\n\
             [regions.tumour]\n[features.statistics]\n[cohorts.own]\ncases = \"cases.csv\"\n{what}\n"
        );
        write(name, &text);
        let path = folder.path().join(name);
        (folder, path)
    };
    let learn = |target: &str| {
        format!(
            "tables = \"patients.csv\"\n[learn.m]\nplugin = \"predict-elastic-net\"\ncohort = \"own\"\ntarget = {target}"
        )
    };
    let matrix = "[[cohorts.own.matrix]]\nfile = \"tabs.csv\"\nrows = [\"CD8A\"]".to_owned();
    let event = "{ time = \"CD8B\", event = \"death\", unit = \"days\" }";
    for (what, message) in [
        (String::new(), "cases.csv: it cannot be read"),
        ("tables = \"none.csv\"".to_owned(), "none.csv: it cannot be read"),
        (matrix, "has tabs and no commas"),
        (learn("{ number = \"CD8\" }"), "has a column `CD8`; did you mean `CD8B`?"),
        (learn(event), "`death` is `alive`, neither"),
    ] {
        let (folder, path) = study("study.toml", &what);
        if what.is_empty() {
            std::fs::remove_file(folder.path().join("cases.csv")).expect("a file");
        }
        for verb in ["check", "run"] {
            let out = folder.path().join("out").display().to_string();
            let more = if verb == "run" { vec!["--out", &out] } else { vec!["--no-open"] };
            let said = run([verb, &path.display().to_string()].into_iter().chain(more));
            assert_eq!(said.code, Some(2), "{verb} {what}: {said:?}");
            assert!(
                said.err.contains(message) && said.err.contains("study.toml:"),
                "{verb}: no {message:?} in {}",
                said.err
            );
        }
    }
    let (_folder, path) = study("study.toml", &learn("{ number = \"CD8B\" }"));
    let said = run(["check", &path.display().to_string(), "--no-open"]);
    // One patient is too few to learn from: the study is none that works.
    assert_eq!(said.code, Some(3), "{said:?}");
    let row = said.out.lines().find(|line| line.starts_with("own ")).expect("a row of the cohort");
    // Three cases of three patients; two of two joined; one case and one patient did not.
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["own", "3", "3", "2", "2", "2", "0"], "{}", said.out);
    assert!(said.out.contains("m: 1 lesion with a target, of 1 patient, in own"), "{}", said.out);
    assert!(said.out.contains("failed: [learn.m] 1 row is too few to learn from"), "{}", said.out);
    assert!(!said.out.contains("sound"), "{}", said.out);
    // Nobody has the outcome of an evaluation; everybody has it; and the same of a number that is split.
    let evaluate = |outcome: &str| {
        format!(
            "tables = \"patients.csv\"\n[predict.m]\nplugin = \"predict-linear\"\nmodel = \"m.toml\"\n\
             [evaluate.e]\ncohort = \"own\"\nscore = \"m\"\noutcome = {outcome}\n"
        )
    };
    for (outcome, message) in [
        (
            "{ class = \"death\", positive = [\"alive\", \"dead\"] }",
            "failed: [evaluate.e] 2 with and 0 without the outcome",
        ),
        ("{ number = \"CD8B\", above = 7 }", "failed: [evaluate.e] 0 with and 1 without the outcome"),
        (
            "{ class = \"death\", positive = \"alive\", negative = \"gone\" }",
            "failed: [evaluate.e] 1 with and 0 without the outcome",
        ),
    ] {
        let (folder, path) = study("study.toml", &evaluate(outcome));
        std::fs::write(folder.path().join("m.toml"), MODEL).expect("a file");
        let said = run(["check", &path.display().to_string(), "--no-open"]);
        assert!(said.code == Some(3) && said.out.contains(message), "{outcome}: {said:?}");
    }
}
