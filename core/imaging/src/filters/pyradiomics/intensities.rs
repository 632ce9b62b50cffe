//! Image types that change each intensity on its own, by the largest absolute intensity of the scan, and normalisation.

use crate::{IndexBox, View, mask};

/// A change of intensities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// (x / √m)², m the largest absolute intensity.
    Square,
    /// ±√(m |x|), with the sign of x.
    SquareRoot,
    /// ±log(|x| + 1), with the sign of x, scaled so that the largest absolute intensity stays.
    Logarithm,
    /// exp(x · log(m) / m).
    Exponential,
}

/// Changes every intensity of a scan.
///
/// ```
/// use voxomics_imaging::filters::pyradiomics::intensities::{Change, changed};
///
/// // The largest absolute intensity is 4.
/// assert_eq!(changed(&[-4.0, 2.0], Change::Square), Ok(vec![4.0, 1.0]));
/// assert_eq!(changed(&[-4.0, 1.0], Change::SquareRoot), Ok(vec![-4.0, 2.0]));
/// ```
///
/// # Errors
/// Why the change is not defined for the scan.
pub fn changed(voxels: &[f64], change: Change) -> Result<Vec<f64>, &'static str> {
    let scan = View::new([voxels.len(), 1, 1], voxels);
    changed_in(scan, IndexBox::whole(scan.dims()), change)
}

/// Changes the intensities in a box of a scan.
///
/// ```
/// use voxomics_imaging::{
///     IndexBox, View,
///     filters::pyradiomics::intensities::{Change, changed_in},
/// };
///
/// // What counts is the largest absolute intensity of the whole scan.
/// let kept = IndexBox { start: [1, 0, 0], end: [2, 1, 1] };
/// assert_eq!(changed_in(View::new([2, 1, 1], &[-4.0, 2.0]), kept, Change::Square), Ok(vec![1.0]));
/// ```
///
/// # Errors
/// Why the change is not defined for the scan.
///
/// # Panics
/// If the box exceeds the scan.
pub fn changed_in(scan: View<f64>, kept: IndexBox, change: Change) -> Result<Vec<f64>, &'static str> {
    let voxels = scan.data();
    // The largest of numbers and a NaN is none: every voxel would be scaled by something else.
    if voxels.iter().any(|x| !x.is_finite()) {
        return Err(
            "a voxel of the scan is no finite number, and the image type divides by the largest absolute intensity",
        );
    }
    let largest = voxels.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    if largest == 0.0 {
        return Err("every voxel of the scan is 0, and the image type divides by its largest absolute intensity");
    }
    let signed = |x: f64, size: f64| {
        if x > 0.0 {
            size
        } else if x < 0.0 {
            -size
        } else {
            x
        }
    };
    let mut voxels = mask::crop(scan, kept);
    match change {
        Change::Square => {
            let factor = 1.0 / largest.sqrt();
            voxels.iter_mut().for_each(|x| *x = (factor * *x) * (factor * *x));
        }
        Change::SquareRoot => voxels.iter_mut().for_each(|x| *x = signed(*x, (x.abs() * largest).sqrt())),
        Change::Logarithm => {
            // The largest intensity has the largest logarithm.
            let factor = largest / (largest + 1.0).ln();
            voxels.iter_mut().for_each(|x| *x = signed(*x, (x.abs() + 1.0).ln()) * factor);
        }
        Change::Exponential => {
            let factor = largest.ln() / largest;
            voxels.iter_mut().for_each(|x| *x = (factor * *x).exp());
        }
    }
    Ok(voxels)
}

/// Brings a scan to mean 0 and standard deviation `scale`, the deviation that of a sample (n − 1), as ITK has it. With
/// `outliers`, what is further from the mean than so many standard deviations comes to lie there.
///
/// ```
/// use voxomics_imaging::filters::pyradiomics::intensities::normalised;
///
/// // The mean is 2, and the deviation of the sample √2.
/// let scan = normalised(&[1.0, 3.0], 100.0, None).unwrap();
/// assert!((scan[1] - 100.0 / 2_f64.sqrt()).abs() < 1e-9);
/// assert!(normalised(&[1.0, 1.0], 100.0, None).is_err());
/// ```
///
/// # Errors
/// If the scan has no spread.
pub fn normalised(voxels: &[f64], scale: f64, outliers: Option<f64>) -> Result<Vec<f64>, &'static str> {
    let n = voxels.len() as f64;
    let mean = voxels.iter().sum::<f64>() / n;
    let variance = voxels.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    if voxels.iter().any(|x| !x.is_finite()) {
        return Err("a voxel of the scan is no finite number, so that there is no mean to take away");
    }
    if variance.is_nan() || variance <= 0.0 {
        return Err("the scan's intensities do not vary, so that there is no standard deviation to divide by");
    }
    let sigma = variance.sqrt();
    let cut = |x: f64| outliers.map_or(x, |limit| x.clamp(-limit, limit));
    Ok(voxels.iter().map(|x| cut((x - mean) / sigma) * scale).collect())
}
