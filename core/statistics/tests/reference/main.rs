//! Every statistic against the figures of other packages, which `tests/oracle/statistics.py` computes and stores.

mod cox;
mod discrimination;
mod survival;
mod tables;

const STORED: &str = include_str!("../../../../tests/oracle/statistics.csv");

/// Relative difference that is taken for rounding, here or there.
const TOLERANCE: f64 = 1e-9;

/// The values of a row.
pub fn row(key: &str) -> Vec<f64> {
    let found = STORED.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(','));
    let values = found.unwrap_or_else(|| panic!("no row {key}"));
    values.split_whitespace().map(|word| word.parse().expect("a number")).collect()
}

/// A column of a stored table.
pub fn data(table: &str, column: &str) -> Vec<f64> {
    row(&format!("data.{table}.{column}"))
}

/// A column of zeros and ones.
pub fn flags(table: &str, column: &str) -> Vec<bool> {
    data(table, column).iter().map(|&value| value == 1.0).collect()
}

/// A column of labels.
pub fn labels(table: &str, column: &str) -> Vec<usize> {
    data(table, column).iter().map(|&value| value as usize).collect()
}

/// Holds figures against a row.
#[track_caller]
pub fn close(key: &str, found: &[f64]) {
    close_to(key, found, TOLERANCE);
}

/// The same to a tolerance of its own.
#[track_caller]
pub fn close_to(key: &str, found: &[f64], tolerance: f64) {
    let expected = row(key);
    assert_eq!(found.len(), expected.len(), "{key}: found {found:?}, expected {expected:?}");
    assert!(found.iter().all(|value| value.is_finite()), "{key}: found {found:?}");
    let deviation = |(found, expected): (&f64, &f64)| (found - expected).abs() / expected.abs().max(1e-12);
    let worst = found.iter().zip(&expected).map(deviation).fold(0.0, f64::max);
    println!("deviation {key} {worst:.1e}");
    assert!(worst <= tolerance, "{key}: found {found:?}, expected {expected:?}, which differ by {worst:e}");
}

/// What must be there.
#[track_caller]
pub fn some(value: Option<f64>) -> f64 {
    value.expect("a value")
}

/// Both limits.
#[track_caller]
pub fn limits(interval: Option<voxomics_statistics::Interval>) -> [f64; 2] {
    let interval = interval.expect("an interval");
    [interval.low, interval.high]
}
