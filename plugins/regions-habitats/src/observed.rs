//! What a case is like: the voxels of its region, and what there is to be learnt from them.

use serde::{Deserialize, Serialize};
use voxomics_imaging::{View, supervoxels::Supervoxels};
use voxomics_learning::random;
use voxomics_sdk::prelude::*;

use crate::options::Options;

/// Rounds of supervoxels: they hardly move after the first few.
const ROUNDS: usize = 10;

/// The voxels of a region that have a value in each image, or their supervoxels.
pub struct Voxels {
    /// The names of the images.
    pub names: Vec<String>,
    /// How many voxels the box has.
    pub count: usize,
    /// For each voxel with values its place in the box, and its point.
    pub places: Vec<(usize, usize)>,
    /// The points: intensities in each image, point after point.
    pub points: Vec<f64>,
}

impl Voxels {
    /// The voxels of the first region of an image.
    ///
    /// # Errors
    /// If there is no region, or an intensity is not a finite number.
    pub fn of(image: &Image, options: &Options) -> Result<Self, Error> {
        let (region, mask) = image.regions().next().ok_or_else(|| Error::input("there is no region to divide"))?;
        let (names, images): (Vec<String>, Vec<&[f64]>) =
            image.images().map(|(name, voxels)| (name.to_owned(), voxels)).unzip();
        let (mut valued, mut inside) = (vec![0; mask.len()], Vec::new());
        for at in (0..mask.len()).filter(|at| mask[*at] != 0) {
            // The program has seen to it that scans have numbers. A map has no value where its feature is not defined: such a
            // voxel is of no habitat. A scan without a name is nobody's map.
            let is_wrong = |x: f64| x.is_infinite() || x.is_nan() && names[0].is_empty();
            if let Some(place) = images.iter().position(|image| is_wrong(image[at])) {
                let name = listed(&names[place..place + 1]);
                return Err(Error::input(format!("an intensity of `{region}` in {name} is {}", images[place][at])));
            }
            if images.iter().all(|image| !image[at].is_nan()) {
                valued[at] = 1;
                inside.push(at);
            }
        }
        if inside.is_empty() {
            return Err(Error::input(format!("no voxel of `{region}` has a value in {}", listed(&names))));
        }
        let point = |at: &usize| images.iter().map(|image| image[*at]).collect::<Vec<f64>>();
        let Some(side_mm) = options.supervoxel_mm else {
            let places = inside.iter().copied().enumerate().map(|(point, at)| (at, point)).collect();
            let points = inside.iter().flat_map(point).collect();
            return Ok(Self { names, count: mask.len(), places, points });
        };
        let how = Supervoxels { side_mm, compactness: options.compactness, rounds: ROUNDS };
        let labels = how.cut(View::new(image.dims(), &valued), &images, image.spacing());
        let places: Vec<(usize, usize)> = inside.iter().map(|at| (*at, labels[*at] as usize - 1)).collect();
        let count = places.iter().map(|(_, point)| point + 1).max().unwrap_or(0);
        let (mut points, mut sizes) = (vec![0.0; count * images.len()], vec![0_usize; count]);
        for (at, number) in &places {
            sizes[*number] += 1;
            let sums = &mut points[number * images.len()..(number + 1) * images.len()];
            sums.iter_mut().zip(&images).for_each(|(sum, image)| *sum += image[*at]);
        }
        let means = points.chunks_exact_mut(images.len()).zip(sizes);
        means.for_each(|(sums, size)| sums.iter_mut().for_each(|sum| *sum /= size as f64));
        Ok(Self { names, count: mask.len(), places, points })
    }
}

/// Names of images in a sentence; the only image of a program that gives no name has none.
pub fn listed(names: &[String]) -> String {
    match names {
        [one] if one.is_empty() => "the image".into(),
        _ => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

/// What there is to be learnt from a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The names of the images.
    pub images: Vec<String>,
    /// Points of the sample, each with a number for each image.
    pub points: Vec<Vec<f64>>,
}

impl Seen {
    /// A sample of the points, each as likely as any other, in the order of the box.
    pub fn of(voxels: &Voxels, options: &Options) -> Self {
        let all: Vec<&[f64]> = voxels.points.chunks_exact(voxels.names.len()).collect();
        let mut drawn: Vec<usize> = (0..all.len()).collect();
        if all.len() > options.sample {
            random::draw(&mut random::generator(options.seed, all.len() as u64), &mut drawn, options.sample);
            drawn.truncate(options.sample);
            drawn.sort_unstable();
        }
        Self { images: voxels.names.clone(), points: drawn.into_iter().map(|at| all[at].to_vec()).collect() }
    }

    /// As text.
    ///
    /// # Errors
    /// If it cannot be JSON.
    pub fn written(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|cause| Error::input(format!("it cannot be written: {cause}")))
    }

    /// From its text.
    ///
    /// # Errors
    /// If it is something else.
    pub fn read(text: &str) -> Result<Self, Error> {
        let seen: Self = serde_json::from_str(text)
            .map_err(|cause| Error::input(format!("what a case was seen to have cannot be read: {cause}")))?;
        match seen.points.iter().all(|point| point.len() == seen.images.len()) && !seen.images.is_empty() {
            true => Ok(seen),
            false => Err(Error::input("what a case was seen to have has points of another number of images")),
        }
    }
}
