//! Numbers in sentences. What a figure or a table shows keeps all of its digits.

use voxomics_statistics::Interval;

/// A number with four significant digits, without noughts at the end.
pub(super) fn figure(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let magnitude = value.abs().log10().floor();
    if !(-4.0..9.0).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let decimals = (3.0 - magnitude).max(0.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// "p = 0.012".
pub(super) fn p(value: f64) -> String {
    if value < 0.001 { "p < 0.001".into() } else { format!("p = {}", figure(value)) }
}

/// "0.1 (95 % interval −0.02 to 0.22)".
pub(super) fn with_interval(value: f64, interval: Option<Interval>) -> String {
    match interval {
        Some(Interval { low, high }) => {
            format!("{} (95 % interval {} to {})", figure(value), figure(low), figure(high))
        }
        None => figure(value),
    }
}

/// "5, 10 and 15".
pub(super) fn list(values: impl Iterator<Item = f64>) -> String {
    let said: Vec<String> = values.map(figure).collect();
    match said.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// "1 patient", "2 patients".
pub(super) fn count(n: usize, plural: &str) -> String {
    match n {
        1 => format!("1 {}", plural.strip_suffix('s').unwrap_or(plural)),
        _ => format!("{n} {plural}"),
    }
}

/// "median", "25 % quantile".
pub(super) fn quantile(q: f64) -> String {
    if q == 0.5 { "median".into() } else { format!("{} % quantile", figure(q * 100.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits() {
        let said =
            [(0.0, "0"), (0.31, "0.31"), (-0.123456, "-0.1235"), (1234.56, "1235"), (120.0, "120"), (1e-7, "1.000e-7")];
        for (value, text) in said {
            assert_eq!(figure(value), text);
        }
        assert_eq!(p(0.0004), "p < 0.001");
        assert_eq!(quantile(0.07), "7 % quantile");
        assert_eq!((count(1, "patients"), count(2, "patients")), ("1 patient".into(), "2 patients".into()));
    }
}
