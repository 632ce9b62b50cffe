//! From a path to voxels in memory.

use std::io::BufReader;
use std::path::Path;

use voxomics_reading::{
    self as reading, Fault as FileFault, Framing, Source,
    header::{Skip, data_file},
};
use voxomics_sdk::{Grid, Scan};

use crate::error::{Fault, ReadError};
use crate::geometry;
use crate::header::{self, Header};
use crate::layout::{Layout, value};

/// What a file holds.
#[derive(Debug, Clone)]
pub struct Contents {
    /// The voxels, in their own type, once in memory.
    pub scan: Scan,
    /// What was assumed or is unusual, one sentence each.
    pub notes: Vec<String>,
}

/// Whether [`read`] should be asked: `head` holds the first bytes of the file, the first line of which decides.
pub fn recognises(head: &[u8]) -> bool {
    header::starts(&head[..head.len().min(64)])
}

/// Reads a scan or a segmentation: `.mha`, or the `.mhd` of one that has its data in another file.
///
/// Memory: the voxels once, the header, and less than a megabyte more; nothing is allocated for voxels that the file
/// cannot hold, nor for more than `max_bytes` of them.
///
/// # Errors
/// If the file is anything but one undamaged volume of real numbers on a rectangular grid, see [`Fault`].
pub fn read(path: &Path, max_bytes: u64) -> Result<Contents, ReadError> {
    let (file, _) = reading::open(path).map_err(ReadError::at(path))?;
    let at_header = ReadError::at::<Fault>(path);
    let mut notes = Vec::new();
    let header = Header::read(&mut BufReader::new(file)).map_err(&at_header)?;
    let layout = Layout::of(&header, &mut notes).map_err(&at_header)?;
    let placement = geometry::place(&header, &mut notes).map_err(&at_header)?;
    let size = layout.voxel_type.size();
    let bytes = reading::voxel_bytes(layout.dims, size, max_bytes).map_err(ReadError::at(path))?;
    let (data_path, start) = data_file(path, layout.data_file.as_deref(), header.length)
        .map_err(|wanted| at_header(Fault::DataFileMissing { wanted }))?;
    let mut voxels =
        read_voxels(&data_path, start, &layout, bytes, &mut notes).map_err(ReadError::at::<Fault>(&data_path))?;
    if layout.foreign {
        reading::swap_bytes(&mut voxels, size);
    }
    let reading::geometry::Placement { spacing, origin, direction } = placement;
    let grid = Grid { dims: layout.dims.map(|n| n as u64), spacing, origin, direction };
    let scan = Scan::new(grid, layout.voxel_type, voxels);
    Ok(Contents { scan, notes })
}

fn read_voxels(
    path: &Path,
    start: u64,
    layout: &Layout,
    bytes: usize,
    notes: &mut Vec<String>,
) -> Result<Vec<u8>, Fault> {
    let (_, length) = reading::open(path)?;
    let start = match layout.skip {
        Skip::Bytes(count) if count > length => {
            return Err(value("HeaderSize", &count.to_string(), &format!("at most the {length} bytes that are there")));
        }
        Skip::Bytes(count) => start + count,
        Skip::AllBefore => {
            let (promised, found) = (bytes as u64, length.saturating_sub(start));
            if found < promised {
                return Err(FileFault::Truncated { promised, found }.into());
            }
            length - promised
        }
    };
    let framing = if layout.compressed { Framing::Zlib } else { Framing::Plain };
    Ok(reading::read_voxels(&mut Source::open_at(path, start, framing)?, bytes, notes)?)
}
