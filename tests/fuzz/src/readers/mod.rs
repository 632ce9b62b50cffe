//! The readers, each with files to damage.

mod dicom;
mod flat;
mod pictures;
mod streams;
mod text;
mod volumes;

use std::path::Path;

use voxomics_sdk::{Error, LoadRequest, Loaded, Loader, Scan, testing};

/// The most bytes of voxels that a reader may take.
pub const MAX_BYTES: u64 = 1 << 16;

/// From the bytes of a file to those of a file that holds them.
pub type Wrap = fn(&[u8]) -> Vec<u8>;

/// Files in a folder, of which any may be damaged.
#[derive(Debug, Clone)]
pub struct Case {
    /// Their names and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// What is done to the first after it is damaged, so that damage is not found by a checksum alone.
    pub wrap: Option<Wrap>,
}

impl Case {
    /// One file.
    pub fn one(name: &str, bytes: Vec<u8>) -> Self {
        Self { files: vec![(name.into(), bytes)], wrap: None }
    }

    /// The same, wrapped.
    pub fn wrapped(self, wrap: Wrap) -> Self {
        Self { wrap: Some(wrap), ..self }
    }
}

/// What a reader made of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It read it.
    Read,
    /// It said why not.
    Refused(String),
}

/// A reader.
pub struct Reader {
    /// Its name on the command line.
    pub name: &'static str,
    /// Words that its format knows.
    pub words: &'static [&'static str],
    /// Sound files.
    pub cases: fn() -> Vec<Case>,
    /// Reads a case that lies in a folder; an error is a promise that the reader broke.
    pub read: fn(&Path, &Case) -> Result<Outcome, String>,
}

/// All of them.
pub const READERS: [Reader; 11] = [
    volumes::NIFTI,
    volumes::NRRD,
    volumes::METAIMAGE,
    pictures::PICTURE,
    dicom::SERIES,
    dicom::RTSTRUCT,
    dicom::SEG,
    flat::PICTURES,
    text::EXPERIMENT,
    text::LINEAR,
    text::ELASTIC_NET,
];

/// A loader with the settings that it has by default.
fn loader<L: Loader>() -> L {
    let settings = testing::settings(&L::describe(), "{}").expect("every loader has defaults");
    L::configure(&settings).expect("defaults do not contradict each other")
}

/// Loads, and holds what is loaded against what every loader promises.
fn load<L: Loader>(loader: &L, request: &LoadRequest, case: &Case) -> Result<Outcome, String> {
    let is_folder = !case.files.iter().any(|(name, _)| request.path.ends_with(name));
    let head = if is_folder { &[] } else { case.files[0].1.as_slice() };
    let _either_way = loader.recognises(&request.path, &head[..head.len().min(4096)]);
    let host = testing::TestHost::new();
    match loader.load(request, &host.context()) {
        Ok(loaded) => check(&loaded, request.max_bytes).map(|()| Outcome::Read),
        Err(error) => refused(&error),
    }
}

fn refused(error: &Error) -> Result<Outcome, String> {
    let message = error.to_string();
    if message.len() < 8 {
        Err(format!("an error that says nothing: \"{message}\""))
    } else {
        Ok(Outcome::Refused(message))
    }
}

fn check(loaded: &Loaded, max_bytes: u64) -> Result<(), String> {
    for scan in &loaded.images {
        check_scan(scan)?;
    }
    for segmentation in &loaded.segmentations {
        check_scan(&segmentation.labels)?;
    }
    let scans = loaded.images.iter().chain(loaded.segmentations.iter().map(|segmentation| &segmentation.labels));
    match scans.map(|scan| scan.voxels.len() as u64).sum::<u64>() {
        bytes if bytes > max_bytes => Err(format!("{bytes} bytes of voxels, {max_bytes} were allowed")),
        _ => Ok(()),
    }
}

fn check_scan(scan: &Scan) -> Result<(), String> {
    let grid = &scan.grid;
    let voxels = grid.dims.iter().try_fold(1_u64, |product, n| product.checked_mul(*n));
    let bytes = voxels.and_then(|voxels| voxels.checked_mul(scan.voxel_type.size() as u64));
    if bytes != Some(scan.voxels.len() as u64) {
        return Err(format!("{} bytes for a grid of {:?} {}", scan.voxels.len(), grid.dims, scan.voxel_type.name()));
    }
    if ![1, grid.dims[2]].contains(&(scan.scaling.len() as u64)) {
        return Err(format!("{} scalings for a grid of {:?}", scan.scaling.len(), grid.dims));
    }
    if !scan.scaling.iter().all(|scaling| scaling.slope.is_finite() && scaling.intercept.is_finite()) {
        return Err(format!("a scaling that is no number: {:?}", scan.scaling));
    }
    if !(grid.spacing.iter().all(|mm| *mm > 0.0 && mm.is_finite()) && grid.origin.iter().all(|mm| mm.is_finite())) {
        return Err(format!("a grid that is nowhere: {grid:?}"));
    }
    let dot = |a: usize, b: usize| (0..3).map(|i| grid.direction[a][i] * grid.direction[b][i]).sum::<f64>();
    let is_right = |a: usize, b: usize| (dot(a, b) - f64::from(u8::from(a == b))).abs() < 1e-3;
    match (0..3).all(|a| (0..3).all(|b| is_right(a, b))) {
        true => Ok(()),
        false => Err(format!("axes that are not at right angles: {:?}", grid.direction)),
    }
}
