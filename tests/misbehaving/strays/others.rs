//! Plugins of the other kinds, each with one fault.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use voxomics_sdk::{Block, Grid, Loaded, Scan, VoxelType, prelude::*};

/// A running number.
fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The filter `narrow`: a mean of five voxels along *x* that declares a margin of one.
pub struct Narrow;

impl Filter for Narrow {
    fn describe() -> Description {
        Description::new("narrow", "A mean of five voxels along x")
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn margin(&self, _: &Grid) -> [usize; 3] {
        [1, 0, 0]
    }

    fn apply(&self, image: &Image, _: &Context) -> Result<Vec<ResponseMap>, Error> {
        let last = image.dims()[0] - 1;
        let row = |row: &[f64]| {
            let at = |x: usize| (x.saturating_sub(2)..=(x + 2).min(last)).map(|x| row[x]).sum::<f64>() / 5.0;
            (0..=last).map(at).collect::<Vec<_>>()
        };
        let voxels = image.voxels().chunks(last + 1).flat_map(row).collect();
        Ok(vec![ResponseMap { name: String::new(), voxels }])
    }
}

/// The filter `restless`: its state is another one each time, and it can do without.
pub struct Restless;

impl Filter for Restless {
    fn describe() -> Description {
        Description::new("restless", "The image, after a cohort was looked at").fits()
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn margin(&self, _: &Grid) -> [usize; 3] {
        [0; 3]
    }

    fn apply(&self, image: &Image, _: &Context) -> Result<Vec<ResponseMap>, Error> {
        Ok(vec![ResponseMap { name: String::new(), voxels: image.voxels().into() }])
    }

    fn observe(&self, _: &Image, _: &Context) -> Result<String, Error> {
        Ok(String::new())
    }

    fn fit(&self, _: &[String], _: &Context) -> Result<String, Error> {
        Ok(next().to_string())
    }
}

/// The family `blank`: its maps are 0 everywhere.
pub struct Blank;

impl FeatureFamily for Blank {
    fn describe() -> Description {
        Description::new("blank", "The mean, and maps of nothing")
            .feature(Feature::new("mean", "Mean").unit("intensity").meaning("bright").equation("mean of X"))
            .maps()
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let mut values = Values::new();
        let inside: Vec<f64> = region.intensities().collect();
        values.ok("mean", inside.iter().sum::<f64>() / inside.len() as f64);
        Ok(values)
    }

    fn map(&self, block: &Block, _: &Context) -> Result<Vec<ResponseMap>, Error> {
        let voxels = vec![0.0; block.image().voxels().len()];
        Ok(vec![ResponseMap { name: String::new(), voxels }])
    }
}

/// The predictor `deaf`: a NaN is a 0 to it, and each of its models is another one.
pub struct Deaf;

impl Predictor for Deaf {
    fn describe() -> Description {
        Description::new("deaf", "The larger of its input and 0")
            .setting(Setting::file("model", "a model, of which nothing is read"))
            .trains()
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn inputs(&self) -> Vec<String> {
        vec!["lesion:a".into()]
    }

    fn predict(&self, inputs: &[Input], _: &Context) -> Result<Prediction, Error> {
        Ok(match inputs[0].value() {
            Ok(x) => Prediction::score(x.max(0.0)),
            Err(reason) => Prediction::none(reason),
        })
    }

    fn fit(&self, _: &TrainingTable, _: &Context) -> Result<String, Error> {
        Ok(format!("number = {}", next()))
    }
}

/// The loader `credulous`: every file holds the same scan, whatever its size.
pub struct Credulous;

impl Loader for Credulous {
    fn describe() -> Description {
        Description::new("credulous", "One scan for every file").formats(&["anything"])
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn recognises(&self, _: &Path, _: &[u8]) -> bool {
        true
    }

    fn load(&self, request: &LoadRequest, _: &Context) -> Result<Loaded, Error> {
        let grid = Grid {
            dims: [4; 3],
            spacing: [1.0; 3],
            origin: [0.0; 3],
            direction: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        };
        Ok(Loaded::one(request.role, Scan::new(grid, VoxelType::U8, vec![1; 64]), Vec::new()))
    }
}
