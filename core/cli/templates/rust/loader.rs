//! A loader: edit `recognises` and `load`.

use std::{io::Read as _, path::Path};

use voxomics_sdk::{Grid, VoxelType, prelude::*};

/// The loader `NAME`: files that begin with `RAW8`, three bytes of size, and one byte per voxel.
struct TYPE;

impl Loader for TYPE {
    fn describe() -> Description {
        Description::new("NAME", "A small format of our own").formats(&["RAW8"])
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn recognises(&self, _: &Path, head: &[u8]) -> bool {
        head.starts_with(b"RAW8")
    }

    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
        let unreadable = |cause| Error::input(format!("{} cannot be read: {cause}", request.path.display()));
        // The program opens the file: where this plugin runs it can open none by itself.
        let mut bytes = Vec::new();
        context.open(&request.path)?.read_to_end(&mut bytes).map_err(unreadable)?;
        let scan = read(&bytes, request.max_bytes).map_err(|wrong| Error::input(format!("{}: {wrong}", request.path.display())))?;
        Ok(Loaded::one(request.role, scan, Vec::new()))
    }
}

/// The scan of a file, if its voxels need no more than so many bytes of memory.
fn read(bytes: &[u8], max_bytes: u64) -> Result<Scan, String> {
    let [x, y, z] = match bytes.get(4..7) {
        Some(dims) => [dims[0], dims[1], dims[2]].map(u64::from),
        None => return Err("it ends before its size".into()),
    };
    let (found, expected) = (bytes.len() as u64 - 7, x * y * z);
    if found != expected {
        return Err(format!("it has {found} voxels, expected {expected}"));
    }
    if expected > max_bytes {
        return Err(format!("its {expected} bytes of voxels are above the limit of {max_bytes}"));
    }
    let grid = Grid {
        dims: [x, y, z],
        spacing: [1.0; 3],
        origin: [0.0; 3],
        direction: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    };
    Ok(Scan::new(grid, VoxelType::U8, bytes[7..].to_vec()))
}

voxomics_sdk::export_plugin! { vendor: "Your laboratory", loaders: [TYPE] }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_a_short_one_is_refused() {
        let scan = read(b"RAW8\x02\x01\x01\x05\x07", 2).expect("a scan");
        assert_eq!((scan.grid.dims, scan.voxels), ([2, 1, 1], vec![5, 7]));
        assert_eq!(read(b"RAW8\x02\x01\x01\x05", 2).unwrap_err(), "it has 1 voxels, expected 2");
        assert!(read(b"RAW8", 2).is_err() && read(b"RAW8\x02\x01\x01\x05\x07", 1).is_err());
    }
}
