//! The three headers, byte by byte, into one form.
//!
//! Sources of offsets, types and codes: the NIfTI-1.1 and NIfTI-2 headers `nifti1.h` and `nifti2.h` (NIfTI Data Format
//! Working Group, nifti.nimh.nih.gov), for ANALYZE 7.5 the `dbh.h` of the Mayo Clinic. They are parsed here because
//! the `nifti` crate knows neither NIfTI-2 nor ANALYZE, and reads sizes as unsigned, so that −1 becomes 65,535.

use voxomics_sdk::VoxelType;

use crate::error::Fault;

/// Length of a NIfTI-1 or ANALYZE 7.5 header.
pub const BYTES_1: usize = 348;
/// Length of a NIfTI-2 header.
pub const BYTES_2: usize = 540;
/// Where voxels can begin after a header in the same file: the header and the four bytes that announce extensions.
const EXTENDER_BYTES: usize = 4;
/// No header's extensions are longer; less than what would keep a reader busy for more than a moment.
pub const MAX_OFFSET: u64 = 1 << 28;

/// Which of the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// ANALYZE 7.5, the format that NIfTI-1 has grown from; always a pair of files.
    Analyze,
    /// NIfTI-1.
    One,
    /// NIfTI-2.
    Two,
}

impl Version {
    /// Bytes of the header.
    pub fn bytes(self) -> usize {
        if self == Self::Two { BYTES_2 } else { BYTES_1 }
    }

    /// What the start of a file is, if it is any of them. The magic decides; `.hdr` or `.img` in the name
    /// (`of_pair`) lets a header without magic pass for ANALYZE.
    pub fn recognise(start: &[u8], of_pair: bool) -> Option<Self> {
        if let Some(b"n+2\0" | b"ni2\0") = start.get(4..8) {
            return Some(Self::Two);
        }
        match start.get(344..BYTES_1)? {
            b"n+1\0" | b"ni1\0" => Some(Self::One),
            _ if of_pair && order(start, BYTES_1).is_some() => Some(Self::Analyze),
            _ => None,
        }
    }
}

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Least significant first.
    Little,
    /// Most significant first.
    Big,
}

impl Order {
    /// Whether this machine has the other one.
    pub fn is_foreign(self) -> bool {
        (self == Self::Big) == cfg!(target_endian = "little")
    }
}

/// The byte order in which the field `sizeof_hdr` has its only valid value.
fn order(start: &[u8], bytes: usize) -> Option<Order> {
    let size = start.first_chunk()?;
    [(Order::Little, i32::from_le_bytes(*size)), (Order::Big, i32::from_be_bytes(*size))]
        .into_iter()
        .find_map(|(order, size)| (i64::from(size) == bytes as i64).then_some(order))
}

/// What the reader needs of a header; numbers as they are stored, nothing checked but the version.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Which of the headers.
    pub version: Version,
    /// Byte order of header and voxels.
    pub order: Order,
    /// Whether the voxels follow in the same file.
    pub single_file: bool,
    /// Number of dimensions, and the size along each.
    pub dim: [i64; 8],
    /// Code of the voxel type.
    pub datatype: i32,
    /// Bits of a voxel; says the same again.
    pub bitpix: i32,
    /// The sign of the third axis of the quaternion's form, and the spacing along each dimension.
    pub pixdim: [f64; 8],
    /// Where the voxels begin, bytes.
    pub vox_offset: f64,
    /// Slope of the scaling.
    pub slope: f64,
    /// Intercept of the scaling.
    pub intercept: f64,
    /// Code of the units of space (lowest three bits) and time.
    pub units: i32,
    /// Whether the quaternion counts.
    pub qform_code: i32,
    /// Whether the matrix counts.
    pub sform_code: i32,
    /// Components b, c, d of the unit quaternion.
    pub quaternion: [f64; 3],
    /// The first voxel of the quaternion's form.
    pub offset: [f64; 3],
    /// The rows of the matrix.
    pub rows: [[f64; 4]; 3],
}

impl Header {
    /// Reads a header of the version recognised.
    ///
    /// # Errors
    /// If it is cut short, or if its first field or its magic is damaged.
    pub fn parse(bytes: &[u8], version: Version) -> Result<Self, Fault> {
        let expected = version.bytes();
        if bytes.len() < expected {
            return Err(Fault::HeaderTruncated { expected, found: bytes.len() });
        }
        let Some(order) = order(bytes, expected) else {
            let found = Fields { bytes, order: Order::Little }.i32(0);
            return Err(Fault::HeaderSize { found, expected: expected as i32 });
        };
        let fields = Fields { bytes, order };
        match version {
            Version::One => Ok(Self::parse_1(&fields)),
            Version::Two => Self::parse_2(&fields),
            Version::Analyze => Ok(Self::parse_analyze(&fields)),
        }
    }

    fn parse_1(fields: &Fields) -> Self {
        let row = |at| fields.several(at, 4, Fields::f32);
        Self {
            version: Version::One,
            order: fields.order,
            single_file: fields.bytes[345] == b'+',
            dim: fields.several(40, 2, Fields::i16).map(i64::from),
            datatype: i32::from(fields.i16(70)),
            bitpix: i32::from(fields.i16(72)),
            pixdim: fields.several(76, 4, Fields::f32),
            vox_offset: fields.f32(108),
            slope: fields.f32(112),
            intercept: fields.f32(116),
            units: i32::from(fields.bytes[123]),
            qform_code: i32::from(fields.i16(252)),
            sform_code: i32::from(fields.i16(254)),
            quaternion: fields.several(256, 4, Fields::f32),
            offset: fields.several(268, 4, Fields::f32),
            rows: [row(280), row(296), row(312)],
        }
    }

    /// The fields that ANALYZE shares with NIfTI-1; the bytes of the forms mean other things there.
    fn parse_analyze(fields: &Fields) -> Self {
        Self {
            version: Version::Analyze,
            single_file: false,
            units: 0,
            qform_code: 0,
            sform_code: 0,
            quaternion: [0.0; 3],
            offset: [0.0; 3],
            rows: [[0.0; 4]; 3],
            ..Self::parse_1(fields)
        }
    }

    fn parse_2(fields: &Fields) -> Result<Self, Fault> {
        let line_ends = fields.array(8, Order::Little);
        if &line_ends != b"\r\n\x1a\n" {
            return Err(Fault::MagicMangled { found: line_ends });
        }
        let row = |at| fields.several(at, 8, Fields::f64);
        Ok(Self {
            version: Version::Two,
            order: fields.order,
            single_file: fields.bytes[5] == b'+',
            datatype: i32::from(fields.i16(12)),
            bitpix: i32::from(fields.i16(14)),
            dim: fields.several(16, 8, Fields::i64),
            pixdim: fields.several(104, 8, Fields::f64),
            vox_offset: fields.i64(168) as f64,
            slope: fields.f64(176),
            intercept: fields.f64(184),
            qform_code: fields.i32(344),
            sform_code: fields.i32(348),
            quaternion: fields.several(352, 8, Fields::f64),
            offset: fields.several(376, 8, Fields::f64),
            rows: [row(400), row(432), row(464)],
            units: fields.i32(500),
        })
    }

    /// The size along the three spatial axes, 1 where the header has only two.
    ///
    /// # Errors
    /// If it is no single volume, or a size is not positive.
    pub fn dims(&self) -> Result<[usize; 3], Fault> {
        let count = match self.dim[0] {
            count @ 2..=7 => count as usize,
            found => return Err(Fault::DimensionCount { found }),
        };
        let sizes = &self.dim[1..=count];
        for (axis, &found) in sizes.iter().enumerate() {
            if found < 1 || usize::try_from(found).is_err() {
                return Err(Fault::Extent { axis: axis + 1, found });
            }
        }
        if sizes.iter().skip(3).any(|&size| size > 1) {
            return Err(Fault::NotOneVolume { dims: sizes.to_vec() });
        }
        Ok(std::array::from_fn(|axis| sizes.get(axis).map_or(1, |&size| size as usize)))
    }

    /// The type of the voxels.
    ///
    /// # Errors
    /// If it is none of one real number.
    pub fn voxel_type(&self) -> Result<VoxelType, Fault> {
        voxel_type(self.datatype)
    }

    /// Slope and intercept from the stored to the true value: `(1, 0)` if the slope is 0 or not finite.
    ///
    /// # Errors
    /// If the intercept of a valid slope is not finite, or if an ANALYZE header holds what may or may not be a scaling.
    pub fn scaling(&self) -> Result<(f64, f64), Fault> {
        let (slope, intercept) = (self.slope, self.intercept);
        if slope == 0.0 || !slope.is_finite() {
            return Ok((1.0, 0.0));
        }
        if self.version == Version::Analyze && (slope, intercept) != (1.0, 0.0) {
            return Err(Fault::AmbiguousScaling { slope, intercept });
        }
        if !intercept.is_finite() {
            return Err(Fault::Intercept { slope, intercept });
        }
        Ok((slope, intercept))
    }

    /// What is odd about a scaling that is not applied. Programs differ in what they make of an intercept beside a slope of 0.
    pub fn odd_scaling(&self) -> Option<String> {
        let (slope, intercept) = (self.slope, self.intercept);
        let is_none = slope == 0.0 || slope.is_nan();
        let is_plain = is_none && (intercept == 0.0 || !intercept.is_finite());
        if self.version == Version::Analyze || is_plain || slope != 0.0 && slope.is_finite() {
            return None;
        }
        Some(format!(
            "scl_slope is {slope} and scl_inter {intercept}: as the slope is no scaling, the stored values count as they are; some \
             programs add the intercept"
        ))
    }

    /// Where the voxels can begin at the earliest, in the file that holds them.
    pub fn least_offset(&self) -> u64 {
        if self.single_file { (self.version.bytes() + EXTENDER_BYTES) as u64 } else { 0 }
    }

    /// Where the voxels begin, in the file that holds them.
    ///
    /// # Errors
    /// If that is within the header, beyond [`MAX_OFFSET`] or no whole number.
    pub fn voxel_offset(&self) -> Result<u64, Fault> {
        let (found, least, most) = (self.vox_offset, self.least_offset(), MAX_OFFSET);
        if found.fract() != 0.0 || !(least as f64..=most as f64).contains(&found) {
            return Err(Fault::VoxelOffset { found, least, most });
        }
        Ok(found as u64)
    }
}

/// The type of a voxel by its code.
fn voxel_type(code: i32) -> Result<VoxelType, Fault> {
    let name = match code {
        2 => return Ok(VoxelType::U8),
        4 => return Ok(VoxelType::I16),
        8 => return Ok(VoxelType::I32),
        16 => return Ok(VoxelType::F32),
        64 => return Ok(VoxelType::F64),
        256 => return Ok(VoxelType::I8),
        512 => return Ok(VoxelType::U16),
        768 => return Ok(VoxelType::U32),
        1024 => return Ok(VoxelType::I64),
        1280 => return Ok(VoxelType::U64),
        0 => "unknown",
        1 => "binary (1 bit)",
        32 => "complex (2 × 32 bits)",
        128 => "RGB (3 × 8 bits)",
        1536 => "long double (128 bits)",
        1792 => "complex (2 × 64 bits)",
        2048 => "complex (2 × 128 bits)",
        2304 => "RGBA (4 × 8 bits)",
        _ => "not in the standard",
    };
    Err(Fault::UnsupportedType { code, name })
}

/// The bytes of a header of full length, read as numbers.
struct Fields<'a> {
    bytes: &'a [u8],
    order: Order,
}

impl Fields<'_> {
    fn array<const N: usize>(&self, at: usize, order: Order) -> [u8; N] {
        std::array::from_fn(|i| self.bytes[at + if order == Order::Little { i } else { N - 1 - i }])
    }

    fn i16(&self, at: usize) -> i16 {
        i16::from_le_bytes(self.array(at, self.order))
    }

    fn i32(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.array(at, self.order))
    }

    fn i64(&self, at: usize) -> i64 {
        i64::from_le_bytes(self.array(at, self.order))
    }

    fn f32(&self, at: usize) -> f64 {
        f64::from(f32::from_le_bytes(self.array(at, self.order)))
    }

    fn f64(&self, at: usize) -> f64 {
        f64::from_le_bytes(self.array(at, self.order))
    }

    fn several<T, const N: usize>(&self, at: usize, bytes: usize, read: impl Fn(&Self, usize) -> T) -> [T; N] {
        std::array::from_fn(|i| read(self, at + i * bytes))
    }
}
