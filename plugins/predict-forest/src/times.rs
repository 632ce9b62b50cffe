//! Times as numbers that trees can be grown on.

/// The log-rank score of each row: 1 if it has the event, less the events that were to be expected up to its time, by the estimate
/// of Nelson and Aalen over all rows. Their sum over some rows is observed less expected events, which the log-rank test compares, so
/// that the split that takes most off their variance is that of a log-rank score (T. Hothorn and B. Lausen, "On the exact
/// distribution of maximally selected rank statistics", Comput Stat Data Anal 43:121, 2003). R calls them martingale residuals of a
/// model without inputs. The larger a score, the earlier the event; its weighted sum over all rows is 0.
pub fn log_rank_scores(time: &[f64], event: &[bool], weights: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..time.len()).collect();
    order.sort_by(|i, j| time[*i].total_cmp(&time[*j]));
    let mut at_risk: f64 = weights.iter().sum();
    let mut expected = 0.0;
    let mut scores = vec![0.0; time.len()];
    for tied in order.chunk_by(|i, j| time[*i] == time[*j]) {
        let events: f64 = tied.iter().filter(|i| event[**i]).map(|i| weights[*i]).sum();
        if events > 0.0 {
            expected += events / at_risk;
        }
        tied.iter().for_each(|i| scores[*i] = f64::from(u8::from(event[*i])) - expected);
        at_risk -= tied.iter().map(|i| weights[*i]).sum::<f64>();
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_the_martingale_residuals_of_r() {
        let time = [5.0, 3.0, 3.0, 8.0, 8.0, 8.0, 2.0, 10.0, 3.0, 7.0];
        let event = [true, true, false, true, true, false, true, false, true, false];
        let weights = [1.0, 2.0, 1.0, 1.0, 3.0, 1.0, 2.0, 1.0, 1.0, 0.5];
        // residuals(coxph(Surv(time, event) ~ 1, weights = weights, ties = "breslow")), survival 3.5-3.
        let alike = [
            0.511_111_111_111_111_2,
            0.677_777_777_777_777_8,
            -0.322_222_222_222_222_2,
            0.011_111_111_111_111_2,
            0.011_111_111_111_111_2,
            -0.988_888_888_888_888_8,
            0.9,
            -0.988_888_888_888_888_8,
            0.677_777_777_777_777_8,
            -0.488_888_888_888_888_8,
        ];
        let weighted = [
            0.457_648_953_301_127_2,
            0.590_982_286_634_460_5,
            -0.409_017_713_365_539_4,
            -0.209_017_713_365_539_3,
            -0.209_017_713_365_539_3,
            -1.209_017_713_365_539_3,
            0.851_851_851_851_851_9,
            -1.209_017_713_365_539_3,
            0.590_982_286_634_460_5,
            -0.542_351_046_698_872_8,
        ];
        for (weights, expected) in [(&[1.0; 10], &alike), (&weights, &weighted)] {
            let scores = log_rank_scores(&time, &event, weights);
            for (found, expected) in scores.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-14, "{found} {expected}");
            }
            let sum: f64 = scores.iter().zip(weights).map(|(score, weight)| score * weight).sum();
            assert!(sum.abs() < 1e-14, "{sum}");
        }
        // survdiff(Surv(time, event) ~ x): observed less expected.
        let x = [true, false, true, false, true, true, false, false, true, false];
        let scores = log_rank_scores(&time, &event, &[1.0; 10]);
        let sum: f64 = scores.iter().zip(x).filter(|(_, x)| *x).map(|(score, _)| score).sum();
        assert!((sum + 0.111_111_111_111_111_2).abs() < 1e-14, "{sum}");
    }
}
