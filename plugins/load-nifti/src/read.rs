//! From a path to voxels in memory.

use crate::error::{Fault, ReadError};
use crate::files::{self, Kind};
use crate::geometry::{self, Placed, Scale};
use crate::header::{BYTES_1, BYTES_2, Header, MAX_OFFSET, Version};
use std::path::{Path, PathBuf};
use voxomics_reading::gzip::{self, Gzip};
use voxomics_reading::{self as reading, Fault as FileFault, Framing, Source};
use voxomics_sdk::VoxelType;

/// A scan as it is stored: values in their own type, once in memory.
///
/// The centre of voxel `(i, j, k)` is `origin + i·spacing[0]·direction[0] + j·spacing[1]·direction[1] +
/// k·spacing[2]·direction[2]` in DICOM patient coordinates (LPS, mm); its value is `slope · stored + intercept`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// Number of voxels along the three axes.
    pub dims: [usize; 3],
    /// Distance between neighbouring voxel centres along each axis, mm.
    pub spacing: [f64; 3],
    /// Centre of the first voxel, mm, LPS.
    pub origin: [f64; 3],
    /// Unit vectors of the three axes in LPS; mutually orthogonal.
    pub direction: [[f64; 3]; 3],
    /// The type of the stored values.
    pub voxel_type: VoxelType,
    /// The stored values, x fastest, in this machine's byte order.
    pub data: Vec<u8>,
    /// Slope from the stored to the true value; not 0.
    pub slope: f64,
    /// Intercept from the stored to the true value.
    pub intercept: f64,
    /// What was assumed or is unusual, one sentence each.
    pub notes: Vec<String>,
    /// What may make a number wrong.
    pub warnings: Vec<String>,
}

/// Where the voxels are in their file, and how many bytes.
struct Extent {
    offset: u64,
    least_offset: u64,
    bytes: usize,
}

/// Reads a scan: `.nii`, or either file of a `.hdr` and `.img` pair; gzip or not.
///
/// Memory: the voxels once and less than a megabyte more; nothing is allocated for voxels that the file cannot hold,
/// nor for more than `max_bytes` of them. `scale` says which spacing counts where the header states two.
///
/// # Errors
/// If the file is anything but one undamaged volume of real numbers on a rectangular grid, see [`Fault`].
pub fn read(path: &Path, scale: Option<Scale>, max_bytes: u64) -> Result<Scan, ReadError> {
    let mut notes = Vec::new();
    let (kind, _) = files::kind(path);
    let header_path = match kind {
        Kind::Image => {
            reading::open(path).map_err(Fault::from).map_err(ReadError::at(path))?;
            find_partner(path, "hdr", &mut notes)?
        }
        Kind::Header | Kind::Single => path.to_path_buf(),
    };
    let at_header = ReadError::at(&header_path);
    let mut source = Source::open(&header_path).map_err(Fault::from).map_err(&at_header)?;
    note_suffix(&header_path, &source, &mut notes);
    let header = read_header(&mut source, kind != Kind::Single).map_err(&at_header)?;

    let dims = header.dims().map_err(&at_header)?;
    let voxel_type = header.voxel_type().map_err(&at_header)?;
    let (slope, intercept) = header.scaling().map_err(&at_header)?;
    let Placed { placement, mut warnings } = geometry::place(&header, dims, scale, &mut notes).map_err(&at_header)?;
    warnings.extend(header.odd_scaling());
    let extent = extent(&header, dims, voxel_type, max_bytes).map_err(&at_header)?;
    match i64::from(header.bitpix) {
        // Some writers leave it out.
        0 => notes.push(format!("bitpix is 0, datatype {} counts", header.datatype)),
        found if found != 8 * voxel_type.size() as i64 => {
            return Err(at_header(Fault::BitsPerVoxel { found: header.bitpix, datatype: header.datatype, voxel_type }));
        }
        _ => {}
    }

    let mut data = if header.single_file {
        read_voxels(&mut source, &extent, &mut notes).map_err(&at_header)?
    } else {
        finish_header(&mut source).map_err(&at_header)?;
        let image = if kind == Kind::Image { path.into() } else { find_partner(&header_path, "img", &mut notes)? };
        let (_, compressed) = files::kind(&image);
        let framing = if compressed { Framing::Gzip } else { Framing::Plain };
        Source::open_as(&image, framing)
            .map_err(Fault::from)
            .and_then(|mut source| read_voxels(&mut source, &extent, &mut notes))
            .map_err(ReadError::at(&image))?
    };
    if header.order.is_foreign() {
        reading::swap_bytes(&mut data, voxel_type.size());
    }
    let reading::geometry::Placement { spacing, origin, direction } = placement;
    Ok(Scan { dims, spacing, origin, direction, voxel_type, data, slope, intercept, notes, warnings })
}

/// Whether [`read`] should be asked: `head` holds the first bytes of the file, the more the better (compressed, 540
/// inflated ones are needed at most). For an `.img`, which has no mark of its own, its `.hdr` is looked at instead.
pub fn recognises(path: &Path, head: &[u8]) -> bool {
    let (kind, _) = files::kind(path);
    let start = match kind {
        Kind::Image => {
            let Some(header) = files::partner(path, "hdr").found else { return false };
            let mut start = Vec::new();
            let read = Source::open(&header).and_then(|mut source| source.append(&mut start, BYTES_2));
            if read.is_err() {
                return false;
            }
            start
        }
        _ if head.starts_with(&gzip::MAGIC) => {
            let mut start = vec![0; BYTES_2];
            let mut gzip = Gzip::new(head);
            // The head ends in the middle of the data: what was inflated until then is what counts.
            let _ends_early = gzip.fill(&mut start);
            start.truncate(gzip.inflated() as usize);
            start
        }
        _ => head[..head.len().min(BYTES_2)].to_vec(),
    };
    Version::recognise(&start, kind != Kind::Single).is_some()
}

fn find_partner(path: &Path, extension: &str, notes: &mut Vec<String>) -> Result<PathBuf, ReadError> {
    let partner = files::partner(path, extension);
    let Some(found) = partner.found else {
        return Err(ReadError::at(path)(Fault::PartnerMissing { wanted: partner.wanted }));
    };
    if let Some(rival) = partner.rival {
        notes.push(format!("{} is used, {} is there as well and ignored", found.display(), rival.display()));
    }
    Ok(found)
}

fn note_suffix(path: &Path, source: &Source, notes: &mut Vec<String>) {
    let (_, named_gz) = files::kind(path);
    if named_gz != source.is_packed() {
        let is = if source.is_packed() { "is" } else { "is not" };
        notes.push(format!("the file {is} gzip, other than its name says"));
    }
}

fn read_header(source: &mut Source, of_pair: bool) -> Result<Header, Fault> {
    let mut bytes = Vec::new();
    // An early fault of the compression would hide that this is no header at all, hence it is told second.
    let outcome = source.append(&mut bytes, BYTES_1);
    let Some(version) = Version::recognise(&bytes, of_pair) else {
        outcome?;
        return Err(no_header(&bytes));
    };
    outcome?;
    let missing = version.bytes().saturating_sub(bytes.len());
    source.append(&mut bytes, missing)?;
    Header::parse(&bytes, version)
}

/// Why these first bytes are no header.
fn no_header(bytes: &[u8]) -> Fault {
    let begins_with = |size: &usize| {
        let size = *size as u32;
        bytes.starts_with(&size.to_le_bytes()) || bytes.starts_with(&size.to_be_bytes())
    };
    let expected = [BYTES_1, BYTES_2].into_iter().find(begins_with);
    match (expected, bytes.get(344..BYTES_1).and_then(|magic| magic.try_into().ok())) {
        _ if bytes.is_empty() => FileFault::Empty.into(),
        (Some(expected), None) => Fault::HeaderTruncated { expected, found: bytes.len() },
        (Some(BYTES_1), Some(found)) => Fault::MagicMissing { found },
        _ => Fault::NotNifti { start: bytes[..bytes.len().min(16)].to_vec() },
    }
}

fn extent(header: &Header, dims: [usize; 3], voxel_type: VoxelType, max_bytes: u64) -> Result<Extent, Fault> {
    let bytes = reading::voxel_bytes(dims, voxel_type.size(), max_bytes)?;
    Ok(Extent { offset: header.voxel_offset()?, least_offset: header.least_offset(), bytes })
}

fn read_voxels(source: &mut Source, extent: &Extent, notes: &mut Vec<String>) -> Result<Vec<u8>, Fault> {
    let end = extent.offset.saturating_add(extent.bytes as u64);
    source.skip(extent.offset - source.position()).map_err(|fault| match fault {
        FileFault::GzipTruncated { inflated, .. } => FileFault::GzipTruncated { inflated, expected: Some(end) },
        other => other,
    })?;
    if source.position() < extent.offset {
        let (found, most) = (extent.offset as f64, source.position());
        return Err(Fault::VoxelOffset { found, least: extent.least_offset, most });
    }
    Ok(reading::read_voxels(source, extent.bytes, notes)?)
}

/// Reads the header of a pair to its end, where extensions may follow.
fn finish_header(source: &mut Source) -> Result<(), Fault> {
    let promised = source.position();
    match source.skip(MAX_OFFSET + 1)? {
        extra if extra > MAX_OFFSET => Err(FileFault::TrailingData { promised, extra }.into()),
        _ => Ok(()),
    }
}
