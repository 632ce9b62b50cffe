//! A library as a laboratory may have built it when generation 1 was frozen. It is never built again: its binary is what counts.

use voxomics_sdk::prelude::*;

/// The family `kept`.
struct Kept {
    above: f64,
}

impl FeatureFamily for Kept {
    fn describe() -> Description {
        Description::new("kept", "What is above a limit, and what its texture is")
            .setting(Setting::number("above", "the limit").unit("intensity").default(0.3))
            .feature(Feature::new("mean", "Mean above the limit").unit("intensity"))
            .feature(Feature::new("levels", "Sum of the grey levels"))
            .feature(Feature::new("cells", "Sum of a co-occurrence matrix").ibsi("C0DE"))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { above: settings.number("above")? })
    }

    fn needs(&self) -> Needs {
        Needs { levels: true, matrices: vec![Matrix::new("glcm", "3D merged")], ..Needs::default() }
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        let above: Vec<f64> = region.intensities().filter(|x| *x > self.above).collect();
        let sums: Vec<std::sync::Mutex<f64>> = above.iter().map(|_| std::sync::Mutex::new(0.0)).collect();
        context.for_each(above.len(), |at| *sums[at].lock().expect("nobody panics") = above[at]);
        context.info("the library of generation 1 was here");
        let mut values = Values::new();
        let sum: f64 = sums.iter().map(|sum| *sum.lock().expect("nobody panics")).sum();
        match above.len() {
            0 => values.undefined("mean", "nothing is above the limit"),
            count => values.ok("mean", sum / count as f64),
        }
        values.ok("levels", region.levels().iter().map(|level| f64::from(*level)).sum());
        let cells = region.matrix_set(0).matrices().flat_map(|matrix| matrix.triples()).map(|(_, _, value)| value);
        values.ok("cells", cells.sum());
        Ok(values)
    }
}

/// The predictor `kept`.
struct Scores;

impl Predictor for Scores {
    fn describe() -> Description {
        Description::new("kept", "Twice its input")
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn inputs(&self) -> Vec<String> {
        vec!["tumour:kept.mean".into()]
    }

    fn predict(&self, inputs: &[Input], _: &Context) -> Result<Prediction, Error> {
        Ok(match inputs[0].value() {
            Ok(x) => Prediction::score(2.0 * x).because(vec![2.0 * x]),
            Err(reason) => Prediction::none(reason),
        })
    }
}

voxomics_sdk::export_plugin! { vendor: "Generation 1", families: [Kept], predictors: [Scores] }
