//! What was fitted, as a model carries it.

use serde::{Deserialize, Serialize};
use voxomics_learning::clustering::{
    kmeans,
    mixture::{Covariance, Densities, Mixture},
};
use voxomics_sdk::prelude::*;

use crate::{
    observed::{Voxels, listed},
    options::{Method, Options},
};

/// The state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// How voxels are clustered.
    pub method: String,
    /// The names of the images.
    pub images: Vec<String>,
    /// How many cases it was fitted to.
    pub cases: usize,
    /// How many voxels, or supervoxels, of theirs.
    pub points: usize,
    /// For each image what is taken from an intensity.
    pub mean: Vec<f64>,
    /// For each image what it is then divided by.
    pub deviation: Vec<f64>,
    /// Side of a supervoxel, mm; 0 for none.
    pub supervoxel_mm: f64,
    /// Weight of place in supervoxels.
    pub compactness: f64,
    /// What the number of habitats was chosen by, and its value for each number that was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
    /// The centre, or mean, of each habitat.
    pub centres: Vec<Vec<f64>>,
    /// Of a mixture: the share of each habitat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// Of a mixture: the covariance of each habitat, row after row, or its diagonal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covariances: Vec<Vec<f64>>,
}

/// How the number of habitats was chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// The criterion.
    pub by: String,
    /// Numbers of habitats, and the criterion of each.
    pub of: Vec<(usize, f64)>,
}

/// What a point is asked.
enum Rule {
    Nearest,
    MostLikely(Densities),
}

impl State {
    /// As text.
    ///
    /// # Errors
    /// If it cannot be JSON.
    pub fn written(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|cause| Error::input(format!("it cannot be written: {cause}")))
    }

    /// From its text, if it is one of these settings.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str, options: &Options) -> Result<Self, Error> {
        let wrong = |message: String| Err(Error::input(message));
        let state: Self = serde_json::from_str(text)
            .map_err(|cause| Error::input(format!("what was fitted for the habitats cannot be read: {cause}")))?;
        if state.method != options.method.word() {
            let (found, asked) = (&state.method, options.method.word());
            return wrong(format!("what was fitted is a {found}, and the settings ask for a {asked}"));
        }
        let of_cut = (options.supervoxel_mm.unwrap_or(0.0), options.compactness);
        if (state.supervoxel_mm, state.compactness) != of_cut {
            let (mm, compactness) = (state.supervoxel_mm, state.compactness);
            return wrong(format!(
                "what was fitted has supervoxel_mm = {mm} and compactness = {compactness}, and the settings have {} and {}",
                of_cut.0, of_cut.1
            ));
        }
        let count = state.centres.len();
        if !(options.numbers[0]..=options.numbers[1]).contains(&count) {
            let [least, largest] = options.numbers;
            return wrong(format!(
                "what was fitted has {count} habitats, and the settings ask for {least} to {largest}"
            ));
        }
        state.sound(options.method)?;
        Ok(state)
    }

    /// Whether all parts have their sizes and are numbers.
    fn sound(&self, method: Method) -> Result<(), Error> {
        let (images, count) = (self.images.len(), self.centres.len());
        let size = match method {
            Method::KMeans => 0,
            Method::Mixture(Covariance::Full) => images * images,
            Method::Mixture(Covariance::Diagonal) => images,
        };
        let of_mixture = if size > 0 { count } else { 0 };
        let sizes = images > 0
            && self.mean.len() == images
            && self.deviation.len() == images
            && self.centres.iter().all(|centre| centre.len() == images)
            && self.weights.len() == of_mixture
            && self.covariances.len() == of_mixture
            && self.covariances.iter().all(|covariance| covariance.len() == size);
        let numbers = self.centres.iter().chain(&self.covariances).flatten().chain(&self.mean);
        let finite = numbers.copied().all(f64::is_finite);
        let positive = self.deviation.iter().chain(&self.weights).all(|x| x.is_finite() && *x > 0.0);
        if !(sizes && finite && positive) {
            return Err(Error::input(format!(
                "what was fitted for the habitats is damaged, or of another `covariance`: {count} habitats of {images} images \
                 have parts of other sizes, or that are no numbers"
            )));
        }
        self.rule(method).map(|_| ())
    }

    /// Whether it is of these images.
    ///
    /// # Errors
    /// If it is of others.
    pub fn is_of(&self, names: &[String]) -> Result<(), Error> {
        if self.images == names {
            return Ok(());
        }
        let (fitted, found) = (listed(&self.images), listed(names));
        Err(Error::input(format!("what was fitted is of {fitted}, and the habitats are to be made of {found}")))
    }

    /// For each voxel of the box its habitat, from 1 on; 0 where there is none.
    ///
    /// # Errors
    /// If a covariance is none.
    pub fn labels(&self, voxels: &Voxels, method: Method) -> Result<Vec<u16>, Error> {
        let rule = self.rule(method)?;
        let label = |point: &[f64]| {
            let point = self.standardised(point);
            let place = match &rule {
                Rule::Nearest => kmeans::nearest(&point, &self.centres),
                Rule::MostLikely(densities) => densities.label(&point),
            };
            place as u16 + 1
        };
        let of_points: Vec<u16> = voxels.points.chunks_exact(self.images.len()).map(label).collect();
        let mut labels = vec![0; voxels.count];
        voxels.places.iter().for_each(|(at, point)| labels[*at] = of_points[*point]);
        Ok(labels)
    }

    /// A point as it was fitted.
    pub fn standardised(&self, point: &[f64]) -> Vec<f64> {
        let of = point.iter().zip(self.mean.iter().zip(&self.deviation));
        of.map(|(x, (mean, deviation))| (x - mean) / deviation).collect()
    }

    fn rule(&self, method: Method) -> Result<Rule, Error> {
        let Method::Mixture(covariance) = method else { return Ok(Rule::Nearest) };
        let mixture = Mixture {
            weights: self.weights.clone(),
            means: self.centres.clone(),
            covariances: self.covariances.clone(),
            covariance,
        };
        let densities = mixture.densities();
        densities.map(Rule::MostLikely).map_err(|cause| Error::input(format!("what was fitted: {cause}")))
    }
}
