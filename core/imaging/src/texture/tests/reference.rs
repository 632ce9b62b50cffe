//! All texture values of the IBSI 1 reference tables, where the tables are at hand.

use std::path::PathBuf;

use super::phantom::phantom;
use super::*;
use crate::Serial;

/// Codes of the shared sums in the order of [`Emphasis`](emphasis::Emphasis), for each kind that has them.
const EMPHASIS: [(Kind, [&str; 17]); 4] = [
    (
        Kind::Glrlm,
        [
            "22OV", "W4KF", "V3SW", "G3QZ", "HTZT", "GD3A", "IVPO", "3KUM", "R5YN", "OVBL", "W92Y", "IC23", "9ZK5",
            "8CE5", "SXLW", "HJ9O", "",
        ],
    ),
    (
        Kind::Glszm,
        [
            "5QRC", "48P8", "XMSY", "5GN9", "5RAI", "HW1V", "YH51", "J17V", "JNSA", "Y1RO", "4JP3", "VB3A", "P30P",
            "BYLV", "3NSA", "GU8N", "",
        ],
    ),
    (
        Kind::Gldzm,
        [
            "0GBI", "MB4I", "S1RA", "K26C", "RUVG", "DKNJ", "A7WM", "KLTH", "VFT7", "7HP3", "V294", "IATH", "VIWW",
            "QK93", "7WT1", "GBDU", "",
        ],
    ),
    (
        Kind::Ngldm,
        [
            "SODN", "IMOQ", "TL9H", "OAE7", "EQ3F", "JA6D", "NBZI", "9QMG", "FP8K", "5SPA", "Z87G", "OKJI", "6XV8",
            "1PFV", "DNX2", "FCBV", "CAS9",
        ],
    ),
];

/// All features of a set by IBSI code.
pub(super) fn features(kind: Kind, set: &MatrixSet) -> Vec<(&'static str, Option<f64>)> {
    match kind {
        Kind::Glcm => cooccurrence_features(set),
        Kind::Ngtdm => {
            let f = tone::mean(set).expect("the set has matrices");
            let defined = [("QCDE", f.coarseness), ("65HE", f.contrast), ("HDEZ", f.complexity), ("1X9X", f.strength)];
            defined.map(|(code, value)| (code, Some(value))).into_iter().chain([("NQ30", f.busyness)]).collect()
        }
        _ => {
            let f = emphasis::mean(set).expect("the set has matrices");
            let values = [
                f.short,
                f.long,
                f.low_level,
                f.high_level,
                f.short_low_level,
                f.short_high_level,
                f.long_low_level,
                f.long_high_level,
                f.level_non_uniformity,
                f.level_non_uniformity_normalised,
                f.size_non_uniformity,
                f.size_non_uniformity_normalised,
                f.percentage,
                f.level_variance,
                f.size_variance,
                f.entropy,
                f.energy,
            ];
            let codes = EMPHASIS.into_iter().find(|(known, _)| *known == kind).expect("the kind has these sums").1;
            codes.into_iter().zip(values.map(Some)).collect()
        }
    }
}

fn cooccurrence_features(set: &MatrixSet) -> Vec<(&'static str, Option<f64>)> {
    let f = cooccurrence::mean(set).expect("the set has matrices");
    let defined = [
        ("GYBY", f.joint_maximum),
        ("60VM", f.joint_average),
        ("UR99", f.joint_variance),
        ("TU9B", f.joint_entropy),
        ("TF7R", f.difference_average),
        ("D3YU", f.difference_variance),
        ("NTRS", f.difference_entropy),
        ("ZGXS", f.sum_average),
        ("OEEB", f.sum_variance),
        ("P6QZ", f.sum_entropy),
        ("8ZQL", f.angular_second_moment),
        ("ACUI", f.contrast),
        ("8S9J", f.dissimilarity),
        ("IB1Z", f.inverse_difference),
        ("NDRX", f.normalised_inverse_difference),
        ("WF0Z", f.inverse_difference_moment),
        ("1QCO", f.normalised_inverse_difference_moment),
        ("E8JP", f.inverse_variance),
        ("QWB0", f.autocorrelation),
        ("DG8W", f.cluster_tendency),
        ("7NFM", f.cluster_shade),
        ("AE86", f.cluster_prominence),
        ("JN9H", f.information_correlation_2),
    ];
    let undefinable = [("NI2N", f.correlation), ("R8DG", f.information_correlation_1)];
    defined.into_iter().map(|(code, value)| (code, Some(value))).chain(undefinable).collect()
}

/// IBSI's rule: the value rounded to three significant digits lies within the tolerance of the reference.
pub(super) fn agrees(value: f64, reference: f64, tolerance: f64) -> bool {
    let rounded: f64 = format!("{value:.2e}").parse().expect("a formatted number is a number");
    // The tolerance is a decimal fraction: allow for its last bit.
    (rounded - reference).abs() <= tolerance + 1e-9 * reference.abs()
}

fn kind(family_code: &str) -> Option<Kind> {
    Some(match family_code {
        "LFYI" => Kind::Glcm,
        "TP0I" => Kind::Glrlm,
        "9SAK" => Kind::Glszm,
        "VMDZ" => Kind::Gldzm,
        "IPET" => Kind::Ngtdm,
        "REK0" => Kind::Ngldm,
        _ => return None,
    })
}

fn aggregation(code: &str) -> Aggregation {
    match code {
        "BTW3" => Aggregation::Averaged2D,
        "SUJT" => Aggregation::SliceMerged2D,
        "JJUI" => Aggregation::DirectionMerged2_5D,
        "ZW7Z" => Aggregation::Merged2_5D,
        "ITBB" => Aggregation::Averaged3D,
        "IAZD" => Aggregation::Merged3D,
        "8QNN" => Aggregation::PerSlice2D,
        "62GR" => Aggregation::PerSlice2_5D,
        "KOBO" => Aggregation::Volume3D,
        _ => panic!("{code} is no aggregation"),
    }
}

/// Compares a case with the rows of a table that are `of` it; returns how many there were.
fn compare(case: &Case, table: &str, of: impl Fn(&str) -> bool) -> usize {
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().expect("the table has a header").split(',').collect();
    let column = |name: &str| header.iter().position(|known| *known == name).expect("the table has the column");
    let [family, code, aggregated, value, tolerance] =
        ["family_code", "ibsi_code", "aggregation_code", "reference_value", "tolerance"].map(column);
    let (mut compared, mut failures) = (0, Vec::new());
    for row in lines.filter(|line| of(line)).map(|line| line.split(',').collect::<Vec<_>>()) {
        let Some(kind) = kind(row[family]) else { continue };
        let request = request(kind, aggregation(row[aggregated]));
        let set = case.build(&[request], &Serial).expect("the request fits").remove(0);
        let features = features(kind, &set);
        let found = features.iter().find(|(known, _)| *known == row[code]).expect("the code is a feature").1;
        let reference = row[value].parse().expect("the reference is a number");
        let tolerance = row[tolerance].parse().unwrap_or(0.0);
        compared += 1;
        if !found.is_some_and(|found| agrees(found, reference, tolerance)) {
            failures.push(format!("{}: {found:?}", row.join(",")));
        }
    }
    assert!(failures.is_empty(), "{} of {compared}:\n{}", failures.len(), failures.join("\n"));
    compared
}

#[test]
fn every_texture_value_of_the_digital_phantom() {
    let Some(folder) = std::env::var_os("VOXOMICS_REFERENCE").map(PathBuf::from) else {
        println!("skipped: VOXOMICS_REFERENCE does not name the folder of the reference tables");
        return;
    };
    let path = folder.join("ibsi/ibsi1/digital_phantom/reference.csv");
    let table = std::fs::read_to_string(&path).expect("the folder holds the digital phantom's table");
    assert_eq!(compare(&phantom(), &table, |_| true), 25 * 6 + 16 * 6 + 16 * 3 + 16 * 3 + 5 * 3 + 17 * 3);
}
