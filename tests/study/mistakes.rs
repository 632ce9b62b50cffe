//! Mistakes in the sections of a study are told with their place before a scan is made or read.

use voxomics_tests::{run, workspace};

/// A line of the quickstart, what is written instead, and what is said of it.
const MISTAKES: [(&str, &str, &str); 16] = [
    ("cohort = \"train\"", "cohort = \"trian\"", "there is no cohort `trian`; did you mean `train`?"),
    ("cohort = \"train\"", "cohort = [\"train\", \"train\"]", "the cohort `train` is there twice"),
    ("cohort = \"genomic\"", "cohort = \"genome\"", "there is no cohort `genome`; did you mean `genomic`?"),
    ("score = \"signature\"", "score = \"sign\"", "there is no model `sign`; did you mean `signature`?"),
    ("score = \"signature\"", "score = \"signature\"\ncompare_with = \"other\"", "there is no model `other`"),
    ("cutoff = \"training median\"", "cutoff = \"training mean\"", "expected a number, \"training median\""),
    (
        "cutoff = \"training median\"",
        "cutoff = { quantile = 2, of = \"own\" }",
        "expected a number, \"training median\"",
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
