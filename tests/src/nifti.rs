//! Scans as NIfTI-1 files, written byte by byte: a test of reading must not lean on the program's own reader or writer.
//!
//! Offsets are those of `nifti1.h`.

use std::io::Write as _;

/// Rows of the matrix from voxel indices to mm (RAS): the header's `srow_x`, `srow_y`, `srow_z`.
pub type Rows = [[f64; 4]; 3];

/// A type of voxels.
pub trait Voxel: Copy {
    /// NIfTI's `datatype`.
    const DATATYPE: i16;
    /// Its bytes, least significant first.
    fn little_endian(self) -> impl AsRef<[u8]>;
}

macro_rules! voxel {
    ($($T:ty = $code:literal),*) => { $(impl Voxel for $T {
        const DATATYPE: i16 = $code;
        fn little_endian(self) -> impl AsRef<[u8]> {
            self.to_le_bytes()
        }
    })* };
}

voxel!(u8 = 2, i16 = 4, i32 = 8, f32 = 16, f64 = 64, u16 = 512);

/// A scan, or what is to become a damaged one: every field may be made to lie.
#[derive(Debug, Clone, PartialEq)]
pub struct Nifti {
    /// Number of voxels along the axes; three of a volume, four of a series.
    pub dims: Vec<usize>,
    /// NIfTI's `datatype`.
    pub datatype: i16,
    /// The voxels, little-endian, *x* fastest.
    pub voxels: Vec<u8>,
    /// Bytes of a voxel.
    pub size: usize,
    /// Where the voxels are.
    pub rows: Rows,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
}

/// A grid along the patient's axes: spacing and first voxel, mm (RAS).
pub fn straight(spacing: [f64; 3], origin: [f64; 3]) -> Rows {
    std::array::from_fn(|row| {
        std::array::from_fn(|column| match column {
            3 => origin[row],
            axis if axis == row => spacing[row],
            _ => 0.0,
        })
    })
}

impl Nifti {
    /// A volume whose voxel at `[x, y, z]` is `value([x, y, z])`.
    pub fn new<V: Voxel>(dims: [usize; 3], rows: Rows, value: impl Fn([usize; 3]) -> V) -> Self {
        let [nx, ny, nz] = dims;
        let mut voxels = Vec::with_capacity(nx * ny * nz * size_of::<V>());
        for z in 0..nz {
            for y in 0..ny {
                for x in 0..nx {
                    voxels.extend_from_slice(value([x, y, z]).little_endian().as_ref());
                }
            }
        }
        Self { dims: dims.to_vec(), datatype: V::DATATYPE, voxels, size: size_of::<V>(), rows, big_endian: false }
    }

    /// The same volume with other values.
    pub fn map<V: Voxel>(&self, value: impl Fn([usize; 3]) -> V) -> Self {
        Self::new([self.dims[0], self.dims[1], self.dims[2]], self.rows, value)
    }

    /// The file: header, four bytes of extender, voxels.
    pub fn bytes(&self) -> Vec<u8> {
        let mut file = vec![0; 352];
        let mut put = |at: usize, little_endian: &[u8]| {
            let bytes = &mut file[at..at + little_endian.len()];
            bytes.copy_from_slice(little_endian);
            if self.big_endian {
                bytes.reverse();
            }
        };
        put(0, &348_i32.to_le_bytes());
        put(40, &(self.dims.len() as i16).to_le_bytes());
        for axis in 0..7 {
            let size = self.dims.get(axis).copied().unwrap_or(1);
            put(42 + 2 * axis, &(size as i16).to_le_bytes());
        }
        put(70, &self.datatype.to_le_bytes());
        put(72, &(8 * self.size as i16).to_le_bytes());
        for axis in 0..8 {
            let spacing = match axis {
                1..=3 => self.rows.iter().map(|row| row[axis - 1] * row[axis - 1]).sum::<f64>().sqrt(),
                _ => 1.0,
            };
            put(76 + 4 * axis, &(spacing as f32).to_le_bytes());
        }
        put(108, &352_f32.to_le_bytes());
        put(254, &1_i16.to_le_bytes());
        for (i, x) in self.rows.as_flattened().iter().enumerate() {
            put(280 + 4 * i, &(*x as f32).to_le_bytes());
        }
        file[123] = 2; // mm
        file[344..348].copy_from_slice(b"n+1\0");
        for voxel in self.voxels.chunks(self.size) {
            match self.big_endian {
                false => file.extend(voxel),
                true => file.extend(voxel.iter().rev()),
            }
        }
        file
    }

    /// The file, compressed.
    pub fn gz(&self) -> Vec<u8> {
        gz(&self.bytes())
    }
}

/// Bytes as a gzip stream.
pub fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("memory takes what is written to it")
}
