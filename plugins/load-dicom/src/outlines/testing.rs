//! What the tests of this folder share.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use voxomics_imaging::Grid;
use voxomics_sdk::testing::{TestHost, settings};
use voxomics_sdk::{self as sdk, Error, LoadRequest, Loaded, Loader as _, Role, Selection};

use crate::Dicom;

/// Reproducible numbers that look random (splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number of `0..bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (mixed(self.0) % bound as u64) as usize
    }
}

/// The mixing function of splitmix64.
pub fn mixed(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A file that is deleted in the end.
pub struct Written(pub PathBuf);

impl Drop for Written {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

pub fn write(object: InMemDicomObject, syntax: &str) -> Written {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("voxomics-outlines-{}-{}.dcm", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    let class = object.element(tags::SOP_CLASS_UID).expect("a class").to_str().expect("text").into_owned();
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(syntax)
        .media_storage_sop_class_uid(class)
        .media_storage_sop_instance_uid("1.2.3");
    object.with_meta(meta).expect("meta").write_to_file(&path).expect("a file");
    Written(path)
}

/// An object of these attributes.
pub fn object(elements: impl IntoIterator<Item = (Tag, VR, PrimitiveValue)>) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    for (tag, vr, value) in elements {
        object.put(DataElement::new(tag, vr, value));
    }
    object
}

pub fn with(mut object: InMemDicomObject, tag: Tag, items: Vec<InMemDicomObject>) -> InMemDicomObject {
    object.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
    object
}

/// Numbers as text.
pub fn decimals(numbers: impl IntoIterator<Item = f64>) -> PrimitiveValue {
    PrimitiveValue::Strs(numbers.into_iter().map(|x| format!("{x:.9}")).collect())
}

/// What the loader answers, and what it says meanwhile.
pub struct Answer {
    pub result: Result<Loaded, Error>,
    pub host: TestHost,
}

impl Answer {
    pub fn loaded(&self) -> &Loaded {
        self.result.as_ref().expect("a file that is read")
    }

    pub fn error(&self) -> String {
        self.result.as_ref().expect_err("a file that is refused").to_string()
    }

    pub fn warnings(&self) -> String {
        self.host.warnings().join("\n")
    }

    /// The only region on the whole grid, 1 inside.
    pub fn mask(&self, grid: &Grid) -> Vec<u8> {
        let [one] = self.loaded().segmentations.as_slice() else { panic!("one region") };
        whole(one, grid)
    }
}

pub fn load_with(path: &Path, reference: Option<&Grid>, selection: Selection, max_bytes: u64) -> Answer {
    let request = LoadRequest {
        path: path.to_path_buf(),
        role: Role::Segmentation,
        reference: reference.map(wire),
        selection,
        max_bytes,
    };
    let host = TestHost::new();
    let result = loader().load(&request, &host.context());
    Answer { result, host }
}

pub fn load(path: &Path, reference: Option<&Grid>, regions: &[&str]) -> Answer {
    let regions = regions.iter().map(|region| (*region).to_owned()).collect();
    load_with(path, reference, Selection { series: None, regions }, 1 << 30)
}

pub fn loader() -> Dicom {
    Dicom::configure(&settings(&Dicom::describe(), "{}").expect("defaults")).expect("a loader")
}

pub fn wire(grid: &Grid) -> sdk::Grid {
    let Grid { dims, spacing, origin, direction } = *grid;
    sdk::Grid { dims: dims.map(|n| n as u64), spacing, origin, direction }
}

/// A region in a box of the grid, on all of it.
pub fn whole(segmentation: &sdk::Segmentation, grid: &Grid) -> Vec<u8> {
    let offset = segmentation.reference_offset.expect("a box of the reference grid").map(|i| i as usize);
    let own = &segmentation.labels.grid;
    let place = grid.point(offset.map(|i| i as f64));
    assert!((0..3).all(|axis| (place[axis] - own.origin[axis]).abs() < 1e-9), "a box says where it is");
    assert_eq!((own.spacing, own.direction), (grid.spacing, grid.direction));
    let [nx, ny, nz] = own.dims.map(|n| n as usize);
    assert_eq!(segmentation.labels.voxels.len(), nx * ny * nz);
    let mut mask = vec![0; grid.len()];
    for (i, voxel) in segmentation.labels.voxels.iter().enumerate() {
        let [x, y, z] = [i % nx + offset[0], i / nx % ny + offset[1], i / nx / ny + offset[2]];
        mask[(z * grid.dims[1] + y) * grid.dims[0] + x] = *voxel;
    }
    mask
}

/// Grids of every kind: axial, sagittal, oblique, and one that runs against the patient's axes and is left-handed.
pub fn grids(dims: [usize; 3]) -> [Grid; 4] {
    let axial = Grid { origin: [-120.5, 33.25, -700.0], ..Grid::axis_aligned(dims, [0.9, 1.1, 3.0]) };
    let sagittal = [[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]];
    let (c, s) = (0.8, 0.6);
    let oblique = [[c, s, 0.0], [-s * c, c * c, s], [s * s, -c * s, c]];
    let negative = [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]];
    [
        axial,
        Grid { direction: sagittal, ..axial },
        Grid { direction: oblique, ..axial },
        Grid { direction: negative, ..axial },
    ]
}
