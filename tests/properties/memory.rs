//! A case in memory has the values of its files.

use std::path::PathBuf;

use voxomics_engine::{
    cases::Case,
    experiment::Experiment,
    host::{CaseHost, Services},
    pipeline::{self, Outcome},
    plan::Plan,
    stages::load::{self, Given},
};
use voxomics_tests::{
    batch::Batch,
    built,
    scene::{image, mask},
};

use super::EXPERIMENT;

fn rows(outcome: &Outcome) -> String {
    assert!(outcome.faults.is_empty() && outcome.rows.len() == 1, "{:?}", outcome.faults);
    format!("{:?}", outcome.rows)
}

#[test]
fn image_or_mask_or_both_may_be_in_memory() {
    let text = EXPERIMENT.replacen("[plugins]", &format!("[plugins]\npaths = [{:?}]", built()), 1);
    let batch = Batch::new(&text, "case,image,mask\na,a.nii,mask.nii\n");
    batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &mask());
    let experiment = Experiment::from_file(&batch.path("experiment.toml"), &[]).expect("an experiment");
    let plan = Plan::new(&experiment).expect("a plan");
    let services = Services::default();
    let files = Case::new("a".into(), batch.path("a.nii"), batch.path("mask.nii"));
    let expected = pipeline::run(&plan, &files, &services, None);
    for (image_here, mask_here) in [(true, true), (true, false), (false, true)] {
        let host = CaseHost::new(&services, "a");
        let (image, masks) = load::case(&plan, None, &files, &host).expect("files that can be read");
        let masks = masks.into_iter().map(|mask| (mask.name, mask.outlined.expect("a mask")));
        let given =
            Given { image: image_here.then_some(image), masks: if mask_here { masks.collect() } else { Vec::new() } };
        let path = |here: bool, file: &PathBuf| if here { PathBuf::new() } else { file.clone() };
        let case = Case::new("a".into(), path(image_here, &files.image), path(mask_here, &files.mask));
        let found = pipeline::run_given(&plan, &case, given, &services, None);
        assert_eq!(rows(&found), rows(&expected));
        // Only what was read from files has a digest.
        assert_eq!((found.digest("image").is_some(), found.digest("mask").is_some()), (!image_here, !mask_here));
    }
}
