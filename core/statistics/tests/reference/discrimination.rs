use voxomics_statistics::{
    Level, calibration, classification,
    classification::Proportion,
    decision,
    rank::{Method, Reference, Used, kruskal_wallis, mann_whitney, pearson, quantiles, spearman},
    roc, table_one,
};

use crate::{close, close_to, data, flags, limits, row, some};

const LEVEL: Level = Level::P95;

/// Table, score, another score, outcome.
const SCORES: [(&str, &str, &str, &str); 3] = [
    ("breast", "texture", "smoothness", "malignant"),
    ("pima", "glucose", "bmi", "diabetes"),
    ("cohort", "risk", "rival", "outcome"),
];

#[test]
fn the_curve_and_the_area_below_it() {
    for (table, score, rival, outcome) in SCORES {
        let (score, rival, outcome) = (data(table, score), data(table, rival), flags(table, outcome));
        let points = roc::curve(&score, &outcome).expect("a curve");
        let figure = |name: &str| format!("roc.{table}.{name}");
        close(&figure("cut_offs"), &points.iter().filter_map(|p| p.cut_off).collect::<Vec<_>>());
        close(&figure("sensitivity"), &points.iter().map(|p| p.sensitivity).collect::<Vec<_>>());
        close(&figure("false_positive_rate"), &points.iter().map(|p| p.false_positive_rate).collect::<Vec<_>>());
        let youden = roc::youden(&score, &outcome).expect("a cut-off");
        close(&figure("youden"), &[youden.cut_off, youden.index]);

        let auc = roc::auc(&score, &outcome, LEVEL).expect("an area");
        let [low, high] = limits(auc.interval);
        close(&format!("auc.{table}"), &[auc.value, some(auc.standard_error), low, high]);
        close(&format!("auc.{table}.logit"), &limits(auc.logit_interval));
        close(&format!("auc.{table}.p"), &[some(auc.p)]);
        let both = roc::compare(&score, &rival, &outcome, LEVEL).expect("a comparison");
        let [low, high] = limits(both.interval);
        let figures = [both.second, both.difference, some(both.standard_error), low, high];
        close(&format!("auc.{table}.compared"), &figures);
        close(&format!("auc.{table}.compared.test"), &[some(both.z), some(both.p)]);
    }
}

#[test]
fn proportions_at_a_cut_off() {
    for (table, score, _, outcome) in SCORES {
        let (score, outcome) = (data(table, score), flags(table, outcome));
        let figure = |name: &str| format!("classification.{table}.{name}");
        let cut_off = quantiles(&score, &[0.6]).expect("a quantile")[0];
        let found = classification::classify(&score, &outcome, cut_off, LEVEL).expect("figures");
        let counts = found.counts;
        let counts = [counts.true_positives, counts.false_positives, counts.true_negatives, counts.false_negatives];
        let [tp, fp, tn, fn_] = counts.map(|count| count as f64);
        close(&figure("counts"), &[cut_off, tp, fp, tn, fn_]);
        let hold = |name: &str, p: Proportion| {
            let (wilson, exact) = (p.wilson, p.clopper_pearson);
            close(&figure(name), &[p.value, wilson.low, wilson.high, exact.low, exact.high]);
        };
        hold("sensitivity", found.sensitivity);
        hold("specificity", found.specificity);
        hold("ppv", found.positive_predictive_value.expect("some are called positive"));
        hold("npv", found.negative_predictive_value.expect("some are called negative"));
        hold("accuracy", found.accuracy);
    }
}

#[test]
fn calibration_and_decision_curves() {
    for (table, _, _, outcome) in SCORES {
        let (predicted, outcome) = (data(table, "predicted"), flags(table, outcome));
        let figure = |name: &str| format!("calibration.{table}.{name}");
        let found = calibration::recalibration(&predicted, &outcome, LEVEL).expect("a fit");
        for (name, e) in [("intercept", found.intercept), ("slope", found.slope)] {
            close(&figure(name), &[e.value, e.standard_error, e.interval.low, e.interval.high, e.p]);
        }
        close(&figure("beside"), &[found.intercept_beside_slope]);
        let brier = calibration::brier(&predicted, &outcome).expect("a score");
        close(&figure("brier"), &[brier.score, some(brier.scaled)]);
        for groups in [5, 10] {
            let curve = calibration::curve(&predicted, &outcome, groups, LEVEL).expect("a curve");
            let means = curve.iter().map(|point| point.predicted);
            let both: Vec<f64> = means.chain(curve.iter().map(|point| point.observed.value)).collect();
            close(&figure(&format!("curve_{groups}")), &both);
        }
        let here = calibration::hosmer_lemeshow(&predicted, &outcome, 10, calibration::Fitted::Here).expect("a test");
        let elsewhere = calibration::hosmer_lemeshow(&predicted, &outcome, 10, calibration::Fitted::Elsewhere);
        close(&figure("hosmer_lemeshow"), &[here.chi_squared, here.p, elsewhere.expect("a test").p]);
        for threshold in [0.05, 0.2, 0.5, 0.8] {
            let found = decision::curve(&predicted, &outcome, &[threshold]).expect("a curve")[0];
            close(&format!("decision.{table}.{threshold}"), &[found.model, found.all]);
            assert_eq!(found.none, 0.0);
        }
    }
}

#[test]
fn predicted_numbers() {
    for table in ["diabetes", "swiss"] {
        let (predicted, observed) = (data(table, "predicted"), data(table, "observed"));
        let found = calibration::number::numbers(&predicted, &observed, LEVEL).expect("a line");
        let figure = |name: &str| format!("numbers.{table}.{name}");
        for (name, of) in [("intercept", found.intercept), ("slope", found.slope), ("difference", found.difference)] {
            let [low, high] = limits(of.interval);
            close(&figure(name), &[of.value, of.standard_error, low, high, some(of.p)]);
        }
        close(&figure("shares"), &[found.explained, found.of_line, found.root_mean_square, found.mean_absolute]);
        let at = row(&figure("line"))[..3].to_vec();
        let line: Vec<_> = at.iter().map(|at| found.at(*at, LEVEL)).collect();
        let ends = |side: usize| line.iter().map(move |(_, interval)| limits(*interval)[side]);
        let all = at.iter().copied().chain(line.iter().map(|(value, _)| *value)).chain(ends(0)).chain(ends(1));
        close(&figure("line"), &all.collect::<Vec<_>>());
    }
    // Points on a line leave no residual, and nothing tells how sure the line is.
    let line = calibration::number::numbers(&[1.0, 2.0, 4.0], &[3.0, 5.0, 9.0], LEVEL).expect("a line");
    assert!(line.slope.interval.is_none() && line.slope.p.is_none() && line.at(3.0, LEVEL) == (7.0, None));
    assert!((line.of_line - 1.0).abs() < 1e-12 && line.explained < line.of_line);
}

#[test]
fn ranks_and_correlations() {
    for (table, x, y, outcome) in SCORES {
        let (x, y, outcome) = (data(table, x), data(table, y), flags(table, outcome));
        for (name, found) in [("pearson", pearson(&x, &y, LEVEL)), ("spearman", spearman(&x, &y, LEVEL))] {
            let found = found.expect("a coefficient");
            let [low, high] = limits(found.interval);
            close(&format!("{name}.{table}"), &[found.coefficient, low, high, some(found.p)]);
        }
        let at = [0.0, 0.025, 0.1, 1.0 / 3.0, 0.5, 0.77, 1.0];
        close(&format!("quantiles.{table}"), &quantiles(&x, &at).expect("quantiles"));
        let class = |wanted: bool| -> Vec<f64> {
            x.iter().zip(&outcome).filter(|(_, is)| **is == wanted).map(|(&value, _)| value).collect()
        };
        let (with, without) = (class(true), class(false));
        let found = mann_whitney(&with, &without, Method::Auto).expect("a test");
        assert_eq!(found.method, Used::Asymptotic);
        close(&format!("mann_whitney.{table}"), &[found.u, found.p]);
        let found = table_one::welch(&with, &without).expect("a test");
        close(&format!("welch.{table}"), &[found.t, found.degrees, found.p]);
    }
    let (texture, smoothness) = (data("breast", "texture"), data("breast", "smoothness"));
    let scaled: Vec<f64> = smoothness[..50].iter().map(|value| value * 200.0).collect();
    let found = kruskal_wallis(&[&texture[..200], &texture[200..400], &texture[400..], &scaled]).expect("a test");
    close("kruskal_wallis.breast", &[found.h, found.p]);
    let (risk, centre) = (data("cohort", "risk"), data("cohort", "centre"));
    let of = |wanted: f64| -> Vec<f64> {
        risk.iter().zip(&centre).filter(|(_, centre)| **centre == wanted).map(|(&value, _)| value).collect()
    };
    let found = kruskal_wallis(&[&of(0.0), &of(1.0), &of(2.0)]).expect("a test");
    close("kruskal_wallis.cohort", &[found.h, found.p]);
}

#[test]
fn the_exact_distribution_of_mann_and_whitney() {
    for sizes in ["3_4", "8_8", "6_40", "8_60"] {
        let table = format!("exact_{sizes}");
        let (first, second) = (data(&table, "first"), data(&table, "second"));
        let found = mann_whitney(&first, &second, Method::Auto).expect("a test");
        assert_eq!(found.method, Used::Exact);
        close_to(&format!("mann_whitney.{table}"), &[found.u, found.p], 1e-12);
        assert_eq!(row(&format!("mann_whitney.{table}"))[0], found.u);
    }
}

#[test]
fn few_pairs_and_few_of_a_class_have_exact_p_values() {
    for (name, n) in [("line_3", 3), ("plain_4", 4), ("tied_6", 6), ("line_7", 7), ("plain_8", 8)] {
        let pairs = row(&format!("data.few.{name}"));
        let found = spearman(&pairs[..n], &pairs[n..], LEVEL).expect("a coefficient");
        assert_eq!(found.reference, Some(Reference::Permutations), "{name}");
        close(&format!("spearman.few.{name}"), &[found.coefficient, some(found.p)]);
    }
    for name in ["tied_3_3", "tied_4_7", "tied_9_3"] {
        let (first, second) = (row(&format!("data.few.{name}.first")), row(&format!("data.few.{name}.second")));
        let found = mann_whitney(&first, &second, Method::Auto).expect("a test");
        assert_eq!(found.method, Used::Exact, "{name}");
        close(&format!("mann_whitney.few.{name}"), &[found.u, found.p]);
    }
}
