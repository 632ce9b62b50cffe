//! Compliance with IBSI 1 (arXiv:1612.07003) and IBSI 2 (arXiv:2006.05470): this build's values and response maps against
//! the references.

mod filters;
mod patients;
mod settings;

pub mod suv;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    cases::Case,
    experiment::Experiment,
    host::Services,
    made,
    output::Folder,
    pipeline::{self, Outcome},
    plan::Plan,
    table::{Column, FeatureValue},
};

/// The 482 reference values of the digital phantom, with tolerance and consensus, as the manual lists them.
const DIGITAL_PHANTOM: &str = include_str!("ibsi/digital_phantom.csv");

/// The experiments of the manual's configurations.
const CONFIGURATIONS: [(&str, &str); 6] = [
    ("digital phantom", include_str!("../../../configs/ibsi-1/digital-phantom.toml")),
    ("A", include_str!("../../../configs/ibsi-1/a.toml")),
    ("B", include_str!("../../../configs/ibsi-1/b.toml")),
    ("C", include_str!("../../../configs/ibsi-1/c.toml")),
    ("D", include_str!("../../../configs/ibsi-1/d.toml")),
    ("E", include_str!("../../../configs/ibsi-1/e.toml")),
];

/// IVH features that share an IBSI code are told apart by the code of their parameter.
const PARAMETERS: [(&str, &str, &str); 4] = [
    ("BC2M", "NK6P", "volume_at_intensity_fraction_10"),
    ("BC2M", "4279", "volume_at_intensity_fraction_90"),
    ("GBPN", "PWN1", "intensity_at_volume_fraction_10"),
    ("GBPN", "BOHI", "intensity_at_volume_fraction_90"),
];

/// What IBSI calls the feature of a code, if it is one of those with reference values: "Run length non-uniformity". None of a code
/// that several features share.
pub fn title(code: &str) -> Option<&'static str> {
    // No cell of the table has a comma within.
    let mut titles = DIGITAL_PHANTOM.lines().skip(1).filter_map(|row| {
        let mut cells = row.split(',');
        let (_, feature, known) = (cells.next()?, cells.next()?, cells.next()?);
        (known == code).then_some(feature)
    });
    let first = titles.next()?;
    titles.all(|title| title == first).then_some(first)
}

/// A reference value.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Reference {
    /// Configuration: `digital phantom`, `A` … `E`; or the test of IBSI 2.
    pub configuration: String,
    /// Family, as the manual names it.
    pub family: String,
    /// Feature, as the manual names it.
    pub feature: String,
    /// IBSI code of the feature.
    pub ibsi_code: String,
    /// IBSI code of its parameter, if it has one.
    pub parameter_code: String,
    /// Aggregation, in the words of the TOML; empty if there is none.
    pub aggregation: String,
    /// The value.
    pub value: f64,
    /// The tolerance; for IBSI 1, 0 asks for equality at three significant digits.
    pub tolerance: f64,
    /// The consensus behind the value.
    pub consensus: String,
}

/// A reference value beside the computed one.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The reference.
    pub reference: Reference,
    /// The computed value, if there is one.
    pub computed: Option<f64>,
    /// Why there is no computed value.
    pub reason: Option<String>,
    /// Whether they agree.
    pub passed: bool,
}

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Found {
    /// Every reference beside what was computed.
    pub comparisons: Vec<Comparison>,
    /// Tests for which no reference exists, each with what was computed.
    pub without_reference: Vec<String>,
}

/// Compares the digital phantom, which the program carries.
///
/// # Errors
/// If it cannot be computed.
pub fn digital_phantom() -> Result<Found, String> {
    let folder = tempfile::tempdir().map_err(|cause| format!("cannot make a temporary folder: {cause}"))?;
    let mut cases = made::cases(&["digital-phantom".into()], &Folder::create(folder.path(), false)?)?;
    let case = cases.pop().ok_or("the digital phantom was not made")?;
    let references = parse(DIGITAL_PHANTOM, "the built-in reference")?;
    Ok(Found { comparisons: compare(&references, &case)?, ..Found::default() })
}

/// Compares every folder of reference data in `folder`, or the folder itself. One of IBSI 1 has an image, a mask and a
/// `reference.csv`; the configurations are those of its column `config`, or the digital phantom's if it has none. One of
/// IBSI 2 has a `tests.csv` that lists response maps, or a `tests.json` beside a `reference.csv` of statistics; that of a patient an
/// `ibsi2_consensus.csv` beside a folder for each modality.
///
/// # Errors
/// If the folder holds no such data, or a configuration cannot be computed.
pub fn folder(folder: &Path) -> Result<Found, String> {
    let mut sets: Vec<PathBuf> = Vec::new();
    let names = ["reference.csv", "tests.csv", patients::TABLE];
    let holds = |path: &Path| names.iter().any(|name| path.join(name).is_file());
    if holds(folder) {
        sets.push(folder.to_owned());
    } else {
        let entries = fs::read_dir(folder).map_err(|cause| format!("cannot read {}: {cause}", folder.display()))?;
        let below = entries.filter_map(|entry| Some(entry.ok()?.path()));
        sets.extend(below.filter(|path| holds(path)));
        sets.sort();
    }
    if sets.is_empty() {
        return Err(format!("{} has no {}, nor has a folder in it", folder.display(), names.join(" or ")));
    }
    let mut all = Found::default();
    for set in sets {
        let found = if set.join("tests.json").is_file() {
            filters::statistics(&set)?
        } else if set.join("tests.csv").is_file() {
            filters::response_maps(&set)?
        } else if set.join(patients::TABLE).is_file() {
            patients::statistics(&set)?
        } else {
            Found { comparisons: values(&set)?, ..Found::default() }
        };
        all.comparisons.extend(found.comparisons);
        all.without_reference.extend(found.without_reference);
    }
    Ok(all)
}

/// Compares the values of a folder of IBSI 1.
fn values(set: &Path) -> Result<Vec<Comparison>, String> {
    let list = set.join("reference.csv");
    let text = fs::read_to_string(&list).map_err(|cause| format!("cannot read {}: {cause}", list.display()))?;
    let name = set.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let case = Case::new(name, scan(set, "image")?, scan(set, "mask")?);
    let references = parse(&text, &list.display().to_string())?;
    compare(&references, &case).map_err(|cause| format!("{}: {cause}", list.display()))
}

/// The file of a stem, whatever its format.
fn scan(folder: &Path, stem: &str) -> Result<PathBuf, String> {
    let entries = fs::read_dir(folder).map_err(|cause| format!("cannot read {}: {cause}", folder.display()))?;
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().split('.').next() == Some(stem)));
    found.sort();
    found.into_iter().next().ok_or_else(|| format!("{} has no {stem}.nii.gz", folder.display()))
}

fn parse(text: &str, name: &str) -> Result<Vec<Reference>, String> {
    let fail = |what: String| format!("{name}: {what}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|cause| fail(cause.to_string()))?.clone();
    let column = |wanted: &str| header.iter().position(|name| name == wanted);
    for needed in ["family", "ibsi_code", "reference_value", "tolerance"] {
        column(needed).ok_or_else(|| fail(format!("it has no column `{needed}`")))?;
    }
    let mut references = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|cause| fail(cause.to_string()))?;
        let field = |name: &str| column(name).and_then(|index| record.get(index)).unwrap_or_default().to_owned();
        let text = field("reference_value");
        if text.is_empty() {
            // The manual has no value there.
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let number = |column: &str, text: &str| match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(fail(format!("line {line}: `{column}` is `{text}`, expected a number"))),
        };
        let tolerance = field("tolerance");
        references.push(Reference {
            configuration: match (column("config"), column("test_id")) {
                (Some(_), _) => field("config"),
                (None, Some(_)) => field("test_id"),
                (None, None) => "digital phantom".to_owned(),
            },
            family: field("family"),
            feature: field("feature"),
            ibsi_code: field("ibsi_code"),
            parameter_code: field("parameter_code"),
            aggregation: field("aggregation"),
            value: number("reference_value", &text)?,
            tolerance: if tolerance.is_empty() { 0.0 } else { number("tolerance", &tolerance)? },
            consensus: field("consensus"),
        });
    }
    if references.is_empty() {
        return Err(fail("it holds no reference value, expected a row each".into()));
    }
    Ok(references)
}

/// Runs the configurations that the references name, and sets the values side by side.
fn compare(references: &[Reference], case: &Case) -> Result<Vec<Comparison>, String> {
    let mut names: Vec<&str> = Vec::new();
    for reference in references {
        if !names.contains(&reference.configuration.as_str()) {
            names.push(&reference.configuration);
        }
    }
    let mut all = Vec::new();
    for name in names {
        let (_, toml) = CONFIGURATIONS.iter().find(|(configuration, _)| *configuration == name).ok_or_else(|| {
            let known: Vec<&str> = CONFIGURATIONS.iter().map(|(configuration, _)| *configuration).collect();
            format!("there is no configuration `{name}` in IBSI 1, expected one of {}", known.join(", "))
        })?;
        let experiment = Experiment::from_text(Path::new(&format!("ibsi-1 {name}")), Path::new("."), toml, &[])?;
        let plan = Plan::new(&experiment)?;
        let outcome = pipeline::run(&plan, case, &Services::default(), None);
        if let Some(fault) = outcome.faults.first() {
            return Err(format!("{}, configuration {name}: {}: {}", case.name, fault.stage, fault.message));
        }
        let of_configuration = references.iter().filter(|reference| reference.configuration == name);
        all.extend(of_configuration.map(|reference| set_beside(reference, &plan, &outcome, &agrees)));
    }
    Ok(all)
}

fn set_beside(
    reference: &Reference,
    plan: &Plan,
    outcome: &Outcome,
    agrees: &dyn Fn(f64, &Reference) -> bool,
) -> Comparison {
    let column = plan.columns.iter().position(|column| is_of(column, reference));
    let value: Option<&FeatureValue> =
        column.and_then(|index| outcome.rows.first().and_then(|row| row.values[index].as_ref()));
    let (computed, reason) = match value {
        None => (None, Some("it is not computed".to_owned())),
        Some(Err(reason)) => (None, Some(reason.to_string())),
        Some(Ok(value)) => (Some(*value), None),
    };
    let passed = computed.is_some_and(|value| agrees(value, reference));
    Comparison { reference: reference.clone(), computed, reason, passed }
}

fn is_of(column: &Column, reference: &Reference) -> bool {
    let parameter = PARAMETERS
        .iter()
        .find(|(code, parameter, _)| *code == reference.ibsi_code && *parameter == reference.parameter_code);
    column.ibsi == reference.ibsi_code
        && (column.aggregation == reference.aggregation || reference.aggregation.is_empty())
        && parameter.is_none_or(|(_, _, feature)| column.feature == *feature)
}

/// IBSI's rule: the value at three significant digits lies within the tolerance.
fn agrees(value: f64, reference: &Reference) -> bool {
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(f64::NAN);
    // Both are decimal figures: their difference is exact but for the last bits.
    let slack = 1e-9 * reference.value.abs();
    (rounded - reference.value).abs() <= reference.tolerance + slack
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digital_phantom_has_482_reference_values() {
        assert_eq!(parse(DIGITAL_PHANTOM, "built in").expect("figures").len(), 482);
    }

    #[test]
    fn a_code_has_the_title_of_its_feature() {
        let titles = ["W92Y", "GD3A", "BC2M", "", "none"].map(title);
        let wanted = [Some("Run length non-uniformity"), Some("Short run high grey level emphasis"), None, None, None];
        assert_eq!(titles, wanted);
        // Every reference finds its own name, but for the codes that are shared.
        for reference in parse(DIGITAL_PHANTOM, "built in").expect("figures") {
            let shared = PARAMETERS.iter().any(|(code, ..)| *code == reference.ibsi_code);
            assert_eq!(title(&reference.ibsi_code), (!shared).then_some(reference.feature.as_str()));
        }
    }

    #[test]
    fn a_table_that_would_compare_nothing_is_refused() {
        let parse = |text: &str| parse(text, "r.csv").expect_err("refused");
        let header = "family,ibsi_code,reference_value,tolerance\n";
        assert_eq!(parse(header), "r.csv: it holds no reference value, expected a row each");
        let said = parse(&format!("{header}GLCM,ACUI,1,0\nGLCM,ACUI,abc,0\n"));
        assert_eq!(said, "r.csv: line 3: `reference_value` is `abc`, expected a number");
        assert!(parse(&format!("{header}GLCM,ACUI,inf,0\n")).contains("line 2"));
    }

    #[test]
    fn the_rule_is_three_significant_digits_then_tolerance() {
        let mut reference = parse(DIGITAL_PHANTOM, "built in").expect("figures").remove(0);
        (reference.value, reference.tolerance) = (2.15, 0.0);
        assert!(agrees(2.148_648, &reference) && !agrees(2.1551, &reference));
        (reference.value, reference.tolerance) = (556.0, 4.0);
        assert!(agrees(560.4, &reference) && !agrees(560.6, &reference));
    }
}
