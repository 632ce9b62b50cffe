use std::fmt::Debug;

use voxomics_statistics::{
    Level, Survival, calibration, classification,
    concordance::concordance,
    cox::{Covariate, Options, Ties, TimeScale, fit},
    decision,
    dynamic_auc::dynamic_auc,
    lesions::{Bins, Lesion, Settings, summarise},
    rank::{Method, kruskal_wallis, mann_whitney, pearson, quantiles, spearman},
    roc,
    survival::{
        kaplan_meier::{Scale, estimate},
        log_rank::{Weight, test},
    },
    table_one::{numeric, welch},
};

use crate::Numbers;

const LEVEL: Level = Level::P95;

/// A figure is a number, whatever it was asked of; an error may quote what is none.
#[track_caller]
fn sound<T: Debug, E: Debug>(found: Result<T, E>) {
    if let Ok(found) = found {
        let text = format!("{found:?}");
        assert!(!text.contains("NaN") && !text.contains(": inf") && !text.contains("-inf"), "{text}");
    }
}

/// Few values, so that many are equal; some at the ends of what a number can be.
fn values(numbers: &mut Numbers, n: usize) -> Vec<f64> {
    const PLAIN: [f64; 6] = [0.0, 1.0, -1.0, 2.0, 0.5, 3.0];
    const WILD: [f64; 10] = [0.0, 1.0, -1.0, 1e149, -1e149, 1e-160, 5e-324, 1e9, 1e9 + 1e-6, f64::MAX];
    let wild = numbers.share() < 0.4;
    let one = |numbers: &mut Numbers| if wild { WILD[numbers.below(10)] } else { PLAIN[numbers.below(6)] };
    (0..n).map(|_| one(numbers)).collect()
}

#[test]
fn no_input_makes_a_figure_that_is_not_a_number() {
    let mut numbers = Numbers(77);
    for _ in 0..1500 {
        let n = numbers.below(9);
        let (x, y) = (values(&mut numbers, n), values(&mut numbers, n));
        let outcome: Vec<bool> = (0..n).map(|_| numbers.share() < 0.6).collect();
        let group: Vec<usize> = (0..n).map(|_| numbers.below(3)).collect();
        scores(&x, &y, &outcome);
        let times: Vec<f64> = values(&mut numbers, n).iter().map(|time| time.abs()).collect();
        if let Ok(data) = Survival::new(&times, &outcome) {
            over_time(data, &x, &y, &group);
        }
        let predicted: Vec<f64> = (0..n).map(|_| [0.0, 1.0, 0.5, 1e-300, 0.3, 0.9][numbers.below(6)]).collect();
        sound(calibration::recalibration(&predicted, &outcome, LEVEL));
        sound(calibration::brier(&predicted, &outcome));
        sound(calibration::curve(&predicted, &outcome, 4, LEVEL));
        sound(calibration::hosmer_lemeshow(&predicted, &outcome, 4, calibration::Fitted::Here));
        sound(decision::curve(&predicted, &outcome, &[0.01, 0.999_999]));
    }
}

fn scores(x: &[f64], y: &[f64], outcome: &[bool]) {
    sound(roc::curve(x, outcome));
    sound(roc::auc(x, outcome, LEVEL));
    sound(roc::compare(x, y, outcome, LEVEL));
    sound(roc::youden(x, outcome));
    sound(classification::classify(x, outcome, 0.5, LEVEL));
    sound(pearson(x, y, LEVEL));
    sound(spearman(x, y, LEVEL));
    sound(calibration::number::numbers(x, y, LEVEL));
    sound(quantiles(x, &[0.1, 0.9]));
    for cut in 0..=x.len() {
        let (a, b) = x.split_at(cut);
        sound(mann_whitney(a, b, Method::Auto));
        sound(mann_whitney(a, b, Method::Exact));
        sound(mann_whitney(a, b, Method::Asymptotic));
        sound(kruskal_wallis(&[a, b]));
        sound(welch(a, b));
    }
    sound(numeric(&x.iter().copied().map(Some).collect::<Vec<_>>()));
    let lesions: Vec<Lesion> = x.iter().zip(y).map(|(&value, y)| Lesion { value, volume: y.abs() }).collect();
    sound(summarise(&lesions, Settings { minimum_volume: 0.0, bins: Bins { low: -1.0, high: 1e-9, count: 5 } }));
}

fn over_time(data: Survival<'_>, x: &[f64], y: &[f64], group: &[usize]) {
    for scale in [Scale::LogLog, Scale::Log, Scale::Plain] {
        let curve = estimate(data, LEVEL, scale);
        sound::<_, ()>(Ok(&curve));
        sound(curve.median());
        sound(curve.restricted_mean(2.0));
    }
    for weight in [Weight::One, Weight::AtRisk, Weight::RootAtRisk, Weight::Survival] {
        sound(test(data, group, None, weight));
        sound(test(data, group, Some(&group.iter().map(|label| label % 2).collect::<Vec<_>>()), weight));
    }
    sound(concordance(data, x, None, LEVEL));
    sound(concordance(data, x, Some(group), LEVEL));
    sound(dynamic_auc(data, data, x, &[0.5, 1.0]));
    let covariates = [Covariate { name: "x", values: x }, Covariate { name: "y", values: y }];
    for ties in [Ties::Efron, Ties::Breslow] {
        for strata in [None, Some(group)] {
            for columns in [&covariates[..1], &covariates] {
                let found = fit(data, columns, Options { ties, strata, level: LEVEL });
                sound(found.as_ref());
                for scale in [TimeScale::Rank, TimeScale::KaplanMeier, TimeScale::Identity, TimeScale::Log] {
                    sound(found.as_ref().map(|fit| fit.proportional_hazards(scale)));
                }
            }
        }
    }
}
