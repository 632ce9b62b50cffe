//! What changes of a value over time. Mathematics only.

use crate::{
    experiment::course::Delta,
    table::{FeatureValue, Undefined},
};

/// Days of a month: a twelfth of a Julian year.
pub const DAYS_A_MONTH: f64 = 365.25 / 12.0;

/// Computes a delta from values at some days, in their order. The first day is that of the baseline, the last one that of the
/// follow-up; both need a value. Those between may lack one: slope and area then do without it.
///
/// The slope is that of the least-squares line; the area is that of the trapezoids.
///
/// # Errors
/// Which time point has no value, or why the delta is not defined.
pub fn delta(kind: Delta, days: &[f64], values: &[&FeatureValue]) -> FeatureValue {
    let (Some((first, after)), Some((Ok(last), _))) = (days.split_first(), values.split_last()) else {
        return Err(lacking(days, values));
    };
    let (Some(Ok(base)), Some(last_day)) = (values.first(), after.last()) else { return Err(lacking(days, values)) };
    let there = days.iter().zip(values).filter_map(|(day, value)| Some((*day, *value.as_ref().ok()?)));
    let points: Vec<(f64, f64)> = there.map(|(day, value)| ((day - first) / DAYS_A_MONTH, value)).collect();
    let months = (last_day - first) / DAYS_A_MONTH;
    let found = match kind {
        Delta::Difference => last - base,
        Delta::Ratio if *base == 0.0 => return Err("the value at the baseline is 0".into()),
        Delta::Ratio => last / base,
        Delta::LogRatio if !(*base > 0.0 && *last > 0.0) => {
            return Err(format!("the logarithm needs values above 0, and they are {base:?} and {last:?}").into());
        }
        Delta::LogRatio => (last / base).ln(),
        Delta::Slope => slope(&points),
        Delta::Area => area(&points),
        Delta::Mean => area(&points) / months,
    };
    if found.is_finite() { Ok(found) } else { Err("it is not a finite number".into()) }
}

/// Which of baseline and follow-up has no value.
fn lacking(days: &[f64], values: &[&FeatureValue]) -> Undefined {
    let of = |value: Option<&&FeatureValue>| value.and_then(|value| value.as_ref().err().cloned());
    match (of(values.first()), of(values.last()), days) {
        (Some(why), _, _) => format!("at the baseline: {why}").into(),
        (_, Some(why), [first, .., last]) => format!("at the follow-up after {} days: {why}", last - first).into(),
        _ => "there are fewer than two time points".into(),
    }
}

/// Slope of the least-squares line.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
    let (above, below) = points.iter().fold((0.0, 0.0), |(above, below), point| {
        let from = point.0 - x;
        (above + from * (point.1 - y), below + from * from)
    });
    above / below
}

/// Area of the trapezoids under some points.
fn area(points: &[(f64, f64)]) -> f64 {
    points.windows(2).map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0).sum()
}

/// The days in which a volume doubles, if it grows exponentially: t · ln 2 / ln(V₂ / V₁); negative if it shrinks: then it halves
/// in so many days (V. P. Collins et al., American Journal of Roentgenology 76, 1956).
///
/// # Errors
/// Why there is none.
pub fn doubling_days(days: f64, before_ml: f64, after_ml: f64) -> FeatureValue {
    if !(before_ml > 0.0 && after_ml > 0.0) {
        return Err("a volume is 0".into());
    }
    let grown = (after_ml / before_ml).ln();
    if grown == 0.0 { Err("the volume has not changed".into()) } else { Ok(days * std::f64::consts::LN_2 / grown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Delta, points: &[(f64, f64)]) -> FeatureValue {
        let values: Vec<FeatureValue> =
            points.iter().map(|(_, value)| if value.is_nan() { Err("flat".into()) } else { Ok(*value) }).collect();
        let days: Vec<f64> = points.iter().map(|(day, _)| *day).collect();
        delta(kind, &days, &values.iter().collect::<Vec<_>>())
    }

    #[test]
    fn of_a_straight_line_slope_and_mean_are_those_of_the_line_whatever_is_missing_between() {
        let line = |day: f64| (day, 3.0 + 2.0 * day / DAYS_A_MONTH);
        let mut points = vec![line(10.0), line(17.0), line(80.0), line(131.0)];
        for _ in 0..2 {
            assert!((of(Delta::Slope, &points).unwrap() - 2.0).abs() < 1e-12);
            let mean = of(Delta::Mean, &points).unwrap();
            assert!((mean - (points[0].1 + points[3].1) / 2.0).abs() < 1e-12, "{mean}");
            points[1].1 = f64::NAN;
        }
    }

    #[test]
    fn what_is_not_defined_says_why() {
        let why = |kind, points: &[(f64, f64)]| of(kind, points).unwrap_err().to_string();
        assert_eq!(why(Delta::Ratio, &[(0.0, 0.0), (9.0, 1.0)]), "the value at the baseline is 0");
        assert!(why(Delta::LogRatio, &[(0.0, -1.0), (9.0, 1.0)]).contains("above 0, and they are -1.0 and 1.0"));
        assert_eq!(why(Delta::Slope, &[(0.0, f64::NAN), (9.0, 1.0)]), "at the baseline: flat");
        assert_eq!(why(Delta::Area, &[(3.0, 1.0), (9.0, f64::NAN)]), "at the follow-up after 6 days: flat");
        assert!(why(Delta::Difference, &[(3.0, 1.0)]).contains("fewer than two"));
        assert!(why(Delta::Ratio, &[(0.0, 1e-300), (9.0, 1e300)]).contains("finite"));
    }

    #[test]
    fn a_volume_that_doubles_in_thirty_days_does_so_from_any_pair() {
        for days in [1.0, 30.0, 77.5] {
            let found = doubling_days(days, 2.0, 2.0 * (days / 30.0).exp2()).unwrap();
            assert!((found - 30.0).abs() < 1e-9, "{found}");
            let halved = doubling_days(days, 2.0 * (days / 30.0).exp2(), 2.0).unwrap();
            assert!((halved + 30.0).abs() < 1e-9, "{halved}");
        }
        assert!(doubling_days(9.0, 2.0, 2.0).is_err() && doubling_days(9.0, 0.0, 2.0).is_err());
    }
}
