//! From scans to features: acquisition, segmentation, image preparation, features.

use voxomics_report::study::{Place, Point, State};

use super::{Given, does_not_apply, point, shown, stated};

const OF_TABLES: &str = "Features were taken from tables: no scan was read.";

/// A point of scans: it does not apply where there are none.
fn of_scans(of: &Given<'_>, key: &str, asks: &str, said: &[String], otherwise: &str) -> Point {
    match of.experiment.is_of_tables() {
        true => does_not_apply(key, asks, OF_TABLES),
        false => shown(key, asks, said, vec![Place::Methods], otherwise),
    }
}

pub fn acquisition(of: &Given<'_>) -> Vec<Point> {
    const KEY: &str = "acquisition.scans";
    const ASKS: &str = "What files of the scans, and lists, tell of their acquisition";
    let told = of_scans(of, KEY, ASKS, &of.found.acquisition, "");
    let told = match told.state {
        // It was done by somebody; the files do not say how.
        State::NotDone => point(KEY, ASKS, State::Open, String::new(), Vec::new()),
        _ => told,
    };
    vec![stated(&of.experiment.facts, "acquisition", "acquisition"), told]
}

pub fn segmentation(of: &Given<'_>) -> Vec<Point> {
    const READERS: &str = "Whether several readers outlined the lesions";
    let none = "No cohort has outlines of several readers.";
    let readers = &of.found.readers;
    vec![
        stated(&of.experiment.facts, "segmentation", "segmentation"),
        // Tables may have the features of several readers.
        match readers.is_empty() {
            true => of_scans(of, "segmentation.readers", READERS, readers, none),
            false => shown("segmentation.readers", READERS, readers, vec![Place::Methods], none),
        },
        of_scans(of, "segmentation.regions", "In which regions features were computed", &of.found.regions, "In none."),
    ]
}

pub fn preparation(of: &Given<'_>) -> Vec<Point> {
    let found = &of.found.preparation;
    let points = [
        ("interpolation", "Whether and how images were interpolated", &found.interpolation, ""),
        ("resegmentation", "Whether masks were re-segmented by intensity", &found.resegmentation, ""),
        (
            "discretisation",
            "How intensities became grey levels",
            &found.discretisation,
            "No family of features looks at grey levels.",
        ),
        (
            "filters",
            "Which filters and maps were computed",
            &found.images,
            "Features were computed of the original images alone.",
        ),
        (
            "fitted",
            "What was fitted to the images of a cohort, such as a normalisation",
            &found.fitted,
            "Nothing was fitted to the images of a cohort.",
        ),
    ];
    points.map(|(key, asks, said, none)| of_scans(of, &format!("preparation.{key}"), asks, said, none)).into()
}

pub fn features(of: &Given<'_>) -> Vec<Point> {
    const NUMBER: &str = "How many features there are, and how many have a code of IBSI";
    let (number, families) = of.found.features.split_at(of.found.features.len().min(1));
    vec![
        of_scans(of, "features.number", NUMBER, number, "There is no feature."),
        of_scans(
            of,
            "features.families",
            "Which families they are of, with which settings",
            families,
            "There is no family.",
        ),
        // Tables may have scans of several times as well.
        shown(
            "features.course",
            "Whether lesions were followed over time, and how",
            &of.found.course,
            vec![Place::Methods],
            "Lesions were not followed over time.",
        ),
        shown("features.software", "What computed them", &of.found.software[..1], vec![Place::Record], ""),
    ]
}
