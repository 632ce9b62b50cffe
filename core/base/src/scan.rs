//! Scans and segmentations as a loader hands them over: voxels in their own type, once; only crops become `f64`.

use rayon::prelude::*;
use voxomics_imaging::{Grid, IndexBox};
use voxomics_interface::{self as wire, Element, OwnedArray, Scaling};

use crate::labels::Tally;
pub use crate::labels::{Label, Labels, Others, is_whole, same_label};

/// Everything that a path holds.
#[derive(Debug)]
pub struct Loaded {
    /// Images.
    pub images: Vec<Scan>,
    /// Segmentations.
    pub segmentations: Vec<Segmentation>,
    /// Acquisition metadata, by DICOM attribute name.
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

/// A scan of labels.
#[derive(Debug)]
pub struct Segmentation {
    /// The labels.
    pub labels: Scan,
    /// Names of labels.
    pub regions: Vec<(String, f64)>,
    /// For outlines drawn on the image's grid: the voxel of it at which `labels` starts.
    pub reference_offset: Option<[usize; 3]>,
}

/// Voxels as they are stored.
#[derive(Debug)]
pub struct Scan {
    /// Where the voxels are.
    pub grid: Grid,
    element: Element,
    voxels: OwnedArray,
    scaling: Vec<Scaling>,
}

/// The interface's form of a grid.
pub fn to_wire(grid: &Grid) -> wire::Grid {
    let Grid { dims, spacing, origin, direction } = *grid;
    wire::Grid { dims: dims.map(|n| n as u64), spacing, origin, direction }
}

/// A stored value as `f64`: exact for every type but integers beyond 2⁵³.
trait FromStored<T> {
    fn from_stored(value: T) -> Self;
}

macro_rules! from_stored {
    ($($T:ty),*) => { $(impl FromStored<$T> for f64 {
        #[allow(clippy::unnecessary_cast)]
        fn from_stored(value: $T) -> Self {
            value as Self
        }
    })* };
}

from_stored!(u8, i8, u16, i16, u32, i32, u64, i64, f32, f64);

/// Runs `$body` with `$T` as the type of a scan's voxels.
macro_rules! by_type {
    ($element:expr, $T:ident => $body:expr) => {
        match $element {
            Element::U8 => {
                type $T = u8;
                $body
            }
            Element::I8 => {
                type $T = i8;
                $body
            }
            Element::U16 => {
                type $T = u16;
                $body
            }
            Element::I16 => {
                type $T = i16;
                $body
            }
            Element::U32 => {
                type $T = u32;
                $body
            }
            Element::I32 => {
                type $T = i32;
                $body
            }
            Element::U64 => {
                type $T = u64;
                $body
            }
            Element::I64 => {
                type $T = i64;
                $body
            }
            Element::F32 => {
                type $T = f32;
                $body
            }
            // `Scan::new` admits no cells.
            Element::F64 | Element::Cell => {
                type $T = f64;
                $body
            }
        }
    };
}

impl Scan {
    /// Whether the voxels are stored as floating point of 32 bits.
    pub fn is_single(&self) -> bool {
        self.element == Element::F32
    }

    /// A scan of three dimensions, each of whose scalings is for a slice, or for all of them.
    ///
    /// What a loader says is checked against itself: a plugin's mistake must not become an access out of bounds, or a
    /// number.
    ///
    /// # Errors
    /// How voxels, geometry and scaling contradict each other.
    pub fn new(voxels: OwnedArray, geometry: &[f64; 15], scaling: Vec<Scaling>) -> Result<Self, String> {
        let Ok(dims) = <[u64; 3]>::try_from(voxels.dims()) else {
            return Err(format!("its voxels have {} dimensions, expected 3", voxels.dims().len()));
        };
        let element = match voxels.element() {
            Some(element) if element != Element::Cell => element,
            other => return Err(format!("its voxels are of the type {}", other.map_or("unknown", Element::word))),
        };
        let size = element.size() as u64;
        let bytes = dims.iter().try_fold(size, |bytes, n| bytes.checked_mul(*n));
        let found = voxels.bytes().len();
        if bytes != Some(found as u64) || dims.contains(&0) {
            return Err(format!(
                "its grid of {dims:?} voxels of {size} bytes does not match its {found} bytes of voxels"
            ));
        }
        if scaling.len() != 1 && scaling.len() as u64 != dims[2] {
            return Err(format!("it gives {} scalings for {} slices", scaling.len(), dims[2]));
        }
        if scaling.iter().any(|s| !(s.slope.is_finite() && s.intercept.is_finite())) {
            return Err("its scaling is not finite".into());
        }
        let wire::Grid { spacing, origin, direction, .. } = wire::Grid::from_numbers(dims, geometry);
        let grid = Grid { dims: dims.map(|n| n as usize), spacing, origin, direction };
        check_grid(&grid)?;
        Ok(Self { grid, element, voxels, scaling })
    }

    /// A scan of voxels that were computed, *x* fastest, stored in single or in double precision.
    ///
    /// # Errors
    /// If grid and voxels contradict each other.
    pub fn of_voxels(grid: &Grid, voxels: &[f64], single: bool) -> Result<Self, String> {
        let (element, bytes) = match single {
            true => (Element::F32, voxels.iter().flat_map(|x| (*x as f32).to_ne_bytes()).collect()),
            false => (Element::F64, voxels.iter().flat_map(|x| x.to_ne_bytes()).collect::<Vec<u8>>()),
        };
        let grid = to_wire(grid);
        let voxels = OwnedArray::from_bytes("voxels", element, &grid.dims, bytes);
        Self::new(voxels, &grid.numbers(), vec![Scaling { slope: 1.0, intercept: 0.0 }])
    }

    /// The least and the largest intensity that the type of the voxels has room for, if all that it can hold are whole numbers.
    pub fn whole_range(&self) -> Option<[f64; 2]> {
        let stored = match self.element {
            Element::U8 => [0.0, f64::from(u8::MAX)],
            Element::I8 => [f64::from(i8::MIN), f64::from(i8::MAX)],
            Element::U16 => [0.0, f64::from(u16::MAX)],
            Element::I16 => [f64::from(i16::MIN), f64::from(i16::MAX)],
            Element::U32 => [0.0, f64::from(u32::MAX)],
            Element::I32 => [f64::from(i32::MIN), f64::from(i32::MAX)],
            Element::U64 => [0.0, u64::MAX as f64],
            Element::I64 => [i64::MIN as f64, i64::MAX as f64],
            Element::F32 | Element::F64 | Element::Cell => return None,
        };
        if !self.is_scaled() {
            return Some(stored);
        }
        // A program that scales whole numbers by whole numbers takes a type in which they have room.
        let is_whole = |scaling: &Scaling| scaling.slope.fract() == 0.0 && scaling.intercept.fract() == 0.0;
        self.scaling.iter().all(is_whole).then_some([f64::NEG_INFINITY, f64::INFINITY])
    }

    /// The stored bytes; for showing that nothing was copied, and for digests.
    pub fn bytes(&self) -> &[u8] {
        self.voxels.bytes()
    }

    /// The intensities of a box, *x* fastest.
    pub fn crop(&self, part: IndexBox) -> Vec<f64> {
        let [nx, ny, nz] = part.dims();
        let mut out = vec![0.0; nx * ny * nz];
        if out.is_empty() {
            return out;
        }
        by_type!(self.element, T => {
            out.par_chunks_mut(nx * ny).enumerate().for_each(|(z, slice)| {
                let z = part.start[2] + z;
                let Scaling { slope, intercept } = self.scaling_of(z);
                for (y, row) in slice.chunks_mut(nx).enumerate() {
                    let stored = self.row_bytes(size_of::<T>(), part.start[1] + y, z);
                    let stored = &stored[part.start[0] * size_of::<T>()..][..nx * size_of::<T>()];
                    for (x, bytes) in row.iter_mut().zip(stored.as_chunks::<{ size_of::<T>() }>().0) {
                        *x = f64::from_stored(T::from_ne_bytes(*bytes));
                    }
                    // Most scans have none, and multiplying by 1 would still cost a pass.
                    if slope != 1.0 || intercept != 0.0 {
                        row.iter_mut().for_each(|x| *x = *x * slope + intercept);
                    }
                }
            });
        });
        out
    }

    /// The intensity of a voxel by its number, *x* fastest; for a few of them, where [`crop`](Self::crop) is for many.
    pub fn voxel(&self, number: u64) -> f64 {
        let [nx, ny, _] = self.grid.dims;
        let number = number as usize;
        let Scaling { slope, intercept } = self.scaling_of(number / (nx * ny));
        by_type!(self.element, T => {
            let stored = self.voxels.bytes().as_chunks::<{ size_of::<T>() }>().0;
            let value = f64::from_stored(T::from_ne_bytes(stored[number]));
            if slope == 1.0 && intercept == 0.0 { value } else { value * slope + intercept }
        })
    }

    /// 1 where a voxel of a box carries a wanted label, 0 elsewhere, *x* fastest.
    pub fn select(&self, part: IndexBox, wanted: &(dyn Fn(f64) -> bool + Sync)) -> Vec<u8> {
        let [nx, ny, nz] = part.dims();
        let mut out = vec![0; nx * ny * nz];
        if out.is_empty() {
            return out;
        }
        by_type!(self.element, T => {
            out.par_chunks_mut(nx * ny).enumerate().for_each(|(z, slice)| {
                let z = part.start[2] + z;
                let Scaling { slope, intercept } = self.scaling_of(z);
                for (y, row) in slice.chunks_mut(nx).enumerate() {
                    let stored = self.row_bytes(size_of::<T>(), part.start[1] + y, z);
                    let stored = &stored[part.start[0] * size_of::<T>()..][..nx * size_of::<T>()];
                    let voxels = stored.as_chunks::<{ size_of::<T>() }>().0;
                    // Labels come in runs: one question serves a whole run.
                    let (mut last, mut answer) = (None, false);
                    for (m, bytes) in row.iter_mut().zip(voxels) {
                        if last != Some(bytes) {
                            answer = wanted(f64::from_stored(T::from_ne_bytes(*bytes)) * slope + intercept);
                            last = Some(bytes);
                        }
                        *m = u8::from(answer);
                    }
                }
            });
        });
        out
    }

    /// Every label but 0, by value; of those beyond the first `most`, only the `asked` ones. Time and memory do not grow with
    /// the number of labels.
    ///
    /// # Errors
    /// If a voxel is not a number.
    pub fn labels(&self, asked: &[f64], most: usize) -> Result<Labels, String> {
        let slices: Vec<Tally> = (0..self.grid.dims[2])
            .into_par_iter()
            .map(|z| {
                by_type!(self.element, T => {
                    let read = |bytes| f64::from_stored(T::from_ne_bytes(bytes));
                    self.labels_of_slice::<{ size_of::<T>() }>(z, Tally::new(asked, most), read)
                })
            })
            .collect();
        let mut all = Tally::new(asked, most);
        for slice in slices {
            all.join(slice);
        }
        all.labels()
    }

    fn labels_of_slice<'a, const N: usize>(
        &self,
        z: usize,
        mut tally: Tally<'a>,
        read: impl Fn([u8; N]) -> f64,
    ) -> Tally<'a> {
        let Scaling { slope, intercept } = self.scaling_of(z);
        for y in 0..self.grid.dims[1] {
            let row = self.row_bytes(N, y, z);
            if intercept == 0.0 && row.iter().all(|byte| *byte == 0) {
                continue;
            }
            let voxels = row.as_chunks::<N>().0;
            // Runs of equal bytes: labels come in runs, and one look-up serves a whole run.
            let mut x = 0;
            while x < voxels.len() {
                let run = voxels[x..].iter().take_while(|bytes| **bytes == voxels[x]).count();
                let value = read(voxels[x]) * slope + intercept;
                if value != 0.0 {
                    let bounds = IndexBox { start: [x, y, z], end: [x + run, y + 1, z + 1] };
                    tally.take(Label { value, voxels: run, bounds });
                }
                x += run;
            }
        }
        tally
    }

    /// Whether stored values are not the labels themselves.
    pub fn is_scaled(&self) -> bool {
        self.scaling.iter().any(|scaling| scaling.slope != 1.0 || scaling.intercept != 0.0)
    }

    fn scaling_of(&self, z: usize) -> Scaling {
        self.scaling[if self.scaling.len() == 1 { 0 } else { z }]
    }

    fn row_bytes(&self, size: usize, y: usize, z: usize) -> &[u8] {
        let [nx, ny, _] = self.grid.dims;
        let start = (z * ny + y) * nx * size;
        &self.voxels.bytes()[start..start + nx * size]
    }
}

fn check_grid(grid: &Grid) -> Result<(), String> {
    let finite = grid.origin.iter().chain(grid.direction.iter().flatten()).all(|x| x.is_finite());
    if !finite || grid.spacing.iter().any(|mm| !(*mm > 0.0 && mm.is_finite())) {
        return Err(format!("its geometry is not one: {grid:?}"));
    }
    for i in 0..3 {
        for j in 0..3 {
            let dot: f64 = (0..3).map(|axis| grid.direction[i][axis] * grid.direction[j][axis]).sum();
            if (dot - f64::from(u8::from(i == j))).abs() > 1e-3 {
                return Err(format!("its axes are not orthogonal unit vectors: {:?}", grid.direction));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(element: Element, voxels: Vec<u8>, scaling: Vec<Scaling>) -> Result<Scan, String> {
        let grid = to_wire(&Grid::axis_aligned([3, 2, 2], [1.0; 3]));
        Scan::new(OwnedArray::from_bytes("voxels", element, &grid.dims, voxels), &grid.numbers(), scaling)
    }

    const PLAIN: Scaling = Scaling { slope: 1.0, intercept: 0.0 };

    #[test]
    fn a_crop_scales_slice_by_slice() {
        let stored: Vec<u8> = (0..12_i16).flat_map(i16::to_ne_bytes).collect();
        let scaling = vec![PLAIN, Scaling { slope: 2.0, intercept: -1.0 }];
        let scan = scan(Element::I16, stored, scaling).expect("a sound scan");
        let part = IndexBox { start: [1, 1, 0], end: [3, 2, 2] };
        assert_eq!(scan.crop(part), [4.0, 5.0, 19.0, 21.0]);
        let whole = scan.crop(IndexBox::whole(scan.grid.dims));
        assert_eq!((0..12).map(|number| scan.voxel(number)).collect::<Vec<_>>(), whole);
    }

    #[test]
    fn labels_are_counted_with_their_boxes() {
        let stored = vec![0, 1, 1, 0, 0, 2, 0, 1, 0, 0, 0, 0];
        let scan = scan(Element::U8, stored, vec![PLAIN]).expect("a sound scan");
        let labels = scan.labels(&[], 10).expect("labels").found;
        assert_eq!(labels.iter().map(|l| (l.value, l.voxels)).collect::<Vec<_>>(), [(1.0, 3), (2.0, 1)]);
        assert_eq!(labels[0].bounds, IndexBox { start: [1, 0, 0], end: [3, 1, 2] });
    }

    #[test]
    fn of_too_many_labels_only_those_asked_for_are_kept() {
        let stored: Vec<u8> =
            [5_u16, 5, 9, 7, 7, 3, 60_000, 5, 5, 0, 2, 2].into_iter().flat_map(u16::to_ne_bytes).collect();
        let scan = scan(Element::U16, stored, vec![PLAIN]).expect("a sound scan");
        let all = scan.labels(&[], 6).expect("labels");
        assert_eq!((all.found.len(), all.others, all.voxels, all.runs), (6, None, 11, 7));
        for most in 0..6 {
            let labels = scan.labels(&[5.0, 2.0, 4.0], most).expect("labels");
            assert_eq!(
                labels.found,
                all.found.iter().copied().filter(|l| [2.0, 5.0].contains(&l.value)).collect::<Vec<_>>()
            );
            assert_eq!(labels.others, Some(Others { lowest: 2.0, highest: 60_000.0, whole: true }));
        }
    }

    #[test]
    fn a_loader_that_lies_about_its_size_is_found_out() {
        let error = scan(Element::U16, vec![0; 12], vec![PLAIN]).expect_err("24 bytes are needed");
        assert!(error.contains("12 bytes"), "{error}");
        let flat = OwnedArray::new("voxels", &[3, 4], vec![0_u8; 12]);
        let numbers = to_wire(&Grid::axis_aligned([3, 2, 2], [1.0; 3])).numbers();
        assert!(
            Scan::new(flat, &numbers, vec![PLAIN]).expect_err("two dimensions").contains("2 dimensions, expected 3")
        );
    }

    #[test]
    fn a_label_of_a_float_mask_is_found() {
        assert!(same_label(f64::from(0.0039_f32), 0.0039) && !same_label(2.0, 1.0));
    }
}
