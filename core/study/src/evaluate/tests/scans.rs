//! What is told of the scans of a cohort.

use voxomics_report::study::Summary as Characteristics;

use super::{super::table_one, *};

/// A file that names no contrast agent does not say that none was given, and slices may lie nearer than they are thick.
#[test]
fn what_files_of_scans_do_not_say_is_counted_as_unknown() {
    let mut test = test_cohort();
    let agents = [Some("Iohexol"), Some("Iohexol"), Some("Iopromide"), None];
    for (at, patient) in test.patients.iter_mut().enumerate() {
        patient.lesions.truncate(1);
        patient.lesions[0].scan.contrast = agents[at % 4].map(str::to_owned);
        patient.lesions[0].acquisition.spacing_mm = Some([0.7, 0.7, 2.5]);
    }
    // A second scan that is silent, and one of another agent.
    let mut silent = test.patients[0].lesions[0].clone();
    silent.scan.contrast = None;
    test.patients[0].lesions.push(silent);
    let mut other = test.patients[1].lesions[0].clone();
    other.scan.contrast = Some("Iopromide".into());
    test.patients[1].lesions.push(other);
    let rows = table_one(&test, std::slice::from_ref(&test), None);
    let find = |name: &str| rows.iter().find(|row| row.name == name);
    let agent = find("scan: contrast agent").unwrap();
    // Of twelve, three say nothing and a fourth half of it.
    assert_eq!((agent.missing, agent.of_scans), (4, true));
    let levels = [("Iohexol", 4), ("Iopromide", 3), ("several", 1)].map(|(name, n)| (name.to_owned(), n));
    assert_eq!(agent.summary, Characteristics::Categorical { n: 8, levels: levels.into() });
    assert!(find("scan: slice thickness, mm").is_none(), "nobody has told it");
    let distance = &find("scan: distance of slices, mm").unwrap().summary;
    assert!(matches!(distance, Characteristics::Numeric { n: 12, median: 2.5, .. }), "{distance:?}");
    assert!(rows.iter().filter(|row| !row.name.starts_with("scan: ")).all(|row| !row.of_scans));
}
