use voxomics_statistics::{
    Level,
    bootstrap::{bca_interval, percentile_interval},
    lesions::{Bins, Lesion, Settings, summarise},
    multiplicity::{benjamini_hochberg, bonferroni, holm},
    table_one::{chi_squared, fisher, numeric},
};

use crate::{close, data, row, some};

#[test]
fn adjusted_p_values() {
    for name in ["p", "q"] {
        let p = data("multiplicity", name);
        close(&format!("multiplicity.{name}.bonferroni"), &bonferroni(&p).expect("p values"));
        close(&format!("multiplicity.{name}.holm"), &holm(&p).expect("p values"));
        close(&format!("multiplicity.{name}.benjamini_hochberg"), &benjamini_hochberg(&p).expect("p values"));
    }
}

#[test]
fn counts() {
    for name in ["stage", "centre", "rare", "zero"] {
        let counts: Vec<usize> = data("counts", name).iter().map(|&count| count as usize).collect();
        let rows: Vec<&[usize]> = counts.chunks(2).collect();
        for (label, yates) in [("yates", true), ("plain", false)] {
            let found = chi_squared(&rows, yates).expect("a test");
            let figures = [found.chi_squared, found.p, found.smallest_expected];
            close(&format!("chi_squared.{name}.{label}"), &figures);
        }
        if let [a, b, c, d] = counts[..] {
            close(&format!("fisher.{name}"), &[fisher([[a, b], [c, d]]).expect("a test").p]);
        }
    }
}

#[test]
fn a_numeric_variable() {
    let mut ages: Vec<Option<f64>> = data("cohort", "age").into_iter().map(Some).collect();
    ages.extend([None, None]);
    let found = numeric(&ages).expect("a summary");
    assert_eq!((found.n, found.missing), (160, 2));
    let of = found.of.expect("values");
    let spread = [of.lower_quartile, of.upper_quartile, of.minimum, of.maximum];
    close("numeric.age", &[&[of.mean, some(of.standard_deviation), of.median], spread.as_slice()].concat());
}

#[test]
fn intervals_from_resamples() {
    for name in ["risk", "texture"] {
        let (distribution, jackknife) =
            (data(&format!("bootstrap.{name}"), "distribution"), data(&format!("bootstrap.{name}"), "jackknife"));
        let estimate = row(&format!("bootstrap.{name}"))[0];
        let percentile = percentile_interval(&distribution, Level::P95).expect("an interval");
        let bca = bca_interval(&distribution, estimate, &jackknife, Level::P95).expect("an interval");
        let figures = [estimate, percentile.low, percentile.high, bca.low, bca.high];
        close(&format!("bootstrap.{name}"), &figures);
        assert!((bca.low - percentile.low).abs() > 1e-3, "the correction matters here");
    }
}

#[test]
fn lesions_of_a_patient() {
    let lesions: Vec<Lesion> = data("lesions", "values")
        .into_iter()
        .zip(data("lesions", "volumes"))
        .map(|(value, volume)| Lesion { value, volume })
        .collect();
    let settings = Settings { minimum_volume: 1.0, bins: Bins { low: 0.0, high: 5.0, count: 8 } };
    let found = summarise(&lesions, settings).expect("a summary");
    assert_eq!(found.lesions + found.left_out, lesions.len());
    let spread = [found.range, found.volume_weighted_mean, some(found.standard_deviation), found.entropy];
    close("lesions", &[&[found.lesions as f64, found.mean, found.minimum, found.maximum], spread.as_slice()].concat());
}
