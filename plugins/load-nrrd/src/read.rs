//! From a path to voxels in memory.

use std::io::{BufRead, BufReader};
use std::path::Path;

use voxomics_reading::{
    self as reading, Fault as FileFault, Framing, Source,
    header::{Skip, data_file},
};
use voxomics_sdk::{Grid, NamedRegion, Scan};

use crate::ascii;
use crate::error::{Fault, ReadError, value};
use crate::geometry;
use crate::header::Header;
use crate::layout::{Encoding, Layers, Layout};
use crate::segments;

/// What a file with one volume holds.
#[derive(Debug, Clone)]
pub struct Contents {
    /// The voxels, in their own type, once in memory.
    pub scan: Scan,
    /// The segments that the header names.
    pub regions: Vec<NamedRegion>,
    /// What was assumed or is unusual, one sentence each.
    pub notes: Vec<String>,
}

/// What a segmentation holds, in which segments may lie over each other.
#[derive(Debug, Clone)]
pub struct Layered {
    /// The voxels of each layer, with the segments that the header names in it.
    pub layers: Vec<(Scan, Vec<NamedRegion>)>,
    /// What was assumed or is unusual, one sentence each.
    pub notes: Vec<String>,
}

/// Whether [`read`] should be asked: `head` holds the first bytes of the file, eight of which decide.
pub fn recognises(head: &[u8]) -> bool {
    head.strip_prefix(b"NRRD")
        .and_then(|rest| rest.get(..4))
        .is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
}

/// Reads a scan: `.nrrd`, or the `.nhdr` of one that has its data in another file.
///
/// Memory: the voxels once, the header, and less than a megabyte more; nothing is allocated for voxels that the file
/// cannot hold, nor for more than `max_bytes` of them.
///
/// # Errors
/// If the file is anything but one undamaged volume of real numbers on a rectangular grid, see [`Fault`].
pub fn read(path: &Path, max_bytes: u64) -> Result<Contents, ReadError> {
    let Layered { layers, notes } = read_up_to(path, max_bytes, 1)?;
    // There is one: a header with several layers was refused, and one with none has an axis of size 0.
    let Some((scan, regions)) = layers.into_iter().next() else {
        return Err(ReadError::at(path)(Fault::Missing { field: "sizes" }));
    };
    Ok(Contents { scan, regions, notes })
}

/// Reads a segmentation, which may have several layers. Memory as of [`read`], and the voxels once more if it has several.
///
/// # Errors
/// As [`read`]; several volumes are layers if the header says of its segments in which they lie.
pub fn read_layers(path: &Path, max_bytes: u64) -> Result<Layered, ReadError> {
    read_up_to(path, max_bytes, usize::MAX)
}

fn read_up_to(path: &Path, max_bytes: u64, most_layers: usize) -> Result<Layered, ReadError> {
    let (file, _) = reading::open(path).map_err(ReadError::at(path))?;
    let at_header = ReadError::at::<Fault>(path);
    let mut notes = Vec::new();
    let header = Header::read(&mut BufReader::new(file)).map_err(&at_header)?;
    let layout = Layout::of(&header).map_err(&at_header)?;
    let Layers { count, .. } = layout.layers;
    if count > most_layers {
        let [x, y, z] = layout.dims;
        let kinds = header.get("kinds").unwrap_or_default().into();
        return Err(at_header(Fault::NotOneVolume { sizes: vec![count, x, y, z], kinds }));
    }
    let placement = geometry::place(&header, &layout, &mut notes).map_err(&at_header)?;
    for field in ["old min", "old max"] {
        if let Some(found) = header.get(field) {
            notes.push(format!("`{field}` is {found}: the stored values count, as they are"));
        }
    }
    let size = layout.voxel_type.size();
    let [x, y, z] = layout.dims;
    let bytes = reading::voxel_bytes([x, y, z.saturating_mul(count)], size, max_bytes).map_err(ReadError::at(path))?;
    let (data_path, start) = data_file(path, layout.data_file.as_deref(), header.length)
        .map_err(|wanted| at_header(Fault::DataFileMissing { wanted }))?;
    let mut voxels =
        read_voxels(&data_path, start, &layout, bytes, &mut notes).map_err(ReadError::at::<Fault>(&data_path))?;
    if layout.foreign {
        reading::swap_bytes(&mut voxels, size);
    }
    // After the voxels: a header cannot promise more layers than there are bytes.
    let regions = segments::regions(&header, count, &mut notes).map_err(&at_header)?;
    let reading::geometry::Placement { spacing, origin, direction } = placement;
    let grid = Grid { dims: layout.dims.map(|n| n as u64), spacing, origin, direction };
    let volumes = apart(voxels, layout.layers, size);
    let layers = volumes.into_iter().map(|voxels| Scan::new(grid, layout.voxel_type, voxels)).zip(regions).collect();
    Ok(Layered { layers, notes })
}

/// The voxels of each volume.
fn apart(voxels: Vec<u8>, layers: Layers, size: usize) -> Vec<Vec<u8>> {
    let Layers { count, run } = layers;
    if count == 1 {
        return vec![voxels];
    }
    let mut volumes: Vec<Vec<u8>> = (0..count).map(|_| Vec::with_capacity(voxels.len() / count)).collect();
    for (layer, run) in (0..count).cycle().zip(voxels.chunks_exact(run * size)) {
        volumes[layer].extend_from_slice(run);
    }
    volumes
}

fn read_voxels(
    path: &Path,
    start: u64,
    layout: &Layout,
    bytes: usize,
    notes: &mut Vec<String>,
) -> Result<Vec<u8>, Fault> {
    let start = start + skip_lines(path, start, layout.line_skip)?;
    let framing = if layout.encoding == Encoding::Gzip { Framing::Gzip } else { Framing::Plain };
    let mut source = Source::open_at(path, start, framing)?;
    let skip = match layout.byte_skip {
        Skip::Bytes(count) => count,
        Skip::AllBefore => {
            let promised = bytes as u64;
            let found = source.most();
            found.checked_sub(promised).ok_or(FileFault::Truncated { promised, found })?
        }
    };
    let skipped = source.skip(skip)?;
    if skipped < skip {
        return Err(value("byte skip", &skip.to_string(), &format!("at most the {skipped} bytes that are there")));
    }
    match layout.encoding {
        Encoding::Ascii => ascii::read_numbers(&mut source, bytes / layout.voxel_type.size(), layout.voxel_type),
        Encoding::Raw | Encoding::Gzip => Ok(reading::read_voxels(&mut source, bytes, notes)?),
    }
}

/// The bytes of the first `lines` lines after `start`.
fn skip_lines(path: &Path, start: u64, lines: u64) -> Result<u64, Fault> {
    use std::io::{Seek, SeekFrom};
    if lines == 0 {
        return Ok(0);
    }
    let (mut file, _) = reading::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut reader = BufReader::new(file);
    let mut bytes = 0;
    for line in 0..lines {
        match reader.skip_until(b'\n')? {
            0 => {
                return Err(value(
                    "line skip",
                    &lines.to_string(),
                    &format!("at most the {line} lines that are there"),
                ));
            }
            count => bytes += count as u64,
        }
    }
    Ok(bytes)
}
