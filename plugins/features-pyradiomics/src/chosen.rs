//! Matrices that the program does not draw: of neighbours at chosen distances, of directions with a weight in mm, and of pairs that
//! have an order. As `cmatrices.c`, `glcm.py` and `glrlm.py` of PyRadiomics 3.0.1 draw them.

use voxomics_imaging::texture::Matrix;
use voxomics_sdk::{Block, Context, Error, Feature, Neighbourhood, ResponseMap, Setting, Settings};

/// From a voxel to a neighbour, along *x*, *y*, *z*.
pub(crate) type Vector = [i64; 3];

/// The key of the distances.
const DISTANCES: &str = "distances";
/// The key of the weights.
const WEIGHTING: &str = "weighting_mm";

/// How long a vector is, in mm; none for no weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Norm {
    Manhattan,
    Euclidean,
    Infinity,
}

const NORMS: [(&str, Option<Norm>); 4] = [
    ("none", None),
    ("manhattan", Some(Norm::Manhattan)),
    ("euclidean", Some(Norm::Euclidean)),
    ("infinity", Some(Norm::Infinity)),
];

impl Norm {
    /// The length of a vector, mm.
    pub fn length(self, vector: Vector, spacing: [f64; 3]) -> f64 {
        let along: [f64; 3] = std::array::from_fn(|axis| vector[axis].unsigned_abs() as f64 * spacing[axis]);
        match self {
            Self::Manhattan => along.iter().sum(),
            Self::Euclidean => along.iter().map(|mm| mm * mm).sum::<f64>().sqrt(),
            Self::Infinity => along.iter().copied().fold(0.0, f64::max),
        }
    }
}

/// The setting of the distances, with what it is without them.
pub(crate) fn distances(without: &str) -> Setting {
    let purpose = format!(
        "neighbours lie just so far away along the axis along which they lie furthest, as PyRadiomics' distances, a list \
         of whole numbers; {without}"
    );
    Setting::numbers(DISTANCES, &purpose, None)
}

/// The setting of the weights, which are those of `formula`.
pub(crate) fn weighting(formula: &str) -> Setting {
    let purpose = format!(
        "PyRadiomics' weightingNorm: the norm of the length d of a direction in mm, whose matrix has the weight {formula}; for \
         aggregations that merge directions"
    );
    let words = NORMS.map(|(word, _)| word);
    Setting::choice(WEIGHTING, &purpose, &words).default(words[0])
}

/// The distances, ascending; none if they are not set.
///
/// # Errors
/// If they are no whole numbers from 1, each once.
pub(crate) fn read_distances(settings: &Settings) -> Result<Option<Vec<usize>>, Error> {
    if !settings.is_set(DISTANCES) {
        return Ok(None);
    }
    let numbers = settings.numbers(DISTANCES)?;
    let wrong = |found: String| {
        let message = format!("`{DISTANCES}` {found}, expected whole numbers from 1 to 1000, each once, as in [1, 2]");
        Err(Error::setting(DISTANCES, message))
    };
    if numbers.is_empty() {
        return wrong("is empty".into());
    }
    for (at, number) in numbers.iter().enumerate() {
        if number.fract() != 0.0 || !(1.0..=1000.0).contains(number) || numbers[..at].contains(number) {
            return wrong(format!("holds {number}"));
        }
    }
    let mut distances: Vec<usize> = numbers.iter().map(|number| *number as usize).collect();
    distances.sort_unstable();
    Ok(Some(distances))
}

/// The norm of the weights.
///
/// # Errors
/// If there are weights, and the aggregation does not merge directions.
pub(crate) fn read_weighting(settings: &Settings, aggregation: &str) -> Result<Option<Norm>, Error> {
    let word = settings.text(WEIGHTING)?;
    let norm = NORMS.iter().find(|(known, _)| *known == word).and_then(|(_, norm)| *norm);
    if norm.is_some() && !merges(aggregation) {
        let message = format!(
            "`{WEIGHTING}` is \"{word}\", and the aggregation \"{aggregation}\" merges no directions; expected \"3D merged\" or \
             \"2.5D merged\" beside it"
        );
        return Err(Error::setting(WEIGHTING, message));
    }
    Ok(norm)
}

/// Whether an aggregation merges the directions.
pub(crate) fn merges(aggregation: &str) -> bool {
    aggregation.ends_with(" merged")
}

/// Whether an aggregation looks within slices.
pub(crate) fn is_planar(aggregation: &str) -> bool {
    aggregation.starts_with("2.5D")
}

/// The vectors whose longest component is one of the distances, without those that reach across the whole region. Of each pair of opposite
/// ones, PyRadiomics goes along that which leads on by *z*, or else by *y*, or else by *x*: these come last, and are one half.
fn all(distances: &[usize], planar: bool, dims: [usize; 3]) -> Vec<Vector> {
    let most = distances.last().copied().unwrap_or(0);
    let reach = |axis: usize| if planar && axis == 2 { 0 } else { most.min(dims[axis].saturating_sub(1)) as i64 };
    let [x, y, z] = [reach(0), reach(1), reach(2)];
    let rows = (-z..=z).flat_map(|z| (-y..=y).map(move |y| [y, z]));
    let vectors = rows.flat_map(|[y, z]| (-x..=x).map(move |x| [x, y, z]));
    let longest = |vector: &Vector| vector.iter().map(|component| component.unsigned_abs() as usize).max().unwrap_or(0);
    vectors.filter(|vector| distances.contains(&longest(vector))).collect()
}

/// The directions of pairs and runs.
pub(crate) fn directions(distances: &[usize], planar: bool, dims: [usize; 3]) -> Vec<Vector> {
    let mut vectors = all(distances, planar, dims);
    vectors.retain(|[x, y, z]| [z, y, x] > [&0; 3]);
    vectors
}

/// The levels of a region in its box, *x* fastest; 0 is outside.
#[derive(Clone, Copy)]
pub(crate) struct Levels<'a> {
    pub dims: [usize; 3],
    pub levels: &'a [u16],
}

impl Levels<'_> {
    /// Each voxel of the region: its index, its place and its level.
    fn inside(&self) -> impl Iterator<Item = ([i64; 3], u16)> + '_ {
        let [nx, ny, _] = self.dims;
        let place = move |at: usize| [at % nx, at / nx % ny, at / (nx * ny)].map(|i| i as i64);
        self.levels.iter().enumerate().filter(|(_, level)| **level != 0).map(move |(at, level)| (place(at), *level))
    }

    /// The level at the end of a vector; none outside of the region.
    fn at(&self, from: [i64; 3], vector: Vector) -> Option<u16> {
        let to: [i64; 3] = std::array::from_fn(|axis| from[axis] + vector[axis]);
        let fits = |axis: usize| (0..self.dims[axis] as i64).contains(&to[axis]);
        if !(0..3).all(fits) {
            return None;
        }
        let [x, y, z] = to.map(|i| i as usize);
        Some(self.levels[(z * self.dims[1] + y) * self.dims[0] + x]).filter(|level| *level != 0)
    }

    /// The co-occurrences along a vector; symmetric ones are counted both ways, as by PyRadiomics.
    pub fn pairs(&self, vector: Vector, symmetric: bool) -> Matrix {
        let mut pairs: Vec<(u16, u16)> = Vec::new();
        for (place, level) in self.inside() {
            if let Some(other) = self.at(place, vector) {
                pairs.push((level, other));
                pairs.extend(symmetric.then_some((other, level)));
            }
        }
        counted(pairs)
    }

    /// The runs along a direction; none if no line along it holds two voxels of the region.
    pub fn runs(&self, direction: Vector) -> Matrix {
        if is_lonely(self.levels, self.dims, direction) {
            return Matrix::default();
        }
        let back = direction.map(|component| -component);
        let mut runs = Vec::new();
        for (place, level) in self.inside() {
            if self.at(place, back) == Some(level) {
                continue;
            }
            let ahead = (1_i64..).take_while(|steps| self.at(place, direction.map(|d| d * steps)) == Some(level));
            // No line is longer than a file of voxels may be.
            runs.push((level, 1 + ahead.count() as u32));
        }
        counted(runs)
    }

    /// For each level the voxels, and how far they lie from the mean of their neighbours: an NGTDM.
    pub fn tones(&self, distances: &[usize], planar: bool) -> Matrix {
        let vectors = all(distances, planar, self.dims);
        let mut found: Vec<(u16, f64)> = Vec::new();
        for (place, level) in self.inside() {
            let near = vectors.iter().filter_map(|vector| self.at(place, *vector));
            let (count, sum) = near.fold((0_u32, 0_u64), |(count, sum), level| (count + 1, sum + u64::from(level)));
            let mean = if count == 0 { f64::from(level) } else { sum as f64 / f64::from(count) };
            found.push((level, (f64::from(level) - mean).abs()));
        }
        // Stable: differences are added in the order of the voxels.
        found.sort_by_key(|(level, _)| *level);
        let of_level = |same: &[(u16, f64)]| {
            (u32::from(same[0].0), same.len() as u32, same.iter().map(|(_, difference)| difference).sum())
        };
        let voxels = found.len() as f64;
        Matrix::from_cells(voxels, found.chunk_by(|a, b| a.0 == b.0).map(of_level).collect::<Vec<_>>())
    }

    /// The dependences: a voxel itself, and its neighbours whose level differs by no more than `alpha`.
    pub fn dependences(&self, distances: &[usize], planar: bool, alpha: u32) -> Matrix {
        let vectors = all(distances, planar, self.dims);
        let of_voxel = |(place, level): ([i64; 3], u16)| {
            let near = vectors.iter().filter_map(|vector| self.at(place, *vector));
            (level, 1 + near.filter(|other| u32::from(other.abs_diff(level)) <= alpha).count() as u32)
        };
        let found: Vec<(u16, u32)> = self.inside().map(of_voxel).collect();
        let voxels = found.len() as f64;
        Matrix { voxels, ..counted(found) }
    }
}

/// Whether no line along a direction holds two voxels of the region, as across a region of a single slice.
pub(crate) fn is_lonely(levels: &[u16], dims: [usize; 3], direction: [i64; 3]) -> bool {
    let [nx, ny, nz] = dims.map(|n| n as i64);
    let inside = levels.iter().enumerate().filter(|(_, level)| **level != 0).map(|(at, _)| at as i64);
    inside.map(|at| [at % nx, at / nx % ny, at / (nx * ny)]).all(|voxel| {
        let ahead = (1..).map(|steps| [0, 1, 2].map(|i| voxel[i] + steps * direction[i]));
        let mut ahead = ahead.take_while(|[x, y, z]| (0..nx).contains(x) && (0..ny).contains(y) && (0..nz).contains(z));
        ahead.all(|[x, y, z]| levels[((z * ny + y) * nx + x) as usize] == 0)
    })
}

/// A matrix of how often each pair is there; its voxels are those of its runs.
fn counted<T: Copy + Ord + Into<u32>>(mut pairs: Vec<(u16, T)>) -> Matrix {
    pairs.sort_unstable();
    let cell = |same: &[(u16, T)]| -> (u32, u32, f64) { (same[0].0.into(), same[0].1.into(), same.len() as f64) };
    let cells: Vec<_> = pairs.chunk_by(|a, b| a == b).map(cell).collect();
    let voxels = cells.iter().map(|(_, length, count)| f64::from(*length) * count).sum();
    Matrix::from_cells(voxels, cells)
}

/// The sum of matrices, each multiplied by its weight; what is too small for a number is not there.
pub(crate) fn merged(matrices: impl IntoIterator<Item = (f64, Matrix)>) -> Matrix {
    let (mut cells, mut voxels) = (Vec::new(), 0.0);
    for (weight, matrix) in matrices {
        voxels += weight * matrix.voxels;
        cells.extend(matrix.cells.iter().map(|cell| (cell.level, cell.other, weight * cell.value)));
    }
    // Stable: the order of addition is that of the directions.
    cells.sort_by_key(|(level, other, _)| (*level, *other));
    let sums = cells.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
    let sums = sums.map(|same| (same[0].0, same[0].1, same.iter().map(|(_, _, value)| value).sum::<f64>()));
    Matrix::from_cells(voxels, sums.filter(|(_, _, value)| *value > 0.0).collect::<Vec<_>>())
}

/// The maps of features that are read from what `measure` finds in a neighbourhood.
///
/// # Errors
/// If the run is being given up.
pub(crate) fn maps<M: Send>(
    block: &Block,
    context: &Context,
    features: &[Feature<M>],
    measure: impl Fn(&Neighbourhood, &mut Vec<M>) + Sync,
) -> Result<Vec<ResponseMap>, Error> {
    let of_id = |id: &String| features.iter().find(|feature| feature.id() == id);
    let wanted: Vec<&Feature<M>> = block.features().iter().filter_map(of_id).collect();
    block.each(context, Vec::new, |measured, near, values| {
        measured.clear();
        measure(near, measured);
        for (value, feature) in values.iter_mut().zip(&wanted) {
            *value = feature.mean(measured, "").unwrap_or(f64::NAN);
        }
    })
}
