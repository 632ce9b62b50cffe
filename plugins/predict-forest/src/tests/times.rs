//! Trees of times: those of scikit-survival (`tests/oracle/trees.py`), and what a file tells of them.

use voxomics_learning::{
    random,
    trees::{Bounds, Sorted},
};
use voxomics_sdk::testing::stored::{columns, figures};

use super::*;
use crate::{
    forest::Forest,
    survival::{Events, Times, one},
};

fn stored(table: &str, figure: &str) -> Vec<f64> {
    figures(include_str!("../../../../tests/oracle/trees.csv"), &[table, figure])
}

#[test]
fn a_tree_of_all_rows_is_that_of_scikit_survival() {
    let lung = include_str!("../../../../tests/oracle/r/lung.csv");
    let veteran = include_str!("../../../../tests/oracle/r/veteran.csv");
    for (name, table, inputs, event, horizons) in [
        ("lung", lung, ["age", "sex", "ecog", "karno"].as_slice(), "event", [180.0, 365.0, 500.0]),
        ("veteran", veteran, &["trt", "karno", "diagtime", "age", "prior"], "status", [60.0, 180.0, 300.0]),
    ] {
        let time = columns(table, &["time"]).remove(0);
        let event: Vec<bool> = columns(table, &[event]).remove(0).into_iter().map(|event| event == 1.0).collect();
        let rows = time.len();
        let x = Matrix::new(rows, inputs.len(), columns(table, inputs).concat()).expect("as many values");
        let mut of_events: Vec<f64> = (0..rows).filter(|i| event[*i]).map(|i| time[i]).collect();
        of_events.sort_by(f64::total_cmp);
        of_events.dedup();
        let times = Times { time: &time, event: &event, weights: &vec![1.0; rows] };
        let bounds = Bounds { depth: None, leaf: 15.0, tried: inputs.len() };
        let drawn = vec![1; rows];
        let (tree, leaves, _) =
            one(&Sorted::new(&x), times, &drawn, &of_events, bounds, &mut random::generator(1, 0)).expect("it grows");
        let forest = Forest::new(vec![tree.clone()]).expect("a tree");
        let events = Events { times: of_events, last: f64::INFINITY, leaves: vec![leaves.clone()] };
        let row = |i: usize| -> Vec<f64> { (0..inputs.len()).map(|j| x.column(j)[i]).collect() };
        let close = |figure: &str, found: &dyn Fn(&[f64]) -> f64| {
            let expected = stored(name, figure);
            assert_eq!(expected.len(), rows, "{name}: {figure}");
            for (i, expected) in expected.iter().enumerate() {
                let found = found(&row(i));
                assert!(
                    (found - expected).abs() < 1e-9 * (1.0 + expected),
                    "{name}, {figure}, row {i}: {found} {expected}"
                );
            }
        };
        close("mortality", &|row| forest.score(row));
        for horizon in horizons {
            close(&format!("survival {horizon}"), &|row| 1.0 - events.risk(&forest, row, horizon).expect("a risk"));
            close(&format!("hazard {horizon}"), &|row| {
                let (leaf, _) = tree.descend(row, |_, _| {});
                leaves[leaf].iter().filter(|event| event.time <= horizon).map(|event| event.hazard).sum()
            });
        }
    }
}

/// The file of a forest of times, with what the host writes into it.
fn with_horizons() -> String {
    format!("{}\n[risk]\nunit = \"days\"\nhorizons = [12, 20.5, 900]\n", learn("cox", ""))
}

#[test]
fn risks_are_told_where_the_file_asks_for_them() {
    let plain = Model::parse(&learn("cox", ""), "m").expect("the model is whole");
    assert_eq!(plain.outputs(), [Output::score("")]);
    let model = Model::parse(&with_horizons(), "m").expect("the model is whole");
    let risk = |name: &str, time| Output::risk(name, time, "days");
    let expected = [
        Output::score("score"),
        risk("risk_12_days", 12.0),
        risk("risk_20.5_days", 20.5),
        risk("risk_900_days", 900.0),
    ];
    assert_eq!(model.outputs(), expected);
    let mut pairs = Vec::new();
    for i in 0..ROWS {
        let (prediction, _) = model.predict(&rows::row(&model.inputs(), i));
        let score = prediction.score.expect("it is defined");
        let [Ok(early), Ok(late), Err(beyond)] = prediction.others.as_slice() else {
            panic!("{:?}", prediction.others)
        };
        assert!(0.0 <= *early && early <= late && *late <= 1.0, "{early} {late}");
        assert!(beyond.starts_with("900 lies beyond the follow-up of the training"), "{beyond}");
        pairs.push((score, *late));
    }
    // Whoever has the higher mortality has the higher risk, by and large.
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = |part: &[(f64, f64)]| part.iter().map(|pair| pair.1).sum::<f64>() / part.len() as f64;
    assert!(half(&pairs[..ROWS / 2]) + 0.2 < half(&pairs[ROWS / 2..]));
}

#[test]
fn leaves_that_do_not_fit_the_trees_are_refused() {
    let text = with_horizons();
    let refusal = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        Model::parse(&text.replacen(from, to, 1), "m").expect_err("it is refused")
    };
    assert!(refusal("[events]\n", "[events]\nlast = 0\n#").contains("m, line"));
    let last = text.lines().find(|line| line.starts_with("last = ")).expect("the last time");
    assert!(refusal(last, "last = 1.0").contains("do not rise up to `last`"));
    let hazard = text.lines().find(|line| line.starts_with("hazard = [")).expect("hazards");
    assert!(
        refusal(hazard, &hazard.replacen('[', "[1.5, ", 1)).contains("leaves of tree 0: the lists are not as long")
    );
    let first = hazard.trim_start_matches("hazard = [").split(',').next().expect("a hazard");
    assert!(refusal(hazard, &hazard.replacen(first, "1.5", 1)).contains("a hazard is 1.5, expected a share"));
    let event = text.lines().find(|line| line.starts_with("event = [")).expect("events");
    let first = event.trim_start_matches("event = [").split(',').next().expect("an event");
    assert!(refusal(event, &event.replacen(first, "9999", 1)).contains("there is no event time 9999"));
}
