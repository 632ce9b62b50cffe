//! What the voxels are and how they are packed.

use voxomics_reading::header::{Skip, is_pattern, numbers};
use voxomics_sdk::VoxelType;

use crate::error::Fault;
use crate::header::Header;

/// Size, type and packing of the voxels.
#[derive(Debug)]
pub struct Layout {
    /// Number of voxels along each axis.
    pub dims: [usize; 3],
    /// Type.
    pub voxel_type: VoxelType,
    /// Whether the voxels are a zlib stream.
    pub compressed: bool,
    /// Whether the bytes of a voxel are the other way round than in this machine.
    pub foreign: bool,
    /// What to leave out of the data file.
    pub skip: Skip,
    /// The file with the voxels, if it is another.
    pub data_file: Option<String>,
}

impl Layout {
    /// Understands a header.
    ///
    /// # Errors
    /// If a field is missing or not what it must be, or if the file is not one volume of real numbers.
    pub fn of(header: &Header, notes: &mut Vec<String>) -> Result<Self, Fault> {
        only(header, "ObjectType", &["Image"], "Image")?;
        only(header, "ElementNumberOfChannels", &["1"], "1, a volume of single numbers")?;
        only(header, "ElementToIntensityFunctionSlope", &["1", "1.0"], "1: programs differ in whether they apply it")?;
        only(header, "ElementToIntensityFunctionOffset", &["0", "0.0"], "0: programs differ in whether they apply it")?;
        if !flag(header, "BinaryData")?.unwrap_or_else(|| {
            notes.push("the header has no `BinaryData`: taken as True".into());
            true
        }) {
            return Err(Fault::Unsupported { field: "BinaryData", found: "False".into(), supported: "True" });
        }
        let voxel_type = voxel_type(header.need("ElementType")?)?;
        let compressed = flag(header, "CompressedData")?.unwrap_or(false);
        let data_file = data_file(header)?;
        Ok(Self {
            dims: dims(header)?,
            voxel_type,
            compressed,
            foreign: voxel_type.size() > 1 && is_foreign(header)?,
            skip: skip(header, compressed, data_file.is_none())?,
            data_file,
        })
    }
}

/// A fault of a field's value.
pub fn value(field: &'static str, found: &str, expected: &str) -> Fault {
    Fault::Value { field, found: found.into(), expected: expected.into() }
}

fn only(header: &Header, field: &'static str, known: &[&str], supported: &'static str) -> Result<(), Fault> {
    match header.get(field) {
        Some(found) if !known.contains(&found) => Err(Fault::Unsupported { field, found: found.into(), supported }),
        _ => Ok(()),
    }
}

fn flag(header: &Header, field: &'static str) -> Result<Option<bool>, Fault> {
    let Some(text) = header.get(field) else { return Ok(None) };
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "1" => Ok(Some(true)),
        "false" | "f" | "0" => Ok(Some(false)),
        _ => Err(value(field, text, "True or False")),
    }
}

fn is_foreign(header: &Header) -> Result<bool, Fault> {
    let fields = ["BinaryDataByteOrderMSB", "ElementByteOrderMSB"];
    let [first, second] = [flag(header, fields[0])?, flag(header, fields[1])?];
    match (first, second) {
        (Some(a), Some(b)) if a != b => {
            Err(value(fields[1], header.get(fields[1]).unwrap_or_default(), "the same as `BinaryDataByteOrderMSB`"))
        }
        (None, None) => Err(Fault::Missing { field: fields[0] }),
        (a, b) => Ok((a == Some(true) || b == Some(true)) != cfg!(target_endian = "big")),
    }
}

fn voxel_type(text: &str) -> Result<VoxelType, Fault> {
    Ok(match text {
        "MET_CHAR" => VoxelType::I8,
        "MET_UCHAR" => VoxelType::U8,
        "MET_SHORT" => VoxelType::I16,
        "MET_USHORT" => VoxelType::U16,
        "MET_INT" => VoxelType::I32,
        "MET_UINT" => VoxelType::U32,
        "MET_LONG_LONG" => VoxelType::I64,
        "MET_ULONG_LONG" => VoxelType::U64,
        "MET_FLOAT" => VoxelType::F32,
        "MET_DOUBLE" => VoxelType::F64,
        found => {
            let supported = "MET_CHAR, MET_SHORT, MET_INT or MET_LONG_LONG (with U for unsigned), MET_FLOAT or MET_DOUBLE \
                             (MET_LONG has 32 or 64 bits, depending on the writer)";
            return Err(Fault::Unsupported { field: "ElementType", found: found.into(), supported });
        }
    })
}

/// The sizes along the axes of space: the first three, of as many as `NDims` says; any other is of size 1. A plane is one slice.
fn dims(header: &Header) -> Result<[usize; 3], Fault> {
    let axes = header.need("NDims")?;
    let text = header.need("DimSize")?;
    let sizes = numbers(text)
        .filter(|sizes: &Vec<usize>| axes.parse() == Ok(sizes.len()) && !sizes.contains(&0))
        .ok_or_else(|| value("DimSize", text, &format!("{axes} whole numbers above 0, as many as `NDims` says")))?;
    match sizes.as_slice() {
        [x, y] => Ok([*x, *y, 1]),
        [x, y, z, others @ ..] if others.iter().all(|size| *size == 1) => Ok([*x, *y, *z]),
        _ => Err(Fault::NotOneVolume { sizes }),
    }
}

fn skip(header: &Header, compressed: bool, local: bool) -> Result<Skip, Fault> {
    let Some(text) = header.get("HeaderSize") else { return Ok(Skip::Bytes(0)) };
    match text.parse::<i64>() {
        Ok(-1) if !compressed => Ok(Skip::AllBefore),
        Ok(-1) => Err(value("HeaderSize", text, "a number of bytes: -1 is for data that are not compressed")),
        Ok(0) => Ok(Skip::Bytes(0)),
        Ok(count) if count > 0 && !local => Ok(Skip::Bytes(count as u64)),
        Ok(count) if count > 0 => Err(value("HeaderSize", text, "0 where the voxels follow the header")),
        _ => Err(value("HeaderSize", text, "a number of bytes, or -1 for data at the end of the file")),
    }
}

fn data_file(header: &Header) -> Result<Option<String>, Fault> {
    let text = header.need("ElementDataFile")?;
    let first = text.split_whitespace().next().unwrap_or_default();
    match first {
        "" => Err(value("ElementDataFile", text, "LOCAL or the name of a file")),
        "LOCAL" | "Local" | "local" if text == first => Ok(None),
        "LIST" => Err(Fault::Unsupported { field: "ElementDataFile", found: text.into(), supported: "one file" }),
        _ if is_pattern(text, &['d', 'i', 'u']) => {
            Err(Fault::Unsupported { field: "ElementDataFile", found: text.into(), supported: "one file" })
        }
        _ => Ok(Some(text.into())),
    }
}
