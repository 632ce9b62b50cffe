//! Openness: what others need to do it again.

use voxomics_report::study::{Model, Place, Point};

use super::{Given, shown, stated};

pub fn openness(of: &Given<'_>) -> Vec<Point> {
    let facts = &of.experiment.facts;
    let record = &of.study.record;
    let learnt: Vec<&Model> = of.study.models.iter().filter(|model| model.learnt).collect();
    let models: Vec<String> = learnt
        .iter()
        .map(|model| format!("`{}`: {}, SHA-256 {}.", model.name, model.file.path, model.file.sha256))
        .collect();
    let files: Vec<Place> = learnt.iter().map(|model| Place::File(model.file.path.clone())).collect();
    let others: Vec<String> = record
        .plugins
        .iter()
        .filter(|plugin| !plugin.ours)
        .map(|plugin| {
            format!(
                "{} {} by {} ({}), SHA-256 {}.",
                plugin.name, plugin.version, plugin.vendor, plugin.known, plugin.sha256
            )
        })
        .collect();
    let digests = match of.experiment.is_of_tables() {
        // There is no scan of which it could compute a feature again.
        true => {
            "The digests of program, plugins, tables and models are in voxomics.lock; voxomics rerun compares them, and what follows from the \
             tables: models, scores and report."
        }
        false => {
            "The digests of program, plugins, lists, tables, models and scans are in voxomics.lock and the cases.csv of each cohort of \
             scans; voxomics rerun compares them, and the features of every case."
        }
    };
    let again = [format!("The experiment is in the record, with seed {}.", record.seed), digests.to_owned()];
    let lock = vec![Place::Record, Place::File("voxomics.lock".into())];
    vec![
        stated(facts, "openness", "availability"),
        stated(facts, "openness", "funding"),
        shown("openness.software", "Which software did it", &of.found.software[..1], vec![Place::Record], ""),
        shown("openness.again", "Whether it can be done again", &again, lock, ""),
        shown("openness.models", "Whether models can be used elsewhere", &models, files, "No model was learnt."),
        shown(
            "openness.plugins",
            "Whether code of others took part",
            &others,
            vec![Place::Record],
            "Nothing of others took part: every plugin came with the program.",
        ),
    ]
}
