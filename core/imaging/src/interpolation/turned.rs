//! Interpolation to a grid that is turned about the third axis of the scan and shifted, as Zwanenburg et al. (Sci. Rep. 9:614, 2019)
//! perturb images: the grid moves, and the scan stays where it is.

use super::{BeyondEdge, HALF, InterpolationError, Method, Resampling, spline};
use crate::{Executor, Grid, IndexBox, View, lines};

/// How a grid is moved.
///
/// ```
/// use voxomics_imaging::interpolation::Turn;
///
/// assert!(Turn { degrees: 0.0, shift: [0.0; 3] }.is_none());
/// assert!(!Turn { degrees: 0.0, shift: [0.5, 0.0, 0.0] }.is_none());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Turn {
    /// Turned about the third index axis through the middle of the grid, from the first index axis towards the second, degrees.
    pub degrees: f64,
    /// Shifted along each index axis before it is turned, in voxels of the new grid.
    pub shift: [f64; 3],
}

impl Turn {
    /// Whether nothing moves.
    pub fn is_none(&self) -> bool {
        self.degrees == 0.0 && self.shift == [0.0; 3]
    }
}

/// From one grid to another one that is turned and shifted.
///
/// ```
/// use voxomics_imaging::{
///     Grid, IndexBox, Serial, View,
///     interpolation::{MaskMethod, Method, Resampling, Turn},
/// };
///
/// // Half a voxel along x: each new voxel lies between two old ones.
/// let grid = Grid::axis_aligned([2, 1, 1], [1.0; 3]);
/// let straight = Resampling::new(&grid, [None; 3], Method::Linear, MaskMethod::Nearest).unwrap();
/// let turned = straight.turned(Turn { degrees: 0.0, shift: [0.5, 0.0, 0.0] });
/// let target = turned.target();
/// let (whole, crop) = (IndexBox::whole(target.dims), IndexBox::whole(grid.dims));
/// let image = turned.image(View::new([2, 1, 1], &[0.0, 8.0]), crop, whole, &Serial).unwrap();
/// assert!(image.contains(&4.0), "{image:?}");
/// ```
#[derive(Debug, Clone)]
pub struct Turned {
    straight: Resampling,
    cos: f64,
    sin: f64,
    shift: [f64; 3],
    /// Voxels before those of the straight grid along each axis: the whole scan lies within the turned one.
    before: [usize; 3],
    dims: [usize; 3],
}

/// Rounding that may not move a voxel: positions this close to a centre, or to the middle between two, are on it.
const SNAP: f64 = 1e-9;

/// Voxels by which an edge is repeated, for a spline that goes on so: its margin and its support.
const REPEATED: usize = spline::MARGIN + 2;

impl Resampling {
    /// The same interpolation to a grid that is turned and shifted. It has the voxels of the straight grid, and as many more on
    /// each side as it needs to hold the whole scan.
    pub fn turned(&self, turn: Turn) -> Turned {
        let (sin, cos) = match turn.degrees.rem_euclid(360.0) {
            // Without what is left of rounding.
            0.0 => (0.0, 1.0),
            90.0 => (1.0, 0.0),
            180.0 => (0.0, -1.0),
            270.0 => (-1.0, 0.0),
            degrees => degrees.to_radians().sin_cos(),
        };
        let mut turned = Turned { straight: self.clone(), cos, sin, shift: turn.shift, before: [0; 3], dims: [0; 3] };
        let (low, high) = turned.image_of(self.source.dims.map(|n| [-0.5, n as f64 - 0.5]));
        for axis in 0..3 {
            let voxels = self.axes[axis].new;
            turned.before[axis] = (-(low[axis] - SNAP).ceil()).max(0.0) as usize;
            let after = ((high[axis] + SNAP).floor() - (voxels as f64 - 1.0)).max(0.0) as usize;
            turned.dims[axis] = turned.before[axis] + voxels + after;
        }
        turned
    }
}

impl Turned {
    /// The new grid.
    pub fn target(&self) -> Grid {
        let source = &self.straight.source;
        let [x, y, z] = source.direction;
        let turned = |a: f64, b: f64| std::array::from_fn(|i| a * x[i] + b * y[i]);
        Grid {
            dims: self.dims,
            spacing: self.straight.axes.map(|axis| axis.spacing),
            origin: source.point(self.position([0.0; 3])),
            direction: [turned(self.cos, self.sin), turned(-self.sin, self.cos), z],
        }
    }

    /// The part of the source that [`Self::image`] and [`Self::mask`] need for a part of the target.
    pub fn source_box(&self, target_box: IndexBox) -> IndexBox {
        if target_box.dims().contains(&0) {
            return IndexBox { start: [0; 3], end: [0; 3] };
        }
        let margin = if matches!(self.straight.image, Method::Cubic(_)) { 1 + spline::MARGIN } else { 1 };
        let dims = self.straight.source.dims;
        let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for corner in corners(target_box.start.map(|i| i as f64), target_box.end.map(|i| i as f64 - 1.0)) {
            let position = self.position(corner);
            for axis in 0..3 {
                let inside = position[axis].clamp(0.0, dims[axis] as f64 - 1.0);
                low[axis] = low[axis].min(inside);
                high[axis] = high[axis].max(inside);
            }
        }
        IndexBox {
            start: std::array::from_fn(|axis| (low[axis].floor() as usize).saturating_sub(margin)),
            end: std::array::from_fn(|axis| (high[axis].ceil() as usize + 1 + margin).min(dims[axis])),
        }
    }

    /// The part of the target in which a mask can have voxels whose source lies within `source_box`.
    pub fn target_box(&self, source_box: IndexBox) -> IndexBox {
        if source_box.dims().contains(&0) {
            return IndexBox { start: [0; 3], end: [0; 3] };
        }
        // Linear interpolation reaches less than one voxel.
        let sides = [0, 1, 2].map(|axis| [source_box.start[axis] as f64 - 1.0, source_box.end[axis] as f64]);
        let (low, high) = self.image_of(sides);
        let clamp = |x: f64, axis: usize| x.clamp(0.0, self.dims[axis] as f64) as usize;
        IndexBox {
            start: std::array::from_fn(|axis| clamp((low[axis] - SNAP).ceil(), axis)),
            end: std::array::from_fn(|axis| clamp((high[axis] + SNAP).floor() + 1.0, axis)),
        }
    }

    /// The image inside `target_box`, *x* fastest; `crop` holds the source inside `crop_box`. Beyond half a voxel outside of the scan's
    /// outermost centres it has the value there.
    ///
    /// # Errors
    /// As of [`Resampling::image`].
    pub fn image(
        &self,
        crop: View<f64>,
        crop_box: IndexBox,
        target_box: IndexBox,
        executor: &dyn Executor,
    ) -> Result<Vec<f64>, InterpolationError> {
        self.check(crop.dims(), crop_box, target_box)?;
        let method = self.straight.image;
        let Method::Cubic(beyond) = method else {
            let samples = Samples::of(crop.data(), crop_box);
            return self.evaluate(&samples, method, false, target_box, executor);
        };
        // Relative to one voxel a flat image is zero, and stays flat to the bit.
        let base = crop.data().first().copied().unwrap_or_default();
        let mut samples = Samples::of(crop.data(), crop_box);
        if beyond == BeyondEdge::Repeat {
            samples = samples.repeated(crop_box, self.straight.source.dims);
        }
        let samples = samples.coefficients(base, executor)?;
        let mut voxels = self.evaluate(&samples, method, false, target_box, executor)?;
        voxels.iter_mut().for_each(|voxel| *voxel += base);
        Ok(voxels)
    }

    /// The mask inside `target_box` as 0 and 1, *x* fastest; `crop` holds the source mask inside `crop_box`. Further than half a voxel
    /// outside of the scan's outermost centres there is none.
    ///
    /// # Errors
    /// As of [`Resampling::image`].
    pub fn mask(
        &self,
        crop: View<u8>,
        crop_box: IndexBox,
        target_box: IndexBox,
        executor: &dyn Executor,
    ) -> Result<Vec<u8>, InterpolationError> {
        self.check(crop.dims(), crop_box, target_box)?;
        let shares: Vec<f64> = crop.data().iter().map(|inside| f64::from(u8::from(*inside != 0))).collect();
        let samples = Samples::of(&shares, crop_box);
        let shares = self.evaluate(&samples, self.straight.mask.method(), true, target_box, executor)?;
        Ok(shares.into_iter().map(|share| u8::from(share >= HALF)).collect())
    }

    fn check(&self, crop: [usize; 3], crop_box: IndexBox, target_box: IndexBox) -> Result<(), InterpolationError> {
        if (0..3).any(|axis| target_box.end[axis] > self.dims[axis]) {
            return Err(InterpolationError::OutsideTarget { asked: target_box, target: self.dims });
        }
        let needed = self.source_box(target_box);
        let missing = |axis| needed.start[axis] < crop_box.start[axis] || needed.end[axis] > crop_box.end[axis];
        match crop != crop_box.dims() || (0..3).any(missing) {
            true => Err(InterpolationError::MissingSource { needed, given: crop_box, dims: crop }),
            false => Ok(()),
        }
    }

    /// The continuous index of the source at one of the target.
    fn position(&self, index: [f64; 3]) -> [f64; 3] {
        let Resampling { source, axes, .. } = &self.straight;
        let mm = |axis: usize| {
            let centre = 0.5 * (axes[axis].new as f64 - 1.0);
            (index[axis] - self.before[axis] as f64 - centre) * axes[axis].spacing
        };
        let [x, y, z] = [mm(0), mm(1), mm(2)];
        let turned = [self.cos * x - self.sin * y, self.sin * x + self.cos * y, z];
        std::array::from_fn(|axis| {
            let mm = turned[axis] + self.shift[axis] * axes[axis].spacing;
            let position = 0.5 * (source.dims[axis] as f64 - 1.0) + mm / source.spacing[axis];
            let halves = (2.0 * position).round();
            if (2.0 * position - halves).abs() <= 2.0 * SNAP { 0.5 * halves } else { position }
        })
    }

    /// The box of continuous indices of the target that holds a box of those of the source.
    fn image_of(&self, sides: [[f64; 2]; 3]) -> ([f64; 3], [f64; 3]) {
        let Resampling { source, axes, .. } = &self.straight;
        let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for corner in corners(sides.map(|side| side[0]), sides.map(|side| side[1])) {
            let mm = |axis: usize| {
                (corner[axis] - 0.5 * (source.dims[axis] as f64 - 1.0)) * source.spacing[axis]
                    - self.shift[axis] * axes[axis].spacing
            };
            let [x, y, z] = [mm(0), mm(1), mm(2)];
            let turned = [self.cos * x + self.sin * y, self.cos * y - self.sin * x, z];
            for axis in 0..3 {
                let centre = 0.5 * (axes[axis].new as f64 - 1.0) + self.before[axis] as f64;
                let index = turned[axis] / axes[axis].spacing + centre;
                low[axis] = low[axis].min(index);
                high[axis] = high[axis].max(index);
            }
        }
        (low, high)
    }

    /// Whether a voxel of the target lies no further than half a voxel outside of the source's outermost centres.
    pub fn is_within(&self, index: [usize; 3]) -> bool {
        let position = self.position(index.map(|i| i as f64));
        !(0..3).any(|axis| self.is_beyond(position[axis], axis))
    }

    fn is_beyond(&self, position: f64, axis: usize) -> bool {
        position < -0.5 - SNAP || position > self.straight.source.dims[axis] as f64 - 0.5 + SNAP
    }

    /// The values of the target, slice by slice: first along the third axis, which is not turned, then in the plane.
    fn evaluate(
        &self,
        samples: &Samples,
        method: Method,
        is_mask: bool,
        target_box: IndexBox,
        executor: &dyn Executor,
    ) -> Result<Vec<f64>, InterpolationError> {
        let [nx, ny, nz] = target_box.dims();
        let voxels = nx * ny * nz;
        let mut out = Vec::new();
        out.try_reserve_exact(voxels).map_err(|_| InterpolationError::OutOfMemory { voxels })?;
        out.resize(voxels, 0.0);
        let taps = |position: f64, axis: usize| {
            let at = self.tap(position, axis, method);
            at.moved(samples.start[axis])
        };
        let is_beyond = |p: f64, axis: usize| self.is_beyond(p, axis);
        lines::fill(executor, &mut out, nx * ny, &|first, slice| {
            let z = (target_box.start[2] + first / (nx * ny).max(1)) as f64;
            let along = self.position([0.0, 0.0, z])[2];
            if is_mask && is_beyond(along, 2) {
                return;
            }
            let plane = samples.plane(&taps(along, 2));
            for (j, row) in slice.chunks_mut(nx.max(1)).enumerate() {
                let y = (target_box.start[1] + j) as f64;
                for (i, value) in row.iter_mut().enumerate() {
                    let [px, py, _] = self.position([(target_box.start[0] + i) as f64, y, z]);
                    if !is_mask || !(is_beyond(px, 0) || is_beyond(py, 1)) {
                        *value = samples.at(&plane, &taps(px, 0), &taps(py, 1));
                    }
                }
            }
        });
        Ok(out)
    }

    /// The samples of the source that give the value at a position along an axis.
    fn tap(&self, position: f64, axis: usize, method: Method) -> Tap {
        let length = self.straight.source.dims[axis];
        let last = length as f64 - 1.0;
        match method {
            Method::Nearest => Tap::One(((position.clamp(0.0, last) + 0.5).floor() as isize).min(length as isize - 1)),
            Method::Linear => {
                let inside = position.clamp(0.0, last);
                Tap::Two([inside.floor() as isize, inside.ceil() as isize], inside.fract())
            }
            Method::Cubic(beyond) => {
                let reach = if beyond == BeyondEdge::Clamp { 0.0 } else { 0.5 };
                let inside = position.clamp(-reach, last + reach);
                let base = inside.floor() as isize;
                let at = match beyond {
                    BeyondEdge::Repeat => [-1, 0, 1, 2].map(|step| base + step),
                    _ => spline::support(base, length).map(|index| index as isize),
                };
                Tap::Four(at, spline::weights(inside - inside.floor()))
            }
        }
    }
}

/// The corners of a box.
fn corners(low: [f64; 3], high: [f64; 3]) -> impl Iterator<Item = [f64; 3]> {
    (0..8).map(move |corner| std::array::from_fn(|axis| if corner >> axis & 1 == 0 { low[axis] } else { high[axis] }))
}

/// Samples along an axis and their weights.
enum Tap {
    One(isize),
    Two([isize; 2], f64),
    Four([isize; 4], [f64; 4]),
}

impl Tap {
    /// Counted from another sample.
    fn moved(self, start: isize) -> Self {
        match self {
            Self::One(at) => Self::One(at - start),
            Self::Two(at, share) => Self::Two(at.map(|at| at - start), share),
            Self::Four(at, weights) => Self::Four(at.map(|at| at - start), weights),
        }
    }

    /// The value at the taps of a line.
    fn value(&self, line: impl Fn(usize) -> f64) -> f64 {
        match self {
            Self::One(at) => line(*at as usize),
            Self::Two([from, to], share) => {
                // This form gives equal neighbours back to the bit, so that a flat region stays flat.
                let (a, b) = (line(*from as usize), line(*to as usize));
                a + share * (b - a)
            }
            Self::Four(at, weights) => at.iter().zip(weights).map(|(at, weight)| weight * line(*at as usize)).sum(),
        }
    }
}

/// Samples, or coefficients of a spline, in a box of the source; it may begin before the first voxel.
struct Samples {
    start: [isize; 3],
    dims: [usize; 3],
    values: Vec<f64>,
}

impl Samples {
    fn of(values: &[f64], part: IndexBox) -> Self {
        Self { start: part.start.map(|i| i as isize), dims: part.dims(), values: values.to_vec() }
    }

    /// The same with the outermost voxels of the scan repeated, where the box reaches to its edge.
    fn repeated(&self, part: IndexBox, scan: [usize; 3]) -> Self {
        let before = part.start.map(|start| if start == 0 { REPEATED } else { 0 });
        let after: [usize; 3] = std::array::from_fn(|axis| if part.end[axis] == scan[axis] { REPEATED } else { 0 });
        let dims: [usize; 3] = std::array::from_fn(|axis| before[axis] + self.dims[axis] + after[axis]);
        let own = |at: usize, axis: usize| at.saturating_sub(before[axis]).min(self.dims[axis] - 1);
        let mut values = Vec::with_capacity(dims.iter().product());
        for z in 0..dims[2] {
            for y in 0..dims[1] {
                let row = &self.values[(own(z, 2) * self.dims[1] + own(y, 1)) * self.dims[0]..][..self.dims[0]];
                values.extend((0..dims[0]).map(|x| row[own(x, 0)]));
            }
        }
        Self { start: std::array::from_fn(|axis| self.start[axis] - before[axis] as isize), dims, values }
    }

    /// The coefficients of the spline through the samples, less `base`.
    fn coefficients(self, base: f64, executor: &dyn Executor) -> Result<Self, InterpolationError> {
        let Self { start, dims, mut values } = self;
        values.iter_mut().for_each(|value| *value -= base);
        for axis in [2, 1, 0] {
            let voxels = values.len();
            let mut next = Vec::new();
            next.try_reserve_exact(voxels).map_err(|_| InterpolationError::OutOfMemory { voxels })?;
            next.resize(voxels, 0.0);
            let length = dims[axis];
            lines::along_slowest(&values, length, &mut next, length, executor, &|value| value, &|input, output| {
                spline::prefilter(input);
                output.copy_from_slice(input);
            });
            values = next;
        }
        Ok(Self { start, dims, values })
    }

    /// The values in the plane of the first two axes.
    fn plane(&self, along: &Tap) -> Vec<f64> {
        let size = self.dims[0] * self.dims[1];
        (0..size).map(|at| along.value(|z| self.values[z * size + at])).collect()
    }

    /// The value of a plane.
    fn at(&self, plane: &[f64], x: &Tap, y: &Tap) -> f64 {
        y.value(|y| {
            let row = &plane[y * self.dims[0]..][..self.dims[0]];
            x.value(|x| row[x])
        })
    }
}
