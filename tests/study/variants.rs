//! The variants of the study: every one can be run, and some are.

use voxomics_tests::{run, workspace};

use crate::support::Results;

#[test]
fn every_variant_passes_the_check() {
    let mut seen = 0;
    for entry in std::fs::read_dir(workspace().join("configs/variants")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let said = run(["check".as_ref(), path.as_os_str()]);
        assert_eq!(said.code, Some(0), "{}: {said:?}", path.display());
        seen += 1;
    }
    assert!(seen >= 8, "{seen} variants");
}

#[test]
fn variants_run_through() {
    for (variant, model) in [("tumour-only", "tumour"), ("survival", "hazard")] {
        let results = Results::new();
        let path = workspace().join(format!("configs/variants/{variant}.toml"));
        let set = ["folds=3", "repeats=1", "alpha=[0.5]"].map(|set| format!("learn.{model}.{set}"));
        let mut more = vec!["--set", "simulation.patients=48", "--set", "interpolation.spacing_mm=[2, 2, 2]"];
        more.extend(set.iter().flat_map(|set| ["--set", set]));
        let said = results.run(&path, &more);
        assert_eq!(said.code, Some(0), "{variant}: {said:?}");
        assert!(said.out.contains("survival: ") && !said.out.contains("no result"), "{variant}: {}", said.out);
        assert!(results.path().join("report/report.html").is_file());
        let cohort = if variant == "survival" { "centre_2" } else { "immunotherapy" };
        let events = results.read(&format!("models/{model}.toml")).contains("\npatients_with_event = ");
        assert_eq!(events, variant == "survival", "{variant}");
        let scores = results.table(&format!("{cohort}/scores.csv"));
        assert!(!scores.is_empty() && scores.iter().all(|row| row["model"] == model), "{variant}");
    }
}
