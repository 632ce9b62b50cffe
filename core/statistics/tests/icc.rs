//! The intraclass correlations against pingouin and R's psych (`tests/oracle/icc.py` and `icc.R`), and what follows from their
//! definitions.

use voxomics_statistics::{
    Error, Level,
    reliability::{Form, Icc, MeanSquares, agreement},
};

const TABLES: &str = include_str!("../../../tests/oracle/icc.csv");
const PSYCH: &str = include_str!("../../../tests/oracle/r/icc.csv");

/// Relative difference that is allowed, as the interface promises.
const TOLERANCE: f64 = 1e-8;

fn row(text: &str, key: &str) -> Vec<f64> {
    let found = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(','));
    let words = found.unwrap_or_else(|| panic!("no row {key}"));
    words.split_whitespace().map(|word| word.parse().expect("a number")).collect()
}

/// The values of each rater.
fn raters(name: &str) -> Vec<Vec<f64>> {
    let values = row(TABLES, &format!("{name}.values"));
    values[2..].chunks(values[0] as usize).map(<[f64]>::to_vec).collect()
}

fn all(raters: &[Vec<f64>]) -> Vec<Icc> {
    let lent: Vec<&[f64]> = raters.iter().map(Vec::as_slice).collect();
    let squares = MeanSquares::of(&lent).expect("mean squares");
    Form::ALL.iter().map(|form| squares.icc(*form, Level::P95).expect("a correlation")).collect()
}

#[test]
fn the_six_forms_are_those_of_pingouin_and_of_psych() {
    let names: Vec<&str> = TABLES.lines().filter_map(|line| line.split(',').next()?.strip_suffix(".values")).collect();
    assert_eq!(names.len(), 6);
    let mut worst: f64 = 0.0;
    for name in names {
        let found = all(&raters(name));
        let figures: Vec<f64> = found
            .iter()
            .flat_map(|icc| {
                let interval = icc.interval.expect("an interval");
                [icc.value, interval.low, interval.high, icc.f, icc.degrees[0], icc.degrees[1], icc.p]
            })
            .collect();
        for (by, text) in [("pingouin", TABLES), ("psych", PSYCH)] {
            let expected = row(text, &format!("{name}.{by}"));
            assert_eq!(figures.len(), expected.len(), "{name}");
            for (at, (found, expected)) in figures.iter().zip(&expected).enumerate() {
                let off = (found - expected).abs() / expected.abs();
                worst = worst.max(off);
                assert!(off <= TOLERANCE, "{name} by {by}, figure {at}: {found}, expected {expected}");
            }
        }
    }
    println!("largest difference {worst:e}");
}

/// One factor for all, and one number for all, change nothing; what one rater adds to all changes agreement alone.
#[test]
fn scale_and_offset_change_what_they_should() {
    let table = raters("judges");
    let values = |table: &[Vec<f64>]| all(table).iter().map(|icc| icc.value).collect::<Vec<f64>>();
    let (first, close) = (values(&table), |a: f64, b: f64| (a - b).abs() < 1e-12);
    let moved: Vec<Vec<f64>> = table.iter().map(|rater| rater.iter().map(|x| 3.0 - 0.5 * x).collect()).collect();
    assert!(values(&moved).iter().zip(&first).all(|(a, b)| close(*a, *b)));
    let mut offset = table.clone();
    offset[1].iter_mut().for_each(|x| *x += 20.0);
    let offset = values(&offset);
    assert!(close(offset[2], first[2]) && close(offset[5], first[5]));
    assert!([0, 1, 3, 4].iter().all(|at| offset[*at] < first[*at] - 0.1), "{offset:?} {first:?}");
}

#[test]
fn raters_who_say_the_same_agree_for_certain() {
    let same = vec![vec![0.1, 0.7, 0.3], vec![0.1, 0.7, 0.3], vec![0.1, 0.7, 0.3]];
    for icc in all(&same) {
        let interval = icc.interval.expect("an interval");
        assert_eq!((icc.value, interval.low, interval.high, icc.f, icc.p), (1.0, 1.0, 1.0, f64::INFINITY, 0.0));
    }
    // One rater's scale begins elsewhere: consistent to the last digit, and nothing tells how far another one would be off.
    let offset = vec![vec![1.0, 2.0, 4.0], vec![2.0, 3.0, 5.0]];
    let found = all(&offset);
    assert_eq!((found[2].value, found[2].interval), (1.0, None));
    assert!(found[1].value < 0.9 && found[0].interval.is_some_and(|interval| interval.low < found[0].value));
}

#[test]
fn what_tells_nothing_is_refused() {
    let of = |raters: &[&[f64]]| agreement(raters, Level::P95).expect_err("nothing");
    assert_eq!(of(&[&[1.0, 2.0]]), Error::TooFew { what: "raters", found: 1, needed: 2 });
    assert_eq!(of(&[&[1.0], &[2.0]]), Error::TooFew { what: "subjects", found: 1, needed: 2 });
    assert!(matches!(of(&[&[1.0, 2.0], &[1.0]]), Error::LengthsDiffer { .. }));
    assert!(matches!(of(&[&[1.0, f64::NAN], &[1.0, 2.0]]), Error::NotFinite { .. }));
    // Subjects who are all the same, whom raters see differently; with what rounding makes of their means.
    let squares = MeanSquares::of(&[&[0.1; 7], &[0.7; 7], &[0.3; 7]]).expect("mean squares");
    assert_eq!((squares.between, squares.rest), (0.0, 0.0));
    for form in [Form::Agreement, Form::Consistency, Form::AgreementMean, Form::ConsistencyMean] {
        assert!(squares.icc(form, Level::P95).is_err(), "{form:?}");
    }
    assert!(squares.icc(Form::OneWay, Level::P95).expect("a correlation").value < 0.0);
    assert_eq!(of(&[&[0.1; 5], &[0.1; 5]]), Error::Constant { what: "the values of the raters".into() });
}

/// Two raters who contradict each other: pingouin 0.7 has a lower limit far above 1 for the mean over both.
#[test]
fn an_interval_of_means_that_crosses_a_pole_is_none() {
    let against = vec![vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], vec![3.0, 4.0, 6.0, 5.0, 1.0, 2.0]];
    let found = all(&against);
    assert!(found[1].interval.is_some_and(|interval| interval.low <= -1.0), "{:?}", found[1]);
    assert_eq!((found[4].form, found[4].interval), (Form::AgreementMean, None));
    for table in ["judges", "steady", "offset", "chance", "few", "many"] {
        for icc in all(&raters(table)) {
            assert!(icc.interval.is_some_and(|interval| interval.low <= icc.value && icc.value <= interval.high));
        }
    }
}

#[test]
fn a_name_leads_to_its_form() {
    for form in Form::ALL {
        assert_eq!(Form::named(form.name()), Some(form));
    }
    assert_eq!(Form::named("ICC(2, 1)"), None);
}
