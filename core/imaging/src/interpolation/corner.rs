//! Resampling as SimpleITK does it for PyRadiomics: onto a grid that shares the corner of the first voxel.
//!
//! The numbers are those of ITK's `ResampleImageFilter`, in its order of additions: its B-spline begins a line with 18 terms, and
//! what a file of whole numbers gets is cut off towards zero, so that the last bit of a sum can decide about a whole unit. The
//! spline is that of M. Unser, "Splines: a perfect fit for signal and image processing", IEEE Signal Processing Magazine 16(6)
//! (1999) 22–38, doi:10.1109/79.799930. Which grid it is, PyRadiomics 3.0.1 says (`imageoperations.resampleImage`).

use std::ops::Range;

use super::InterpolationError;
use crate::{Executor, Grid, IndexBox, View, executor};

/// How intensities between voxel centres are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// That of the nearest voxel; halfway between two, the one with the larger index.
    Nearest,
    /// Linear along each axis.
    Linear,
    /// The cubic B-spline through all samples, continued as its mirror image beyond the outermost centres.
    BSpline,
}

/// The most voxels that an axis may have.
const MOST: f64 = 65_536.0;

/// Voxels beside those that are asked for, after which a recursion has forgotten where it began: |√3 − 2|⁶⁴ < 10⁻³⁶.
const MARGIN: usize = 64;

/// The terms with which ITK begins a line: |√3 − 2|¹⁸ < 10⁻¹⁰.
const HORIZON: usize = 18;

/// A grid with other voxels around a region, and the places of its voxels on the grid of a scan.
///
/// ```
/// use voxomics_imaging::{
///     Grid, IndexBox,
///     interpolation::corner::{Corner, Method},
/// };
///
/// let grid = Grid::axis_aligned([8, 8, 8], [2.0; 3]);
/// let region = IndexBox { start: [2, 2, 2], end: [6, 6, 6] };
/// // The region begins and ends at the old indices 1.5 and 5.5, which are 3 and 11 in voxels of 1 mm: nine of them.
/// let finer = Corner::new(&grid, [1.0; 3], region, 0, Method::Linear).unwrap().unwrap();
/// assert_eq!((finer.target().dims, finer.target().spacing), ([9; 3], [1.0; 3]));
/// // The spacing of the scan leaves nothing to do.
/// assert_eq!(Corner::new(&grid, [2.0; 3], region, 0, Method::Linear), Ok(None));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Corner {
    source: [usize; 3],
    target: Grid,
    /// For each axis the old indices of the new voxels.
    at: [Vec<f64>; 3],
    method: Method,
}

impl Corner {
    /// The grid of `spacing` in mm (0 keeps that of an axis) around a region of a scan, given by its box, and `pad` new voxels
    /// beyond it, as far as the scan reaches. An axis along which the region has one voxel keeps its spacing. None if the spacing
    /// is that of the scan, to within 10⁻⁵ of it: then nothing is resampled.
    ///
    /// # Errors
    /// If a spacing is negative or not finite, if the scan or the region has no voxel, or if an axis would have more than 65,536.
    pub fn new(
        source: &Grid,
        spacing: [f64; 3],
        region: IndexBox,
        pad: usize,
        method: Method,
    ) -> Result<Option<Self>, InterpolationError> {
        if source.is_empty() || region.dims().contains(&0) {
            return Err(InterpolationError::EmptyGrid { dims: source.dims });
        }
        if let Some(axis) = (0..3).find(|axis| !(spacing[*axis] >= 0.0 && spacing[*axis].is_finite())) {
            return Err(InterpolationError::Spacing { axis, spacing: spacing[axis] });
        }
        let keeps = |axis: usize| spacing[axis] == 0.0 || region.dims()[axis] == 1;
        let new: [f64; 3] = std::array::from_fn(|axis| if keeps(axis) { source.spacing[axis] } else { spacing[axis] });
        if (0..3).all(|axis| (source.spacing[axis] - new[axis]).abs() <= 1e-8 + 1e-5 * new[axis]) {
            return Ok(None);
        }
        let (mut dims, mut first) = ([0; 3], [0.0; 3]);
        for axis in 0..3 {
            let (old, ratio) = (source.spacing[axis], source.spacing[axis] / new[axis]);
            let last = (source.dims[axis] as f64 * ratio).ceil() - 1.0;
            if last >= MOST {
                let (spacing, voxels) = (new[axis], last + 1.0);
                return Err(InterpolationError::TooFine { axis, spacing, voxels, limit: MOST as usize });
            }
            let lower = (region.start[axis] as f64 - 0.5) * ratio - pad as f64;
            let upper = (region.end[axis] as f64 - 0.5) * ratio + pad as f64;
            let (lower, upper) = (lower.floor().max(0.0), upper.ceil().min(last));
            dims[axis] = (upper - lower + 1.0).max(1.0) as usize;
            first[axis] = 0.5 * (new[axis] - old) / old + lower / ratio;
        }
        let origin = point(source, first);
        let target = Grid { dims, spacing: new, origin, direction: source.direction };
        let at = std::array::from_fn(|axis| places(source, &target, axis));
        Ok(Some(Self { source: source.dims, target, at, method }))
    }

    /// The new grid.
    pub fn target(&self) -> Grid {
        self.target
    }

    /// The part of the scan that [`Self::image`] and [`Self::mask`] take.
    pub fn source_box(&self) -> IndexBox {
        let range = |axis: usize| -> Range<usize> {
            let last = self.source[axis] - 1;
            let clamped = |place: f64| place.clamp(0.0, last as f64);
            let of = &self.at[axis];
            let (first, end) = (of.first().map_or(0.0, |p| clamped(*p)), of.last().map_or(0.0, |p| clamped(*p)));
            (first as usize).saturating_sub(MARGIN)..(end as usize + MARGIN).min(last) + 1
        };
        let ranges = [0, 1, 2].map(range);
        IndexBox { start: ranges.clone().map(|range| range.start), end: ranges.map(|range| range.end) }
    }

    /// The intensities on the new grid, *x* fastest, of those in the [source box](Self::source_box); 0 beyond the scan.
    ///
    /// # Errors
    /// If the voxels are not those of the box.
    pub fn image(&self, voxels: &[f64], executor: &dyn Executor) -> Result<Vec<f64>, InterpolationError> {
        let part = self.checked(voxels.len())?;
        Ok(match self.method {
            Method::Nearest => self.nearest(View::new(part.dims(), voxels), part, executor),
            Method::Linear => self.linear(View::new(part.dims(), voxels), part, executor),
            Method::BSpline => {
                let coefficients = coefficients(voxels, part.dims(), executor);
                self.spline(View::new(part.dims(), &coefficients), part, executor)
            }
        })
    }

    /// The mask on the new grid, by the nearest voxel, of that in the [source box](Self::source_box); nothing beyond the scan.
    ///
    /// # Errors
    /// If the voxels are not those of the box.
    pub fn mask(&self, mask: &[u8], executor: &dyn Executor) -> Result<Vec<u8>, InterpolationError> {
        let part = self.checked(mask.len())?;
        Ok(self.nearest(View::new(part.dims(), mask), part, executor))
    }

    fn checked(&self, voxels: usize) -> Result<IndexBox, InterpolationError> {
        let part = self.source_box();
        let dims = part.dims();
        if voxels == dims.iter().product::<usize>() {
            return Ok(part);
        }
        Err(InterpolationError::MissingSource { needed: part, given: part, dims: [voxels, 1, 1] })
    }

    /// The places along an axis, none for those beyond the scan: ITK counts its first and not its last face.
    fn inside<T>(&self, axis: usize, of: impl Fn(f64) -> T) -> Vec<Option<T>> {
        let end = self.source[axis] as f64 - 0.5;
        self.at[axis].iter().map(|place| (*place >= -0.5 && *place < end).then(|| of(*place))).collect()
    }

    /// A value for each voxel of the new grid, from what each axis knows of its place.
    fn each<S: Sync, T: Copy + Send + Sync>(
        &self,
        along: &[Vec<Option<S>>; 3],
        outside: T,
        value: &(impl Fn([&S; 3]) -> T + Sync),
        executor: &dyn Executor,
    ) -> Vec<T> {
        let [x, y, z] = along;
        let slices = executor::map(executor, z.len(), &|k| {
            let rows = y.iter().flat_map(|y| {
                x.iter().map(move |x| match (x, y, &z[k]) {
                    (Some(x), Some(y), Some(z)) => value([x, y, z]),
                    _ => outside,
                })
            });
            rows.collect::<Vec<T>>()
        });
        slices.concat()
    }

    fn nearest<T: Copy + Default + Send + Sync>(
        &self,
        voxels: View<T>,
        part: IndexBox,
        executor: &dyn Executor,
    ) -> Vec<T> {
        let along = [0, 1, 2].map(|axis| {
            let last = self.source[axis] - 1;
            self.inside(axis, |place| ((place + 0.5).floor() as usize).min(last) - part.start[axis])
        });
        self.each(&along, T::default(), &|[x, y, z]: [&usize; 3]| voxels.at([*x, *y, *z]), executor)
    }

    fn linear(&self, voxels: View<f64>, part: IndexBox, executor: &dyn Executor) -> Vec<f64> {
        let along = [0, 1, 2].map(|axis| {
            let last = self.source[axis] - 1;
            self.inside(axis, |place| {
                let base = (place.floor().max(0.0) as usize).min(last);
                let share = place - base as f64;
                // Beyond the outermost centres, it is that of the edge.
                let share = if share <= 0.0 || base == last { 0.0 } else { share };
                [(base - part.start[axis], share), ((base + 1).min(last) - part.start[axis], share)]
            })
        });
        let between = |a: f64, b: f64, share: f64| if share == 0.0 { a } else { a + (b - a) * share };
        let value = |[x, y, z]: [&[(usize, f64); 2]; 3]| {
            let row = |y: usize, z: usize| between(voxels.at([x[0].0, y, z]), voxels.at([x[1].0, y, z]), x[0].1);
            let slice = |z: usize| between(row(y[0].0, z), row(y[1].0, z), y[0].1);
            between(slice(z[0].0), slice(z[1].0), z[0].1)
        };
        self.each(&along, 0.0, &value, executor)
    }

    fn spline(&self, coefficients: View<f64>, part: IndexBox, executor: &dyn Executor) -> Vec<f64> {
        let along = [0, 1, 2].map(|axis| {
            let last = self.source[axis] as isize - 1;
            let mirrored = |index: isize| match last {
                0 => 0,
                _ if index < 0 => -index,
                _ if index > last => 2 * last - index,
                _ => index,
            };
            self.inside(axis, |place| {
                let before = place.floor();
                let taps = [-1, 0, 1, 2].map(|step| {
                    let index = mirrored(before as isize + step).clamp(0, last);
                    (index as usize).saturating_sub(part.start[axis]).min(coefficients.dims()[axis] - 1)
                });
                (taps, weights(place - before))
            })
        });
        let value = |[x, y, z]: [&([usize; 4], [f64; 4]); 3]| {
            let mut sum = 0.0;
            for k in 0..4 {
                for j in 0..4 {
                    for i in 0..4 {
                        let weight = x.1[i] * y.1[j] * z.1[k];
                        sum += weight * coefficients.at([x.0[i], y.0[j], z.0[k]]);
                    }
                }
            }
            sum
        };
        self.each(&along, 0.0, &value, executor)
    }
}

/// Intensities in the type of a file: whole numbers lose what is behind the point, and stay between the least and the largest that
/// the type has; single precision is rounded.
///
/// ```
/// use voxomics_imaging::interpolation::corner::stored;
///
/// let mut voxels = [1.9, -1.9, 300.0];
/// stored(&mut voxels, Some([0.0, 255.0]), false);
/// assert_eq!(voxels, [1.0, 0.0, 255.0]);
/// ```
pub fn stored(voxels: &mut [f64], whole: Option<[f64; 2]>, single: bool) {
    match whole {
        Some([least, most]) => voxels.iter_mut().for_each(|x| *x = x.clamp(least, most).trunc() + 0.0),
        None if single => voxels.iter_mut().for_each(|x| *x = f64::from(*x as f32)),
        None => {}
    }
}

/// A point of a continuous index, added up as ITK does.
fn point(grid: &Grid, index: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|row| {
        let sum = (0..3).fold(0.0, |sum, axis| sum + grid.direction[axis][row] * grid.spacing[axis] * index[axis]);
        sum + grid.origin[row]
    })
}

/// The old indices of the new voxels along an axis.
fn places(source: &Grid, target: &Grid, axis: usize) -> Vec<f64> {
    let count = target.dims[axis];
    let along = source.direction[axis];
    let place = |index: f64| match (0..3).find(|row| along[*row].abs() == 1.0) {
        // Along an axis of the patient, by way of the point as ITK goes: the last bit may decide which voxel is the nearest.
        Some(row) => {
            let point = target.origin[row] + along[row] * target.spacing[axis] * index;
            (point - source.origin[row]) * (1.0 / (along[row] * source.spacing[axis]))
        }
        None => source.index(target.origin)[axis] + index * (target.spacing[axis] / source.spacing[axis]),
    };
    if axis > 0 {
        return (0..count).map(|index| place(index as f64)).collect();
    }
    // Of a row, ITK computes the first place and that behind the last, and divides what is between.
    let (start, end) = (place(0.0), place(count as f64));
    (0..count).map(|index| start + index as f64 / count as f64 * (end - start)).collect()
}

/// The weights of the coefficients at −1, 0, 1 and 2, in ITK's order of operations.
fn weights(t: f64) -> [f64; 4] {
    let third = 1.0 / 6.0 * t * t * t;
    let first = 1.0 / 6.0 + 0.5 * t * (t - 1.0) - third;
    let second = t + first - 2.0 * third;
    [first, 1.0 - first - second - third, second, third]
}

/// The coefficients of the spline through the samples, along *x*, then *y*, then *z*.
fn coefficients(voxels: &[f64], [nx, ny, nz]: [usize; 3], executor: &dyn Executor) -> Vec<f64> {
    let slices = executor::map(executor, nz, &|z| {
        let mut slice = voxels[z * nx * ny..][..nx * ny].to_vec();
        slice.chunks_mut(nx).for_each(decompose);
        let mut line = vec![0.0; ny];
        for x in 0..nx {
            line.iter_mut().enumerate().for_each(|(y, sample)| *sample = slice[y * nx + x]);
            decompose(&mut line);
            line.iter().enumerate().for_each(|(y, sample)| slice[y * nx + x] = *sample);
        }
        slice
    });
    // For each row the lines through it along z, one after the other.
    let rows = executor::map(executor, ny, &|y| {
        let mut lines = Vec::with_capacity(nx * nz);
        for x in 0..nx {
            lines.extend(slices.iter().map(|slice| slice[y * nx + x]));
        }
        lines.chunks_mut(nz).for_each(decompose);
        lines
    });
    let mut all = Vec::with_capacity(nx * ny * nz);
    for z in 0..nz {
        for row in &rows {
            all.extend((0..nx).map(|x| row[x * nz + z]));
        }
    }
    all
}

/// The coefficients of a line, in place of its samples, in ITK's order of operations.
fn decompose(line: &mut [f64]) {
    let n = line.len();
    if n < 2 {
        return;
    }
    let pole = 3.0_f64.sqrt() - 2.0;
    let gain = (1.0 - pole) * (1.0 - 1.0 / pole);
    line.iter_mut().for_each(|sample| *sample *= gain);
    let mut power = pole;
    if HORIZON < n {
        let mut sum = line[0];
        for sample in &line[1..HORIZON] {
            sum += power * sample;
            power *= pole;
        }
        line[0] = sum;
    } else {
        // Of a short line all samples, and their mirror images.
        let inverse = 1.0 / pole;
        let last = pole.powi(n as i32 - 1);
        let mut sum = line[0] + last * line[n - 1];
        let mut back = last * (last * inverse);
        for sample in &line[1..n - 1] {
            sum += (power + back) * sample;
            power *= pole;
            back *= inverse;
        }
        line[0] = sum / (1.0 - power * power);
    }
    for i in 1..n {
        line[i] += pole * line[i - 1];
    }
    line[n - 1] = pole / (pole * pole - 1.0) * (pole * line[n - 2] + line[n - 1]);
    for i in (0..n - 1).rev() {
        line[i] = pole * (line[i + 1] - line[i]);
    }
}
