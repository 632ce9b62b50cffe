//! Texture matrices: what is asked for, and what a matrix is.
//!
//! All six matrices of IBSI 1 have one form, a sorted list of non-empty [`Cell`]s, because that is what every feature
//! is a sum over, and because a dense table of 10,000 levels by the largest zone does not fit into memory.
//!
//! [`build`] draws all matrices that are asked for from one padded copy of the levels and walks each neighbourhood
//! once, however many matrices and aggregations come from it. The feature algebra lives beside the matrices:
//! [`cooccurrence`] for the GLCM, [`emphasis`] for the GLRLM, GLSZM, GLDZM and NGLDM, [`tone`] for the NGTDM.

mod build;
pub mod cooccurrence;
mod directions;
mod distance;
pub mod emphasis;
mod error;
mod fields;
mod links;
mod local;
mod neighbourhood;
mod tally;
pub mod tone;
mod volume;
mod walk;
mod words;
mod zones;

#[cfg(test)]
mod tests;

pub use build::{build, build_one};
pub use error::TextureError;
pub use local::Local;

/// Which matrix (IBSI 1, texture families).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Grey level co-occurrence matrix (IBSI LFYI): `level` = row *i*, `other` = column *j*, `value` = occurrences;
    /// symmetric, both triangles present.
    Glcm,
    /// Grey level run length matrix (IBSI TP0I): `other` = run length, `value` = runs.
    Glrlm,
    /// Grey level size zone matrix (IBSI 9SAK): `other` = zone size in voxels, `value` = zones.
    Glszm,
    /// Grey level distance zone matrix (IBSI VMDZ): `other` = zone distance, `value` = zones.
    Gldzm,
    /// Neighbourhood grey tone difference matrix (IBSI IPET): one cell a level; `other` = voxels of that level with at
    /// least one neighbour in the region (*n*), `value` = their summed absolute differences (*s*).
    Ngtdm,
    /// Neighbouring grey level dependence matrix (IBSI REK0): `other` = dependence, the centre counted (≥ 1),
    /// `value` = voxels.
    Ngldm,
}

/// How the matrices of slices and directions become one value of a feature (IBSI 1, "aggregating features").
///
/// GLCM and GLRLM have the six directional ones; GLSZM, GLDZM, NGTDM and NGLDM the last three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aggregation {
    /// One matrix per slice and in-plane direction; features averaged (IBSI BTW3).
    Averaged2D,
    /// In-plane directions merged per slice; features averaged over slices (IBSI SUJT).
    SliceMerged2D,
    /// Slices merged per in-plane direction; features averaged over directions (IBSI JJUI).
    DirectionMerged2_5D,
    /// All slices and in-plane directions merged into one matrix (IBSI ZW7Z).
    Merged2_5D,
    /// One matrix per 3D direction; features averaged (IBSI ITBB).
    Averaged3D,
    /// All 3D directions merged into one matrix (IBSI IAZD).
    Merged3D,
    /// One matrix per slice; features averaged (IBSI 8QNN).
    PerSlice2D,
    /// Slices merged into one matrix (IBSI 62GR).
    PerSlice2_5D,
    /// One matrix of the volume (IBSI KOBO).
    Volume3D,
}

/// The norm that measures the distance between neighbours (IBSI PVMT).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Norm {
    /// Largest of the three index differences; the default.
    #[default]
    Chebyshev,
    /// Square root of the summed squared index differences.
    Euclidean,
    /// Sum of the index differences.
    Manhattan,
}

/// How the pairs or runs of a direction are weighted by its length when directions are merged (IBSI, "distance
/// weighting"): the matrix of each direction is multiplied by the weight before merging. The norm is that of the weight,
/// whatever the norm by which neighbours are found ([`Request::norm`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Weighting {
    /// Every direction counts alike; the default.
    #[default]
    None,
    /// Weight `1/‖m‖` with the norm of the direction measured in voxels.
    Inverse(Norm),
    /// Weight `exp(−‖m‖²)` with the norm of the direction measured in voxels.
    Gaussian(Norm),
}

/// One matrix, or one set of matrices over which a feature is averaged, that a family asks for.
///
/// ```
/// use voxomics_imaging::texture::{Aggregation, Kind, Request};
///
/// let words = Request::from_words("glcm", "3D merged", 1, "Chebyshev", "none", "Euclidean", 0);
/// assert_eq!(words, Ok(Request::new(Kind::Glcm, Aggregation::Merged3D)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Request {
    /// Which of the six matrices.
    pub kind: Kind,
    /// How slices and directions are put together.
    pub aggregation: Aggregation,
    /// Neighbour distance in voxels; ≥ 1. GLCM, NGTDM, NGLDM; the others are defined for 1 only.
    pub distance: u32,
    /// Norm of that distance; GLCM, NGTDM, NGLDM.
    pub norm: Norm,
    /// Weighting of directions; GLCM and GLRLM, where directions are merged.
    pub weighting: Weighting,
    /// Largest difference of levels that counts as dependent (IBSI α); NGLDM.
    pub coarseness: u32,
}

impl Request {
    /// A request at distance 1 in the Chebyshev norm, without weighting and with coarseness 0.
    pub fn new(kind: Kind, aggregation: Aggregation) -> Self {
        Self { kind, aggregation, distance: 1, norm: Norm::Chebyshev, weighting: Weighting::None, coarseness: 0 }
    }
}

/// A non-empty cell of a matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Cell {
    /// Grey level, ≥ 1.
    pub level: u32,
    /// Second coordinate; its meaning is that of the [`Kind`].
    pub other: u32,
    /// Content; its meaning is that of the [`Kind`].
    pub value: f64,
}

/// A matrix as the list of its non-empty cells, sorted by `(level, other)`.
///
/// ```
/// use voxomics_imaging::texture::Matrix;
///
/// let matrix = Matrix::from_cells(3.0, [(1, 2, 1.0), (2, 1, 1.0)]);
/// assert_eq!((matrix.cells[1].level, matrix.cells[1].other, matrix.cells[1].value), (2, 1, 1.0));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matrix {
    /// The non-empty cells, sorted by level and then by the second coordinate.
    pub cells: Vec<Cell>,
    /// Number of voxels that the matrix was drawn from, the *N*ᵥ of run, zone and dependence percentages. Where
    /// directions are merged, a voxel counts once for each direction.
    pub voxels: f64,
}

impl Matrix {
    /// A matrix of cells `(level, other, value)`, which come sorted.
    pub fn from_cells(voxels: f64, cells: impl IntoIterator<Item = (u32, u32, f64)>) -> Self {
        let cells = cells.into_iter().map(|(level, other, value)| Cell { level, other, value }).collect();
        Self { cells, voxels }
    }
}

/// The matrices over which the features of a [`Request`] are averaged; one for merged aggregations.
///
/// ```
/// use voxomics_imaging::texture::MatrixSet;
///
/// let set = MatrixSet::from_cells(2, [(3.0, vec![(1, 2, 1.0), (2, 1, 1.0)])]);
/// assert_eq!(set.to_cells(), (2, vec![(3.0, vec![(1, 2, 1.0), (2, 1, 1.0)])]));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MatrixSet {
    /// Matrices without any cell (a slice without a pair of neighbours) are left out: they have no features.
    pub matrices: Vec<Matrix>,
    /// Number of grey levels *N*g of the discretised region.
    pub levels: u32,
}

/// The cells of a matrix as `(level, other, value)`.
pub type Triples = Vec<(u32, u32, f64)>;

impl MatrixSet {
    /// The matrices of a region of *N*g = `levels` grey levels, each of so many voxels and of cells as
    /// [`Matrix::from_cells`] takes them.
    pub fn from_cells<C>(levels: u32, matrices: impl IntoIterator<Item = (f64, C)>) -> Self
    where
        C: IntoIterator<Item = (u32, u32, f64)>,
    {
        let matrices = matrices.into_iter().map(|(voxels, cells)| Matrix::from_cells(voxels, cells)).collect();
        Self { matrices, levels }
    }

    /// What [`from_cells`](Self::from_cells) takes.
    pub fn to_cells(&self) -> (u32, Vec<(f64, Triples)>) {
        let triple = |cell: &Cell| (cell.level, cell.other, cell.value);
        let cells = |matrix: &Matrix| matrix.cells.iter().map(triple).collect();
        (self.levels, self.matrices.iter().map(|matrix| (matrix.voxels, cells(matrix))).collect())
    }
}
