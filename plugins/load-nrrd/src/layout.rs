//! What the voxels are and how they are packed.

use voxomics_reading::header::{Skip, is_pattern, numbers};
use voxomics_sdk::VoxelType;

use crate::error::{Fault, value};
use crate::header::{Header, is_list};

/// How the voxels are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As they are in memory.
    Raw,
    /// The same in gzip.
    Gzip,
    /// As decimal numbers.
    Ascii,
}

/// Size, type and packing of the voxels.
#[derive(Debug)]
pub struct Layout {
    /// Number of voxels along each axis of space.
    pub dims: [usize; 3],
    /// Which of the header's axes are those of space; of a plane, the third is none of them and has the number [`axes`](Self::axes).
    pub spatial: [usize; 3],
    /// Number of the header's axes.
    pub axes: usize,
    /// Several label maps in one file.
    pub layers: Layers,
    /// Type.
    pub voxel_type: VoxelType,
    /// Packing.
    pub encoding: Encoding,
    /// Whether the bytes of a voxel are the other way round than in this machine.
    pub foreign: bool,
    /// Lines to be left out, before inflation.
    pub line_skip: u64,
    /// What to leave out after these, counted after inflation.
    pub byte_skip: Skip,
    /// The file with the voxels, if it is another.
    pub data_file: Option<String>,
}

/// How many volumes there are, and how they lie beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layers {
    /// Number of volumes.
    pub count: usize,
    /// Voxels of one volume that follow each other before those of the next one.
    pub run: usize,
}

impl Layout {
    /// Understands a header.
    ///
    /// # Errors
    /// If a field is missing or not what it must be, or if the file is not one volume of real numbers.
    pub fn of(header: &Header) -> Result<Self, Fault> {
        // First, for in a header that lists its files nothing else is known that follows.
        let data_file = data_file(header)?;
        let voxel_type = voxel_type(header.need("type")?)?;
        let encoding = encoding(header.need("encoding")?)?;
        let sizes = sizes(header)?;
        let (spatial, layers) = spatial(header, &sizes)?;
        let foreign = encoding != Encoding::Ascii && voxel_type.size() > 1 && is_foreign(header.need("endian")?)?;
        Ok(Self {
            dims: spatial.map(|axis| sizes.get(axis).copied().unwrap_or(1)),
            spatial,
            axes: sizes.len(),
            layers,
            voxel_type,
            encoding,
            foreign,
            line_skip: match header.get("line skip") {
                Some(text) => text.parse().map_err(|_| value("line skip", text, "a whole number of lines"))?,
                None => 0,
            },
            byte_skip: byte_skip(header, encoding)?,
            data_file,
        })
    }

    /// Whether there are but two axes of space: a plane, which is one slice.
    pub fn is_plane(&self) -> bool {
        self.spatial[2] == self.axes
    }
}

fn voxel_type(text: &str) -> Result<VoxelType, Fault> {
    Ok(match text {
        "signed char" | "int8" | "int8_t" => VoxelType::I8,
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => VoxelType::U8,
        "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => VoxelType::I16,
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => VoxelType::U16,
        "int" | "signed int" | "int32" | "int32_t" => VoxelType::I32,
        "uint" | "unsigned int" | "uint32" | "uint32_t" => VoxelType::U32,
        "longlong"
        | "long long"
        | "long long int"
        | "signed long long"
        | "signed long long int"
        | "int64"
        | "int64_t" => VoxelType::I64,
        "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => VoxelType::U64,
        "float" => VoxelType::F32,
        "double" => VoxelType::F64,
        found => {
            let supported = "signed or unsigned integers of 8 to 64 bits, float or double, in a spelling of the format";
            return Err(Fault::Unsupported { field: "type", found: found.into(), supported });
        }
    })
}

fn encoding(text: &str) -> Result<Encoding, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "raw" => Ok(Encoding::Raw),
        "gzip" | "gz" => Ok(Encoding::Gzip),
        "ascii" | "text" | "txt" => Ok(Encoding::Ascii),
        _ => Err(Fault::Unsupported { field: "encoding", found: text.into(), supported: "raw, gzip or ascii" }),
    }
}

fn is_foreign(text: &str) -> Result<bool, Fault> {
    let little = match text.to_ascii_lowercase().as_str() {
        "little" => true,
        "big" => false,
        _ => return Err(value("endian", text, "little or big")),
    };
    Ok(little != cfg!(target_endian = "little"))
}

fn sizes(header: &Header) -> Result<Vec<usize>, Fault> {
    let text = header.need("dimension")?;
    // The format's own limit is 16.
    let axes: usize = text
        .parse()
        .ok()
        .filter(|axes| (1..=16).contains(axes))
        .ok_or_else(|| value("dimension", text, "a whole number from 1 to 16"))?;
    let text = header.need("sizes")?;
    numbers(text)
        .filter(|sizes: &Vec<usize>| sizes.len() == axes && !sizes.contains(&0))
        .ok_or_else(|| value("sizes", text, &format!("{axes} whole numbers above 0, as many as `dimension` says")))
}

/// The three axes of space: those with a direction and with a kind that does not say otherwise. Another axis is of size 1,
/// or that of the layers of a segmentation. A plane has two.
fn spatial(header: &Header, sizes: &[usize]) -> Result<([usize; 3], Layers), Fault> {
    let kinds = header.get("kinds").unwrap_or_default();
    let of_space = |kind: &str| ["domain", "space", "???", "none"].iter().any(|word| word.eq_ignore_ascii_case(kind));
    let mut is_spatial = vec![true; sizes.len()];
    if !kinds.is_empty() {
        let kinds: Vec<&str> = kinds.split_whitespace().collect();
        if kinds.len() != sizes.len() {
            return Err(value("kinds", &kinds.join(" "), &format!("{} words, one for each axis", sizes.len())));
        }
        is_spatial = kinds.iter().map(|kind| of_space(kind)).collect();
    }
    if let Some(directions) = crate::directions::directions(header, sizes.len())? {
        for (is, direction) in is_spatial.iter_mut().zip(&directions) {
            *is &= direction.is_some();
        }
    }
    let mut axes: Vec<usize> = (0..sizes.len()).filter(|axis| is_spatial[*axis]).collect();
    let others_are_1 = |axes: &[usize]| (0..sizes.len()).all(|axis| axes.contains(&axis) || sizes[axis] == 1);
    if axes.len() > 3 && axes.starts_with(&[0, 1, 2]) && others_are_1(&axes[..3]) {
        axes.truncate(3);
    }
    if axes.len() == 2 && others_are_1(&axes) {
        axes.push(sizes.len());
    }
    match <[usize; 3]>::try_from(axes) {
        Ok(axes) if others_are_1(&axes) => Ok((axes, Layers { count: 1, run: 1 })),
        Ok(axes) => match layers(header, sizes, axes) {
            Some(layers) => Ok((axes, layers)),
            None => Err(not_one_volume(header, sizes)),
        },
        Err(_) => Err(not_one_volume(header, sizes)),
    }
}

/// The layers of a segmentation, one axis beside those of space; `None` if the header
/// does not say of at least as many segments in which they lie.
fn layers(header: &Header, sizes: &[usize], spatial: [usize; 3]) -> Option<Layers> {
    let mut others = (0..sizes.len()).filter(|axis| !spatial.contains(axis) && sizes[*axis] > 1);
    let (Some(axis), None) = (others.next(), others.next()) else { return None };
    let run = sizes[..axis].iter().try_fold(1, |run: usize, size| run.checked_mul(*size))?;
    // A layer without a segment is none: what it is, the header does not say.
    let named = header.pairs.keys().filter(|key| crate::segments::is_layer(key)).count();
    (named >= sizes[axis]).then_some(Layers { count: sizes[axis], run })
}

fn not_one_volume(header: &Header, sizes: &[usize]) -> Fault {
    Fault::NotOneVolume { sizes: sizes.to_vec(), kinds: header.get("kinds").unwrap_or_default().into() }
}

fn byte_skip(header: &Header, encoding: Encoding) -> Result<Skip, Fault> {
    let Some(text) = header.get("byte skip") else { return Ok(Skip::Bytes(0)) };
    match (text.parse::<i64>(), encoding) {
        (Ok(-1), Encoding::Raw) => Ok(Skip::AllBefore),
        (Ok(-1), _) => Err(value("byte skip", text, "a number of bytes: -1 is for raw data only")),
        (Ok(count), _) if count >= 0 => Ok(Skip::Bytes(count as u64)),
        _ => Err(value("byte skip", text, "a number of bytes, or -1 for raw data at the end of the file")),
    }
}

fn data_file(header: &Header) -> Result<Option<String>, Fault> {
    let Some(text) = header.get("data file") else { return Ok(None) };
    if text.is_empty() {
        Err(value("data file", text, "the name of a file"))
    } else if is_list(text) || is_pattern(text, &['d']) {
        Err(Fault::Unsupported { field: "data file", found: text.into(), supported: "one file" })
    } else {
        Ok(Some(text.into()))
    }
}
